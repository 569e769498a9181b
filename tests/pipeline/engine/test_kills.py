"""Workers die at any instant: nothing is lost, nothing happens twice, and no job takes the others with it."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from logwatch.pipeline.data.database import database_now
from logwatch.pipeline.data.models import Job, WorkerLease
from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.engine.delivery import MOST_CRASHES, SUSPECT_CRASHES
from logwatch.pipeline.engine.door import Door
from logwatch.pipeline.engine.janitor import JanitorSettings
from logwatch.pipeline.errors import RetryableError
from logwatch.pipeline.stages import StageName
from tests.pipeline.workers import wait_until

from .conftest import Works, quicker
from .processes import CountingWorker
from .work import DETACHED, counted, effects, queue, whole

KILLS = 9
KINDS = ("plain", "brief", "plain", "fails", "brief")


@pytest.mark.slow
def test_nothing_is_lost_and_no_effect_happens_twice_over_nine_kills_of_two_workers(
    postgres_works: Works, tmp_path: Path
) -> None:
    house, engine, draw = postgres_works.house, postgres_works.house.door.engine, random.Random(20251011)
    url = house.settings.database_url
    workers = [CountingWorker(url, tmp_path, f"worker{n}", ready=False) for n in range(2)]
    logs = {worker.log_path for worker in workers}
    queued: list[str] = []
    try:
        for kill in range(KILLS):
            workers[kill % 2].wait_ready()
            # Work is there when the kill comes, and the kill comes at no particular moment of it.
            for number in range(12):
                queued.append(f"{KINDS[number % len(KINDS)]}-{kill}-{number}")
                queue(house.door, queued[-1])
            threading.Event().wait(draw.uniform(0.0, 0.3))
            workers[kill % 2].kill()
            workers[kill % 2].let_lease_run_out(engine)
            workers[kill % 2] = CountingWorker(url, tmp_path, f"worker{kill + 2}", ready=False)
            logs.add(workers[kill % 2].log_path)
        wait_until(lambda: len(effects(engine)) >= len(whole(*queued)), "every effect of every workflow", 90)
    finally:
        codes = [worker.stop() for worker in workers]
    assert effects(engine) == whole(*queued)
    assert codes == [0, 0]
    assert postgres_works.letters() == []
    assert house.rows(sa.select(Job.state).distinct()) == [("done",)]
    # The kills did hit jobs that had begun.
    assert any("ran out: recovering" in log.read_text(encoding="utf-8") for log in logs if log.exists())


@pytest.mark.slow
def test_nothing_is_lost_and_no_effect_happens_twice_while_the_server_breaks_every_connection(
    postgres_works: Works,
) -> None:
    house = postgres_works.house
    # The test's own engine and connections, which break in the middle of nothing.
    watching = sa.create_engine(house.settings.database_url, isolation_level="AUTOCOMMIT")
    break_all = sa.text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name <> 'watching'"
    )
    janitor = JanitorSettings(every_seconds=0.1, slow_round_seconds=0.5, stranded_after_seconds=1.0)
    queued: list[str] = []
    with (
        watching.connect() as connection,
        postgres_works.worker(settings=quicker(lease_seconds=60.0, janitor=janitor)),
    ):
        connection.execute(sa.text("SET application_name = 'watching'"))
        for broken in range(8):
            for number in range(12):
                queued.append(f"plain-{broken}-{number}")
                _queue_whatever_breaks(house.door, queued[-1])
            threading.Event().wait(0.2)
            assert connection.execute(break_all).scalar_one() > 0
        wait_until(lambda: len(effects(watching)) >= len(whole(*queued)), "every effect", 90)
    assert effects(watching) == whole(*queued)
    watching.dispose()
    assert postgres_works.letters() == []
    assert house.rows(sa.select(Job.state).distinct()) == [("done",)]


def _queue_whatever_breaks(door: Door, workflow: str) -> None:
    while True:
        try:
            queue(door, workflow)
        except sa.exc.DBAPIError:
            continue
        return


@pytest.mark.slow
def test_one_worker_alone_that_is_killed_and_started_again_loses_nothing(
    sqlite_works: Works, tmp_path: Path
) -> None:
    """SQLite as it is meant to be used: one process at a time."""
    house, draw = sqlite_works.house, random.Random(681)
    queued: list[str] = []
    for kill in range(8):
        worker = CountingWorker(house.settings.database_url, tmp_path, f"worker{kill}")
        for number in range(12):
            queued.append(f"{KINDS[number % len(KINDS)]}-{kill}-{number}")
            queue(house.door, queued[-1])
        threading.Event().wait(draw.uniform(0.0, 0.4))
        worker.kill()
        worker.let_lease_run_out(house.door.engine)
    worker = CountingWorker(house.settings.database_url, tmp_path, "last")
    try:
        wait_until(lambda: len(effects(house.door.engine)) >= len(whole(*queued)), "every effect", 60)
    finally:
        assert worker.stop() == 0
    assert effects(house.door.engine) == whole(*queued)


@pytest.mark.slow
def test_the_jobs_of_a_killed_worker_run_again_within_its_lease_plus_five_seconds(
    works: Works, tmp_path: Path
) -> None:
    house, lease = works.house, 5.0
    url = house.settings.database_url
    dying = CountingWorker(url, tmp_path, "dying", lease=lease)
    queue(house.door, "poison-1")
    assert dying.wait() == -9
    ((dead, ends),) = house.rows(
        sa.select(WorkerLease.executor_id, WorkerLease.expires_at).order_by(WorkerLease.started_at).limit(1)
    )
    with house.door.engine.connect() as connection:
        left = float(str(ends)) - float(
            connection.execute(sa.select(database_now(house.door.engine))).scalar_one()
        )
    # What was left of its lease when it died is at most the lease.
    assert left <= lease
    living = CountingWorker(url, tmp_path, "living")
    try:
        wait_until(
            lambda: "PROCESSOR TRIGGERED for background_image_processing job poison-1-6" in living.log,
            "the job of the dead worker is begun by the living one",
            lease + 5,
        )
    finally:
        living.kill()
    recovered = [line for line in living.log.splitlines() if "Lease of worker" in line]
    assert [f"Lease of worker {dead} ran out: recovering 1 jobs" in line for line in recovered] == [True], (
        living.log
    )


@pytest.mark.slow
def test_a_job_that_kills_its_workers_is_given_up_and_takes_no_other_job_with_it(
    works: Works, tmp_path: Path
) -> None:
    house, engine = works.house, works.house.door.engine
    innocent = [f"brief-{number}" for number in range(30)]
    # The poison is in the middle: some run beside it each time, the rest is behind it.
    for workflow in (*innocent[:5], "poison-1", *innocent[5:]):
        queue(house.door, workflow)
    deaths = 0
    worker = CountingWorker(house.settings.database_url, tmp_path, "worker0")
    try:
        while not works.letters():
            if worker.exit_code is not None:
                assert worker.exit_code == -9
                worker.let_lease_run_out(engine)
                deaths += 1
                assert deaths <= MOST_CRASHES + 1
                worker = CountingWorker(house.settings.database_url, tmp_path, f"worker{deaths}")
            threading.Event().wait(0.02)
        wait_until(
            lambda: set(effects(engine)) >= set(whole(*innocent)), "all the others, with their images", 60
        )
    finally:
        assert worker.stop() == 0
    # Once when it may only have been claimed, then as often as it is granted.
    assert deaths == MOST_CRASHES + 1
    assert works.letters() == [("poison-1-6", "the worker died each of the last 3 times it ran this job")]
    poison = [
        (workflow, stage) for workflow, stage in whole("poison-1") if stage != "background_image_processing"
    ]
    assert effects(engine) == sorted([*whole(*innocent), *poison])
    assert "PROCESSOR ERROR in background_image_processing job poison-1-6 after 0ms: " in worker.log


def test_a_job_that_only_fails_is_not_counted_as_a_killer(works: Works) -> None:
    """What its workers died of is forgotten as soon as an attempt ends by itself."""
    house = works.house
    queue(house.door, "wf_1")
    with house.door.engine.begin() as connection:
        connection.execute(sa.update(Job).values(crashes=MOST_CRASHES))

    crashes: list[int] = []

    def fail_once(context: JobContext) -> None:
        crashes.append(works.job("wf_1-1").crashes)
        if len(crashes) == 1:
            raise RetryableError("the server is busy")

    house.run_all(works.deliverer(counted({StageName.AI_PARSING: fail_once})))
    # Counted before it runs, in case this worker dies as well.
    assert crashes == [MOST_CRASHES + 1, 0]
    assert effects(house.door.engine) == whole("wf_1")


def test_two_suspects_never_run_at_the_same_time(works: Works) -> None:
    house = works.house
    running: set[str] = set()
    together: list[frozenset[str]] = []
    met = threading.Event()

    def deed(context: JobContext) -> None:
        running.add(context.job.workflow_id)
        together.append(frozenset(running))
        if "plain" in context.job.workflow_id:
            met.set()
        else:
            # The innocent do not wait for the suspects.
            assert met.wait(30)
        running.discard(context.job.workflow_id)

    for number in range(3):
        queue(house.door, f"suspect_{number}", DETACHED)
    with house.door.engine.begin() as connection:
        connection.execute(sa.update(Job).values(crashes=SUSPECT_CRASHES))
    queue(house.door, "plain", DETACHED)
    with works.worker(counted({DETACHED: deed})):
        wait_until(lambda: len(effects(house.door.engine)) == 4, "all four")
    assert all(len([name for name in some if name.startswith("suspect")]) <= 1 for some in together)
