"""The jobs of dead workers go to the living, jobs that nobody runs are found, what is over is pruned."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import _queue as dbos_queue

from logwatch.pipeline.data.models import Job, WorkerLease
from logwatch.pipeline.engine import janitor as janitor_module
from logwatch.pipeline.engine import leases
from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.engine.deadletters import drop
from logwatch.pipeline.engine.delivery import JobFailedError
from logwatch.pipeline.engine.janitor import Janitor, JanitorSettings
from logwatch.pipeline.errors import PermanentError
from logwatch.pipeline.stages import StageName
from tests.pipeline.workers import wait_until

from .conftest import Works, quicker
from .engine_rows import begun_by_the_dead, set_delivery
from .work import DETACHED, counted, effects, queue, whole


def _never(_context: JobContext) -> None:
    raise PermanentError("not an image")


def _janitor(works: Works, **settings: float) -> Janitor:
    return Janitor(works.house.door, "worker_self", frozenset, JanitorSettings(**settings))


def test_the_begun_jobs_of_a_worker_whose_lease_ran_out_are_taken_over(works: Works) -> None:
    house, engine = works.house, works.house.door.engine
    dead = leases.take_lease(engine, 60.0).executor_id
    for number in range(3):
        queue(house.door, f"wf_{number}")
        begun_by_the_dead(engine, f"wf_{number}-1", dead)
    leases.end_lease(engine, dead)
    with works.worker():
        wait_until(lambda: effects(engine) == whole("wf_0", "wf_1", "wf_2"), "taken over and done")
        wait_until(
            lambda: (
                house.rows(sa.select(WorkerLease.executor_id).where(WorkerLease.executor_id == dead)) == []
            ),
            "its lease is cleared away",
        )
    assert f"Lease of worker {dead} ran out: recovering 3 jobs" in house.log
    assert house.door.metrics.recovered._value.get() == 3


def test_the_jobs_of_a_worker_that_lives_are_left_alone(sqlite_works: Works) -> None:
    house, engine = sqlite_works.house, sqlite_works.house.door.engine
    busy = leases.take_lease(engine, 60.0).executor_id
    queue(house.door, "wf_1")
    begun_by_the_dead(engine, "wf_1-1", busy)
    with sqlite_works.worker():
        queue(house.door, "wf_2")
        wait_until(lambda: effects(engine) == whole("wf_2"), "the others go on")
        assert sqlite_works.status("wf_1-1") == "PENDING"
    assert effects(engine) == whole("wf_2")
    assert sqlite_works.job("wf_1-1").crashes == 0


def test_jobs_begun_by_somebody_without_any_lease_are_taken_over(sqlite_works: Works) -> None:
    engine = sqlite_works.house.door.engine
    queue(sqlite_works.house.door, "wf_1")
    begun_by_the_dead(engine, "wf_1-1", "worker_ghost")
    with sqlite_works.worker():
        wait_until(lambda: effects(engine) == whole("wf_1"), "taken over and done")


def test_a_job_whose_worker_died_between_its_end_and_the_line_that_says_so_gets_that_line(
    sqlite_works: Works,
) -> None:
    """Else a run would look stuck in the log for ever."""
    house, engine = sqlite_works.house, sqlite_works.house.door.engine
    queue(house.door, "wf_1")
    sqlite_works.deliverer().process_job("wf_1-1", "ai-parsing", house.waiting()[0][2])
    house.stream.truncate(0)
    begun_by_the_dead(engine, "wf_1-1", "worker_ghost")
    with sqlite_works.worker():
        wait_until(lambda: sqlite_works.status("wf_1-1") == "SUCCESS", "the delivery is recovered")
    assert "Completed status_update job wf_1-5 in 0ms" in house.log
    assert "PROCESSOR TRIGGERED for status_update" not in house.log
    assert effects(engine).count(("wf_1", "status_update")) == 1


def test_the_same_line_comes_for_a_job_in_the_middle_of_a_workflow(sqlite_works: Works) -> None:
    house, engine = sqlite_works.house, sqlite_works.house.door.engine

    def power_cut(_context: JobContext) -> None:
        raise PowerCutError

    class PowerCutError(BaseException):
        pass

    queue(house.door, "wf_1")
    with pytest.MonkeyPatch.context() as patched:
        # The worker dies at the start of the second stage, before it has said that the first is done.
        patched.setattr("logwatch.pipeline.engine.endings.Endings.failed", lambda *_: None)
        with pytest.raises(JobFailedError):
            sqlite_works.deliverer(counted({StageName.DATABASE_SAVE: power_cut})).process_job(
                "wf_1-1", "ai-parsing", house.waiting()[0][2]
            )
    house.stream.truncate(0)
    begun_by_the_dead(engine, "wf_1-1", "worker_ghost")
    with sqlite_works.worker():
        wait_until(lambda: effects(engine) == whole("wf_1"), "the workflow goes on")
    assert house.log.count("Completed ai_parsing job wf_1-1 in 0ms") == 1
    assert "PROCESSOR TRIGGERED for ai_parsing" not in house.log


def test_a_job_whose_delivery_ended_without_deciding_it_is_queued_again(works: Works) -> None:
    house, engine = works.house, works.house.door.engine
    for workflow, status in (("wf_1", "SUCCESS"), ("wf_2", "ERROR"), ("wf_3", "CANCELLED")):
        queue(house.door, workflow)
        set_delivery(engine, f"{workflow}-1", status=status)
    queue(house.door, "wf_4")
    house.door.client.delete_workflows(["wf_4-1"])
    queue(house.door, "wf_5")  # waits as it should
    assert _janitor(works, stranded_after_seconds=-1.0).redeliver_stranded() == 4
    assert sorted(delivery for delivery, _, _ in house.waiting()) == [
        *(f"wf_{number}-1#2" for number in range(1, 5)),
        "wf_5-1",
    ]
    assert works.job("wf_1-1").attempt == 1
    house.run_all(works.deliverer())
    assert effects(engine) == whole(*(f"wf_{number}" for number in range(1, 6)))


def test_a_job_that_a_worker_has_claimed_and_never_came_to_run_is_queued_again(works: Works) -> None:
    """As a connection leaves it that breaks right after the claim."""
    house, engine = works.house, works.house.door.engine
    running: set[str] = set()
    janitor = Janitor(house.door, "worker_self", lambda: running, JanitorSettings())
    for workflow in ("wf_1", "wf_2", "wf_3"):
        queue(house.door, workflow)
    for workflow, executor in (("wf_1", "worker_self"), ("wf_2", "worker_self"), ("wf_3", "worker_other")):
        begun_by_the_dead(engine, f"{workflow}-1", executor)
    running.add("wf_2-1")
    # The first look may come between the claim and the start.
    assert [janitor.redeliver_lost() for _ in range(3)] == [0, 1, 0]
    assert works.status("wf_1-1") == "CANCELLED"
    assert [delivery for delivery, _, _ in house.waiting()] == ["wf_1-1#2"]
    # Decided by now, and begun no more than in the engine's books.
    running.clear()
    works.deliverer().process_job("wf_2-1", "ai-parsing", house.waiting()[0][2] | {"workflowId": "wf_2"})
    assert [janitor.redeliver_lost() for _ in range(3)] == [0, 0, 0]
    house.run_all(works.deliverer())
    assert effects(engine) == whole("wf_1", "wf_2")


def test_what_a_worker_has_in_hand_is_what_it_runs_and_what_waits_for_a_slot(works: Works) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def deed(_context: JobContext) -> None:
        begun.set()
        assert go_on.wait(30)

    deliverer = works.deliverer(counted({StageName.AI_PARSING: deed}))
    queue(works.house.door, "wf_1")
    ((delivery, name, body),) = works.house.waiting()
    thread = threading.Thread(target=deliverer.process_job, args=(delivery, name, body))
    thread.start()
    assert begun.wait(30)
    assert deliverer.in_hand() == {"wf_1-1"}
    go_on.set()
    thread.join()
    assert deliverer.in_hand() == frozenset()


def test_a_worker_finds_by_itself_what_it_has_lost(
    sqlite_works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, engine = sqlite_works.house, sqlite_works.house.door.engine
    start, lost = dbos_queue.execute_dequeued_workflow, []

    def broken_at_first(*claimed: Any) -> object:
        if not lost:
            lost.append(claimed)
            raise ConnectionError("server closed the connection")
        return start(*claimed)

    monkeypatch.setattr(dbos_queue, "execute_dequeued_workflow", broken_at_first)
    quick = JanitorSettings(every_seconds=0.05, slow_round_seconds=0.1)
    with sqlite_works.worker(settings=quicker(janitor=quick)):
        queue(house.door, "wf_1")
        wait_until(lambda: effects(engine) == whole("wf_1"), "found and done")
    assert "dbos: Error executing workflow wf_1-1: server closed the connection" in house.log
    assert sqlite_works.job("wf_1-1").carrier == "wf_1-1#2"


def test_a_job_that_was_queued_just_now_is_not_taken_for_stranded(works: Works) -> None:
    queue(works.house.door, "wf_1")
    set_delivery(works.house.door.engine, "wf_1-1", status="ERROR")
    assert _janitor(works, stranded_after_seconds=60.0).redeliver_stranded() == 0


def test_a_stranded_job_is_found_behind_any_number_that_wait_as_they_should(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(janitor_module, "_BATCH", 3)
    monkeypatch.setattr(janitor_module, "_LOOKED_INTO", 6)
    for number in range(20):
        queue(works.house.door, f"wf_{number:02}")
    set_delivery(works.house.door.engine, "wf_19-1", status="ERROR")
    janitor = _janitor(works, stranded_after_seconds=-1.0)
    # A round looks at six of each queue; the fourth comes to the last ones, and the fifth begins anew.
    assert [janitor.redeliver_stranded() for _ in range(4)] == [0, 0, 0, 1]
    set_delivery(works.house.door.engine, "wf_00-1", status="ERROR")
    assert janitor.redeliver_stranded() == 1


def test_what_is_over_is_pruned_after_its_keep_and_nothing_else(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(janitor_module, "_BATCH", 3)
    house = works.house
    for number in range(4):
        queue(house.door, f"done_{number}")
    queue(house.door, "dead")
    queue(house.door, "dropped")
    queue(house.door, "waits")
    with works.worker(
        counted({DETACHED: lambda c: _never(c) if c.job.workflow_id in ("dead", "dropped") else None}),
        quicker(),
    ):
        wait_until(
            lambda: (
                house.rows(sa.select(sa.func.count()).select_from(Job).where(Job.state == "queued")) == [(0,)]
            ),
            "all over",
        )
    drop(house.door, "dropped-6")
    queue(house.door, "waits-too")
    assert _janitor(works).prune() == (0, 0)
    # The engine's rows first: nobody looks at them any more, and they make it slow to find the begun ones.
    assert _janitor(works, keep_deliveries_seconds=-1.0).prune() == (0, 14)
    assert _janitor(works, keep_jobs_seconds=-1.0).prune() == (41, 0)
    assert house.rows(sa.select(Job.id, Job.state).order_by(Job.id)) == [
        ("dead-6", "dead"),
        ("waits-too-1", "queued"),
    ]
    assert [delivery for delivery, _, _ in house.waiting()] == ["waits-too-1"]
    assert house.door.client.list_workflows(status=["SUCCESS", "ERROR"]) == []
    assert works.letters() == [("dead-6", "not an image")]
    assert "Pruned 41 finished jobs" in house.log


def test_a_worker_prunes_by_itself(sqlite_works: Works) -> None:
    settings = quicker(
        janitor=JanitorSettings(
            every_seconds=0.05, slow_round_seconds=0.1, keep_jobs_seconds=0.2, keep_deliveries_seconds=0.2
        )
    )
    with sqlite_works.worker(settings=settings):
        queue(sqlite_works.house.door, "wf_1")
        wait_until(lambda: len(effects(sqlite_works.house.door.engine)) == len(StageName), "done")
        wait_until(lambda: sqlite_works.house.rows(sa.select(Job.id)) == [], "our rows are gone")
        wait_until(lambda: sqlite_works.status("wf_1-6") is None, "dbos's too")


def test_a_round_that_fails_is_told_and_the_next_one_is_tried(
    sqlite_works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[int] = []
    run_out = leases.run_out

    def flaky(engine: sa.Engine) -> list[str]:
        rounds.append(1)
        if len(rounds) < 3:
            raise RuntimeError("the database went away")
        return run_out(engine)

    monkeypatch.setattr(leases, "run_out", flaky)
    janitor = _janitor(sqlite_works, every_seconds=0.02)
    janitor.start()
    wait_until(lambda: len(rounds) > 4, "several rounds")
    janitor.stop()
    assert sqlite_works.house.log.count("janitor: the database went away") == 2
