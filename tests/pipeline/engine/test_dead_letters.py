"""Dead letters: listed with reason, attempts and envelope; requeued or dropped by a person, and by nobody else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from logwatch.pipeline import orders
from logwatch.pipeline.data.models import Job, PurchaseOrder
from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.engine.deadletters import drop, get_dead, list_dead, requeue
from logwatch.pipeline.engine.side_door import push_unchecked
from logwatch.pipeline.errors import NotFoundError, PermanentError, PipelineError, RetryableError
from logwatch.pipeline.stages import StageName
from tests.pipeline.conftest import CSV

from .conftest import Works
from .work import DETACHED, counted, effects, queue, whole


def _fail(_context: JobContext) -> None:
    raise RetryableError("the server is busy")


def _never(_context: JobContext) -> None:
    raise PermanentError("not an image")


def _bury(works: Works, workflow: str, stage: StageName = StageName.AI_PARSING) -> None:
    queue(works.house.door, workflow, stage)
    works.house.run_all(works.deliverer(counted({stage: _never})))


def test_a_dead_letter_tells_its_reason_attempts_and_envelope(works: Works) -> None:
    queue(works.house.door, "wf_1")
    works.house.run_all(works.deliverer(counted({StageName.AI_PARSING: _fail})))
    (letter,) = list_dead(works.house.door.engine)
    assert letter == get_dead(works.house.door.engine, "wf_1-1")
    assert (letter.letter_id, letter.queue, letter.stage) == ("wf_1-1", "ai-parsing", "ai_parsing")
    assert (letter.reason, letter.attempts) == ("the server is busy", 5)
    assert letter.envelope == {
        "stage": "ai_parsing",
        "workflowId": "wf_1",
        "data": {"purchaseOrderId": "po-wf_1", "merchantId": "m1"},
    }
    job = works.job("wf_1-1")
    assert (job.state, job.error) == ("dead", "the server is busy")


def test_the_newest_are_listed_first_and_no_more_than_asked_for(works: Works) -> None:
    for number in range(3):
        _bury(works, f"wf_{number}")
        # So that no two died in the same millisecond.
        with works.house.door.engine.begin() as connection:
            connection.execute(
                sa.text("UPDATE dead_letters SET died_at_ms = :n WHERE id = :id"),
                {"n": number, "id": f"wf_{number}-1"},
            )
    assert [letter.letter_id for letter in list_dead(works.house.door.engine, 2)] == ["wf_2-1", "wf_1-1"]


def test_a_requeued_job_starts_a_new_life_with_all_its_attempts(works: Works) -> None:
    house = works.house
    queue(house.door, "wf_1")
    house.run_all(works.deliverer(counted({StageName.AI_PARSING: _fail})))
    assert requeue(house.door, "wf_1-1") == "wf_1-1#6"
    assert works.letters() == []
    job = works.job("wf_1-1")
    assert (job.state, job.attempt, job.deliveries, job.crashes) == ("queued", 1, 6, 0)
    assert (job.error, job.finished_at_ms) == (None, None)
    # It may fail as often as in its first life.
    house.run_all(works.deliverer(counted({StageName.AI_PARSING: _fail})))
    assert works.letters() == [("wf_1-1", "the server is busy")]
    assert requeue(house.door, "wf_1-1") == "wf_1-1#11"
    house.run_all(works.deliverer())
    assert effects(house.door.engine) == whole("wf_1")
    assert works.letters() == []


def test_a_requeued_job_goes_on_with_its_workflow_from_where_it_died(works: Works) -> None:
    queue(works.house.door, "wf_1")
    works.house.run_all(works.deliverer(counted({StageName.PRODUCT_DRAFT_CREATION: _never})))
    assert works.letters() == [("wf_1-3", "not an image")]
    requeue(works.house.door, "wf_1-3")
    works.house.run_all(works.deliverer())
    assert effects(works.house.door.engine) == whole("wf_1")


def test_a_dropped_job_never_comes_back(works: Works) -> None:
    house = works.house
    _bury(works, "wf_1")
    drop(house.door, "wf_1-1")
    assert works.letters() == []
    assert works.job("wf_1-1").state == "dropped"
    queue(house.door, "wf_1")
    assert house.waiting() == []
    for act in (requeue, drop):
        with pytest.raises(NotFoundError):
            act(house.door, "wf_1-1")


def test_an_envelope_that_can_never_be_routed_can_only_be_dropped(works: Works) -> None:
    house = works.house
    with house.door.transaction() as transaction:
        push_unchecked(
            house.door, transaction, "flat", "background-image-processing", {"purchaseOrderId": "po_1"}
        )
    house.run_waiting(works.deliverer())
    with pytest.raises(PipelineError) as caught:
        requeue(house.door, "flat")
    assert str(caught.value) == (
        "'flat' cannot be requeued: Unknown workflow stage: undefined "
        "(Job data missing required field: stage); drop it instead"
    )
    assert [letter for letter, _ in works.letters()] == ["flat"]
    drop(house.door, "flat")
    assert works.letters() == []


def test_an_envelope_that_was_put_in_by_hand_becomes_a_job_when_a_person_says_so(works: Works) -> None:
    house = works.house
    data = {"purchaseOrderId": "po-wf_1", "merchantId": "m1"}
    body = {"stage": "ai_parsing", "workflowId": "wf_1", "data": data}
    with house.door.transaction() as transaction:
        push_unchecked(house.door, transaction, "by-hand", "ai-parsing", body)
    house.run_waiting(works.deliverer())
    assert requeue(house.door, "by-hand") == "wf_1-1"
    assert works.letters() == []
    house.run_all(works.deliverer())
    assert effects(house.door.engine) == whole("wf_1")


def test_what_is_no_dead_letter_is_said_with_the_way_to_find_them(sqlite_works: Works) -> None:
    door = sqlite_works.house.door
    queue(door, "wf_1")
    expected = "no dead letter 'wf_1-1\\x1b[2J'; `logwatch pipeline dead list` shows those there are"
    for act in (requeue, drop, lambda door, letter: get_dead(door.engine, letter)):
        with pytest.raises(NotFoundError) as caught:
            act(door, "wf_1-1\x1b[2J")
        assert str(caught.value) == expected
    assert sqlite_works.job("wf_1-1").state == "queued"


def _status(works: Works, order_id: str) -> str:
    ((status,),) = works.house.rows(sa.select(PurchaseOrder.status).where(PurchaseOrder.id == order_id))
    return str(status)


def test_an_order_is_failed_by_the_death_of_its_workflow_and_revived_with_it(works: Works) -> None:
    house = works.house
    order_id = orders.submit(house.door, "m1", "order.csv", CSV)
    house.run_all(works.deliverer(counted({StageName.DATABASE_SAVE: _never})))
    assert _status(works, order_id) == "failed"
    ((letter, _),) = works.letters()
    requeue(house.door, letter)
    assert _status(works, order_id) == "processing"


def test_an_order_is_not_failed_by_the_death_of_its_detached_job(works: Works) -> None:
    house = works.house
    order_id = orders.submit(house.door, "m1", "order.csv", CSV)
    house.run_all(works.deliverer(counted({DETACHED: _never})))
    assert len(works.letters()) == 1
    assert _status(works, order_id) == "received"
    assert house.rows(sa.select(Job.state).where(Job.stage == DETACHED.value)) == [("dead",)]
    assert "Background image processing failed: not an image" in house.log
    assert "Completed background_image_processing" not in house.log
