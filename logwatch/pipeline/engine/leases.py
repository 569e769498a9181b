"""Who is alive: a row per worker, renewed by it.

Run out by the database's clock when the worker no longer is.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from logwatch.pipeline.data.database import database_now, writing
from logwatch.pipeline.data.models import WorkerLease
from logwatch.pipeline.ids import new_id


@dataclass(frozen=True, slots=True)
class Lease:
    """This worker's claim to be alive.

    The id is new at every start: a dead worker's jobs stay told from its heir's.
    """

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
    """Push the lease's end out; False when it had run out already.

    And others may have taken the jobs over.
    """
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
    with engine.connect() as connection:
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
    with engine.connect() as connection:
        known = set(
            connection.execute(
                sa.select(WorkerLease.executor_id).where(WorkerLease.executor_id.in_(list(executors)))
            ).scalars()
        )
    return [executor for executor in executors if executor not in known]
