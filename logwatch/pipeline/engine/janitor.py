"""Takes over the jobs of dead workers, finds jobs that nothing carries any more, prunes.

dbos by itself recovers only the jobs of its own executor id. Each round here is safe to run on every worker
at once: recovery and redelivery are compare-and-set in the database, whoever comes second changes nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from logwatch.pipeline.data.database import now_ms
from logwatch.pipeline.data.models import Job, JobState

from . import leases
from .dbos_port import FINISHED, finished_before, pending_executors, states_of
from .deadletters import bury_job
from .door import Door
from .leases import Lease

_PRUNE_BATCH = 500
_STRANDED_BATCH = 500


@dataclass(frozen=True, slots=True)
class JanitorSettings:
    """How often to look, how long finished jobs are kept, and how old a job must be to be looked into."""

    every_seconds: float = 1.0
    keep_seconds: float = 86_400.0
    slow_round_seconds: float = 30.0
    stranded_after_seconds: float = 10.0


class Janitor:
    """Renews this worker's lease and looks after the others'.

    `recover` re-enqueues one executor's begun deliveries.
    """

    def __init__(
        self,
        door: Door,
        lease: Lease,
        settings: JanitorSettings,
        *,
        recover: Callable[[str], int],
        on_lease_lost: Callable[[], None],
    ) -> None:
        self._door = door
        self._lease = lease
        self._settings = settings
        self._recover = recover
        self._on_lease_lost = on_lease_lost
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._renew_for_ever, name="lease", daemon=True),
            threading.Thread(target=self._look_for_ever, name="janitor", daemon=True),
        ]

    def start(self) -> None:
        """Begin, on two threads: renewing must not wait for a long round of cleaning."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End both threads, and wait until they have."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _renew_for_ever(self) -> None:
        # Three tries per lease: one lost to a busy database is no loss of the lease.
        last = time.monotonic()
        while not self._stop.wait(self._lease.lease_seconds / 3):
            try:
                alive = leases.renew(self._door.engine, self._lease)
            except sa.exc.SQLAlchemyError as error:
                # The database cannot be asked; past the lease's end, others may be running our jobs.
                alive = time.monotonic() - last < self._lease.lease_seconds
                self._door.log.engine("warning", f"lease not renewed: {error}")
            else:
                last = time.monotonic()
            if not alive:
                self._door.log.lease_lost(self._lease.executor_id)
                self._on_lease_lost()
                return

    def _look_for_ever(self) -> None:
        slow_due = 0.0
        while not self._stop.wait(self._settings.every_seconds):
            try:
                self.recover_dead_workers()
                if time.monotonic() >= slow_due:
                    slow_due = time.monotonic() + self._settings.slow_round_seconds
                    self.recover_unknown_workers()
                    self.redeliver_stranded()
                    self.prune()
            except sa.exc.SQLAlchemyError as error:
                # The next round tries again; a janitor that dies of a lost connection looks after nothing.
                self._door.log.engine("warning", f"janitor: {error}")

    def recover_dead_workers(self) -> int:
        """Take over the begun jobs of every worker whose lease ran out; return how many there were."""
        total = 0
        for executor in leases.run_out(self._door.engine):
            if executor == self._lease.executor_id:
                continue
            total += self._take_over(executor)
            if executor not in pending_executors(self._door.client):
                leases.clear(self._door.engine, executor)
        return total

    def recover_unknown_workers(self) -> int:
        """Take over begun jobs whose worker has no lease (its row was cleared too early); return how many."""
        pending = pending_executors(self._door.client)
        return sum(self._take_over(executor) for executor in leases.unknown(self._door.engine, list(pending)))

    def _take_over(self, executor: str) -> int:
        jobs = self._recover(executor)
        if jobs:
            self._door.log.recovered(executor, jobs)
            self._door.metrics.recovered.inc(jobs)
        return jobs

    def redeliver_stranded(self) -> int:
        """Queue again the jobs whose delivery is over, or gone, without having decided them; return how many.

        That happens when a failure could not be recorded, or when a job killed its worker too often: the
        latter goes to dead letter.
        """
        before = now_ms() - int(self._settings.stranded_after_seconds * 1000)
        with self._door.engine.connect() as connection:
            carriers = list(
                connection.execute(
                    sa.select(Job.carrier)
                    .where(Job.state == JobState.QUEUED, Job.queued_at_ms < before)
                    .order_by(Job.queued_at_ms)
                    .limit(_STRANDED_BATCH)
                ).scalars()
            )
        states = states_of(self._door.client, carriers)
        count = 0
        for carrier in carriers:
            state = states.get(carrier)
            if state is not None and state not in FINISHED:
                continue
            job = self._door.carried_by(carrier)
            if job is None:
                continue
            with self._door.transaction() as transaction:
                if state == "MAX_RECOVERY_ATTEMPTS_EXCEEDED":
                    decided = bury_job(
                        transaction.connection, job, "the worker died each time it ran this job; given up"
                    )
                else:
                    decided = self._door.deliver_again(
                        transaction, job, attempt=job.attempt, delay_seconds=None
                    )
            count += decided is not None
        return count

    def prune(self) -> int:
        """Delete finished jobs past their keep, ours and the engine's.

        Return how many of the engine's rows went.
        """
        oldest = datetime.now(UTC) - timedelta(seconds=self._settings.keep_seconds)
        done = finished_before(self._door.client, oldest.isoformat(), _PRUNE_BATCH)
        if done:
            self._door.client.delete_workflows(done)
            self._door.log.pruned(len(done))
        with self._door.transaction() as transaction:
            transaction.connection.execute(
                sa.delete(Job).where(
                    Job.state.in_([JobState.DONE, JobState.SKIPPED, JobState.DROPPED]),
                    Job.finished_at_ms < int(oldest.timestamp() * 1000),
                )
            )
        return len(done)
