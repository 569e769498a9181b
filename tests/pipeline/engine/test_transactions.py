"""A job and what it is about are one transaction: both or neither; what comes next is carried on in it too."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from logwatch.pipeline.data.models import Job
from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.envelope import create_workflow_job
from logwatch.pipeline.errors import EnvelopeRefusedError
from logwatch.pipeline.stages import STAGES, StageName
from tests.pipeline.conftest import House

from .conftest import Works
from .work import CHAIN, EFFECTS, counted, effects, queue, whole


class _PowerCutError(Exception):
    pass


def test_a_save_that_is_rolled_back_leaves_no_job(works: Works) -> None:
    house, door = works.house, works.house.door
    data = {"purchaseOrderId": "po_1", "merchantId": "m1"}

    def save() -> None:
        with door.transaction() as transaction:
            transaction.connection.execute(sa.insert(EFFECTS).values(workflow_id="wf_1", stage="x"))
            door.add_job(transaction, create_workflow_job(StageName.AI_PARSING, "wf_1", data))
            raise _PowerCutError

    with pytest.raises(_PowerCutError):
        save()
    assert house.waiting() == []
    assert house.rows(sa.select(Job.id)) == []
    assert effects(door.engine) == []
    assert "Job added to" not in house.log


def test_a_refused_second_job_takes_the_first_and_the_save_back(works: Works) -> None:
    house, door = works.house, works.house.door
    data = {"purchaseOrderId": "po_1", "merchantId": "m1"}

    def save() -> None:
        with door.transaction() as transaction:
            door.add_job(transaction, create_workflow_job(StageName.AI_PARSING, "wf_1", data))
            door.add_job(transaction, {"workflowId": "wf_1", "data": data})

    with pytest.raises(EnvelopeRefusedError):
        save()
    assert house.waiting() == []
    assert house.rows(sa.select(Job.id)) == []


def test_a_handler_that_fails_after_its_save_leaves_neither_save_nor_next_job(works: Works) -> None:
    def handle(context: JobContext) -> None:
        with context.finish() as transaction:
            transaction.connection.execute(sa.insert(EFFECTS).values(workflow_id="wf_1", stage="half"))
            context.add_next(transaction, StageName.DATABASE_SAVE)
            raise _PowerCutError

    queue(works.house.door, "wf_1")
    works.house.run_waiting(works.deliverer({**counted(), StageName.AI_PARSING: handle}))
    assert effects(works.house.door.engine) == []
    assert works.house.rows(sa.select(Job.id, Job.state, Job.attempt)) == [("wf_1-1", "queued", 2)]
    # The next attempt finds everything as it was.
    works.house.run_all(works.deliverer())
    assert effects(works.house.door.engine) == whole("wf_1")


def test_queueing_a_stage_of_a_workflow_twice_is_queueing_it_once(works: Works) -> None:
    assert queue(works.house.door, "wf_1") == queue(works.house.door, "wf_1") == "wf_1-1"
    assert [delivery for delivery, _, _ in works.house.waiting()] == ["wf_1-1"]
    assert works.house.log.count("Job added to ai-parsing with ID: wf_1-1") == 1
    works.house.run_all(works.deliverer())
    queue(works.house.door, "wf_1")
    assert works.house.waiting() == []
    assert effects(works.house.door.engine) == whole("wf_1")


def test_a_workflow_is_one_delivery_and_its_detached_job_another(works: Works) -> None:
    queue(works.house.door, "wf_1")
    assert works.house.run_all(works.deliverer()) == ["wf_1-1 done", "wf_1-6 done"]
    assert works.house.rows(sa.select(Job.id, Job.carrier, Job.state).order_by(Job.id)) == [
        *((f"wf_1-{number}", "wf_1-1", "done") for number in range(1, 6)),
        ("wf_1-6", "wf_1-6", "done"),
    ]


def test_every_job_says_once_that_it_is_in_its_queue(sqlite_works: Works) -> None:
    house: House = sqlite_works.house
    queue(house.door, "wf_1")
    house.run_all(sqlite_works.deliverer())
    for name in StageName:
        stage = STAGES[name]
        assert house.log.count(f"Job added to {stage.queue} with ID: wf_1-{stage.ordinal} ") == 1
    assert house.log.count("Job added to ") == len(StageName)
    assert [line for line in house.log.splitlines() if "Completed " in line][-1].count("wf_1-6") == 1
    assert len(CHAIN) == 5


def test_what_was_committed_is_done_although_the_words_about_it_failed(sqlite_works: Works) -> None:
    def handle(context: JobContext) -> None:
        counted()[StageName.AI_PARSING](context)
        raise _PowerCutError("the disk of the log is full")

    queue(sqlite_works.house.door, "wf_1")
    sqlite_works.house.run_all(sqlite_works.deliverer({**counted(), StageName.AI_PARSING: handle}))
    assert effects(sqlite_works.house.door.engine) == whole("wf_1")
    assert "after the end of ai_parsing job wf_1-1: the disk of the log is full" in sqlite_works.house.log
    assert "PROCESSOR ERROR" not in sqlite_works.house.log
