"""Runs deliveries until stopped: starts dbos, registers the queues, keeps the lease, drains.

There is one worker per process: dbos is a singleton.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from dbos import DBOS, DBOSConfig

from logwatch.pipeline.envelope import Json
from logwatch.pipeline.stages import STAGE_OF_QUEUE

from . import leases
from .dbos_port import (
    APPLICATION,
    APPLICATION_VERSION,
    MAX_RECOVERIES,
    WORKFLOW,
    forward_engine_log,
    pending_executors,
)
from .delivery import Deliverer
from .door import Door
from .janitor import Janitor, JanitorSettings
from .slots import StageSlots

# Only retries and jobs given back wait in the queues inside a workflow: they are looked into this much less
# often.
_INNER_QUEUES = 4
_SWITCH_SECONDS = 0.0005


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """`poll_seconds`: how often each queue is looked into.

    `lease_seconds`: how long a dead worker goes unnoticed.
    """

    poll_seconds: float = 0.25
    lease_seconds: float = 15.0
    drain_seconds: float = 30.0
    janitor: JanitorSettings = field(default_factory=JanitorSettings)


class Worker:
    """A running worker; `start`, wait for `stopping`, then `drain`."""

    def __init__(self, door: Door, deliverer: Deliverer, slots: StageSlots, settings: WorkerSettings) -> None:
        self._door = door
        self._deliverer = deliverer
        self._slots = slots
        self._settings = settings
        self.stopping = threading.Event()
        self.lease_lost = False
        self._janitor: Janitor | None = None
        self._executor_id = ""

    def start(self) -> None:
        """Take a lease, then begin to run jobs."""
        door, settings = self._door, self._settings
        # Each statement lets go of the interpreter lock; to get it back from a thread that computes takes
        # this long, and at the default of 5 ms that waiting is most of what a job costs.
        sys.setswitchinterval(_SWITCH_SECONDS)
        forward_engine_log(door.log)
        lease = leases.take_lease(door.engine, settings.lease_seconds)
        self._executor_id = lease.executor_id
        stages = tuple(door.stages.values())
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": door.engine.url.render_as_string(hide_password=False),
            "system_database_engine": door.engine,
            "application_version": APPLICATION_VERSION,
            "executor_id": lease.executor_id,
            # Every claimed delivery has a thread at once: one that waits for a thread would not count as
            # running.
            "max_executor_threads": sum(stage.claimed for stage in stages) + 8,
            "run_migrations": False,
            "log_level": "WARNING",
            "enable_otlp": False,
            # Nothing here waits for schedules; looking for them is all they would cost.
            "notification_listener_polling_interval_sec": 1.0,
            "scheduler_polling_interval_sec": 3600.0,
        }
        DBOS(config=config)
        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)(_entry(self._deliverer))
        DBOS.listen_queues(sorted(STAGE_OF_QUEUE))
        # Before the launch: dbos looks for queues it does not know of only once a second.
        for stage in stages:
            door.client.register_queue(
                stage.queue,
                worker_concurrency=stage.claimed,
                polling_interval_sec=settings.poll_seconds * (1 if stage.entry else _INNER_QUEUES),
            )
        DBOS.launch()
        self._janitor = Janitor(
            door, lease, settings.janitor, recover=_recover, on_lease_lost=self._on_lease_lost
        )
        self._janitor.start()
        door.log.worker_started(
            lease.executor_id, tuple((stage.name.value, stage.queue, stage.concurrency) for stage in stages)
        )

    def drain(self, why: str) -> int:
        """Claim nothing more, let running jobs end (at most `drain_seconds`), give the rest back.

        Return how many.
        """
        self._door.log.draining(why)
        self._slots.drain()
        DBOS.destroy(
            destroy_registry=True,
            workflow_completion_timeout_sec=0
            if self.lease_lost
            else max(1, int(self._settings.drain_seconds)),
        )
        if self._janitor is not None:
            self._janitor.stop()
        left = pending_executors(self._door.client).get(self._executor_id, 0)
        leases.end_lease(self._door.engine, self._executor_id)
        if not left:
            leases.clear(self._door.engine, self._executor_id)
        self._door.log.stopped(left)
        return left

    def _on_lease_lost(self) -> None:
        self.lease_lost = True
        self.stopping.set()


def _entry(deliverer: Deliverer) -> Callable[[object, str], None]:
    # `object`: dbos would coerce the body to a narrower hint, and what is malformed must reach the checks as
    # it is.
    def process_job(body: object, queue: str) -> None:
        delivery = DBOS.workflow_id
        assert delivery is not None
        deliverer.process_job(delivery, queue, cast("Json", body))

    return process_job


def _recover(executor_id: str) -> int:
    # The one call here with an underscore: dbos has no public way to say that another executor is dead. A
    # contract test holds it to what is needed: begun deliveries go back to their queue, once, however often
    # it is called.
    return len(DBOS._recover_pending_workflows([executor_id]))
