"""Text formats: what begins a record, when it was, and what remains as its message."""

from __future__ import annotations

import pytest

from tests.records.world import at, lines, read


@pytest.mark.parametrize(
    ("line", "clock", "message", "level"),
    [
        ("2025-10-11T17:29:32Z [info] job done", "17:29:32", "job done", "info"),
        ("2025-10-11T17:29:32.123Z [ERROR] job failed", "17:29:32.123", "job failed", "error"),
        ("2025-10-11T17:29:32.123456789Z job done", "17:29:32.123456", "job done", None),
        ("2025-10-11T19:29:32+02:00 job done", "17:29:32", "job done", None),
        ("2025-10-11T12:29:32.5-0500 job done", "17:29:32.5", "job done", None),
        ("2025-10-11T19:29:32+02 job done", "17:29:32", "job done", None),
        ("2025-10-11 17:29:32,123 ERROR job failed", "17:29:32.123", "ERROR job failed", "error"),
        ("2025-10-11 17:29:32 UTC job done", "17:29:32", "job done", None),
        ("2025-10-11 19:29:32 +0200 job done", "17:29:32", "job done", None),
        ("2025-10-11t17:29:32z job done", "17:29:32", "job done", None),
        ("2025-10-11T17:29Z job done", "17:29:00", "job done", None),
        ("20251011T172932Z job done", "17:29:32", "job done", None),
        ("[2025-10-11T17:29:32.551] [INFO] worker - job done", "17:29:32.551", "worker - job done", "info"),
        ("[2025-10-11 17:29:32Z]: job done", "17:29:32", "job done", None),
        ("2025-10-11T17:29:32Z\tWARN\tlow on memory", "17:29:32", "WARN\tlow on memory", "warn"),
        ("2025-10-11T17:29:32Z|job done", "17:29:32", "job done", None),
        ("2025-10-11T17:29:32Z [ warn ] low on memory", "17:29:32", "low on memory", "warn"),
        ("2025-10-11T17:29:32Z", "17:29:32", "", None),
        ("2016-12-31T23:59:60Z leap", "00:00:00", "leap", None),
    ],
)
def test_iso_8601_begins_a_record(line: str, clock: str, message: str, level: str | None) -> None:
    found = read(line + "\n")
    assert found.report.format == "iso8601"
    assert found.only.time == at(clock, "2017-01-01" if message == "leap" else "2025-10-11")
    assert (found.only.message, found.only.level, found.only.inherited) == (message, level, False)


def test_brackets_that_hold_no_level_stay_in_the_message() -> None:
    found = read(
        lines("2025-10-11T17:29:32Z [info] [REDIS] Connecting", "2025-10-11T17:29:33Z [PERMANENT FIX] Done")
    )
    assert found.messages == ["[REDIS] Connecting", "[PERMANENT FIX] Done"]
    assert found.levels == ["info", None]


def test_the_indentation_of_a_message_is_kept() -> None:
    found = read(
        lines("2025-10-11T17:29:32Z [info]    Had Result: true", "2025-10-11T17:29:33Z    Had Result: false")
    )
    assert found.messages == ["   Had Result: true", "   Had Result: false"]


@pytest.mark.parametrize(
    "line",
    [
        "2025-10-11T24:00:00Z too late",
        "2025-02-30T10:00:00Z no such day",
        "9999-12-31T23:59:59Z far away",
        "0000-01-01T00:00:00Z never",
        "1969-12-31T23:59:59Z before the epoch",
        "2025-10-11T17:29:32+99:00 no such zone",
    ],
)
def test_a_time_that_no_calendar_has_begins_a_record_without_a_time_of_its_own(line: str) -> None:
    found = read(lines("2025-10-11T17:29:31Z before", line, "2025-10-11T17:29:33Z after"))
    assert found.messages == [
        "before",
        line.rsplit("Z ", maxsplit=1)[-1].rsplit("+99:00 ", maxsplit=1)[-1],
        "after",
    ]
    assert found.times == [at("17:29:31"), at("17:29:31"), at("17:29:33")]
    assert [record.inherited for record in found.records] == [False, True, False]
    assert found.report.undated == 1


@pytest.mark.parametrize(
    ("line", "message", "level", "attributes"),
    [
        ("Oct 11 17:29:32 job done", "job done", None, {}),
        ("Oct 11 17:29:32.250 [error] job failed", "job failed", "error", {}),
        (
            "Oct 11 17:29:32 web-1 worker[42]: job done",
            "job done",
            None,
            {"host": "web-1", "app": "worker", "pid": "42"},
        ),
        (
            "<13>Oct 11 17:29:32 web-1 worker: job done",
            "job done",
            "notice",
            {"host": "web-1", "app": "worker"},
        ),
        ("<11>Oct 11 17:29:32 job failed", "job failed", "error", {}),
        ("Oct 11 17:29:32 Workflow failed: no stage", "Workflow failed: no stage", None, {}),
    ],
)
def test_syslog_begins_a_record(
    line: str, message: str, level: str | None, attributes: dict[str, str]
) -> None:
    found = read(line + "\n")
    assert found.report.format == "syslog"
    assert found.only.time is not None
    assert found.only.time.replace(microsecond=0) == at("17:29:32")
    assert (found.only.message, found.only.level, dict(found.only.attributes)) == (message, level, attributes)


def test_syslog_pads_days_with_a_space() -> None:
    assert read("Oct  1 17:29:32 job done\n").only.time == at("17:29:32", "2025-10-01")


