"""Jobs that were given up: listed with reason, attempts and envelope; requeued or dropped by a person."""

from __future__ import annotations

import json
from dataclasses import dataclass

import sqlalchemy as sa

from logwatch.pipeline.data.database import now_ms
from logwatch.pipeline.data.models import DeadLetter, Job, JobState, OrderStatus, PurchaseOrder
from logwatch.pipeline.envelope import Json, read_envelope
from logwatch.pipeline.errors import EnvelopeRefusedError, NotFoundError, PipelineError
from logwatch.pipeline.stages import Stage

from .door import CarriedJob, Door


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
    """Give a job up; return its id, or None if another delivery decided it meanwhile.

    Fails its order's workflow.
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


def bury_envelope(connection: sa.Connection, delivery: str, stage: Stage, body: Json, reason: str) -> None:
    """Keep an envelope that could not be routed, once, whatever the number of its deliveries."""
    there = connection.execute(sa.select(DeadLetter.id).where(DeadLetter.id == delivery)).one_or_none()
    if there is not None:
        return
    connection.execute(
        sa.insert(DeadLetter).values(
            id=delivery,
            job_id=delivery,
            queue=stage.queue,
            stage=stage.name.value,
            reason=reason,
            attempts=1,
            envelope=json.dumps(body),
            died_at_ms=now_ms(),
        )
    )


def list_dead(engine: sa.Engine, limit: int = 100) -> list[Buried]:
    """Return the newest dead letters first."""
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(DeadLetter).order_by(DeadLetter.died_at_ms.desc(), DeadLetter.id).limit(limit)
        ).all()
    return [
        Buried(
            row.id, row.queue, row.stage, row.reason, row.attempts, json.loads(row.envelope), row.died_at_ms
        )
        for row in rows
    ]


def get_dead(engine: sa.Engine, letter_id: str) -> Buried:
    """Return one dead letter; raises NotFoundError."""
    with engine.connect() as connection:
        row = connection.execute(sa.select(DeadLetter).where(DeadLetter.id == letter_id)).one_or_none()
    if row is None:
        raise NotFoundError(
            f"no dead letter '{letter_id}'; `logwatch pipeline dead list` shows those there are"
        )
    return Buried(
        row.id, row.queue, row.stage, row.reason, row.attempts, json.loads(row.envelope), row.died_at_ms
    )


def requeue(door: Door, letter_id: str) -> str:
    """Give a dead job a new life, attempts counted from 1; return the id of its new delivery.

    Raises NotFoundError, or PipelineError for an envelope that can never be routed: it would only die again.
    """
    letter = get_dead(door.engine, letter_id)
    try:
        envelope = read_envelope(letter.envelope)
    except EnvelopeRefusedError as error:
        raise PipelineError(f"'{letter_id}' cannot be requeued: {error}; drop it instead") from None
    with door.transaction() as transaction:
        connection = transaction.connection
        gone = connection.execute(sa.delete(DeadLetter).where(DeadLetter.id == letter_id))
        row = connection.execute(
            sa.select(Job.carrier, Job.deliveries).where(Job.id == letter_id, Job.state == JobState.DEAD)
        ).one_or_none()
        if gone.rowcount == 0 or row is None:
            raise NotFoundError(f"dead letter '{letter_id}' was requeued or dropped meanwhile")
        stage = door.stages[envelope.stage]
        job = CarriedJob(letter_id, row.carrier, stage, envelope, 1, row.deliveries)
        delivery = door.deliver_again(transaction, job, attempt=1, delay_seconds=None)
        if delivery is None:
            raise NotFoundError(f"dead letter '{letter_id}' was requeued or dropped meanwhile")
        if not stage.detached:
            connection.execute(
                sa.update(PurchaseOrder)
                .where(PurchaseOrder.id == job.order_id, PurchaseOrder.status == OrderStatus.FAILED)
                .values(status=OrderStatus.PROCESSING.value)
            )
    return delivery


def drop(door: Door, letter_id: str) -> None:
    """Take a dead letter out for good; raises NotFoundError."""
    with door.transaction() as transaction:
        gone = transaction.connection.execute(sa.delete(DeadLetter).where(DeadLetter.id == letter_id))
        if gone.rowcount == 0:
            raise NotFoundError(
                f"no dead letter '{letter_id}'; `logwatch pipeline dead list` shows those there are"
            )
        transaction.connection.execute(
            sa.update(Job)
            .where(Job.id == letter_id, Job.state == JobState.DEAD)
            .values(state=JobState.DROPPED.value)
        )
