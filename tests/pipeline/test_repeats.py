"""Every stage may be done once more: keys are unique, states only go forward, and nothing is there twice."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from logwatch.pipeline import orders
from logwatch.pipeline.data.models import (
    Base,
    ImageReviewSession,
    Job,
    JobState,
    LineItem,
    ProductDraft,
    ProductImage,
    PurchaseOrder,
)
from logwatch.pipeline.engine.dbos_port import push
from logwatch.pipeline.stages import STAGES, StageName

from .conftest import CSV, House

TABLES: tuple[type[Base], ...] = (
    PurchaseOrder,
    LineItem,
    ProductDraft,
    ImageReviewSession,
    ProductImage,
    Job,
)
# Those tell when something was done last, or by whom.
OF_THE_LAST_TIME = {"completed_at_ms", "images_at_ms", "finished_at_ms", "carrier"}


def everything(house: House) -> dict[str, list[tuple[object, ...]]]:
    return {
        model.__tablename__: sorted(
            house.rows(sa.select(*[c for c in model.__table__.columns if c.name not in OF_THE_LAST_TIME])),
            key=str,
        )
        for model in TABLES
    }


def undecide(house: House, job_id: str, stage: StageName) -> None:
    """Bring a job back that is done, as a table of jobs that was restored from yesterday would."""
    with house.door.transaction() as transaction:
        body = transaction.connection.execute(
            sa.update(Job)
            .where(Job.id == job_id, Job.state == JobState.DONE)
            .values(state=JobState.QUEUED.value, carrier=f"{job_id}#again")
            .returning(Job.envelope)
        ).scalar_one()
        queue = STAGES[stage].queue
        push(house.door.client, transaction.connection, f"{job_id}#again", queue, json.loads(body))


@pytest.mark.parametrize("stage", list(StageName))
def test_a_stage_that_is_done_once_more_changes_nothing(house: House, stage: StageName) -> None:
    order = orders.submit(house.door, "m1", "order.csv", CSV)
    house.run_all()
    before = everything(house)
    assert {name: len(rows) for name, rows in before.items()} == {
        "purchase_orders": 1,
        "line_items": 3,
        "product_drafts": 3,
        "image_review_sessions": 1,
        "product_images": 4,
        "jobs": 6,
    }
    job_id = STAGES[stage].job_id(orders.look_at(house.door.engine, order, None).workflow_id)
    undecide(house, job_id, stage)
    assert house.run_all() == [f"{job_id}#again done"]
    assert everything(house) == before
    assert house.log.count(f"Completed {stage} job {job_id} in") == 2
