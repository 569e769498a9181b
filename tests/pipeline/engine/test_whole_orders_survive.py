"""Whole orders through the real handlers, while workers are killed: every order comes out as if none had been."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from logwatch.pipeline import orders
from logwatch.pipeline.data.models import Job, LineItem, PurchaseOrder
from tests.pipeline.conftest import CSV, House
from tests.pipeline.workers import WorkerProcess, wait_until

KILLS = 8
ORDERS_PER_KILL = 8


@pytest.mark.slow
def test_every_order_is_whole_and_has_its_images_once_after_eight_kills(house: House, tmp_path: Path) -> None:
    door, draw, url = house.door, random.Random(17), house.settings.database_url
    workers = [WorkerProcess(url, tmp_path, f"worker{n}") for n in range(2)]
    submitted: list[str] = []
    through = (
        sa.select(sa.func.count())
        .select_from(PurchaseOrder)
        .where(PurchaseOrder.completed_at_ms.is_not(None), PurchaseOrder.images_at_ms.is_not(None))
    )
    logs = {worker.log_path for worker in workers}
    try:
        for kill in range(KILLS):
            workers[kill % 2].wait_ready()
            submitted += [orders.submit(door, "m1", "order.csv", CSV) for _ in range(ORDERS_PER_KILL)]
            # Work is there when the kill comes, and the kill comes at no particular moment of it.
            threading.Event().wait(draw.uniform(0.0, 0.3))
            workers[kill % 2].kill()
            workers[kill % 2].let_lease_run_out(door.engine)
            workers[kill % 2] = WorkerProcess(url, tmp_path, f"worker{kill + 2}")
            logs.add(workers[kill % 2].log_path)
        wait_until(lambda: house.rows(through) == [(len(submitted),)], "all orders through", 90)
    finally:
        codes = [worker.stop() for worker in workers]
    assert codes == [0, 0]
    for order_id in submitted:
        view = orders.look_at(door.engine, order_id, "m1")
        assert view.status == "completed"
        # Tea and sugar are in the catalogue with two pictures each; of the third nothing is.
        assert [(draft.title, len(draft.images), draft.image_state) for draft in view.drafts] == [
            ("Green Tea", 2, "found"),
            ("Sugar 1kg", 2, "found"),
            ("Unheard-of Thing", 0, "not_found"),
        ]
        assert view.review_session is not None
    assert house.rows(sa.select(sa.func.count()).select_from(LineItem)) == [(3 * len(submitted),)]
    assert house.rows(sa.select(Job.state, sa.func.count()).group_by(Job.state)) == [
        ("done", 6 * len(submitted))
    ]
    # The kills did hit jobs that had begun.
    assert any("ran out: recovering" in log.read_text(encoding="utf-8") for log in logs if log.exists())
