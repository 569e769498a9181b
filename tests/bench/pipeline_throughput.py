"""How fast the pipeline is, as ratios and medians: `python -m tests.bench.pipeline_throughput [--rounds N]`.

- engine: orders of six jobs, each job one row written and the next job queued in the same transaction;
  through the port (with its log lines, compare-and-set and carried-on jobs), and through bare dbos (one
  queued workflow per job, enqueued in the caller's transaction), with the same database, connections, poll
  interval and claims.
- orders: whole orders (three lines each) through the real handlers, images stored, logs written; by one
  worker, and on Postgres by two.
- latency: from the commit that queues an order to the line that says its first job was begun, at the default
  poll interval.
- idle: CPU and memory of a worker with nothing to do.

Each figure comes from a process of its own, without its start-up; ratios compare runs made alternately on
the same machine.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from logwatch.pipeline import orders
from logwatch.pipeline.data.database import open_engine, writing
from logwatch.pipeline.data.models import PurchaseOrder
from logwatch.pipeline.engine.context import Handler, JobContext
from logwatch.pipeline.engine.dbos_port import (
    APPLICATION,
    APPLICATION_VERSION,
    forward_engine_log,
    open_client,
)
from logwatch.pipeline.engine.delivery import Deliverer
from logwatch.pipeline.engine.setup import prepare
from logwatch.pipeline.engine.slots import StageSlots
from logwatch.pipeline.engine.worker import Worker, WorkerSettings, claimed_at_once
from logwatch.pipeline.envelope import create_workflow_job
from logwatch.pipeline.house import build_worker, open_door
from logwatch.pipeline.settings import Settings
from logwatch.pipeline.stages import FIRST_STAGE, STAGES, StageName
from logwatch.pipeline.telemetry import LineWriter, PipelineLog
from tests.pipeline.postgres import find_binaries, running_server

_CHAIN = [name for name in StageName if not STAGES[name].detached]
_CSV = b"name,qty,price\nGreen Tea,2,3.50\nSugar 1kg,1,2.00\nAA Batteries,4,1.25\n"
_EFFECTS = sa.Table(
    "bench_effects",
    sa.MetaData(),
    sa.Column("order_id", sa.String(64), primary_key=True),
    sa.Column("stage", sa.String(40), primary_key=True),
)


def _pace(engine: sa.Engine, done: sa.Select[int], target: int, per_order: int = 1) -> dict[str, float]:
    """Return orders per second and CPU milliseconds per order, from the first that is seen to the last.

    `done` counts rows of which every order leaves `per_order`. Starting up is not part of it.
    """
    ends = time.monotonic() + 180
    first: tuple[int, float, float] | None = None
    while time.monotonic() < ends:
        with engine.connect() as connection:
            seen = connection.execute(done).scalar_one()
        if seen and first is None:
            first = (seen, time.perf_counter(), time.process_time())
        if seen >= target * per_order and first is not None:
            orders_done = (seen - first[0]) / per_order
            return {
                "per_second": orders_done / (time.perf_counter() - first[1]),
                "cpu_ms": 1000 * (time.process_time() - first[2]) / orders_done,
            }
        threading.Event().wait(0.02)
    raise SystemExit("the bench did not finish in time")


_EFFECTS_SEEN = sa.select(sa.func.count()).select_from(_EFFECTS)


def engine_port(url: str, folder: Path, count: int) -> dict[str, float]:
    """Orders per second of six jobs each through the port."""

    def handler_of(name: StageName) -> Handler:
        def handle(context: JobContext) -> None:
            with context.finish() as transaction:
                transaction.connection.execute(
                    sa.insert(_EFFECTS).values(order_id=context.job.order_id, stage=name.value)
                )
                if name is StageName.IMAGE_ATTACHMENT:
                    context.add_next(transaction, StageName.BACKGROUND_IMAGE_PROCESSING)
                if name in _CHAIN[:-1]:
                    context.add_next(transaction, _CHAIN[_CHAIN.index(name) + 1])

        return handle

    with open_door(Settings(url), stream=(folder / "log").open("w", encoding="utf-8")) as door:
        _EFFECTS.metadata.create_all(door.engine)
        slots = StageSlots(door.stages)
        deliverer = Deliverer(door, {name: handler_of(name) for name in StageName}, slots)
        worker = Worker(door, deliverer, slots, WorkerSettings())
        for number in range(count):
            with door.transaction() as transaction:
                data = {"purchaseOrderId": f"po{number}", "merchantId": "m"}
                door.add_job(transaction, create_workflow_job(StageName.AI_PARSING, f"wf{number}", data))
        worker.start()
        pace = _pace(door.engine, _EFFECTS_SEEN, count, len(StageName))
        worker.drain("bench")
    return pace


def engine_bare(url: str, folder: Path, count: int) -> dict[str, float]:
    """The same through bare dbos."""
    from dbos import DBOS, WorkflowSerializationFormat

    del folder
    forward_engine_log(PipelineLog(LineWriter(io.StringIO())))
    engine = open_engine(url)
    prepare(engine)
    _EFFECTS.metadata.create_all(engine)
    client = open_client(engine)
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": url,
            "system_database_engine": engine,
            "application_version": APPLICATION_VERSION,
            "executor_id": "bench",
            "max_executor_threads": FIRST_STAGE.claimed * len(STAGES) + 8,
            "log_level": "WARNING",
        }
    )

    def enqueue(connection: sa.Connection, name: StageName, order: str) -> None:
        options = {
            "workflow_name": name.value,
            "queue_name": STAGES[name].queue,
            "workflow_id": f"{order}-{name.value}",
            "app_version": APPLICATION_VERSION,
            "serialization_type": WorkflowSerializationFormat.PORTABLE,
        }
        body = {
            "stage": name.value,
            "workflowId": order,
            "data": {"purchaseOrderId": order, "merchantId": "m"},
        }
        client.enqueue_in_transaction(connection, options, body)  # type: ignore[arg-type]

    def workflow_of(name: StageName) -> Callable[[object], None]:
        def run(body: object) -> None:
            assert isinstance(body, dict)
            order = body["workflowId"]
            with writing(engine) as connection:
                connection.execute(sa.insert(_EFFECTS).values(order_id=order, stage=name.value))
                if name is StageName.IMAGE_ATTACHMENT:
                    enqueue(connection, StageName.BACKGROUND_IMAGE_PROCESSING, order)
                if name in _CHAIN[:-1]:
                    enqueue(connection, _CHAIN[_CHAIN.index(name) + 1], order)

        return run

    for name in StageName:
        DBOS.workflow(name=name.value)(workflow_of(name))
    # Every queue as the first one: here all of them are on every order's way.
    claimed = claimed_at_once(FIRST_STAGE, engine)
    for stage in STAGES.values():
        client.register_queue(stage.queue, worker_concurrency=claimed, polling_interval_sec=0.25)
    for number in range(count):
        with writing(engine) as connection:
            enqueue(connection, StageName.AI_PARSING, f"wf{number}")
    DBOS.launch()
    pace = _pace(engine, _EFFECTS_SEEN, count, len(StageName))
    DBOS.destroy(destroy_registry=True)
    return pace


def whole_orders(url: str, folder: Path, count: int, *, others: int = 0) -> dict[str, float]:
    """Whole orders per second, images included; submitting is counted apart. `others`: further processes."""
    settings = Settings(url, str(folder / "images"))
    with open_door(settings, stream=(folder / "log").open("w", encoding="utf-8")) as door:
        worker = build_worker(door, settings, WorkerSettings())
        submitting = time.perf_counter()
        for _ in range(count):
            orders.submit(door, "m", "order.csv", _CSV)
        submits = count / (time.perf_counter() - submitting)
        helpers = [_another_worker(url, folder, number) for number in range(others)]
        worker.start()
        done = sa.select(sa.func.count()).where(
            PurchaseOrder.images_at_ms.is_not(None), PurchaseOrder.completed_at_ms.is_not(None)
        )
        pace = _pace(door.engine, done, count)
        for helper in helpers:
            helper.kill()
        worker.drain("bench")
    return {**pace, "submits_per_second": submits}


def whole_orders_by_two(url: str, folder: Path, count: int) -> dict[str, float]:
    """The same by two workers, each a process of its own."""
    return whole_orders(url, folder, count, others=1)


def _another_worker(url: str, folder: Path, number: int) -> subprocess.Popen[bytes]:
    log = folder / f"log{number}"
    command = [sys.executable, "-m", "tests.pipeline.command", "worker", "--db", url, "--log-file", str(log)]
    process = subprocess.Popen(
        command, env={**os.environ, "LOGWATCH_IMAGES": str(folder / "images")}, stdout=subprocess.DEVNULL
    )
    while not log.exists() or "All processors initialized" not in log.read_text(encoding="utf-8"):
        threading.Event().wait(0.01)
    return process


def latency(url: str, folder: Path, count: int) -> dict[str, float]:
    """From commit to begin, in ms, of orders that come one by one to an idle worker."""
    began: dict[str, float] = {}
    seen = threading.Event()

    class Watch(io.StringIO):
        def write(self, text: str) -> int:
            if "PROCESSOR TRIGGERED for ai_parsing" in text:
                first_line = text.partition("\n")[0]
                began[first_line.split("purchaseOrderId=")[1]] = time.perf_counter()
                seen.set()
            return len(text)

    settings = Settings(url, str(folder / "images"))
    waits = []
    with open_door(settings, stream=Watch()) as door:
        worker = build_worker(door, settings, WorkerSettings())
        worker.start()
        for number in range(count):
            # Out of step with the poll, so that every phase of it is met.
            threading.Event().wait(0.05 + (number * 0.618034 % 1) * 0.25)
            seen.clear()
            order = orders.submit(door, "m", "order.csv", _CSV)
            queued = time.perf_counter()
            ends = queued + 10
            while order not in began and time.perf_counter() < ends:
                seen.wait(0.5)
                seen.clear()
            waits.append((began[order] - queued) * 1000)
        worker.drain("bench")
    waits.sort()
    return {
        "p50_ms": statistics.median(waits),
        "p99_ms": waits[int(len(waits) * 0.99) - 1],
        "max_ms": waits[-1],
    }


def idle(url: str, folder: Path, count: int) -> dict[str, float]:
    """CPU seconds per minute of an idle worker, and its memory."""
    settings = Settings(url, str(folder / "images"))
    with open_door(settings, stream=(folder / "log").open("w", encoding="utf-8")) as door:
        worker = build_worker(door, settings, WorkerSettings())
        worker.start()
        threading.Event().wait(3)
        before = time.process_time()
        threading.Event().wait(count)
        used = time.process_time() - before
        worker.drain("bench")
    rss = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")
    )
    return {"cpu_percent": 100 * used / count, "rss_mib": int(rss.split()[1]) / 1024}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


_RUNS = {
    run.__name__: run for run in (engine_port, engine_bare, whole_orders, whole_orders_by_two, latency, idle)
}


def _one(name: str, url: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        target = url or f"sqlite:///{folder}/bench.db"
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.bench.pipeline_throughput",
                "--one",
                name,
                target,
                folder,
                str(count),
            ],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    if done.returncode != 0:
        raise SystemExit(f"{name}: {done.stderr}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


@contextmanager
def _databases() -> Iterator[dict[str, Callable[[], str]]]:
    """Yield, by name, how to get the URL of a new database; '' for SQLite, a file in the run's own folder."""
    binaries = find_binaries()
    if binaries is None:
        yield {"sqlite": lambda: ""}
        return
    with running_server(binaries) as server:
        made: list[str] = []

        def create() -> str:
            name = f"bench{len(made)}"
            made.append(name)
            engine = sa.create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(sa.text(f"CREATE DATABASE {name}"))
            engine.dispose()
            return f"{server}/{name}"

        yield {"sqlite": lambda: "", "postgres": create}


