"""Jobs that were given up: listed with reason, attempts and envelope; requeued or dropped by a person."""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from logwatch.pipeline.data.database import is_sqlite, now_ms, reading
from logwatch.pipeline.data.models import DeadLetter, Job, JobState, OrderStatus, PurchaseOrder
from logwatch.pipeline.envelope import Json, read_envelope
from logwatch.pipeline.errors import EnvelopeRefusedError, NotFoundError, PipelineError
from logwatch.pipeline.telemetry import printable

from .door import CarriedJob, Door, Transaction


@dataclass(frozen=True, slots=True)
class Buried:
    """One dead letter, for people."""

    letter_id: str
    queue: str
    stage: str
    reason: str
    attempts: int
    envelope: Json
    died_at_ms: int


def bury_job(connection: sa.Connection, job: CarriedJob, reason: str) -> str | None:
    """Give a job up, and with it its order's workflow unless it is detached; return its id.

    None if the job was decided, or taken over by another delivery, meanwhile.
    """
    changed = connection.execute(
        sa.update(Job)
        .where(Job.id == job.job_id, Job.carrier == job.delivery, Job.state == JobState.QUEUED)
        .values(state=JobState.DEAD.value, finished_at_ms=now_ms(), error=reason)
    )
    if changed.rowcount == 0:
        return None
    connection.execute(
        sa.insert(DeadLetter).values(
            id=job.job_id,
            job_id=job.job_id,
            queue=job.stage.queue,
            stage=job.stage.name.value,
            reason=reason,
            attempts=job.attempt,
            envelope=json.dumps(job.envelope.to_json()),
            died_at_ms=now_ms(),
        )
    )
    if not job.stage.detached:
        connection.execute(
            sa.update(PurchaseOrder)
            .where(PurchaseOrder.id == job.order_id, PurchaseOrder.workflow_id == job.workflow_id)
            .values(status=OrderStatus.FAILED.value)
        )
    return job.job_id


def bury_envelope(door: Door, delivery: str, queue: str, stage: str, body: Json, reason: str) -> None:
    """Keep an envelope that could not be routed, once, whatever the number of its deliveries."""
    insert = sqlite.insert if is_sqlite(door.engine) else postgresql.insert
    with door.transaction() as transaction:
        transaction.connection.execute(
            insert(DeadLetter)
            .values(
                id=delivery,
                job_id=delivery,
                queue=queue,
                stage=stage,
                reason=reason,
                attempts=1,
                envelope=json.dumps(body),
                died_at_ms=now_ms(),
            )
            .on_conflict_do_nothing(index_elements=["id"])
        )


def list_dead(engine: sa.Engine, limit: int = 100) -> list[Buried]:
    """Return the newest dead letters first."""
    query = sa.select(DeadLetter).order_by(DeadLetter.died_at_ms.desc(), DeadLetter.id).limit(limit)
    with reading(engine) as connection:
        return [_buried(row) for row in connection.execute(query)]


def get_dead(engine: sa.Engine, letter_id: str) -> Buried:
    """Return one dead letter; raises NotFoundError."""
    with reading(engine) as connection:
        row = connection.execute(sa.select(DeadLetter).where(DeadLetter.id == letter_id)).one_or_none()
    if row is None:
        raise _not_found(letter_id)
    return _buried(row)


def requeue(door: Door, letter_id: str) -> str:
    """Give a dead job a new life, its attempts counted from 1; return the id of its new delivery.

    Raises NotFoundError, or PipelineError for an envelope that can never be routed: it would only die again.
    """
    letter = get_dead(door.engine, letter_id)
    try:
        envelope = read_envelope(letter.envelope)
    except EnvelopeRefusedError as error:
        raise PipelineError(
            f"'{printable(letter_id)}' cannot be requeued: {error}; drop it instead"
        ) from None
    stage = door.stages[envelope.stage]
    with door.transaction() as transaction:
        _take_out(transaction, letter_id)
        revived = transaction.connection.execute(
            sa.update(Job)
            .where(Job.id == letter_id, Job.state == JobState.DEAD)
            .values(state=JobState.QUEUED.value, queued_at_ms=now_ms(), finished_at_ms=None, error=None)
            .returning(Job.carrier, Job.deliveries)
        ).one_or_none()
        if revived is None:
            # Not a job of ours yet, only an envelope that somebody put into the queue past the door.
            return door.add_job(transaction, envelope)
        job = CarriedJob(letter_id, revived.carrier, stage, envelope, 0, revived.deliveries)
        delivery = door.deliver_again(transaction, job, attempt=1, delay_seconds=None)
        assert delivery is not None
        if not stage.detached:
            transaction.connection.execute(
                sa.update(PurchaseOrder)
                .where(PurchaseOrder.id == job.order_id, PurchaseOrder.status == OrderStatus.FAILED)
                .values(status=OrderStatus.PROCESSING.value)
            )
    return delivery


def drop(door: Door, letter_id: str) -> None:
    """Take a dead letter out for good; raises NotFoundError."""
    with door.transaction() as transaction:
        _take_out(transaction, letter_id)
        transaction.connection.execute(
            sa.update(Job)
            .where(Job.id == letter_id, Job.state == JobState.DEAD)
            .values(state=JobState.DROPPED.value)
        )


def _take_out(transaction: Transaction, letter_id: str) -> None:
    gone = transaction.connection.execute(sa.delete(DeadLetter).where(DeadLetter.id == letter_id))
    if gone.rowcount == 0:
        raise _not_found(letter_id)


def _not_found(letter_id: str) -> NotFoundError:
    return NotFoundError(
        f"no dead letter '{printable(letter_id)}'; `logwatch pipeline dead list` shows those there are"
    )


def _buried(row: sa.Row[DeadLetter]) -> Buried:
    return Buried(
        row.id, row.queue, row.stage, row.reason, row.attempts, json.loads(row.envelope), row.died_at_ms
    )