def test_a_syslog_time_on_its_own_line_has_its_message_on_the_next_ones() -> None:
    found = read(
        lines(
            "Oct 11 17:28:32",
            "💥 PROCESSOR ERROR in background_image_processing job 1 after 0ms: ",
            "Unknown workflow stage: undefined",
            "",
            "Oct 11 17:29:32",
            "done",
        )
    )
    assert found.messages == [
        "💥 PROCESSOR ERROR in background_image_processing job 1 after 0ms: \nUnknown workflow stage: undefined",
        "done",
    ]
    assert found.times == [at("17:28:32"), at("17:29:32")]
    assert [(record.line, record.lines) for record in found.records] == [(1, 3), (5, 2)]


def test_a_time_on_its_own_line_may_have_no_message_or_a_blank_line_before_it() -> None:
    found = read(lines("Oct 11 17:28:32", "Oct 11 17:28:33", "", "late", "Oct 11 17:28:34"))
    assert found.messages == ["", "late", ""]


@pytest.mark.parametrize(
    ("line", "clock"),
    [
        ("17:29:32 job done", "17:29:32"),
        ("17:29:32.123 job done", "17:29:32.123"),
        ("17:29:32,123456789 job done", "17:29:32.123456"),
        ("[17:29:32] job done", "17:29:32"),
        ("[17:29:32.5] job done", "17:29:32.5"),
        ("17:29:32: job done", "17:29:32"),
    ],
)
def test_a_time_of_day_begins_a_record(line: str, clock: str) -> None:
    found = read(line + "\n")
    assert (found.report.format, found.only.time, found.only.message) == ("clock", at(clock), "job done")


@pytest.mark.parametrize(
    ("line", "clock"),
    [
        ("1760203772 job done", "17:29:32"),
        ("1760203772.123456 job done", "17:29:32.123456"),
        ("1760203772123 job done", "17:29:32.123"),
        ("[1760203772] job done", "17:29:32"),
    ],
)
def test_epoch_seconds_and_milliseconds_begin_a_record(line: str, clock: str) -> None:
    found = read(line + "\n")
    assert (found.report.format, found.only.time, found.only.message) == ("epoch", at(clock), "job done")


def test_negative_epochs_begin_no_record() -> None:
    found = read(lines("1760203772 job done", "-1760203772 is no time"))
    assert found.messages == ["job done\n-1760203772 is no time"]


def test_rfc_5424_gives_its_header_and_structured_data_as_attributes() -> None:
    found = read(
        '<11>1 2025-10-11T17:29:32.5Z web-1 worker 42 JOB [job@32473 id="7" note="a \\"b\\" \\]"] job failed\n'
    )
    assert found.report.format == "rfc5424"
    assert (found.only.time, found.only.level, found.only.message) == (
        at("17:29:32.5"),
        "error",
        "job failed",
    )
    assert dict(found.only.attributes) == {
        "host": "web-1",
        "app": "worker",
        "pid": "42",
        "msgid": "JOB",
        "job@32473.id": "7",
        "job@32473.note": 'a "b" ]',
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("<14>1 2025-10-11T17:29:32Z web-1 worker - - - job done", "job done"),
        ("<14>1 2025-10-11T17:29:32Z web-1 worker - - - \ufeffjob done", "job done"),
        ("<14>1 2025-10-11T17:29:32Z web-1 worker - - [REDIS] Connecting", "[REDIS] Connecting"),
        ("<14>1 2025-10-11T17:29:32Z web-1 worker - - [x@1] job done", "job done"),
        ("<14>1 2025-10-11T17:29:32Z web-1 worker - - -", ""),
    ],
)
def test_rfc_5424_messages_begin_behind_the_structured_data(line: str, message: str) -> None:
    assert read(line + "\n").only.message == message


def test_rfc_5424_without_a_time_is_a_record_without_a_time_of_its_own() -> None:
    found = read(lines("<14>1 2025-10-11T17:29:32Z h a - - - one", "<14>1 - h a - - - two"))
    assert found.messages == ["one", "two"]
    assert [record.inherited for record in found.records] == [False, True]


def test_logplex_counts_octets_and_leaves_the_structured_data_out() -> None:
    found = read(
        lines(
            "74 <190>1 2025-10-11T17:29:32.061122+00:00 host app worker.1 - - Processed: 3/4 drafts",
            "74 <190>1 2025-10-11T17:29:33.061122+00:00 host app worker.1 - [error] job failed",
        )
    )
    assert found.report.format == "rfc5424"
    assert found.messages == ["- Processed: 3/4 drafts", "job failed"]
    assert found.levels == ["info", "error"]
    assert found.records[0].attributes["pid"] == "worker.1"


def test_plain_text_has_no_times_and_says_so() -> None:
    found = read(lines("info: job started", "info: job done"))
    assert found.report.format == "plain"
    assert (found.times, found.report.undated) == ([None, None], 2)
    assert found.report.errors == []


def test_plain_text_in_a_window_is_an_error_since_nobody_can_tell_whether_it_lies_there() -> None:
    found = read(lines("one", "two"), since=at("17:00:00"))
    assert found.report.errors == [
        "holds 2 records without a time: nobody can tell whether that lies in the window",
    ]


def test_plain_text_continues_on_indented_lines_and_closing_brackets() -> None:
    found = read(
        lines("job failed {", "  id: 1", "}", "Error: boom", "    at run (a.js:1)", "Caused by: x", "next")
    )
    assert found.messages == [
        "job failed {\n  id: 1\n}",
        "Error: boom\n    at run (a.js:1)\nCaused by: x",
        "next",
    ]
