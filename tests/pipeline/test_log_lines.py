"""The log lines, word for word: they are what monitors of this system look for."""

from __future__ import annotations

import io
import json
import re
import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from logwatch.pipeline import orders
from logwatch.pipeline.data.models import ImageReviewSession
from logwatch.pipeline.telemetry import JobLog, LineWriter, LogFormat, PipelineLog

from .conftest import CSV, House

MOMENT = "2025-10-11T17:29:32.007Z"


class FixedClock:
    """Stands still, and says that everything took twice as long as it did."""

    def now(self) -> datetime:
        return datetime(2025, 10, 11, 17, 29, 32, 7_999, UTC)

    def event_seconds(self, real_seconds: float) -> float:
        return real_seconds * 2


def logged(log_format: LogFormat = LogFormat.CONSOLE) -> tuple[JobLog, io.StringIO]:
    stream = io.StringIO()
    log = PipelineLog(LineWriter(stream, log_format, FixedClock()))
    return log.job("wf_1-6", "wf_1", "po_1", "background_image_processing"), stream


def test_a_console_line_has_time_level_message_and_the_ids_that_the_message_does_not_say() -> None:
    log, stream = logged()
    log.triggered("background_image_processing", "wf_1", "background_image_processing", 2)
    log.completed("background_image_processing", 40)
    assert stream.getvalue() == (
        f"{MOMENT} [info] 🎯 [PERMANENT FIX] PROCESSOR TRIGGERED for background_image_processing job wf_1-6 "
        "workflowId=wf_1 purchaseOrderId=po_1\n"
        f"{MOMENT} [info] 📋 Job details: {{\n  workflowId: 'wf_1',\n"
        "  stage: 'background_image_processing',\n  attempts: 1\n} jobId=wf_1-6 purchaseOrderId=po_1\n"
        f"{MOMENT} [info] 🎭 Processing job for stage: background_image_processing "
        "jobId=wf_1-6 workflowId=wf_1 purchaseOrderId=po_1\n"
        f"{MOMENT} [info] ✅ [PERMANENT FIX] Completed background_image_processing job wf_1-6 in 80ms "
        "workflowId=wf_1 purchaseOrderId=po_1\n"
    )


def test_a_json_line_has_time_level_message_and_every_id() -> None:
    log, stream = logged(LogFormat.JSON)
    log.failed("background_image_processing", 3, "connect ETIMEDOUT")
    assert [json.loads(line) for line in stream.getvalue().splitlines()] == [
        {
            "timestamp": MOMENT,
            "level": "error",
            "message": "💥 [PERMANENT FIX] PROCESSOR ERROR in background_image_processing job wf_1-6 after 6ms: "
            "\nconnect ETIMEDOUT",
            "jobId": "wf_1-6",
            "workflowId": "wf_1",
            "purchaseOrderId": "po_1",
            "stage": "background_image_processing",
        }
    ]


def test_a_failure_reads_as_it_does_on_the_incident_page() -> None:
    log, stream = logged()
    log.failed("background_image_processing", 0, "Unknown workflow stage: undefined")
    assert stream.getvalue() == (
        f"{MOMENT} [error] 💥 [PERMANENT FIX] PROCESSOR ERROR in background_image_processing job wf_1-6 "
        "after 0ms: \nUnknown workflow stage: undefined workflowId=wf_1 purchaseOrderId=po_1\n"
    )


FORGED = f"x\n{MOMENT} [info] Completing workflow wf_1\r\x1b[2J\u2028y"
SHOWN = rf"x\n{MOMENT} [info] Completing workflow wf_1\r\x1b[2J\u2028y"


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_text_from_outside_can_neither_forge_a_record_nor_drive_a_terminal(log_format: LogFormat) -> None:
    log, stream = logged(log_format)
    log.workflow_started(FORGED)
    log.parsed(FORGED, 1, "table")
    log.searching(1, 1, FORGED)
    log.found(0, FORGED)
    shown = SHOWN if log_format is LogFormat.CONSOLE else json.dumps(SHOWN)[1:-1]
    assert stream.getvalue().count(shown) == 4
    lines = stream.getvalue().splitlines()
    assert len(lines) == 4
    assert all(line.isprintable() for line in lines)


