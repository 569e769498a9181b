"""An envelope that got in past the door goes straight to dead letter with its reason, and is in nobody's way."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from dbos import EnqueueOptions

from logwatch.pipeline.data.models import Job
from logwatch.pipeline.engine.dbos_port import APPLICATION_VERSION, WORKFLOW
from logwatch.pipeline.engine.deadletters import get_dead
from logwatch.pipeline.engine.delivery import JobFailedError
from logwatch.pipeline.engine.side_door import push_unchecked
from logwatch.pipeline.stages import StageName
from tests.pipeline.workers import wait_until

from .conftest import Works
from .work import effects, queue, whole

FLAT = {"purchaseOrderId": "po_1", "merchantId": "m1", "workflowId": "wf_1"}
WHOLE = {
    "stage": "background_image_processing",
    "workflowId": "wf_1",
    "data": {"purchaseOrderId": "po_1", "merchantId": "m1"},
}
BACKGROUND = "background-image-processing"

REASONS: list[tuple[object, str]] = [
    (FLAT, "Unknown workflow stage: undefined (Job data missing required field: stage)"),
    ({**WHOLE, "stage": "image_processing"}, "Unknown workflow stage: image_processing"),
    ({**WHOLE, "stage": {"name": "x"}}, 'Unknown workflow stage: {"name": "x"}'),
    (
        {**FLAT, "stage": "background_image_processing"},
        "Job data missing required field: data (purchaseOrderId and merchantId belong inside it)",
    ),
    ("background_image_processing", "Job data is not an object but str"),
    (None, "Job data is not an object but NoneType"),
    ({**WHOLE, "note": "x" * 70_000}, "Job data is 70131 bytes, over 65536: pass ids, not content"),
]


def _push(works: Works, delivery: str, body: object, queue_name: str = BACKGROUND) -> None:
    with works.house.door.transaction() as transaction:
        push_unchecked(works.house.door, transaction, delivery, queue_name, body)


@pytest.mark.parametrize(("body", "reason"), REASONS)
def test_what_cannot_be_routed_is_a_dead_letter_with_its_reason_and_no_retry(
    sqlite_works: Works, body: object, reason: str
) -> None:
    house = sqlite_works.house
    _push(sqlite_works, "wf_1-6", body)
    assert house.run_waiting(sqlite_works.deliverer()) == [f"wf_1-6 failed: {reason}"]
    assert house.waiting() == []
    letter = get_dead(house.door.engine, "wf_1-6")
    assert (letter.reason, letter.attempts, letter.envelope) == (reason, 1, body)
    assert (letter.queue, letter.stage) == (BACKGROUND, "background_image_processing")
    assert "PROCESSOR TRIGGERED for background_image_processing job wf_1-6" in house.log
    assert "PROCESSOR ERROR in background_image_processing job wf_1-6 after 0ms: " in house.log
    assert "Moved background_image_processing job wf_1-6 to dead letter" in house.log
    assert "Completed" not in house.log
    assert "Retrying" not in house.log


def test_on_a_worker_it_burns_no_retry_and_blocks_nothing_behind_it(works: Works) -> None:
    house = works.house
    for number in range(20):
        _push(works, f"stranger-{number:02}", FLAT)
        _push(works, f"first-{number:02}", FLAT, "ai-parsing")
    for number in range(10):
        queue(house.door, f"wf_{number}")
    with works.worker():
        wait_until(
            lambda: (
                effects(house.door.engine) == whole(*(f"wf_{number}" for number in range(10)))
                and len(works.letters()) == 40
            ),
            "all workflows, and all strangers buried",
        )
        wait_until(lambda: works.status("stranger-19") == "ERROR", "the delivery is over")
    reason = "Unknown workflow stage: undefined (Job data missing required field: stage)"
    assert {said for _, said in works.letters()} == {reason}
    assert house.log.count("PROCESSOR ERROR in background_image_processing job stranger-07 ") == 1
    assert (
        house.door.client.list_workflows(workflow_id_prefix=["stranger-", "first-"], status="DELAYED") == []
    )
    # No row among the jobs, nothing for the janitor to find.
    assert house.rows(sa.select(Job.id).where(Job.id.like("stranger%"))) == []


def test_a_delivery_of_it_that_comes_again_buries_it_once(works: Works) -> None:
    _push(works, "wf_1-6", FLAT)
    works.house.run_waiting(works.deliverer())
    _push(works, "wf_1-6", FLAT)
    works.house.run_waiting(works.deliverer())
    assert [letter for letter, _ in works.letters()] == ["wf_1-6"]


def test_a_complete_envelope_that_nobody_queued_is_not_run_unasked(works: Works) -> None:
    house = works.house
    _push(works, "by-hand", WHOLE)
    reason = "No job wf_1-6 was queued by add_job"
    assert house.run_waiting(works.deliverer()) == [f"by-hand failed: {reason}"]
    assert works.letters() == [("by-hand", reason)]
    assert effects(house.door.engine) == []
    assert house.door.metrics.refused.labels("no_such_job")._value.get() == 1


def test_whatever_stands_beside_it_the_queue_it_was_found_in_is_told(sqlite_works: Works) -> None:
    """Enqueued with dbos's own client, as a program would that knows of dbos but not of the door."""
    engine = sqlite_works.house.door.engine
    calls: list[tuple[object, ...]] = [
        (),
        (FLAT,),
        (FLAT, 7),
        (FLAT, "no-such-queue"),
        (FLAT, BACKGROUND, 1, 2),
    ]
    for number, arguments in enumerate(calls):
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": BACKGROUND,
            "workflow_id": f"stranger-{number}",
            "app_version": APPLICATION_VERSION,
        }
        sqlite_works.house.door.client.enqueue(options, *arguments)
    with sqlite_works.worker():
        wait_until(lambda: len(sqlite_works.letters()) == len(calls), "all strangers are buried")
    for number, arguments in enumerate(calls):
        letter = get_dead(engine, f"stranger-{number}")
        assert (letter.queue, letter.stage) == (BACKGROUND, "background_image_processing")
        assert letter.envelope == (arguments[0] if arguments else None)


