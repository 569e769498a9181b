"""A job that fails is tried again, later and later; each attempt is a delivery of its own, of the same job."""

from __future__ import annotations

import dataclasses
import random
import re
import time

import pytest

from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.errors import NotFoundError, PermanentError, RetryableError
from logwatch.pipeline.retry import RetryPolicy
from logwatch.pipeline.stages import STAGES, StageName
from tests.pipeline.workers import wait_until

from .conftest import Works
from .work import Deed, counted, effects, queue, whole


def _failing(times: int, error: BaseException) -> tuple[list[str], Deed]:
    """Return a deed that fails the first `times` times, and the list of deliveries that it ran in."""
    deliveries: list[str] = []

    def deed(context: JobContext) -> None:
        deliveries.append(context.job.delivery)
        if len(deliveries) <= times:
            raise error

    return deliveries, deed


@pytest.mark.parametrize(
    ("failed_attempt", "least", "most"), [(1, 1.0, 2.0), (2, 2.0, 4.0), (3, 4.0, 8.0), (4, 8.0, 16.0)]
)
def test_the_wait_doubles_and_is_drawn_from_its_upper_half(
    failed_attempt: int, least: float, most: float
) -> None:
    draw = random.Random(7)
    waits = [RetryPolicy().wait_seconds(failed_attempt, draw=draw) for _ in range(500)]
    assert all(wait is not None and least <= wait <= most for wait in waits)
    # Jitter: jobs that failed together do not come back together.
    assert max(filter(None, waits)) - min(filter(None, waits)) > 0.9 * (most - least)


def test_the_wait_has_a_ceiling_and_the_last_attempt_none() -> None:
    draw = random.Random(7)
    policy = RetryPolicy(attempts=50, first_seconds=2.0, ceiling_seconds=60.0)
    assert all(30.0 <= (policy.wait_seconds(n, draw=draw) or 0) <= 60.0 for n in range(6, 50))
    assert policy.wait_seconds(50, draw=draw) is None
    assert RetryPolicy(attempts=1).wait_seconds(1, draw=draw) is None


def test_a_server_that_asks_for_a_longer_wait_gets_it() -> None:
    assert RetryPolicy().wait_seconds(1, at_least=120.0, draw=random.Random(7)) == 120.0


def test_attempts_are_deliveries_of_the_same_job_each_queued_with_a_delay(works: Works) -> None:
    house = works.house
    deliveries, deed = _failing(2, RetryableError("the server is busy"))
    deliverer = works.deliverer(counted({StageName.AI_PARSING: deed}))
    queue(house.door, "wf_1")
    before_ms = int(time.time() * 1000)
    assert house.run_waiting(deliverer) == ["wf_1-1 failed: the server is busy"]
    (waiting,) = house.door.client.list_workflows(status="DELAYED")
    assert waiting.workflow_id == "wf_1-1#2"
    assert waiting.queue_name == "ai-parsing"
    assert waiting.delay_until_epoch_ms is not None
    assert waiting.delay_until_epoch_ms >= before_ms + 1000
    house.run_all(deliverer)
    assert deliveries == ["wf_1-1", "wf_1-1#2", "wf_1-1#3"]
    assert effects(house.door.engine) == whole("wf_1")


def test_log_lines_name_the_job_and_the_attempt_and_a_retry_is_no_new_enqueue(works: Works) -> None:
    house = works.house
    _, deed = _failing(2, RetryableError("the server is busy"))
    queue(house.door, "wf_1", StageName.BACKGROUND_IMAGE_PROCESSING)
    house.run_all(works.deliverer(counted({StageName.BACKGROUND_IMAGE_PROCESSING: deed})))
    assert "#" not in house.log
    assert house.log.count("Job added to background-image-processing with ID: wf_1-6 ") == 1
    assert house.log.count("PROCESSOR TRIGGERED for background_image_processing job wf_1-6 ") == 3
    assert re.findall(r"attempts: (\d)", house.log) == ["0", "1", "2"]
    assert re.findall(
        r"Retrying background_image_processing job wf_1-6: attempt (\d) of 4 in", house.log
    ) == [
        "2",
        "3",
    ]
    assert house.log.count("PROCESSOR ERROR in background_image_processing job wf_1-6 after ") == 2
    assert house.log.count("Completed background_image_processing job wf_1-6 in ") == 1


