"""What one delivery of a job comes to: done, tried again later, or dead letter.

The body of the only dbos workflow.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping

import sqlalchemy as sa

from logwatch.pipeline.data.models import Job, JobState
from logwatch.pipeline.envelope import Envelope, Json, read_envelope
from logwatch.pipeline.errors import (
    EnvelopeRefusedError,
    PermanentError,
    PipelineError,
    RetryableError,
    StageTimeoutError,
    SupersededError,
)
from logwatch.pipeline.ids import job_of_delivery
from logwatch.pipeline.stages import STAGE_OF_QUEUE, Stage, StageName

from .context import Deadline, Handler, JobContext
from .deadletters import bury_envelope, bury_job
from .door import CarriedJob, Door
from .slots import StageSlots


class JobFailedError(Exception):
    """Ends a delivery that failed, so that the engine's own record says so too."""


class Deliverer:
    """Runs deliveries. `around` wraps every handler; faults use it, a normal run passes handlers through."""

    def __init__(
        self,
        door: Door,
        handlers: Mapping[StageName, Handler],
        slots: StageSlots,
        *,
        around: Callable[[Handler], Handler] = lambda handler: handler,
        draw: random.Random | None = None,
    ) -> None:
        self._door = door
        self._handlers = {name: around(handler) for name, handler in handlers.items()}
        self._slots = slots
        # Jitter only: nothing secret depends on it.
        self._draw = draw or random.Random()  # noqa: S311

    def process_job(self, delivery: str, queue: str, body: Json) -> None:
        """Run the job that `delivery` carries and those carried on from it.

        Raises JobFailedError if one fails.
        """
        try:
            envelope = read_envelope(body)
        except EnvelopeRefusedError as error:
            self._refuse(delivery, STAGE_OF_QUEUE[queue], body, error)
            raise JobFailedError(str(error)) from None
        job = self._door.carried_by(delivery)
        if job is None:
            self._nothing_to_do(delivery, envelope)
        while job is not None:
            stage = job.stage
            if not self._slots.wait_for(stage):
                # The worker is on its way out, and the job has not begun: others shall have it.
                with self._door.transaction() as transaction:
                    self._door.deliver_again(transaction, job, attempt=job.attempt, delay_seconds=None)
                return
            try:
                job = self._run(job)
            finally:
                self._slots.release(stage)

    def _run(self, job: CarriedJob) -> CarriedJob | None:
        """Run one job; return the one carried on from it."""
        stage, name = job.stage, job.stage.name.value
        log = self._door.log.job(job.job_id, job.workflow_id, job.order_id, name)
        metrics = self._door.metrics
        context = JobContext(job, self._door, Deadline.of(stage), log, metrics)
        log.triggered(name, job.workflow_id, job.envelope.stage.value, job.attempt)
        if not stage.detached:
            log.stage_status(name, "processing")
        began = time.monotonic()
        try:
            with metrics.in_flight.labels(name).track_inprogress():
                self._call(stage, context)
            if context.finished_as is None:
                raise PipelineError(f"handler of stage '{name}' returned without finishing its job")
        except SupersededError:
            log.duplicate_ignored(name)
            metrics.jobs.labels(name, "duplicate").inc()
            return None
        except Exception as error:
            took = time.monotonic() - began
            metrics.job_seconds.labels(name).observe(took)
            reason = reason_of(error)
            if stage.detached:
                log.background_failed(reason)
            log.failed(name, int(took * 1000), reason)
            self._try_again_or_bury(job, error, reason)
            raise JobFailedError(reason) from None
        took = time.monotonic() - began
        metrics.job_seconds.labels(name).observe(took)
        metrics.jobs.labels(name, "skipped" if context.finished_as is JobState.SKIPPED else "completed").inc()
        if not stage.detached:
            log.stage_status(name, "completed")
        log.completed(name, int(took * 1000))
        return context.carried_on

    def _call(self, stage: Stage, context: JobContext) -> None:
        handler = self._handlers[stage.name]
        if not stage.outside_calls:
            handler(context)
            return
        # A call to a server that never answers cannot be interrupted, only left behind: its thread is a
        # daemon, and what it still does cannot be committed, because the next delivery carries the job by
        # then.
        failure: list[BaseException] = []

        def run() -> None:
            try:
                handler(context)
            except BaseException as error:
                failure.append(error)

        thread = threading.Thread(target=run, name=f"stage-{stage.name}", daemon=True)
        thread.start()
        thread.join(timeout=stage.limit_seconds)
        if thread.is_alive():
            raise StageTimeoutError(f"time limit of {stage.limit_seconds:g} s exceeded")
        if failure:
            raise failure[0]

    def _try_again_or_bury(self, job: CarriedJob, error: Exception, reason: str) -> None:
        stage, name, metrics = job.stage, job.stage.name.value, self._door.metrics
        log = self._door.log.job(job.job_id, job.workflow_id, job.order_id, name)
        permanent = isinstance(error, (PermanentError, PipelineError))
        at_least = error.after_seconds if isinstance(error, RetryableError) else 0.0
        wait = (
            None if permanent else stage.retry.wait_seconds(job.attempt, at_least=at_least, draw=self._draw)
        )
        with self._door.transaction() as transaction:
            if wait is not None:
                decided = self._door.deliver_again(
                    transaction, job, attempt=job.attempt + 1, delay_seconds=wait
                )
                transaction.connection.execute(
                    sa.update(Job).where(Job.id == job.job_id, Job.carrier == decided).values(error=reason)
                )
            else:
                decided = bury_job(transaction.connection, job, reason)
        if decided is None:
            log.duplicate_ignored(name)
            metrics.jobs.labels(name, "duplicate").inc()
        elif wait is not None:
            log.retrying(name, job.attempt + 1, stage.retry.attempts, wait)
            metrics.jobs.labels(name, "retried").inc()
            metrics.retries.labels(name).inc()
        else:
            log.dead(name, job.attempt, reason)
            metrics.jobs.labels(name, "dead").inc()
            metrics.dead_letters.labels(name).inc()

    def _refuse(self, delivery: str, stage: Stage, body: Json, error: EnvelopeRefusedError) -> None:
        """Send an envelope that got in anyway straight to dead letter: no retry can mend it."""
        name, reason = stage.name.value, str(error)
        fields = body if isinstance(body, dict) else {}
        named, workflow = fields.get("stage"), fields.get("workflowId")
        log = self._door.log.job(
            job_of_delivery(delivery), workflow if isinstance(workflow, str) else None, None, name
        )
        log.triggered(name, log.ids.workflow_id, named if isinstance(named, str) else None, 1)
        log.failed(name, 0, reason)
        with self._door.transaction() as transaction:
            bury_envelope(transaction.connection, delivery, stage, body, reason)
        log.dead(name, 1, reason)
        self._door.metrics.refused.labels(error.refusal.value).inc()
        self._door.metrics.jobs.labels(name, "dead").inc()
        self._door.metrics.dead_letters.labels(name).inc()

    def _nothing_to_do(self, delivery: str, envelope: Envelope) -> None:
        """Say why: this delivery was recovered after it had done its job, or it is a duplicate of another."""
        stage = self._door.stages[envelope.stage]
        job_id = job_of_delivery(delivery)
        with self._door.engine.connect() as connection:
            own = connection.execute(
                sa.select(Job.id, Job.stage)
                .where(Job.carrier == delivery, Job.state.in_([JobState.DONE, JobState.SKIPPED]))
                .order_by(Job.finished_at_ms.desc(), Job.id.desc())
                .limit(1)
            ).one_or_none()
        if own is not None:
            # The worker died between the commit and the line that says so: a run must not look stuck for
            # that.
            log = self._door.log.job(own.id, envelope.workflowId, envelope.data.purchaseOrderId, own.stage)
            log.completed(own.stage, 0)
            return
        name = stage.name.value
        log = self._door.log.job(job_id, envelope.workflowId, envelope.data.purchaseOrderId, name)
        log.duplicate_ignored(name)
        self._door.metrics.jobs.labels(name, "duplicate").inc()


def reason_of(error: Exception) -> str:
    """Return an error's text for the log and the dead letter: bounded, and never empty."""
    text = str(error).strip() or type(error).__name__
    if isinstance(error, sa.exc.DBAPIError):
        text = str(error.orig).strip()
        if isinstance(error, sa.exc.IntegrityError) and "foreign key" in text.lower():
            text = f"Foreign key constraint violated: {text}"
    return text if len(text) <= 2000 else text[:2000] + "…"
