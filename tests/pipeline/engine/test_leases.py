"""Workers live by a lease in the database, on the database's clock."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa

from logwatch.pipeline.data.models import WorkerLease
from logwatch.pipeline.engine import leases
from logwatch.pipeline.engine.leases import Lease, LeaseKeeper
from tests.pipeline.conftest import House
from tests.pipeline.workers import wait_until

from .conftest import Works, quicker
from .work import effects, queue, whole


def _expire(house: House, executor: str) -> None:
    with house.door.engine.begin() as connection:
        connection.execute(
            sa.update(WorkerLease).where(WorkerLease.executor_id == executor).values(expires_at=1.0)
        )


def _leased(house: House) -> list[str]:
    return [str(row[0]) for row in house.rows(sa.select(WorkerLease.executor_id))]


def test_an_executor_id_is_new_at_every_start(house: House) -> None:
    ids = [leases.take_lease(house.door.engine, 60.0).executor_id for _ in range(50)]
    assert len(set(ids)) == 50


def test_a_lease_lives_until_it_runs_out_and_is_renewed_only_before_that(house: House) -> None:
    engine = house.door.engine
    lease = leases.take_lease(engine, 60.0)
    assert leases.run_out(engine) == []
    assert leases.renew(engine, lease)
    _expire(house, lease.executor_id)
    assert leases.run_out(engine) == [lease.executor_id]
    # Others may have taken its jobs over: it must not come back to life.
    assert not leases.renew(engine, lease)
    assert leases.run_out(engine) == [lease.executor_id]


def test_a_lease_that_was_cleared_away_is_not_renewed(house: House) -> None:
    lease = leases.take_lease(house.door.engine, 60.0)
    _expire(house, lease.executor_id)
    leases.clear(house.door.engine, lease.executor_id)
    assert not leases.renew(house.door.engine, lease)
    assert _leased(house) == []


def test_a_living_worker_is_not_cleared_away(house: House) -> None:
    lease = leases.take_lease(house.door.engine, 60.0)
    leases.clear(house.door.engine, lease.executor_id)
    assert _leased(house) == [lease.executor_id]


def test_a_lease_that_is_ended_has_run_out_at_once(house: House) -> None:
    lease = leases.take_lease(house.door.engine, 60.0)
    leases.end_lease(house.door.engine, lease.executor_id)
    assert leases.run_out(house.door.engine) == [lease.executor_id]


def test_executors_without_any_lease_are_told_from_those_with_one(house: House) -> None:
    engine = house.door.engine
    live, ended = leases.take_lease(engine, 60.0), leases.take_lease(engine, 60.0)
    leases.end_lease(engine, ended.executor_id)
    assert leases.unknown(engine, [live.executor_id, "ghost", ended.executor_id]) == ["ghost"]
    assert leases.unknown(engine, []) == []


@pytest.mark.parametrize("wrong_by", [-86_400.0, 86_400.0], ids=["a day behind", "a day ahead"])
def test_a_machine_whose_clock_is_wrong_neither_dies_nor_kills(
    house: House, monkeypatch: pytest.MonkeyPatch, wrong_by: float
) -> None:
    engine, honest = house.door.engine, leases.take_lease(house.door.engine, 60.0)
    true_time, true_time_ns = time.time, time.time_ns
    monkeypatch.setattr(time, "time", lambda: true_time() + wrong_by)
    monkeypatch.setattr(time, "time_ns", lambda: true_time_ns() + int(wrong_by * 1e9))
    wrong = leases.take_lease(engine, 60.0)
    assert leases.run_out(engine) == []
    assert leases.renew(engine, honest)
    assert leases.renew(engine, wrong)
    ends = [float(str(row[0])) for row in house.rows(sa.select(WorkerLease.expires_at))]
    assert max(ends) - min(ends) < 30
    leases.end_lease(engine, honest.executor_id)
    assert leases.run_out(engine) == [honest.executor_id]


def test_the_keeper_renews_until_it_is_stopped(sqlite_house: House) -> None:
    engine, lost = sqlite_house.door.engine, threading.Event()
    lease = leases.take_lease(engine, 1.5)

    def ends_at() -> float:
        return float(str(sqlite_house.rows(sa.select(WorkerLease.expires_at))[0][0]))

    keeper = LeaseKeeper(engine, lease, sqlite_house.door.log, on_lost=lost.set)
    first = ends_at()
    keeper.start()
    # The first lease is over by then.
    wait_until(lambda: ends_at() > first + lease.lease_seconds, "renewed several times")
    keeper.stop()
    assert not lost.is_set()


def test_the_keeper_tells_that_the_lease_was_lost_and_stops(house: House) -> None:
    lost = threading.Event()
    lease = leases.take_lease(house.door.engine, 0.3)
    _expire(house, lease.executor_id)
    keeper = LeaseKeeper(house.door.engine, lease, house.door.log, on_lost=lost.set)
    keeper.start()
    assert lost.wait(30)
    keeper.stop()
    assert f"Lease of worker {lease.executor_id} (this one) ran out: stopping" in house.log


def test_a_database_that_cannot_be_asked_ends_the_lease_only_when_its_time_is_up(sqlite_house: House) -> None:
    lost = threading.Event()
    unreachable = sa.create_engine("sqlite:////no/such/folder/pipeline.db")
    keeper = LeaseKeeper(unreachable, Lease("worker_x", 0.9), sqlite_house.door.log, on_lost=lost.set)
    keeper.start()
    assert lost.wait(30)
    keeper.stop()
    # It asked again before it gave up: the first failure is no loss.
    assert sqlite_house.log.count("lease not renewed: ") >= 2
    assert "Lease of worker worker_x (this one) ran out: stopping" in sqlite_house.log


def test_a_worker_that_lost_its_lease_stops_by_itself_and_leaves_its_jobs_to_others(works: Works) -> None:
    house = works.house
    with works.worker(settings=quicker(lease_seconds=1.0)) as worker:
        (executor,) = _leased(house)
        _expire(house, executor)
        assert worker.stopping.wait(30)
        assert worker.lease_lost
        queue(house.door, "wf_1")
    with works.worker():
        wait_until(lambda: effects(house.door.engine) == whole("wf_1"), "the next worker runs them")
    assert _leased(house) == []


def test_a_worker_that_ends_leaves_no_lease_behind(sqlite_works: Works) -> None:
    with sqlite_works.worker():
        assert len(_leased(sqlite_works.house)) == 1
    assert _leased(sqlite_works.house) == []
