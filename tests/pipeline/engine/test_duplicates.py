"""Delivery is at least once, effects are once: a delivery that comes again, late, or beside another changes nothing."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from logwatch.pipeline.data.models import Job
from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.engine.delivery import JobFailedError
from logwatch.pipeline.engine.side_door import push_unchecked
from logwatch.pipeline.errors import RetryableError
from logwatch.pipeline.stages import StageName

from .conftest import Works
from .work import DETACHED, counted, effects, queue, whole


def _body(workflow: str, stage: StageName = StageName.AI_PARSING) -> dict[str, object]:
    data = {"purchaseOrderId": f"po-{workflow}", "merchantId": "m1"}
    return {"stage": stage.value, "workflowId": workflow, "data": data}


def test_a_delivery_that_comes_again_after_the_end_changes_nothing(works: Works) -> None:
    house, deliverer = works.house, works.deliverer()
    queue(house.door, "wf_1")
    house.run_all(deliverer)
    jobs = house.rows(sa.select(Job.__table__).order_by(Job.id))
    deliverer.process_job("wf_1-1", "ai-parsing", _body("wf_1"))
    deliverer.process_job("wf_1-6", "background-image-processing", _body("wf_1", DETACHED))
    assert house.waiting() == []
    assert effects(house.door.engine) == whole("wf_1")
    assert house.rows(sa.select(Job.__table__).order_by(Job.id)) == jobs
    assert works.letters() == []


def test_another_delivery_of_the_same_job_changes_nothing_and_says_so(works: Works) -> None:
    house, deliverer = works.house, works.deliverer()
    queue(house.door, "wf_1", DETACHED)
    with house.door.transaction() as transaction:
        push_unchecked(
            house.door, transaction, "wf_1-6#twice", "background-image-processing", _body("wf_1", DETACHED)
        )
    assert house.run_all(deliverer) == ["wf_1-6 done", "wf_1-6#twice done"]
    assert effects(house.door.engine) == [("wf_1", DETACHED.value)]
    assert house.log.count("Duplicate delivery of background_image_processing job wf_1-6 ignored") == 1
    assert house.log.count("Completed background_image_processing job wf_1-6 ") == 1


def test_two_deliveries_at_the_same_time_have_one_effect(works: Works) -> None:
    """As when a worker that was taken for dead goes on while another has taken its jobs over."""
    house = works.house
    both = threading.Barrier(2, timeout=30)

    def meet(_context: JobContext) -> None:
        both.wait()

    deliverer = works.deliverer(counted({DETACHED: meet}))
    for number in range(10):
        workflow = f"wf_{number}"
        queue(house.door, workflow, DETACHED)
        runs = [
            threading.Thread(
                target=deliverer.process_job,
                args=(f"{workflow}-6", "background-image-processing", _body(workflow, DETACHED)),
            )
            for _ in range(2)
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join(timeout=60)
    assert effects(house.door.engine) == sorted((f"wf_{number}", DETACHED.value) for number in range(10))
    assert house.log.count("Completed background_image_processing job ") == 10
    assert house.log.count("Duplicate delivery of background_image_processing job ") == 10


def test_two_at_the_same_time_in_a_workflow_carry_it_on_once(works: Works) -> None:
    house = works.house
    both = threading.Barrier(2, timeout=30)

    def meet(_context: JobContext) -> None:
        both.wait()

    deliverer = works.deliverer(counted({StageName.AI_PARSING: meet}))
    queue(house.door, "wf_1")
    runs = [
        threading.Thread(target=deliverer.process_job, args=("wf_1-1", "ai-parsing", _body("wf_1")))
        for _ in range(2)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join(timeout=60)
    house.door.client.delete_workflows(["wf_1-1"])
    house.run_all(works.deliverer())
    assert effects(house.door.engine) == whole("wf_1")


def test_a_delivery_whose_job_waits_for_its_next_attempt_does_not_jump_the_queue(works: Works) -> None:
    house = works.house

    def fail(_context: JobContext) -> None:
        raise RetryableError("the server is busy")

    queue(house.door, "wf_1")
    deliverer = works.deliverer(counted({StageName.AI_PARSING: fail}))
    with pytest.raises(JobFailedError):
        deliverer.process_job("wf_1-1", "ai-parsing", _body("wf_1"))
    # The first delivery once more, as after a crash between its failure and its end.
    works.deliverer().process_job("wf_1-1", "ai-parsing", _body("wf_1"))
    assert effects(house.door.engine) == []
    assert works.job("wf_1-1").carrier == "wf_1-1#2"
    works.deliverer().process_job("wf_1-1#2", "ai-parsing", _body("wf_1"))
    house.door.client.delete_workflows(["wf_1-1", "wf_1-1#2"])
    house.run_all(works.deliverer())
    assert effects(house.door.engine) == whole("wf_1")


def test_a_run_that_was_overtaken_can_no_longer_save(works: Works) -> None:
    """A worker wakes up in the middle of a job that another has meanwhile failed and queued again."""
    house = works.house
    overtaken: list[str] = []

    def overtake(context: JobContext) -> None:
        if not overtaken:
            overtaken.append(context.job.delivery)
            with house.door.transaction() as transaction:
                house.door.deliver_again(transaction, context.job, attempt=2, delay_seconds=None)

    deliverer = works.deliverer(counted({DETACHED: overtake}))
    queue(house.door, "wf_1", DETACHED)
    deliverer.process_job("wf_1-6", "background-image-processing", _body("wf_1", DETACHED))
    assert effects(house.door.engine) == []
    assert "Duplicate delivery of background_image_processing job wf_1-6 ignored" in house.log
    house.door.client.delete_workflows(["wf_1-6"])
    assert house.run_all(deliverer) == ["wf_1-6#2 done"]
    assert effects(house.door.engine) == [("wf_1", DETACHED.value)]
    assert house.rows(sa.select(Job.attempt, Job.deliveries)) == [(2, 2)]
