"""Each fault on request: what becomes of the jobs, and what `logwatch check` says of the log by the shipped rules."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from logwatch.pipeline import orders
from logwatch.pipeline.data.models import Job, ProductImage
from logwatch.pipeline.engine.delivery import Deliverer
from logwatch.pipeline.engine.slots import StageSlots
from logwatch.pipeline.faults import Fault, faulty_handlers
from logwatch.pipeline.handlers import Seams, build_handlers
from logwatch.pipeline.house import open_door, open_tools
from logwatch.pipeline.settings import Settings
from logwatch.pipeline.stages import STAGES, StageName
from logwatch.pipeline.telemetry import LogFormat
from logwatch.verdict.verdict import Status, Verdict

from .conftest import House
from .judging import CRITICAL, failing, judge, statuses
from .workers import WorkerProcess, wait_until

BACKGROUND = StageName.BACKGROUND_IMAGE_PROCESSING
ORDERS = 6
PRODUCTS = b"name,qty,price\nGreen Tea,2,3.50\nSugar 1kg,1,2.00\n"


class Deployment:
    """A pipeline with one fault put in, or none: orders are run through it by hand, on SQLite."""

    def __init__(self, folder: Path, fault: Fault | None, log_format: LogFormat = LogFormat.CONSOLE) -> None:
        self.log_path = folder / "worker.log"
        settings = Settings(f"sqlite:///{folder}/pipeline.db", str(folder / "images"))
        stages = dict(STAGES)
        if fault is Fault.SLOW_IMAGES:
            stages[BACKGROUND] = replace(stages[BACKGROUND], limit_seconds=0.05)
        stream = io.StringIO()
        with open_door(settings, stream=stream, log_format=log_format, stages=stages) as door:
            house = House(door, settings, stream, StageSlots(stages))
            tools = open_tools(settings)
            if fault is None:
                handlers = build_handlers(tools, Seams())
            else:
                handlers = faulty_handlers(fault, tools, seconds_a_search=0.03)
            deliverer = Deliverer(door, handlers, house.slots)
            submitted = [orders.submit(door, "m1", "order.csv", PRODUCTS) for _ in range(ORDERS)]
            house.run_all(deliverer)
            self.jobs = sorted(house.rows(sa.select(Job.state).where(Job.stage == BACKGROUND.value)))
            self.images = house.rows(sa.select(sa.func.count()).select_from(ProductImage))[0][0]
            self.orders = [orders.look_at(door.engine, order, None) for order in submitted]
            self.log = stream.getvalue()
        self.log_path.write_text(self.log, encoding="utf-8")

    def judged(self) -> Verdict:
        return judge(self.log_path)


@pytest.mark.parametrize("log_format", list(LogFormat))
def test_without_a_fault_the_shipped_rules_pass(tmp_path: Path, log_format: LogFormat) -> None:
    verdict = Deployment(tmp_path, None, log_format).judged()
    assert verdict.status is Status.PASS
    judged = statuses(verdict)
    assert {rule: judged[rule] for rule in CRITICAL} == dict.fromkeys(CRITICAL, Status.PASS)
    assert {rule for rule, status in judged.items() if status is not Status.PASS} == {"manual-image-uploads"}
    (job,) = [rule for rule in verdict.rules if rule.id == "background-job"]
    assert job.counts is not None
    assert (job.counts["started"], job.counts["completed"], job.counts["orphan_end"]) == (ORDERS, ORDERS, 0)


def test_a_job_queued_without_its_stage_is_lost_and_found_out(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, Fault.MISSING_STAGE)
    verdict = deployment.judged()
    assert verdict.status is Status.FAIL
    assert failing(verdict) >= {
        "unknown-workflow-stage",
        "missing-stage-field",
        "background-image-processor-error",
        "background-job",
    }
    # The workflow goes on "succeeding", and no images ever appear.
    assert statuses(verdict)["workflow"] is Status.PASS
    assert {order.status for order in deployment.orders} == {"completed"}
    assert deployment.images == 0
    assert deployment.log.count("after 0ms: \nUnknown workflow stage: undefined") == ORDERS


def test_stale_drafts_violate_the_foreign_key_while_every_job_completes(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, Fault.STALE_DRAFTS)
    verdict = deployment.judged()
    assert verdict.status is Status.FAIL
    assert failing(verdict) & set(CRITICAL) == {"foreign-key-violation"}
    assert deployment.jobs == [("done",)] * ORDERS
    assert deployment.images == 0
    line = "Failed to save image 1: \nForeign key constraint violated on the constraint: `product_images_draft_id_fkey`"
    assert deployment.log.count(line) == 2 * ORDERS


def test_a_swallowed_failure_completes_its_job_and_is_found_out(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, Fault.SWALLOWED_FAILURE)
    verdict = deployment.judged()
    assert verdict.status is Status.FAIL
    assert failing(verdict) & set(CRITICAL) == {"background-image-run"}
    assert deployment.jobs == [("done",)] * ORDERS
    assert deployment.images == 0


def test_slow_images_run_into_the_time_limit(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, Fault.SLOW_IMAGES)
    verdict = deployment.judged()
    assert verdict.status is Status.FAIL
    assert failing(verdict) >= {
        "background-image-processor-error",
        "background-job",
        "background-image-run",
    }
    assert deployment.jobs == [("dead",)] * ORDERS
    assert {order.status for order in deployment.orders} == {"completed"}


def test_a_duplicate_delivery_changes_nothing_and_the_rules_pass(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, Fault.DUPLICATE_DELIVERY)
    assert deployment.judged().status is Status.PASS
    assert deployment.log.count("Duplicate delivery of background_image_processing job") == ORDERS
    assert deployment.jobs == [("done",)] * ORDERS
    assert deployment.images == 4 * ORDERS


@pytest.mark.slow
def test_a_crash_in_mid_job_is_a_stuck_job_until_another_worker_takes_it_over(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/pipeline.db"
    with open_door(Settings(url, str(tmp_path / "images")), stream=io.StringIO()) as door:
        order = orders.submit(door, "m1", "order.csv", PRODUCTS)
        crashing = WorkerProcess(url, tmp_path, "worker", "--fault", "crash-mid-job")
        assert crashing.wait() == -9
        crashing.let_lease_run_out(door.engine)
        verdict = judge(crashing.log_path)
        assert statuses(verdict)["background-job"] is Status.INCONCLUSIVE
        last = datetime.fromisoformat(crashing.log.splitlines()[-1].split()[0])
        after = judge(crashing.log_path, as_of=(last + timedelta(minutes=5)).isoformat())
        assert failing(after) & set(CRITICAL) == {"background-job", "background-image-run"}
        # The next worker appends to the same log.
        healthy = WorkerProcess(url, tmp_path, "worker")
        wait_until(
            lambda: orders.look_at(door.engine, order, None).images_at_ms is not None, "images of the order"
        )
        assert healthy.stop() == 0
    (job,) = [rule for rule in judge(healthy.log_path).rules if rule.id == "background-job"]
    assert job.counts is not None
    assert (job.counts["started"], job.counts["completed"], job.counts["attempts"]) == (1, 1, 2)


@pytest.mark.parametrize(
    "log_format", [LogFormat.CONSOLE, pytest.param(LogFormat.JSON, marks=pytest.mark.slow)]
)
def test_real_workers_log_what_the_shipped_rules_pass(tmp_path: Path, log_format: LogFormat) -> None:
    url = f"sqlite:///{tmp_path}/pipeline.db"
    with open_door(Settings(url, str(tmp_path / "images")), stream=io.StringIO()) as door:
        worker = WorkerProcess(url, tmp_path, "worker", "--log-format", log_format.value)
        worker.wait_ready()
        submitted = [orders.submit(door, "m1", "order.csv", PRODUCTS) for _ in range(ORDERS)]
        wait_until(
            lambda: all(orders.look_at(door.engine, order, None).images_at_ms for order in submitted),
            "images of every order",
        )
        assert worker.stop() == 0
    verdict = judge(worker.log_path)
    assert verdict.status is Status.PASS
    assert {rule: statuses(verdict)[rule] for rule in CRITICAL} == dict.fromkeys(CRITICAL, Status.PASS)
    (source,) = verdict.coverage.sources
    assert source.format == ("json" if log_format is LogFormat.JSON else "iso8601")
