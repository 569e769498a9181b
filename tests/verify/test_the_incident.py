"""The three deployments of the incident, run by the real pipeline and verified by real processes: fail, fail, pass.

The checklist is the shipped one with shorter times, and a signature at its end.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from logwatch.deploys import Deployment, add_marker
from logwatch.pipeline.data.database import open_engine
from logwatch.pipeline.demo.incident import DEPLOYMENTS
from logwatch.pipeline.demo.orders import order_files
from logwatch.pipeline.overview import read_overview
from logwatch.verify.events import AnyEvent, Finished, Looked, Remembered, Signed
from logwatch.verify.load import shipped_checklist
from tests.pipeline.workers import ROOT, WorkerProcess, wait_until
from tests.verify.processes import Command, done, events_in

CHECKLIST = """version: 1
title: The incident's checklist
phases:
  - id: immediate
    title: Immediate
    due: 1s
    deadline: 10m
    every: 300ms
    items:
      - {id: deployment-succeeded, kind: deployment, title: It is live, due: 100ms}
      - {id: no-unknown-stage, kind: rules, title: No unknown stage, rules: [unknown-workflow-stage], watch: true}
      - {id: background-jobs-processed, kind: rules, title: Jobs, rules: [background-job]}
      - id: no-new-routing-errors
        kind: rules
        title: No new errors
        rules: [missing-stage-field, background-image-processor-error, foreign-key-violation]
        watch: true
  - id: short-term
    title: Short-term
    due: 1s
    deadline: 10m
    every: 300ms
    items:
      - id: upload-test-order
        kind: pipeline
        title: Upload a test order
        see: upload
        file: test-order.csv
        after: [no-new-routing-errors, background-jobs-processed]
      - {id: workflow-completes, kind: pipeline, title: W, see: workflow, order: upload-test-order, within: 2m}
      - {id: background-job-ends, kind: pipeline, title: B, see: background-job, order: upload-test-order, within: 2m}
      - {id: images-appear, kind: pipeline, title: I, see: images, order: upload-test-order, within: 2m}
      - id: review-session-created
        kind: pipeline
        title: R
        see: review-session
        order: upload-test-order
        within: 2m
  - id: long-term
    title: Long-term
    due: 2s
    deadline: 10m
    items:
      - {id: success-rate, kind: rules, title: S, rules: [background-job], after: [review-session-created]}
      - {id: uploads, kind: manual, title: No more images are uploaded by hand, after: [success-rate]}
"""
IDLE = """version: 1
title: Without traffic
phases:
  - id: one
    deadline: 1s
    items:
      - {id: jobs, kind: rules, title: Jobs, rules: [background-job]}
      - {id: no-stage, kind: rules, title: No unknown stage, rules: [unknown-workflow-stage]}