def main() -> None:
    """Run everything and print one line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--orders", type=int, default=400)
    parser.add_argument("--only", choices=["throughput", "latency", "idle"])
    parser.add_argument("--one", nargs=4, metavar=("NAME", "URL", "FOLDER", "COUNT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, url, folder, count = options.one
        _say(json.dumps(_RUNS[name](url, Path(folder), int(count))))
        os._exit(0)  # dbos's daemon threads are of no interest any more
    with _databases() as databases:
        for database, new in databases.items():
            if options.only in (None, "throughput"):
                _throughput(database, new, options.rounds, options.orders)
            if options.only in (None, "latency"):
                run = _one("latency", new(), 150)
                _say(
                    f"{database}: enqueue to start: p50 {run['p50_ms']:.0f} ms, p99 {run['p99_ms']:.0f} ms, "
                    f"max {run['max_ms']:.0f} ms (150 orders)"
                )
            if options.only in (None, "idle"):
                run = _one("idle", new(), 15)
                _say(
                    f"{database}: idle worker: {run['cpu_percent']:.1f} % of a core, {run['rss_mib']:.0f} MiB"
                )


def _throughput(database: str, new: Callable[[], str], rounds: int, count: int) -> None:
    names = ["engine_bare", "engine_port", "whole_orders"]
    if database == "postgres":
        names.append("whole_orders_by_two")
    # One of each, then one of each again: what else the machine does meanwhile falls on all of them.
    runs = [{name: _one(name, new(), count) for name in names} for _ in range(rounds)]
    for name in names:
        pace = statistics.median(run[name]["per_second"] for run in runs)
        ratio = statistics.median(run[name]["per_second"] / run["engine_bare"]["per_second"] for run in runs)
        cpu = statistics.median(run[name]["cpu_ms"] for run in runs)
        _say(
            f"{database}: {name}: {pace:.0f} orders/s, {ratio:.2f} of bare dbos, "
            f"{cpu:.1f} ms CPU an order in this process (median of {rounds})"
        )
    submits = statistics.median(run["whole_orders"]["submits_per_second"] for run in runs)
    _say(f"{database}: submits: {submits:.0f}/s")


if __name__ == "__main__":
    main()
