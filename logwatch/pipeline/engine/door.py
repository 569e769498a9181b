"""The one door to the queues: `add_job`, inside the transaction that writes what the job is about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from logwatch.pipeline.data.database import is_sqlite, now_ms, reading, writing
from logwatch.pipeline.data.models import Job, JobState
from logwatch.pipeline.envelope import Envelope, read_envelope
from logwatch.pipeline.errors import EnvelopeRefusedError
from logwatch.pipeline.ids import delivery_id
from logwatch.pipeline.stages import Stage, StageName
from logwatch.pipeline.telemetry import PipelineLog, PipelineMetrics

from .dbos_port import open_client, push


@dataclass(frozen=True, slots=True)
class CarriedJob:
    """A job and the delivery that carries it."""

    job_id: str
    delivery: str
    stage: Stage
    envelope: Envelope
    attempt: int = 1
    deliveries: int = 1
    crashes: int = 0

    @property
    def order_id(self) -> str:
        """The order the job is about."""
        return self.envelope.data.purchaseOrderId

    @property
    def merchant_id(self) -> str:
        """Whose order it is."""
        return self.envelope.data.merchantId

    @property
    def workflow_id(self) -> str:
        """The workflow the job is part of."""
        return self.envelope.workflowId


# Built once: making a statement anew costs several times its execution.
_JOB_COLUMNS = tuple(
    column.name for column in Job.__table__.columns if column.name not in ("finished_at_ms", "error")
)
_CARRIED = sa.select(Job.id, Job.stage, Job.envelope, Job.attempt, Job.deliveries, Job.crashes).where(
    Job.carrier == sa.bindparam("delivery"), Job.state == JobState.QUEUED.value
)


@dataclass(slots=True)
class Transaction:
    """An open transaction: what is written to `connection` and the jobs added to it are committed together.

    `carrier` is the delivery that this transaction is part of: the first job of the same workflow that is
    added is carried on by it, in the same thread, instead of waiting in its queue for the next poll.
    """

    connection: sa.Connection
    carrier: str | None = None
    carried_on: CarriedJob | None = None
    after_commit: list[Callable[[], None]] = field(default_factory=list)


class Door:
    """Queues jobs.

    `stages` is the table in force; `log` and `metrics` hear of every job queued or refused.
    """

    def __init__(
        self,
        engine: sa.Engine,
        stages: Mapping[StageName, Stage],
        log: PipelineLog,
        metrics: PipelineMetrics,
    ) -> None:
        self.engine = engine
        self.stages = stages
        self.log = log
        self.metrics = metrics
        self.client = open_client(engine)
        insert = sqlite.insert if is_sqlite(engine) else postgresql.insert
        self._insert_job = (
            insert(Job)
            .values({name: sa.bindparam(name) for name in _JOB_COLUMNS})
            .on_conflict_do_nothing(index_elements=["id"])
            .returning(Job.id)
        )

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction; on commit the jobs added to it exist, on any exception nothing of it does."""
        with writing(self.engine) as connection:
            transaction = Transaction(connection)
            yield transaction
        for act in transaction.after_commit:
            act()

    def add_job(self, transaction: Transaction, job: Envelope | Mapping[str, object]) -> str:
        """Queue a job and return its id; queueing a stage of a workflow twice is queueing it once.

        Raises EnvelopeRefusedError for anything that is not a complete, nested envelope of ids.
        """
        try:
            envelope = read_envelope(_body_of(job))
        except EnvelopeRefusedError as error:
            self.metrics.refused.labels(error.refusal.value).inc()
            self.log.envelope_refused(str(error))
            raise
        stage = self.stages[envelope.stage]
        job_id = stage.job_id(envelope.workflowId)
        body = envelope.to_json()
        # A detached job is there to be waited for by nobody: it always goes through its queue.
        carrier = job_id
        if transaction.carrier is not None and transaction.carried_on is None and not stage.detached:
            carrier = transaction.carrier
        inserted = transaction.connection.execute(
            self._insert_job,
            {
                "id": job_id,
                "workflow_id": envelope.workflowId,
                "order_id": envelope.data.purchaseOrderId,
                "merchant_id": envelope.data.merchantId,
                "stage": stage.name.value,
                "queue": stage.queue,
                "state": JobState.QUEUED.value,
                "carrier": carrier,
                "attempt": 1,
                "deliveries": 1,
                "crashes": 0,
                "envelope": json.dumps(body),
                "queued_at_ms": now_ms(),
            },
        ).one_or_none()
        if inserted is None:
            return job_id
        if carrier == job_id:
            push(self.client, transaction.connection, job_id, stage.queue, body)
        else:
            transaction.carried_on = CarriedJob(job_id, carrier, stage, envelope)
        log = self.log.job(job_id, envelope.workflowId, envelope.data.purchaseOrderId, stage.name.value)
        transaction.after_commit.append(lambda: log.queued(stage.queue))
        return job_id

    def deliver_again(
        self, transaction: Transaction, job: CarriedJob, *, attempt: int, delay_seconds: float | None
    ) -> str | None:
        """Queue the next delivery of an undecided job and return its id, `JOB#n`.

        None if the job was decided, or taken over by another delivery, meanwhile. That its workers died is
        forgotten with the attempt they died in.
        """
        delivery = delivery_id(job.job_id, job.deliveries + 1)
        changed = transaction.connection.execute(
            sa.update(Job)
            .where(Job.id == job.job_id, Job.carrier == job.delivery, Job.state == JobState.QUEUED)
            .values(
                carrier=delivery,
                attempt=attempt,
                deliveries=job.deliveries + 1,
                crashes=job.crashes if attempt == job.attempt else 0,
            )
        )
        if changed.rowcount == 0:
            return None
        body = job.envelope.to_json()
        push(
            self.client, transaction.connection, delivery, job.stage.queue, body, delay_seconds=delay_seconds
        )
        return delivery

    def carried_by(self, delivery: str) -> CarriedJob | None:
        """Return the undecided job that a delivery carries, or None."""
        with reading(self.engine) as connection:
            row = connection.execute(_CARRIED, {"delivery": delivery}).one_or_none()
        if row is None:
            return None
        envelope = read_envelope(json.loads(row.envelope))
        stage = self.stages[envelope.stage]
        return CarriedJob(row.id, delivery, stage, envelope, row.attempt, row.deliveries, row.crashes)

    def close(self) -> None:
        """Let go of the engine's client; the database engine itself stays open, it is the caller's."""
        self.client.destroy()


def _body_of(job: object) -> object:
    if isinstance(job, Envelope):
        return job.to_json()
    return dict(job) if isinstance(job, Mapping) else job