def test_a_failure_inside_a_workflow_is_tried_again_from_that_stage_on(works: Works) -> None:
    house = works.house
    deliveries, deed = _failing(1, RuntimeError("deadlock detected"))
    queue(house.door, "wf_1")
    ends = house.run_all(works.deliverer(counted({StageName.PRODUCT_DRAFT_CREATION: deed})))
    assert ends == ["wf_1-1 failed: deadlock detected", "wf_1-3#2 done", "wf_1-6 done"]
    assert deliveries == ["wf_1-1", "wf_1-3#2"]
    assert effects(house.door.engine) == whole("wf_1")


def test_after_its_last_attempt_a_job_is_a_dead_letter(works: Works) -> None:
    house = works.house
    deliveries, deed = _failing(99, RetryableError("the server is busy"))
    queue(house.door, "wf_1")
    house.run_all(works.deliverer(counted({StageName.AI_PARSING: deed})))
    attempts = STAGES[StageName.AI_PARSING].retry.attempts
    assert deliveries == ["wf_1-1", *(f"wf_1-1#{n}" for n in range(2, attempts + 1))]
    assert works.letters() == [("wf_1-1", "the server is busy")]
    assert "Moved ai_parsing job wf_1-1 to dead letter after 5 attempts" in house.log
    assert "Workflow wf_1 failed at stage: ai_parsing" in house.log
    assert house.log.count("Retrying ") == attempts - 1
    assert effects(house.door.engine) == []


def test_a_workflow_does_not_fail_with_what_is_detached_from_it(sqlite_works: Works) -> None:
    house = sqlite_works.house
    _, deed = _failing(99, PermanentError("not an image"))
    queue(house.door, "wf_1")
    house.run_all(sqlite_works.deliverer(counted({StageName.BACKGROUND_IMAGE_PROCESSING: deed})))
    assert [job for job, _ in sqlite_works.letters()] == ["wf_1-6"]
    assert "failed at stage" not in house.log


@pytest.mark.parametrize(
    "error", [PermanentError("not an image"), NotFoundError("no such order")], ids=["permanent", "for people"]
)
def test_what_no_retry_can_mend_is_a_dead_letter_at_once(sqlite_works: Works, error: Exception) -> None:
    house = sqlite_works.house
    deliveries, deed = _failing(99, error)
    queue(house.door, "wf_1")
    house.run_all(sqlite_works.deliverer(counted({StageName.AI_PARSING: deed})))
    assert deliveries == ["wf_1-1"]
    assert sqlite_works.letters() == [("wf_1-1", str(error))]
    assert "Retrying" not in house.log


def test_a_library_that_exits_fails_its_job_and_not_the_worker(sqlite_works: Works) -> None:
    deliveries, deed = _failing(1, SystemExit("usage: …"))
    for stage in (StageName.AI_PARSING, StageName.DATABASE_SAVE):
        # The first runs on a thread of its own, the second does not.
        deliveries.clear()
        workflow = f"wf_{stage}"
        queue(sqlite_works.house.door, workflow)
        sqlite_works.house.run_all(sqlite_works.deliverer(counted({stage: deed})))
        assert len(deliveries) == 2
        assert (workflow, "status_update") in effects(sqlite_works.house.door.engine)


def test_a_handler_that_forgets_to_finish_its_job_is_found_out(sqlite_works: Works) -> None:
    queue(sqlite_works.house.door, "wf_1")
    handlers = {**counted(), StageName.AI_PARSING: lambda _context: None}
    sqlite_works.house.run_all(sqlite_works.deliverer(handlers))
    assert sqlite_works.letters() == [
        ("wf_1-1", "handler of stage 'ai_parsing' returned without finishing its job")
    ]


def test_a_delayed_delivery_starts_by_itself_when_its_time_has_come(works: Works) -> None:
    deliveries, deed = _failing(1, RetryableError("the server is busy"))
    door = works.house.door
    door.stages = {
        name: dataclasses.replace(stage, retry=RetryPolicy(first_seconds=0.2))
        for name, stage in STAGES.items()
    }
    queue(door, "wf_1")
    with works.worker(counted({StageName.AI_PARSING: deed})):
        wait_until(lambda: effects(door.engine) == whole("wf_1"), "the second attempt", 30)
    assert deliveries == ["wf_1-1", "wf_1-1#2"]
    assert works.status("wf_1-1") == "ERROR"
    assert works.status("wf_1-1#2") == "SUCCESS"
