"""A worker whose effects can be counted.

What a job does before it finishes is in the first word of its workflow's id: `poison-1` kills its worker,
`slow-1` waits for a minute, `while-1` for two seconds, `brief-1` for a moment, `fails-1` fails once.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.engine.delivery import Deliverer
from logwatch.pipeline.engine.janitor import JanitorSettings
from logwatch.pipeline.engine.slots import StageSlots
from logwatch.pipeline.engine.worker import Worker, WorkerSettings
from logwatch.pipeline.errors import RetryableError
from logwatch.pipeline.house import open_door
from logwatch.pipeline.settings import Settings
from logwatch.pipeline.stages import StageName

from .work import EFFECTS, counted

_WAITS = {"slow": 60.0, "while": 2.0, "brief": 0.05}


def deed(context: JobContext) -> None:
    """Do what the workflow's name says."""
    kind = context.job.workflow_id.partition("-")[0]
    if kind == "poison" and context.job.stage.detached:
        os.kill(os.getpid(), signal.SIGKILL)
    if kind in _WAITS and context.job.stage.detached:
        threading.Event().wait(_WAITS[kind])
    if kind == "fails" and context.job.stage.name is StageName.DATABASE_SAVE and context.job.attempt == 1:
        raise RetryableError("the first attempt fails")


def main(url: str, log: str, lease_seconds: float, drain_seconds: float) -> None:
    """Run until SIGTERM; exit code 3 if the lease was lost."""
    settings = WorkerSettings(
        poll_seconds=0.05,
        lease_seconds=lease_seconds,
        drain_seconds=drain_seconds,
        janitor=JanitorSettings(every_seconds=0.2, slow_round_seconds=2.0),
    )
    with Path(log).open("a", encoding="utf-8") as stream, open_door(Settings(url), stream=stream) as door:
        EFFECTS.metadata.create_all(door.engine)
        slots = StageSlots(door.stages)
        handlers = counted(dict.fromkeys(StageName, deed))
        worker = Worker(door, Deliverer(door, handlers, slots), slots, settings)
        worker.run_until_stopped()
    sys.exit(3 if worker.lease_lost else 0)