"""


@dataclass
class Pipeline:
    """A pipeline whose API is served by one process; workers come and go, and one works at a time."""

    folder: Path
    database: str
    url: str
    workers: list[WorkerProcess] = field(default_factory=list)

    def deploy(self, number: int) -> None:
        """Put a worker with the bug of the deployment in the place of the last one, and mark it live."""
        self.stop()
        deployed = DEPLOYMENTS[number]
        self.work(number, f"worker-{deployed.commit}")
        marker = Deployment(deployed.commit, datetime.now(UTC), note=deployed.title)
        add_marker(self.folder / "deploys.jsonl", marker)

    def work(self, number: int, name: str) -> None:
        fault = DEPLOYMENTS[number].fault
        options = ("--fault", fault.value) if fault else ()
        self.workers.append(WorkerProcess(self.database, self.folder, name, *options))
        self.workers[-1].wait_ready()

    def stop(self) -> None:
        """End the worker, which is idle and has nothing to put away."""
        for worker in self.workers:
            worker.kill()
        self.workers.clear()

    def drain(self) -> None:
        """Wait until every job has ended: what a bug has queued is not left to the next deployment."""
        engine = open_engine(self.database)
        try:
            wait_until(lambda: not any(queue.depth for queue in read_overview(engine).queues), "all jobs end")
        finally:
            engine.dispose()

    def order(self, count: int) -> None:
        """Submit orders as merchants do."""
        for order in order_files(count):
            answer = httpx.post(
                f"{self.url}/purchase-orders",
                params={"filename": order.name},
                headers={"X-Merchant-Id": order.merchant},
                content=order.content,
            )
            assert answer.status_code == 201, answer.text
        self.drain()

    def orders_of(self, merchant: str) -> int:
        database = sqlite3.connect(self.folder / "pipeline.db")
        [(count,)] = database.execute(
            "SELECT count(*) FROM purchase_orders WHERE merchant_id = ?", (merchant,)
        )
        return int(count)


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    database = f"sqlite:///{tmp_path / 'pipeline.db'}"
    said = tmp_path / "serve.err"
    words = ["serve", "--listen", "127.0.0.1:0", "--db", database, "--log-file", str(tmp_path / "api.log")]
    with said.open("wb") as errors:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.pipeline.command", *words],
            cwd=ROOT,
            env={**os.environ, "LOGWATCH_IMAGES": str(tmp_path / "images"), "PYTHONPATH": str(ROOT)},
            stdout=errors,
            stderr=errors,
        )
    try:
        wait_until(
            lambda: "purchase orders: " in said.read_text() or server.poll() is not None, "the API listens"
        )
        url = said.read_text().partition("purchase orders: ")[2].split("/purchase-orders")[0].strip()
        (tmp_path / "logwatch.yml").write_text(
            "version: 1\nsources: ['*.log']\ndeploys: deploys.jsonl\n"
            f"verify: {{checklist: short.yml, pipeline: '{url}', merchant: canary}}\n"
        )
        (tmp_path / "short.yml").write_text(CHECKLIST)
        (tmp_path / "idle.yml").write_text(IDLE)
        order = shipped_checklist().parent / "test-order.csv"
        (tmp_path / "test-order.csv").write_bytes(order.read_bytes())
        yield (made := Pipeline(tmp_path, database, url))
        made.stop()
    finally:
        server.kill()
        server.wait(timeout=30)


def failed(folder: Path) -> set[str]:
    return {e.item for e in events_in(folder) if isinstance(e, Finished) and e.result.status == "fail"}


def finished(events: tuple[AnyEvent, ...], item: str) -> bool:
    return any(isinstance(event, Finished) and event.item == item for event in events)


def looked(events: tuple[AnyEvent, ...], item: str) -> bool:
    return any(isinstance(event, Looked) and event.item == item for event in events)


@pytest.mark.slow
def test_the_incidents_deployments_give_fail_fail_pass(pipeline: Pipeline) -> None:
    folder = pipeline.folder

    # 4811ec9: images are saved to drafts that are gone.
    pipeline.deploy(0)
    pipeline.order(6)
    code, out, err = done(folder, "start", "--deploy", "4811ec9")
    assert code == 1, out + err
    assert "no-new-routing-errors" in failed(folder)
    assert "Foreign key constraint violated" in out

    # e682860: jobs are queued without their stage. What people are told to do is told, and not done.
    pipeline.deploy(1)
    pipeline.order(6)
    code, out, err = done(folder, "start", "--deploy", "e682860")
    assert code == 1, out + err
    assert {"no-unknown-stage", "no-new-routing-errors"} <= failed(folder)
    assert "Unknown workflow stage: undefined" in out
    assert "next  to go back: deploy 4811ec9 again, which was live before" in out

    # d52dee0: while no orders come in, nobody can know.
    pipeline.deploy(2)
    code, out, err = done(folder, "run", "--checklist", "idle.yml")
    assert code == 3, out + err
    assert "no run in the window; 5 clean runs would decide" in out
    assert out.splitlines()[-1] == "INCONCLUSIVE  2 inconclusive (jobs, no-stage)"

    # All is well, and verify is killed in the middle of each phase.
    Command(folder, "start", "--deploy", "d52dee0").kill_once(
        lambda events: (
            finished(events, "deployment-succeeded") and looked(events, "background-jobs-processed")
        ),
        "the immediate phase waits for jobs",
    )
    pipeline.order(6)
    pipeline.stop()
    Command(folder, "resume").kill_once(
        lambda events: looked(events, "workflow-completes"),
        "the test order is uploaded, and nobody works on it",
    )
    pipeline.work(2, "worker-again")
    Command(folder, "resume").kill_once(
        lambda events: looked(events, "uploads"), "the long-term phase waits for a signature"
    )
    code, _, err = done(
        folder, "sign", "uploads", "--by", "Ada", "--note", "none since", "--evidence", "https://x/1"
    )
    assert code == 0, err
    code, out, err = done(folder, "resume", "-f", "json")
    assert code == 0, out + err
    told = json.loads(out)
    items = {one["id"]: one for phase in told["phases"] for one in phase["items"]}
    assert {one["state"] for one in items.values()} == {"done", "signed"}
    assert items["uploads"]["signed"]["by"] == "Ada"
    assert items["images-appear"]["summary"].startswith("3 of 3 products with images")

    # Nothing was done twice, whatever was killed.
    events = events_in(folder)
    ended = [event.item for event in events if isinstance(event, Finished)]
    assert len(ended) == len(set(ended)) == 10
    assert [event.item for event in events if isinstance(event, Signed)] == ["uploads"]
    assert len([event for event in events if isinstance(event, Remembered) and event.key == "order"]) == 1
    assert pipeline.orders_of("canary") == 1
