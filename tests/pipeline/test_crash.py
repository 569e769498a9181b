"""Workers are killed at random instants: nothing is lost, and no effect happens twice."""

from __future__ import annotations

import io
import random
import re
import threading
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from logwatch.pipeline import orders
from logwatch.pipeline.data.models import (
    ImageReviewSession,
    Job,
    LineItem,
    ProductDraft,
    ProductImage,
    PurchaseOrder,
    WorkerLease,
)
from logwatch.pipeline.engine import leases
from logwatch.pipeline.engine.door import Door
from logwatch.pipeline.house import open_door
from logwatch.pipeline.settings import Settings

from .conftest import CSV
from .workers import WorkerProcess, wait_until

KILLS = 8
ORDERS = 60


def _count(door: Door, query: sa.Select[tuple[int]]) -> int:
    with door.engine.connect() as connection:
        return connection.execute(query).scalar_one()


def _through(door: Door) -> int:
    return _count(
        door,
        sa.select(sa.func.count())
        .select_from(PurchaseOrder)
        .where(PurchaseOrder.completed_at_ms.is_not(None), PurchaseOrder.images_at_ms.is_not(None)),
    )


@pytest.mark.slow
def test_nothing_lost_and_no_effect_twice_over_eight_kills(database_url: str, tmp_path: Path) -> None:
    draw = random.Random(20251011)
    with open_door(Settings(database_url, str(tmp_path / "images")), stream=io.StringIO()) as door:
        workers = [WorkerProcess(database_url, tmp_path, f"worker{n}") for n in range(2)]
        for worker in workers:
            worker.wait_ready()
        submitted: list[str] = []
        kills = 0
        try:
            while kills < KILLS:
                # Work is always there when the kill comes, and the kill comes at no particular moment of it.
                submitted += [orders.submit(door, "m1", "order.csv", CSV) for _ in range(ORDERS // KILLS)]
                threading.Event().wait(draw.uniform(0.05, 0.6))
                victim = kills % 2
                workers[victim].kill()
                kills += 1
                workers[victim] = WorkerProcess(database_url, tmp_path, f"worker{kills + 2}")
                workers[victim].wait_ready()
            wait_until(lambda: _through(door) == len(submitted), "all orders through", 120)
        finally:
            codes = [worker.stop() for worker in workers]
        assert codes == [0, 0]
        # Each effect exactly once, per order: lines, drafts, images, session, jobs.
        with door.engine.connect() as connection:
            lines = Counter(connection.execute(sa.select(LineItem.order_id)).scalars())
            drafts = Counter(connection.execute(sa.select(ProductDraft.order_id)).scalars())
            sessions = Counter(connection.execute(sa.select(ImageReviewSession.order_id)).scalars())
            images = Counter(
                connection.execute(
                    sa.select(ProductDraft.order_id).join(
                        ProductImage, ProductImage.draft_id == ProductDraft.id
                    )
                ).scalars()
            )
            jobs = Counter(connection.execute(sa.select(Job.order_id)).scalars())
            states = set(connection.execute(sa.select(Job.state)).scalars())
        assert set(lines) == set(submitted)
        assert set(lines.values()) == {3}
        assert set(drafts.values()) == {3}
        assert set(images.values()) == {4}
        assert set(sessions.values()) == {1}
        assert set(jobs.values()) == {6}
        assert states == {"done"}
        assert len(submitted) == len(drafts) == len(images) == len(sessions) == len(jobs)


@pytest.mark.slow
def test_jobs_of_a_killed_worker_are_taken_over_within_the_lease_plus_five_seconds(
    database_url: str, tmp_path: Path
) -> None:
    lease = 3.0
    with open_door(Settings(database_url, str(tmp_path / "images")), stream=io.StringIO()) as door:
        # This worker kills itself in the middle of the first background job it runs.
        dying = WorkerProcess(database_url, tmp_path, "dying", "--fault", "crash-mid-job", lease=lease)
        dying.wait_ready()
        order_id = orders.submit(door, "m1", "order.csv", CSV)
        assert dying.process.wait(timeout=60) == -9
        with door.engine.connect() as connection:
            expires, now = connection.execute(
                sa.select(sa.func.max(WorkerLease.expires_at), leases.database_now(door.engine))
            ).one()
        # What is left of its lease is at most the lease: the wait below is measured by the database's clock.
        assert expires - now <= lease
        living = WorkerProcess(database_url, tmp_path, "living", lease=lease)
        living.wait_ready()
        try:
            wait_until(
                lambda: orders.look_at(door.engine, order_id, None).images_at_ms is not None,
                "images of the order of the dead worker",
                lease + 5,
            )
        finally:
            assert living.stop() == 0
        assert re.search(r"Lease of worker \S+ ran out: recovering 1 jobs", living.log)
        view = orders.look_at(door.engine, order_id, None)
        assert [len(draft.images) for draft in view.drafts] == [2, 2, 0]


@pytest.mark.slow
def test_sigterm_finishes_what_runs_and_leaves_the_rest_to_others(database_url: str, tmp_path: Path) -> None:
    with open_door(Settings(database_url, str(tmp_path / "images")), stream=io.StringIO()) as door:
        first = WorkerProcess(database_url, tmp_path, "first", "--concurrency", "1", lease=30)
        first.wait_ready()
        submitted = [orders.submit(door, "m1", "order.csv", CSV) for _ in range(40)]
        wait_until(lambda: "Completed ai_parsing" in first.log, "the first worker has begun")
        assert first.stop() == 0
        done = _through(door)
        assert done < len(submitted)
        # Every job that was begun was also ended: none is left hanging in the log.
        begun = re.findall(r"PROCESSOR TRIGGERED for \S+ job (\S+)", first.log)
        ended = re.findall(r"Completed \S+ job (\S+) in", first.log)
        assert sorted(begun) == sorted(ended)
        # The rest does not wait for the lease of 30 s: it was given back.
        second = WorkerProcess(database_url, tmp_path, "second", lease=30)
        second.wait_ready()
        try:
            wait_until(lambda: _through(door) == len(submitted), "the second worker does the rest", 25)
        finally:
            assert second.stop() == 0
