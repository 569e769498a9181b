"""How a delivery ends that did not do its job: tried again later, dead letter, handed back, or nothing."""

from __future__ import annotations

import json
import random

import sqlalchemy as sa

from logwatch.pipeline.data.models import Job
from logwatch.pipeline.envelope import Json
from logwatch.pipeline.errors import EnvelopeRefusedError, PermanentError, PipelineError, RetryableError
from logwatch.pipeline.ids import job_of_delivery
from logwatch.pipeline.stages import STAGE_OF_QUEUE
from logwatch.pipeline.telemetry import JobLog, printable

from .dbos_port import queue_of
from .deadletters import bury_envelope, bury_job
from .door import CarriedJob, Door

_LONGEST_REASON = 2000


class Endings:
    """Writes an ending to the database, then says it in the log and the metrics."""

    def __init__(self, door: Door, draw: random.Random) -> None:
        self._door = door
        self._draw = draw

    def log_of(self, job: CarriedJob) -> JobLog:
        """Return the log lines of a job."""
        return self._door.log.job(job.job_id, job.workflow_id, job.order_id, job.stage.name.value)

    def failed(self, job: CarriedJob, error: BaseException, reason: str) -> None:
        """Queue the next attempt, or give the job up when that was the last one or none can help."""
        name, retry = job.stage.name.value, job.stage.retry
        at_least = error.after_seconds if isinstance(error, RetryableError) else 0.0
        wait = retry.wait_seconds(job.attempt, at_least=at_least, draw=self._draw)
        if wait is None or isinstance(error, (PermanentError, PipelineError)):
            self.given_up(job, reason)
            return
        with self._door.transaction() as transaction:
            delivery = self._door.deliver_again(transaction, job, attempt=job.attempt + 1, delay_seconds=wait)
            transaction.connection.execute(
                sa.update(Job).where(Job.id == job.job_id, Job.carrier == delivery).values(error=reason)
            )
        if delivery is None:
            self.superseded(job)
            return
        self.log_of(job).retrying(name, job.attempt + 1, retry.attempts, wait)
        self._door.metrics.jobs.labels(name, "retried").inc()
        self._door.metrics.retries.labels(name).inc()

    def given_up(self, job: CarriedJob, reason: str) -> None:
        """Put the job into dead letter."""
        with self._door.transaction() as transaction:
            buried = bury_job(transaction.connection, job, reason)
        if buried is None:
            self.superseded(job)
            return
        name, log = job.stage.name.value, self.log_of(job)
        log.dead(name, job.attempt)
        if not job.stage.detached:
            log.workflow_failed(name)
        self._count_dead(name)

    def handed_back(self, job: CarriedJob) -> None:
        """Give the job to whichever worker has room for it; that is no attempt."""
        with self._door.transaction() as transaction:
            self._door.deliver_again(transaction, job, attempt=job.attempt, delay_seconds=None)

    def superseded(self, job: CarriedJob) -> None:
        """Say that another delivery decided the job: nothing of this one's was written."""
        name = job.stage.name.value
        self.log_of(job).duplicate_ignored(name)
        self._door.metrics.jobs.labels(name, "duplicate").inc()

    def refused(self, delivery: str, queue: str | None, body: object, error: EnvelopeRefusedError) -> None:
        """Put an envelope that got in anyway straight into dead letter: no retry can mend it."""
        if queue not in STAGE_OF_QUEUE:
            queue = queue_of(self._door.client, delivery)
        stage = STAGE_OF_QUEUE.get(queue or "")
        name, reason = "unknown" if stage is None else stage.name.value, str(error)
        fields = body if isinstance(body, dict) else {}
        named, workflow = fields.get("stage"), fields.get("workflowId")
        log = self._door.log.job(
            printable(job_of_delivery(delivery)), workflow if isinstance(workflow, str) else None, None, name
        )
        log.triggered(name, log.ids.workflow_id, named if isinstance(named, str) else None, 1)
        log.failed(name, 0, reason)
        bury_envelope(self._door, delivery, queue or "unknown", name, _json_of(body), reason)
        log.dead(name, 1)
        self._door.metrics.refused.labels(error.refusal.value).inc()
        self._count_dead(name)

    def _count_dead(self, stage: str) -> None:
        self._door.metrics.jobs.labels(stage, "dead").inc()
        self._door.metrics.dead_letters.labels(stage).inc()


def reason_of(error: BaseException) -> str:
    """Return an error's text for the log and the dead letter: bounded, storable, and never empty."""
    text = str(error).strip() or type(error).__name__
    if isinstance(error, sa.exc.DBAPIError):
        text = str(error.orig).strip()
        if isinstance(error, sa.exc.IntegrityError) and "foreign key" in text.lower():
            text = f"Foreign key constraint violated: {text}"
    text = text.replace("\0", "\\0")  # Postgres stores none
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + "…"


def _json_of(body: object) -> Json:
    """Return the body itself, or a picture of one that is no JSON."""
    try:
        json.dumps(body)
    except (TypeError, ValueError, RecursionError):
        return repr(body)[:_LONGEST_REASON]
    return body  # type: ignore[return-value]  # json.dumps has just proved it
