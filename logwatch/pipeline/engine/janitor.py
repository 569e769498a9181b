"""Takes over the jobs of dead workers, finds jobs that nothing carries or nobody runs any more, prunes.

dbos by itself recovers only the jobs of its own executor id. Each round here is safe to run on every worker
at once: recovery and redelivery are compare-and-set in the database, whoever comes second changes nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from logwatch.pipeline.data.database import now_ms, reading
from logwatch.pipeline.data.models import Job, JobState
from logwatch.pipeline.stages import STAGE_OF_QUEUE

from . import leases
from .dbos_port import FINISHED, begun_by, cancel, over_before, recover, states_of
from .door import Door

# Rows per transaction, so that no round of the janitor's keeps the workers waiting.
_BATCH = 500
# How many waiting jobs of each queue one round looks into; the next goes on where it stopped.
_LOOKED_INTO = 4 * _BATCH


@dataclass(frozen=True, slots=True)
class JanitorSettings:
    """How often to look, how old a job must be to be looked into, and how long what is over is kept.

    Jobs are kept for people. Of a delivery that is over, only the engine still has a row, and every row of
    its makes it slower to find those that have begun.
    """

    every_seconds: float = 1.0
    slow_round_seconds: float = 30.0
    stranded_after_seconds: float = 10.0
    keep_jobs_seconds: float = 86_400.0
    keep_deliveries_seconds: float = 600.0


class Janitor:
    """Looks after the jobs of others, on a thread of its own.

    `in_hand` says which deliveries this worker runs, or has waiting for a slot.
    """

    def __init__(
        self,
        door: Door,
        executor_id: str,
        in_hand: Callable[[], Collection[str]],
        settings: JanitorSettings,
    ) -> None:
        self._door = door
        self._executor_id = executor_id
        self._in_hand = in_hand
        self._settings = settings
        self._missed: set[str] = set()
        self._looked_until: dict[str, tuple[int, str]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_for_ever, name="janitor", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more, and wait for the round that is under way."""
        self._stop.set()
        self._thread.join(timeout=30)

    def _look_for_ever(self) -> None:
        slow_due = 0.0
        while not self._stop.wait(self._settings.every_seconds):
            try:
                self.recover_dead_workers()
                if time.monotonic() >= slow_due:
                    slow_due = time.monotonic() + self._settings.slow_round_seconds
                    self.recover_unknown_workers()
                    self.redeliver_stranded()
                    self.redeliver_lost()
                    self.prune()
            except Exception as error:
                # The next round tries again; a janitor that dies of a lost connection looks after nothing.
                self._door.log.engine("warning", f"janitor: {error}")

    def recover_dead_workers(self) -> int:
        """Take over the begun jobs of every worker whose lease ran out; return how many there were."""
        total = 0
        for executor in leases.run_out(self._door.engine):
            if executor == self._executor_id:
                continue
            total += self._take_over(executor)
            if not begun_by(self._door.client, executor):
                leases.clear(self._door.engine, executor)
        return total

    def recover_unknown_workers(self) -> int:
        """Take over begun jobs whose worker has no lease (its row was cleared too early); return how many."""
        executors = set(begun_by(self._door.client).values())
        return sum(self._take_over(executor) for executor in leases.unknown(self._door.engine, executors))

    def _take_over(self, executor: str) -> int:
        begun = list(begun_by(self._door.client, executor))
        if not begun:
            return 0
        for start in range(0, len(begun), _BATCH):
            with self._door.transaction() as transaction:
                transaction.connection.execute(
                    sa.update(Job)
                    .where(
                        Job.carrier.in_(begun[start : start + _BATCH]),
                        Job.state == JobState.QUEUED,
                        Job.crashes == 0,
                    )
                    .values(crashes=1)
                )
        # Said first: in the log, what these jobs do now comes after the reason for it.
        self._door.log.recovered(executor, len(begun))
        recover(executor)
        self._door.metrics.recovered.inc(len(begun))
        return len(begun)

    def redeliver_stranded(self) -> int:
        """Queue again the jobs whose delivery is over, or gone, without having decided them; return how many.

        That happens when a failure could not be recorded, or a worker went on after its lease was lost.
        """
        return sum(len(self._redeliver(self._carriers_over(queue))) for queue in STAGE_OF_QUEUE)

    def redeliver_lost(self) -> int:
        """Queue again what this worker has claimed and does not run; return how many.

        dbos claims in one transaction and then reads what it has claimed: a connection that breaks in between
        leaves deliveries begun by a worker that knows nothing of them. What one round misses may be on its way
        to a thread; what the next one misses too is not.
        """
        missed = set(begun_by(self._door.client, self._executor_id)).difference(self._in_hand())
        lost, self._missed = missed & self._missed, missed
        redelivered = self._redeliver(sorted(lost))
        cancel(self._door.client, redelivered)
        return len(redelivered)

    def _redeliver(self, carriers: Iterable[str]) -> list[str]:
        """Queue a new delivery for the undecided job of each carrier; return the carriers that had one."""
        redelivered = []
        for carrier in carriers:
            job = self._door.carried_by(carrier)
            if job is None:
                continue
            with self._door.transaction() as transaction:
                delivery = self._door.deliver_again(transaction, job, attempt=job.attempt, delay_seconds=None)
            if delivery is not None:
                redelivered.append(carrier)
        return redelivered

    def _carriers_over(self, queue: str) -> list[str]:
        """Return the deliveries that are over, of the next jobs of a queue that have waited for long."""
        over: list[str] = []
        before = now_ms() - int(self._settings.stranded_after_seconds * 1000)
        for _ in range(_LOOKED_INTO // _BATCH):
            with reading(self._door.engine) as connection:
                rows = connection.execute(
                    sa.select(Job.queued_at_ms, Job.id, Job.carrier)
                    .where(
                        Job.state == JobState.QUEUED,
                        Job.queue == queue,
                        Job.queued_at_ms < before,
                        sa.tuple_(Job.queued_at_ms, Job.id) > self._looked_until.get(queue, (0, "")),
                    )
                    .order_by(Job.queued_at_ms, Job.id)
                    .limit(_BATCH)
                ).all()
            states = states_of(self._door.client, [row.carrier for row in rows])
            over += [
                row.carrier for row in rows if row.carrier not in states or states[row.carrier] in FINISHED
            ]
            if len(rows) < _BATCH:
                self._looked_until.pop(queue, None)
                break
            self._looked_until[queue] = (rows[-1].queued_at_ms, rows[-1].id)
        return over

    def prune(self) -> tuple[int, int]:
        """Delete what was over before its keep; return how many jobs that were, and how many deliveries."""
        now = datetime.now(UTC)
        ended_before = now - timedelta(seconds=self._settings.keep_deliveries_seconds)
        deliveries = 0
        while not self._stop.is_set() and (over := over_before(self._door.client, ended_before, _BATCH)):
            self._door.client.delete_workflows(over)
            deliveries += len(over)
        oldest = now - timedelta(seconds=self._settings.keep_jobs_seconds)
        jobs = 0
        while not self._stop.is_set() and (gone := self._prune_jobs(int(oldest.timestamp() * 1000))):
            jobs += gone
        if jobs:
            self._door.log.pruned(jobs)
        return jobs, deliveries

    def _prune_jobs(self, oldest_ms: int) -> int:
        past_keep = (
            sa.select(Job.id)
            .where(
                Job.finished_at_ms < oldest_ms,
                Job.state.in_([JobState.DONE, JobState.SKIPPED, JobState.DROPPED]),
            )
            .limit(_BATCH)
        )
        with self._door.transaction() as transaction:
            return transaction.connection.execute(sa.delete(Job).where(Job.id.in_(past_keep))).rowcount
