"""Who is alive: a row per worker, renewed by it, and run out by the database's clock when it no longer is."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

import sqlalchemy as sa

from logwatch.pipeline.data.database import database_now, reading, writing
from logwatch.pipeline.data.models import WorkerLease
from logwatch.pipeline.ids import new_id
from logwatch.pipeline.telemetry import PipelineLog


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's claim to be alive; its id is new at every start, so that nobody inherits a dead one's jobs."""

    executor_id: str
    lease_seconds: float


def take_lease(engine: sa.Engine, lease_seconds: float) -> Lease:
    """Register a new worker and return its lease."""
    lease = Lease(new_id("worker"), lease_seconds)
    now = database_now(engine)
    with writing(engine) as connection:
        connection.execute(
            sa.insert(WorkerLease).values(
                executor_id=lease.executor_id,
                host=socket.gethostname()[:200],
                pid=os.getpid(),
                started_at=now,
                expires_at=now + lease_seconds,
            )
        )
    return lease


def renew(engine: sa.Engine, lease: Lease) -> bool:
    """Push the lease's end out; False when it had run out, and others may have taken the jobs over."""
    now = database_now(engine)
    with writing(engine) as connection:
        changed = connection.execute(
            sa.update(WorkerLease)
            .where(WorkerLease.executor_id == lease.executor_id, WorkerLease.expires_at > now)
            .values(expires_at=now + lease.lease_seconds)
        )
    return changed.rowcount == 1


def end_lease(engine: sa.Engine, executor_id: str) -> None:
    """Let a lease run out at once: whatever the worker left is free for others."""
    with writing(engine) as connection:
        connection.execute(
            sa.update(WorkerLease).where(WorkerLease.executor_id == executor_id).values(expires_at=0.0)
        )


def run_out(engine: sa.Engine) -> list[str]:
    """Return the executors whose lease has run out and has not been cleared away."""
    with reading(engine) as connection:
        return list(
            connection.execute(
                sa.select(WorkerLease.executor_id).where(WorkerLease.expires_at <= database_now(engine))
            ).scalars()
        )


def clear(engine: sa.Engine, executor_id: str) -> None:
    """Forget a worker that has run out and has nothing left."""
    with writing(engine) as connection:
        connection.execute(
            sa.delete(WorkerLease).where(
                WorkerLease.executor_id == executor_id, WorkerLease.expires_at <= database_now(engine)
            )
        )


def unknown(engine: sa.Engine, executors: Collection[str]) -> list[str]:
    """Return those of `executors` that have no lease at all, neither live nor run out."""
    if not executors:
        return []
    with reading(engine) as connection:
        known = set(
            connection.execute(
                sa.select(WorkerLease.executor_id).where(WorkerLease.executor_id.in_(list(executors)))
            ).scalars()
        )
    return [executor for executor in executors if executor not in known]


class LeaseKeeper:
    """Renews a lease on a thread of its own, which waits for nothing else this worker does."""

    def __init__(
        self, engine: sa.Engine, lease: Lease, log: PipelineLog, *, on_lost: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._lease = lease
        self._log = log
        self._on_lost = on_lost
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def start(self) -> None:
        """Begin to renew."""
        self._thread.start()

    def stop(self) -> None:
        """Renew no more."""
        self._stop.set()
        self._thread.join(timeout=30)

    def _keep(self) -> None:
        ends_at = time.monotonic() + self._lease.lease_seconds
        # Three tries per lease: one lost to a busy database is no loss of the lease.
        while not self._stop.wait(self._lease.lease_seconds / 3):
            asked_at = time.monotonic()
            try:
                alive = renew(self._engine, self._lease)
            except Exception as error:
                # Nobody can be asked. Past the lease's end, others may be running our jobs.
                alive = time.monotonic() < ends_at
                self._log.engine("warning", f"lease not renewed: {error}")
            else:
                ends_at = asked_at + self._lease.lease_seconds
            if not alive:
                self._log.lease_lost(self._lease.executor_id)
                self._on_lost()
                return
