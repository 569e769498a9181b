"""Runs deliveries until stopped: starts dbos, registers the queues, keeps the lease, drains.

There is one worker per process: dbos is a singleton.
"""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass, field
from types import FrameType

import sqlalchemy as sa

from logwatch.pipeline.data.database import is_sqlite
from logwatch.pipeline.stages import STAGE_OF_QUEUE, Stage

from . import dbos_port, leases
from .delivery import Deliverer
from .door import Door
from .janitor import Janitor, JanitorSettings
from .leases import LeaseKeeper
from .slots import StageSlots

# Only retries and jobs given back wait in the queues inside a workflow: they are looked into less often.
_INNER_QUEUES = 4
# On Postgres, what one worker has claimed no other can begin, however long it has to wait for its turn.
_SHARED_CLAIMS = 32
# How soon the main thread notices a signal that the system delivered to another thread.
_LOOK_SECONDS = 0.2
# What running jobs get to be handed back in, once their time to end by themselves is up.
_HAND_BACK_SECONDS = 5.0


def claimed_at_once(stage: Stage, engine: sa.Engine) -> int:
    """Return how many jobs of a stage one worker claims: fewer where there may be others to run them."""
    return stage.claimed if is_sqlite(engine) else min(stage.claimed, _SHARED_CLAIMS)


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How often each queue is looked into, how long a dead worker goes unnoticed, how long a drain may take."""

    poll_seconds: float = 0.25
    lease_seconds: float = 15.0
    drain_seconds: float = 30.0
    janitor: JanitorSettings = field(default_factory=JanitorSettings)


class Worker:
    """A worker: `run_until_stopped`, or `start`, wait for `stopping`, then `drain`."""

    def __init__(self, door: Door, deliverer: Deliverer, slots: StageSlots, settings: WorkerSettings) -> None:
        self._door = door
        self._deliverer = deliverer
        self._slots = slots
        self._settings = settings
        self._asked_by: str | None = None
        self.stopping = threading.Event()
        self.lease_lost = False

    def run_until_stopped(self) -> None:
        """Run jobs until SIGTERM, SIGINT, `stopping` or a lost lease, then drain. For the main thread alone."""
        signal.signal(signal.SIGTERM, self._note_signal)
        signal.signal(signal.SIGINT, self._note_signal)
        self.start()
        # Never without a limit: a signal wakes up nobody but the thread that the system happens to choose.
        while self._asked_by is None and not self.stopping.wait(_LOOK_SECONDS):
            pass
        self.drain(self._asked_by or ("lease lost" if self.lease_lost else "stopped"))

    def _note_signal(self, number: int, _frame: FrameType | None) -> None:
        # No more than that: whatever takes a lock could be waiting for the very thread it interrupts.
        self._asked_by = signal.Signals(number).name

    def start(self) -> None:
        """Take a lease, then begin to run jobs."""
        door, settings = self._door, self._settings
        stages = tuple(door.stages.values())
        dbos_port.forward_engine_log(door.log)
        self._lease = leases.take_lease(door.engine, settings.lease_seconds)
        # Before the launch: dbos looks for queues it does not know of only once a second.
        for stage in stages:
            door.client.register_queue(
                stage.queue,
                worker_concurrency=claimed_at_once(stage, door.engine),
                polling_interval_sec=settings.poll_seconds * (1 if stage.entry else _INNER_QUEUES),
            )
        dbos_port.launch(
            door.engine,
            self._lease.executor_id,
            self._deliverer.process_job,
            STAGE_OF_QUEUE,
            # Every claimed delivery has a thread: one that waits for a thread would not count as claimed.
            threads=sum(stage.claimed for stage in stages) + 8,
        )
        self._keeper = LeaseKeeper(door.engine, self._lease, door.log, on_lost=self._on_lease_lost)
        self._janitor = Janitor(door, self._lease.executor_id, self._deliverer.in_hand, settings.janitor)
        self._keeper.start()
        self._janitor.start()
        door.log.worker_started(
            self._lease.executor_id,
            tuple((stage.name.value, stage.queue, stage.concurrency) for stage in stages),
        )

    def drain(self, why: str) -> int:
        """Claim nothing more, let running jobs end within `drain_seconds`, hand the others to other workers.

        Returns how many jobs are left as begun; others will take those over too.
        """
        door, executor_id = self._door, self._lease.executor_id
        door.log.draining(why)
        self._slots.drain()
        self._janitor.stop()
        # With the lease lost, others run our jobs already.
        patience = 0.0 if self.lease_lost else self._settings.drain_seconds
        giving_back = threading.Timer(patience, self._deliverer.give_back)
        giving_back.daemon = True
        giving_back.start()
        dbos_port.shut_down(patience + _HAND_BACK_SECONDS)
        giving_back.cancel()
        self._keeper.stop()
        left = len(dbos_port.begun_by(door.client, executor_id))
        leases.end_lease(door.engine, executor_id)
        if not left:
            leases.clear(door.engine, executor_id)
        door.log.stopped(left)
        return left

    def _on_lease_lost(self) -> None:
        self.lease_lost = True
        self.stopping.set()