def test_the_faults_of_a_file_are_one_line_of_the_record() -> None:
    log, stream = logged()
    log.failed("ai_parsing", 1, "o.csv: row 2: one\no.csv: row 3: two\x07")
    log.background_failed("one\ntwo")
    assert [line.partition(" workflowId")[0] for line in stream.getvalue().splitlines()] == [
        f"{MOMENT} [error] 💥 [PERMANENT FIX] PROCESSOR ERROR in ai_parsing job wf_1-6 after 2ms: ",
        r"o.csv: row 2: one | o.csv: row 3: two\x07",
        f"{MOMENT} [error] ❌ Background image processing failed: one | two jobId=wf_1-6",
    ]


def test_a_dead_letter_does_not_tell_the_error_a_second_time() -> None:
    log, stream = logged()
    log.dead("ai_parsing", 1)
    log.dead("ai_parsing", 5)
    assert [line.partition(" workflowId")[0] for line in stream.getvalue().splitlines()] == [
        f"{MOMENT} [error] ☠️ Moved ai_parsing job wf_1-6 to dead letter after {times}; "
        "logwatch pipeline dead show wf_1-6"
        for times in ("1 attempt", "5 attempts")
    ]


def test_the_ids_of_an_envelope_that_got_in_unchecked_are_shown_safely() -> None:
    stream = io.StringIO()
    log = PipelineLog(LineWriter(stream, clock=FixedClock())).job("j", "a\nb" + "c" * 300, None, "ai_parsing")
    log.triggered("ai_parsing", "a\nb", "no\nstage", 1)
    assert stream.getvalue().splitlines()[1:4] == [
        f"{MOMENT} [info] 📋 Job details: {{",
        r"  workflowId: 'a\nb',",
        r"  stage: 'no\nstage',",
    ]
    assert rf"workflowId=a\nb{'c' * 197}" in stream.getvalue()


def test_a_log_that_cannot_be_written_does_not_stop_the_job() -> None:
    stream = io.StringIO()
    stream.close()
    PipelineLog(LineWriter(stream)).worker_started("w", ())