def test_a_stranger_whose_words_no_column_could_hold_is_buried_all_the_same(works: Works) -> None:
    delivery = "x" * 3000
    _push(works, delivery, {**WHOLE, "stage": "evil\0stage"})
    works.house.run_waiting(works.deliverer())
    assert works.letters() == [(delivery, "Unknown workflow stage: evil\\x00stage")]


def test_numbers_that_are_none_are_kept_as_they_came(works: Works) -> None:
    _push(works, "wf_1-6", {"total": float("inf")})
    works.house.run_waiting(works.deliverer())
    ((letter, reason),) = works.letters()
    assert (letter, reason.partition(":")[0]) == ("wf_1-6", "Job data is not JSON")
    assert json.dumps(get_dead(works.house.door.engine, "wf_1-6").envelope) == '{"total": Infinity}'


def test_a_body_that_is_no_json_at_all_is_kept_as_a_picture(sqlite_works: Works) -> None:
    """What dbos makes of a pickle that somebody wrote into its table."""
    with pytest.raises(JobFailedError, match=r"^Job data is not JSON: Object of type set"):
        sqlite_works.deliverer().process_job("odd", BACKGROUND, {"drafts": {1}})
    assert get_dead(sqlite_works.house.door.engine, "odd").envelope == "{'drafts': {1}}"


def test_an_envelope_in_another_stages_queue_is_still_the_job_it_says(works: Works) -> None:
    """Routing goes by the envelope: the queue only says who is free to run it."""
    house = works.house
    queue(house.door, "wf_1", StageName.BACKGROUND_IMAGE_PROCESSING)
    ((delivery, _, body),) = house.waiting()
    works.deliverer().process_job(delivery, "ai-parsing", body)
    assert effects(house.door.engine) == [("wf_1", "background_image_processing")]
