"""What a stage's handler is given: its job, a deadline, and the one transaction in which it finishes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

from logwatch.pipeline.data.database import now_ms, reading
from logwatch.pipeline.data.models import Job, JobState
from logwatch.pipeline.envelope import create_workflow_job
from logwatch.pipeline.errors import StageTimeoutError, SupersededError
from logwatch.pipeline.stages import Stage, StageName
from logwatch.pipeline.telemetry import JobLog, PipelineMetrics

from .door import CarriedJob, Door, Transaction

# Built once: making a statement anew costs several times its execution.
_END_JOB = (
    sa.update(Job)
    .where(
        Job.id == sa.bindparam("job"),
        Job.carrier == sa.bindparam("delivery"),
        Job.state == JobState.QUEUED.value,
    )
    .values(state=sa.bindparam("new_state"), finished_at_ms=sa.bindparam("now"), error=None)
)


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a stage's time is up, by the monotonic clock; handlers hand `remaining_seconds` on to what they call."""

    stage: Stage
    ends_at: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def of(cls, stage: Stage) -> Deadline:
        """Return the deadline of a stage that begins now."""
        return cls(stage, time.monotonic() + stage.limit_seconds)

    def remaining_seconds(self) -> float:
        """Return the time left; raises StageTimeoutError when there is none."""
        left = self.ends_at - self.clock()
        if left <= 0:
            raise StageTimeoutError(f"time limit of {self.stage.limit_seconds:g} s exceeded")
        return left


@dataclass(slots=True)
class JobContext:
    """One delivery of one job. Its handler calls `finish` once; `finished_as` and `carried_on` are of the commit."""

    job: CarriedJob
    door: Door
    deadline: Deadline
    log: JobLog
    metrics: PipelineMetrics
    finished_as: JobState | None = None
    carried_on: CarriedJob | None = None
    _skips: bool = False
    _left_behind: bool = False
    # Held while the job is being ended: it is either committed or left behind, never both.
    _ending: threading.Lock = field(default_factory=threading.Lock)

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Open a connection to read from; nothing slow may happen while it is open."""
        return reading(self.door.engine)

    @contextmanager
    def finish(self, state: JobState = JobState.DONE) -> Iterator[Transaction]:
        """Open the transaction of this job's effects and of its end: both happen, or neither.

        Raises SupersededError when another delivery carries the job by now or has decided it,
        StageTimeoutError when the stage's time is up.
        """
        with self._ending:
            if self._left_behind:
                raise SupersededError
            with self.door.transaction() as transaction:
                transaction.carrier = self.job.delivery
                # First of all: the row lock makes other deliveries of this job wait for what becomes of it.
                ended = transaction.connection.execute(
                    _END_JOB,
                    {
                        "job": self.job.job_id,
                        "delivery": self.job.delivery,
                        "new_state": state.value,
                        "now": now_ms(),
                    },
                )
                if ended.rowcount == 0:
                    raise SupersededError
                yield transaction
                self.deadline.remaining_seconds()
            self.finished_as = JobState.SKIPPED if self._skips else state
            self.carried_on = transaction.carried_on

    def skip(self, transaction: Transaction) -> None:
        """Inside `finish`: end the job as skipped after all, because nothing is left to do."""
        transaction.connection.execute(
            sa.update(Job).where(Job.id == self.job.job_id).values(state=JobState.SKIPPED.value)
        )
        self._skips = True

    def leave_behind(self) -> bool:
        """Keep the handler from finishing from now on; False when it has finished already."""
        with self._ending:
            self._left_behind = True
            return self.finished_as is None

    def add_next(self, transaction: Transaction, stage: StageName) -> str:
        """Queue the job of another stage of this workflow, for the same order and merchant; return its id."""
        data = {"purchaseOrderId": self.job.order_id, "merchantId": self.job.merchant_id}
        return self.door.add_job(transaction, create_workflow_job(stage, self.job.workflow_id, data))


# A stage's work. It does what is slow first, then finishes in one short transaction.
Handler = Callable[[JobContext], None]
