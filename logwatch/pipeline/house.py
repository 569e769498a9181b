"""Puts the pipeline together: from settings to a door to submit through, and a worker to run jobs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TextIO

from .data.database import open_engine
from .engine.delivery import Deliverer
from .engine.door import Door
from .engine.setup import prepare
from .engine.slots import StageSlots
from .engine.worker import Worker, WorkerSettings
from .envelope import DATA_MODELS
from .errors import Refusal
from .handlers import Seams, Tools, build_handlers
from .overview import read_overview
from .settings import Settings
from .stages import STAGES, Stage, StageName, check_table, with_concurrency
from .telemetry import Clock, LineWriter, LogFormat, PipelineLog, PipelineMetrics
from .telemetry.queues import QueueCollector

if TYPE_CHECKING:
    from .faults import Fault


@contextmanager
def open_door(
    settings: Settings,
    *,
    stream: TextIO | None = None,
    log_format: LogFormat = LogFormat.CONSOLE,
    stages: Mapping[StageName, Stage] = STAGES,
    clock: Clock | None = None,
) -> Iterator[Door]:
    """Open the database (creating or upgrading its tables) and yield the door; raises PipelineError.

    `stream` takes the log lines; standard error where none is given. `clock` dates them; the machine's own.
    """
    engine = open_engine(settings.database_url)
    try:
        prepare(engine)
        log = PipelineLog(LineWriter(stream or sys.stderr, log_format, clock))
        metrics = PipelineMetrics(
            tuple(name.value for name in StageName), tuple(refusal.value for refusal in Refusal)
        )
        metrics.registry.register(QueueCollector(partial(read_overview, engine)))
        door = Door(engine, stages, log, metrics)
        try:
            yield door
        finally:
            door.close()
    finally:
        engine.dispose()


def open_tools(settings: Settings) -> Tools:
    """Return the parser, image source and image store that the settings choose; raises PipelineError."""
    return Tools(settings.open_parser(), settings.open_source(), settings.open_store())


def build_worker(
    door: Door,
    settings: Settings,
    worker_settings: WorkerSettings,
    *,
    fault: Fault | None = None,
    tools: Tools | None = None,
) -> Worker:
    """Return a worker, not yet started; raises PipelineError when a stage lacks its queue, handler or data model.

    `tools`: others than those that the settings choose.
    """
    tools = tools or open_tools(settings)
    if fault is None:
        handlers = build_handlers(tools, Seams())
    else:
        from .faults import faulty_handlers  # noqa: PLC0415 - never in a normal run

        handlers = faulty_handlers(fault, tools)
    check_table(door.stages, handlers, DATA_MODELS)
    slots = StageSlots(door.stages)
    return Worker(door, Deliverer(door, handlers, slots), slots, worker_settings)


__all__ = ["STAGES", "build_worker", "open_door", "open_tools", "with_concurrency"]
