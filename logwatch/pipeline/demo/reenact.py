"""One deployment of the incident: a worker is started, orders come in, and it is stopped when all are through."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from logwatch.pipeline import orders
from logwatch.pipeline.engine.worker import WorkerSettings
from logwatch.pipeline.errors import PipelineError
from logwatch.pipeline.house import build_worker, open_door, open_tools
from logwatch.pipeline.settings import Settings
from logwatch.pipeline.stages import StageName
from logwatch.pipeline.telemetry import PipelineMetrics

from .clock import FastClock
from .incident import Deployed
from .orders import order_files
from .pace import paced

ORDERS: Final = 6
_BETWEEN_ORDERS = 28.0  # event seconds
_LONGEST_SECONDS = 60.0  # of the machine's time
_LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a deployment is: orders submitted, workflows and background jobs at their end."""

    submitted: int
    completed: int
    ended: int


def reenact(folder: Path, deployed: Deployed, clock: FastClock, show: Callable[[Stage], None]) -> None:
    """Let `ORDERS` orders flow through a deployment; its log goes on at the end of `worker.log` in `folder`.

    Raises PipelineError when they do not get through within a minute.
    """
    settings = Settings(f"sqlite:///{folder / 'pipeline.db'}", str(folder / "images"))
    with (
        (folder / "worker.log").open("a", encoding="utf-8") as log,
        open_door(settings, stream=log, clock=clock) as door,
    ):
        tools = paced(open_tools(settings), clock)
        worker = build_worker(
            door, settings, WorkerSettings(poll_seconds=0.1), fault=deployed.fault, tools=tools
        )
        worker.start()
        try:
            for submitted, order in enumerate(order_files(ORDERS), start=1):
                (folder / "orders").mkdir(exist_ok=True)
                (folder / "orders" / order.name).write_bytes(order.content)
                orders.submit(door, order.merchant, order.name, order.content)
                show(_stage(door.metrics, submitted))
                clock.wait(_BETWEEN_ORDERS)
            _wait(lambda: _stage(door.metrics, ORDERS), show)
        finally:
            worker.drain("the next deployment")


def _wait(look: Callable[[], Stage], show: Callable[[Stage], None]) -> None:
    ends = time.monotonic() + _LONGEST_SECONDS
    pause = threading.Event()
    stage = look()
    while min(stage.completed, stage.ended) < ORDERS:
        if time.monotonic() > ends:
            raise PipelineError(
                f"the demo's orders did not get through within {_LONGEST_SECONDS:.0f} s; is the machine very busy?"
            )
        pause.wait(_LOOK_SECONDS)
        stage = look()
        show(stage)


def _stage(metrics: PipelineMetrics, submitted: int) -> Stage:
    ended = sum(
        _count(metrics, StageName.BACKGROUND_IMAGE_PROCESSING, outcome)
        for outcome in ("completed", "skipped", "dead")
    )
    return Stage(submitted, _count(metrics, StageName.STATUS_UPDATE, "completed"), ended)


def _count(metrics: PipelineMetrics, stage: StageName, outcome: str) -> int:
    labels = {"stage": stage.value, "outcome": outcome}
    return int(metrics.registry.get_sample_value("logwatch_pipeline_jobs_total", labels) or 0)
