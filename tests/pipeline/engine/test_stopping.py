"""A worker that is asked to stop finishes what runs, hands the rest to others, and goes."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest
import sqlalchemy as sa

from logwatch.pipeline.data.models import Job, WorkerLease
from logwatch.pipeline.stages import STAGES
from tests.pipeline.workers import wait_until

from .conftest import Works
from .processes import CountingWorker
from .work import DETACHED, effects, queue, whole


@pytest.mark.slow
def test_sigterm_ends_what_runs_and_gives_what_has_not_begun_to_others_at_once(
    works: Works, tmp_path: Path
) -> None:
    house, url = works.house, works.house.settings.database_url
    # The lease is long: what is handed over does not wait for its end.
    first = CountingWorker(url, tmp_path, "first")
    workflows = [f"brief-{number}" for number in range(60)]
    for workflow in workflows:
        queue(house.door, workflow)
    wait_until(lambda: "Completed background_image_processing" in first.log, "the first worker is at work")
    assert first.stop() == 0
    assert len(effects(house.door.engine)) < len(whole(*workflows))
    # What was begun was ended: nothing is left hanging in the log.
    begun = re.findall(r"PROCESSOR TRIGGERED for \S+ job (\S+)", first.log)
    ended = re.findall(r"Completed \S+ job (\S+) in", first.log)
    assert sorted(begun) == sorted(ended)
    assert "Cleaning up registered processors... (SIGTERM: draining)" in first.log
    assert "Worker stopped" in first.log
    assert house.rows(sa.select(WorkerLease.executor_id)) == []
    second = CountingWorker(url, tmp_path, "second")
    try:
        wait_until(lambda: effects(house.door.engine) == whole(*workflows), "the second does the rest", 30)
    finally:
        assert second.stop() == 0
    assert works.letters() == []
    assert house.rows(sa.select(Job.attempt).distinct()) == [(1,)]


def test_a_job_that_does_not_end_in_time_is_handed_over_and_keeps_nobody_waiting(
    sqlite_works: Works, tmp_path: Path
) -> None:
    house, url = sqlite_works.house, sqlite_works.house.settings.database_url
    worker = CountingWorker(url, tmp_path, "worker", drain=0.1)
    queue(house.door, "slow-1", DETACHED)
    wait_until(lambda: "PROCESSOR TRIGGERED" in worker.log, "the slow job is under way")
    worker.signal(signal.SIGTERM)
    # It would have gone on for a minute, and its stage would have let it for three.
    assert STAGES[DETACHED].limit_seconds >= 60
    assert worker.wait(20) == 0
    assert [delivery for delivery, _, _ in house.waiting()] == ["slow-1-6#2"]
    assert (sqlite_works.job("slow-1-6").state, sqlite_works.job("slow-1-6").attempt) == ("queued", 1)
    assert sqlite_works.status("slow-1-6") == "SUCCESS"
    assert effects(house.door.engine) == []
    assert "PROCESSOR ERROR" not in worker.log


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_idle_worker_is_gone_soon_after_the_signal(
    sqlite_works: Works, tmp_path: Path, number: signal.Signals
) -> None:
    worker = CountingWorker(sqlite_works.house.settings.database_url, tmp_path, "worker")
    worker.signal(number)
    assert worker.wait(20) == 0
    assert f"({number.name}: draining)" in worker.log


def test_a_signal_given_to_another_thread_is_noticed_all_the_same(
    sqlite_works: Works, tmp_path: Path
) -> None:
    worker = CountingWorker(sqlite_works.house.settings.database_url, tmp_path, "worker")
    threads = sorted(int(entry.name) for entry in Path(f"/proc/{worker.pid}/task").iterdir())
    other = next(thread for thread in threads if thread != worker.pid)
    os.kill(other, signal.SIGTERM)
    assert worker.wait(20) == 0


@pytest.mark.slow
def test_a_worker_that_was_frozen_past_its_lease_wakes_up_to_nothing_and_goes(
    postgres_works: Works, tmp_path: Path
) -> None:
    """Taken for dead while it was alive: what it had begun is done by another, and it cannot do it once more."""
    door, url = postgres_works.house.door, postgres_works.house.settings.database_url
    # It looks at its lease every third of that.
    frozen = CountingWorker(url, tmp_path, "frozen", lease=6.0)
    workflows = [f"while-{number}" for number in range(4)]
    for workflow in workflows:
        queue(door, workflow, DETACHED)
    wait_until(lambda: frozen.log.count("PROCESSOR TRIGGERED") == 4, "all of them are under way")
    frozen.signal(signal.SIGSTOP)
    frozen.let_lease_run_out(door.engine)
    other = CountingWorker(url, tmp_path, "other")
    done = [(workflow, DETACHED.value) for workflow in workflows]
    try:
        wait_until(lambda: effects(door.engine) == done, "the other does them all", 60)
    finally:
        frozen.signal(signal.SIGCONT)
    assert frozen.wait(30) == 3
    assert "(this one) ran out: stopping" in frozen.log
    # Its runs came to nothing, and none of them says otherwise.
    assert "Completed background_image_processing job" not in frozen.log
    assert "PROCESSOR ERROR" not in frozen.log
    assert other.stop() == 0
    assert effects(door.engine) == done