def test_lines_of_many_threads_stay_whole_and_in_the_order_of_their_times() -> None:
    stream = io.StringIO()
    log = PipelineLog(LineWriter(stream)).job("j", "w", "o", "ai_parsing")
    threads = [threading.Thread(target=lambda: [log.saved(n) for n in range(200)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = stream.getvalue().splitlines()
    shape = re.compile(
        r"(\S+Z) \[info\] 💾 processDatabaseSave - Saved \d+ line items jobId=j workflowId=w \S+=o"
    )
    times = [found[1] for line in lines if (found := shape.fullmatch(line))]
    assert len(times) == len(lines) == 1600
    assert times == sorted(times)


def test_what_belongs_together_comes_out_together_whatever_other_threads_say() -> None:
    stream = io.StringIO()
    log = PipelineLog(LineWriter(stream))

    def complete(number: int) -> None:
        for _ in range(100):
            log.job(f"j{number}", f"w{number}", f"o{number}", "status_update").workflow_completed()

    threads = [threading.Thread(target=complete, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = stream.getvalue().splitlines()
    numbers = [re.findall(r"\b[jwo](\d)\b", line)[0] for line in lines]
    assert len(lines) == 2400
    assert all(numbers[at : at + 3] == [numbers[at]] * 3 for at in range(0, len(lines), 3))
    assert all("Completing workflow" in line for line in lines[::3])


def test_a_whole_order_logs_these_lines_in_this_order(sqlite_house: House) -> None:
    house = sqlite_house
    order = orders.submit(house.door, "m1", "order.csv", CSV)
    house.run_all()
    workflow = orders.look_at(house.door.engine, order, None).workflow_id
    ((session,),) = house.rows(sa.select(ImageReviewSession.id))
    text = house.log
    for name, known in ((order, "ORDER"), (workflow, "WF"), (str(session), "SESSION")):
        text = text.replace(name, known)
    text = re.sub(r"^\S+Z ", "", text, flags=re.M)
    text = re.sub(r"( \w+Id=\S+)+$", "", text, flags=re.M)
    text = re.sub(r" in \d+ms$", " in Nms", text, flags=re.M)
    stages = ["ai_parsing", "database_save", "product_draft_creation", "image_attachment", "status_update"]
    own = [
        ["🎬 Starting workflow WF for file: order.csv", "✅ [PERMANENT FIX] Job added to database-save with ID: WF-2",
         "🤖 processAIParsing - Read 3 line items from order.csv (table)"],
        ["✅ [PERMANENT FIX] Job added to product-draft-creation with ID: WF-3",
         "💾 processDatabaseSave - Saved 3 line items"],
        ["✅ [PERMANENT FIX] Job added to image-attachment with ID: WF-4",
         "📝 processProductDraftCreation - Created 3 product drafts"],
        ["🖼️ processImageAttachment - Queueing background image processing...",
         "⚡ ASYNC MODE: Queueing image processing in background, continuing workflow immediately",
         "✅ [PERMANENT FIX] Job added to background-image-processing with ID: WF-6",
         "✅ [PERMANENT FIX] Job added to status-update with ID: WF-5",
         "✅ Background image processing job queued successfully"],
        ["🎉 Completing workflow WF", "✅ Workflow WF marked as completed in database",
         "✅ Purchase order ORDER status updated to: completed"],
    ]  # fmt: skip
    expected = ["✅ [PERMANENT FIX] Job added to ai-parsing with ID: WF-1"]
    for number, (stage, said) in enumerate(zip(stages, own, strict=True), start=1):
        expected += [
            f"🎯 [PERMANENT FIX] PROCESSOR TRIGGERED for {stage} job WF-{number}",
            f"📋 Job details: {{\n  workflowId: 'WF',\n  stage: '{stage}',\n  attempts: 0\n}}",
            f"🎭 Processing job for stage: {stage}",
            f"📊 Updated workflow WF: {stage} -> processing",
            *said,
            f"📊 Updated workflow WF: {stage} -> completed",
            f"✅ [PERMANENT FIX] Completed {stage} job WF-{number} in Nms",
        ]
    expected += [
        "🎯 [PERMANENT FIX] PROCESSOR TRIGGERED for background_image_processing job WF-6",
        "📋 Job details: {\n  workflowId: 'WF',\n  stage: 'background_image_processing',\n  attempts: 0\n}",
        "🎭 Processing job for stage: background_image_processing",
        "🖼️🔄 processBackgroundImageProcessing - Starting async image processing...",
        "🖼️🔄 Background image processing: {\n  purchaseOrderId: 'ORDER',\n  merchantId: 'm1',\n"
        "  workflowId: 'WF'\n}",
        "📥 Fetching product drafts from database...",
        "🖼️🔄 Processing 3 product drafts for images...",
        "🔍 [1/3] Searching images for: Green Tea",
        "   ✅ Found 2 images",
        "🔍 [2/3] Searching images for: Sugar 1kg",
        "   ✅ Found 2 images",
        "🔍 [3/3] Searching images for: Unheard-of Thing",
        "   ⚠️ No images found for: Unheard-of Thing",
        "   💾 Saved 4 images to database",
        "🖼️🔄 Background image processing completed:",
        "   - Processed: 3/3 drafts",
        "   - Images found for: 2 products",
        "✅ Created image review session: SESSION",
        "✅ [PERMANENT FIX] Completed background_image_processing job WF-6 in Nms",
    ]
    assert text == "".join(f"[info] {line}\n" for line in expected)
