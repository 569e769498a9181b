"""Runs what one delivery carries: the body of the only dbos workflow."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from logwatch.pipeline.data.database import reading
from logwatch.pipeline.data.models import Job, JobState
from logwatch.pipeline.envelope import Envelope, read_envelope
from logwatch.pipeline.errors import EnvelopeRefusedError, PipelineError, Refusal, SupersededError
from logwatch.pipeline.stages import StageName

from .context import Deadline, Handler, JobContext
from .door import CarriedJob, Door
from .endings import Endings, reason_of
from .limit import GivenBackError, run_within
from .slots import StageSlots

# From here on a job may be what kills its workers. No two of those run at once, so that one that is innocent
# does not go on dying with one that is not.
SUSPECT_CRASHES: Final = 2
# Three deaths of its workers while it ran, after one in which it may only have been claimed.
MOST_CRASHES: Final = 3


class JobFailedError(Exception):
    """Ends a delivery that failed, so that the engine's own record says so too."""


class Deliverer:
    """Runs deliveries, each in the thread that calls `process_job`."""

    def __init__(
        self,
        door: Door,
        handlers: Mapping[StageName, Handler],
        slots: StageSlots,
        *,
        draw: random.Random | None = None,
    ) -> None:
        self._door = door
        self._handlers = handlers
        self._slots = slots
        # Jitter only: nothing secret depends on it.
        self._endings = Endings(door, draw or random.Random())  # noqa: S311
        self._leaving = threading.Event()
        self._in_hand: set[str] = set()

    def process_job(self, delivery: str, queue: str | None, body: object) -> None:
        """Run the job that `delivery` carries and those carried on from it.

        `queue` and `body` are what was found in the queue, whoever put it there. Raises JobFailedError if a
        job fails, or the envelope is none of ours; that is recorded by then.
        """
        self._in_hand.add(delivery)
        try:
            self._process(delivery, queue, body)
        finally:
            self._in_hand.discard(delivery)

    def in_hand(self) -> frozenset[str]:
        """Return the deliveries that are being run here, or wait here for a slot."""
        return frozenset(self._in_hand)

    def give_back(self) -> None:
        """Wait no longer for handlers that wait for others: other workers shall have their jobs."""
        self._leaving.set()

    def _process(self, delivery: str, queue: str | None, body: object) -> None:
        try:
            envelope = read_envelope(body)
        except EnvelopeRefusedError as error:
            self._endings.refused(delivery, queue, body, error)
            raise JobFailedError(str(error)) from None
        job = self._door.carried_by(delivery)
        if job is None:
            self._nothing_to_do(delivery, queue, envelope)
            return
        if job.crashes:
            self._say_what_was_done(delivery, envelope)
        while job is not None:
            job = self._begin(job)

    def _begin(self, job: CarriedJob) -> CarriedJob | None:
        """Run one job once there is a slot for it; return the one carried on from it."""
        with self._slots.taken(job.stage, suspect=job.crashes >= SUSPECT_CRASHES) as free:
            if not free:
                # The worker is on its way out, and the job has not begun.
                self._endings.handed_back(job)
                return None
            if job.crashes > MOST_CRASHES:
                reason = f"the worker died each of the last {MOST_CRASHES} times it ran this job"
                self._endings.log_of(job).failed(job.stage.name.value, 0, reason)
                self._endings.given_up(job, reason)
                raise JobFailedError(reason)
            if job.crashes:
                self._note_start(job)
            return self._run(job)

    def _run(self, job: CarriedJob) -> CarriedJob | None:
        stage, name = job.stage, job.stage.name.value
        log, metrics = self._endings.log_of(job), self._door.metrics
        context = JobContext(job, self._door, Deadline.of(stage), log, metrics)
        log.triggered(name, job.workflow_id, job.envelope.stage.value, job.attempt)
        if not stage.detached:
            log.stage_status(name, "processing")
        began = time.monotonic()
        try:
            with metrics.in_flight.labels(name).track_inprogress():
                self._call(context)
            if context.finished_as is None:
                raise PipelineError(f"handler of stage '{name}' returned without finishing its job")
        except SupersededError:
            self._endings.superseded(job)
            return None
        except GivenBackError:
            self._endings.handed_back(job)
            return None
        except BaseException as error:
            # A library's SystemExit too: a delivery that ended by it would stay begun for ever.
            reason = reason_of(error)
            if context.finished_as is None:
                took = time.monotonic() - began
                metrics.job_seconds.labels(name).observe(took)
                if stage.detached:
                    log.background_failed(reason)
                log.failed(name, int(took * 1000), reason)
                self._endings.failed(job, error, reason)
                raise JobFailedError(reason) from None
            # What is committed is done; what was to be said of it afterwards is not worth doing it again.
            self._door.log.engine("warning", f"after the end of {name} job {job.job_id}: {reason}")
        took = time.monotonic() - began
        metrics.job_seconds.labels(name).observe(took)
        metrics.jobs.labels(name, "skipped" if context.finished_as is JobState.SKIPPED else "completed").inc()
        if not stage.detached:
            log.stage_status(name, "completed")
        log.completed(name, int(took * 1000))
        return context.carried_on

    def _call(self, context: JobContext) -> None:
        stage = context.job.stage
        handler = self._handlers[stage.name]
        if stage.outside_calls:
            run_within(stage.limit_seconds, handler, context, self._leaving)
        else:
            handler(context)

    def _note_start(self, job: CarriedJob) -> None:
        """Count what the job will stand at if this worker dies too, before it can."""
        with self._door.transaction() as transaction:
            transaction.connection.execute(
                sa.update(Job)
                .where(Job.id == job.job_id, Job.carrier == job.delivery, Job.state == JobState.QUEUED)
                .values(crashes=job.crashes + 1)
            )

    def _nothing_to_do(self, delivery: str, queue: str | None, envelope: Envelope) -> None:
        """Say why: done before its worker died, or a duplicate; raises JobFailedError where it is neither."""
        if self._say_what_was_done(delivery, envelope):
            return
        name = envelope.stage.value
        job_id = self._door.stages[envelope.stage].job_id(envelope.workflowId)
        with reading(self._door.engine) as connection:
            known = connection.execute(sa.select(Job.id).where(Job.id == job_id)).one_or_none()
        if known is None:
            stranger = EnvelopeRefusedError(Refusal.NO_SUCH_JOB, f"No job {job_id} was queued by add_job")
            self._endings.refused(delivery, queue, envelope.to_json(), stranger)
            raise JobFailedError(str(stranger))
        log = self._door.log.job(job_id, envelope.workflowId, envelope.data.purchaseOrderId, name)
        log.duplicate_ignored(name)
        self._door.metrics.jobs.labels(name, "duplicate").inc()

    def _say_what_was_done(self, delivery: str, envelope: Envelope) -> bool:
        """Say the last job that a delivery did before its worker died; False where it did none.

        The worker may have died between the commit and the line that says so: a run must not look stuck for
        that. A second such line does no harm.
        """
        with reading(self._door.engine) as connection:
            done = connection.execute(
                sa.select(Job.id, Job.stage)
                .where(Job.carrier == delivery, Job.state.in_([JobState.DONE, JobState.SKIPPED]))
                .order_by(Job.finished_at_ms.desc(), Job.id.desc())
                .limit(1)
            ).one_or_none()
        if done is None:
            return False
        log = self._door.log.job(done.id, envelope.workflowId, envelope.data.purchaseOrderId, done.stage)
        log.completed(done.stage, 0)
        return True
