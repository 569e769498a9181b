"""The state of the whole pipeline at one moment, from SQL: what `status`, `jobs` and the metrics show."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from .data.database import database_now, now_ms
from .data.models import DeadLetter, Job, JobState, PurchaseOrder, WorkerLease
from .stages import STAGES


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue: `depth` counts jobs queued, waiting for a retry, or running."""

    queue: str
    depth: int
    oldest_age_seconds: float
    dead: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All queues in the order of the table, workers by lease, orders by status."""

    queues: tuple[QueueState, ...]
    workers_live: int
    workers_expired: int
    orders: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job, for people."""

    job_id: str
    stage: str
    state: str
    attempt: int
    delivery: str
    order_id: str
    queued_at_ms: int
    finished_at_ms: int | None
    error: str | None


def read_overview(engine: sa.Engine) -> Overview:
    """Return the state of queues, workers and orders."""
    with engine.connect() as connection:
        waiting = {
            queue: (depth, oldest)
            for queue, depth, oldest in connection.execute(
                sa.select(Job.queue, sa.func.count(), sa.func.min(Job.queued_at_ms))
                .where(Job.state == JobState.QUEUED)
                .group_by(Job.queue)
            )
        }
        dead = dict(
            connection.execute(sa.select(DeadLetter.queue, sa.func.count()).group_by(DeadLetter.queue)).all()
        )
        live = sa.case((WorkerLease.expires_at > database_now(engine), 1), else_=0)
        workers, living = connection.execute(
            sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(live), 0)).select_from(WorkerLease)
        ).one()
        orders = connection.execute(
            sa.select(PurchaseOrder.status, sa.func.count())
            .group_by(PurchaseOrder.status)
            .order_by(PurchaseOrder.status)
        ).all()
    now = now_ms()
    queues = []
    for stage in STAGES.values():
        depth, oldest = waiting.get(stage.queue, (0, now))
        queues.append(
            QueueState(stage.queue, depth, max(0.0, (now - oldest) / 1000), dead.get(stage.queue, 0))
        )
    return Overview(
        tuple(queues),
        int(living),
        int(workers) - int(living),
        tuple((status, count) for status, count in orders),
    )


def list_jobs(
    engine: sa.Engine,
    *,
    state: str | None = None,
    queue: str | None = None,
    order_id: str | None = None,
    limit: int = 50,
) -> list[JobLine]:
    """Return the newest jobs first, filtered by what is given."""
    query = sa.select(Job).order_by(Job.queued_at_ms.desc(), Job.id.desc()).limit(limit)
    for column, value in ((Job.state, state), (Job.queue, queue), (Job.order_id, order_id)):
        if value is not None:
            query = query.where(column == value)
    with engine.connect() as connection:
        return [
            JobLine(
                row.id,
                row.stage,
                row.state,
                row.attempt,
                row.carrier,
                row.order_id,
                row.queued_at_ms,
                row.finished_at_ms,
                row.error,
            )
            for row in connection.execute(query)
        ]
