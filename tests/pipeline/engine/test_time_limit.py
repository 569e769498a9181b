"""Every stage has a time limit: what goes over it is tried again, and can commit nothing afterwards."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from logwatch.pipeline.engine.context import Deadline, Handler, JobContext
from logwatch.pipeline.errors import StageTimeoutError, SupersededError
from logwatch.pipeline.stages import STAGES, StageName
from tests.pipeline.workers import wait_until

from .conftest import Works
from .work import DETACHED, counted, effects, queue


def _hurried(works: Works, limit_seconds: float) -> Works:
    """Give every stage this limit."""
    works.house.door.stages = {
        name: dataclasses.replace(stage, limit_seconds=limit_seconds) for name, stage in STAGES.items()
    }
    return works


class _StuckServer:
    """A handler that hangs until it is let go, then tries to finish all the same."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.came_to: list[BaseException | None] = []

    def __call__(self, context: JobContext) -> None:
        self.let_go.wait(60)
        try:
            counted()[context.job.stage.name](context)
        except BaseException as error:
            self.came_to.append(error)
        else:
            self.came_to.append(None)


@pytest.mark.parametrize("stage", [name for name in StageName if STAGES[name].outside_calls])
def test_a_call_that_never_answers_is_left_behind_and_can_commit_no_more(
    works: Works, stage: StageName
) -> None:
    house, stuck = works.house, _StuckServer()
    _hurried(works, 0.2)
    queue(house.door, "wf_1", stage)
    job_id = STAGES[stage].job_id("wf_1")
    handlers: dict[StageName, Handler] = {**counted(), stage: stuck}
    assert house.run_waiting(works.deliverer(handlers)) == [f"{job_id} failed: time limit of 0.2 s exceeded"]
    stuck.let_go.set()
    wait_until(lambda: bool(stuck.came_to), "the thread that was left behind has tried to finish")
    assert isinstance(stuck.came_to[0], SupersededError)
    assert effects(house.door.engine) == []
    assert (works.job(job_id).state, works.job(job_id).attempt) == ("queued", 2)
    _hurried(works, 30.0)
    house.run_all(works.deliverer())
    assert ("wf_1", stage.value) in effects(house.door.engine)


def test_what_was_committed_just_before_the_limit_is_done_and_not_tried_again(works: Works) -> None:
    """The handler has finished its job, and is still busy with something else when the time is up."""
    house, let_go = works.house, threading.Event()

    def linger(context: JobContext) -> None:
        counted()[context.job.stage.name](context)
        let_go.wait(60)

    _hurried(works, 0.3)
    queue(house.door, "wf_1", DETACHED)
    assert house.run_waiting(works.deliverer({**counted(), DETACHED: linger})) == ["wf_1-6 done"]
    let_go.set()
    assert house.waiting() == []
    assert (works.job("wf_1-6").state, works.job("wf_1-6").attempt) == ("done", 1)
    assert "Completed background_image_processing job wf_1-6 in " in house.log
    assert "PROCESSOR ERROR" not in house.log


def test_a_commit_under_way_at_the_limit_is_waited_for_and_decides(works: Works) -> None:
    """At any instant of a handler's end, the job comes to exactly one end."""
    house, in_transaction, over = works.house, threading.Event(), threading.Event()

    def slow_to_commit(context: JobContext) -> None:
        with context.finish():
            in_transaction.set()
            over.wait(60)

    _hurried(works, 0.2)
    queue(house.door, "wf_1", DETACHED)
    ends: list[str] = []
    run = threading.Thread(
        target=lambda: ends.extend(
            house.run_waiting(works.deliverer({**counted(), DETACHED: slow_to_commit}))
        )
    )
    run.start()
    assert in_transaction.wait(30)
    # Long past the limit by now: what the deadline says at the end of the transaction, goes.
    run.join(timeout=0.5)
    assert ends == []
    over.set()
    run.join(timeout=30)
    assert ends == ["wf_1-6 failed: time limit of 0.2 s exceeded"]
    assert works.job("wf_1-6").state == "queued"
    assert works.job("wf_1-6").attempt == 2


@pytest.mark.parametrize("stage", [name for name in StageName if not STAGES[name].outside_calls])
def test_a_stage_that_only_writes_is_rolled_back_when_it_was_too_slow(works: Works, stage: StageName) -> None:
    now = [1000.0]

    def dawdle(context: JobContext) -> None:
        if context.job.attempt == 1:
            now[0] += STAGES[stage].limit_seconds + 1

    def with_clock(context: JobContext) -> None:
        context.deadline = Deadline(context.job.stage, 1000.0 + STAGES[stage].limit_seconds, lambda: now[0])
        counted({stage: dawdle})[stage](context)

    queue(works.house.door, "wf_1", stage)
    job_id = STAGES[stage].job_id("wf_1")
    ends = works.house.run_waiting(works.deliverer({**counted(), stage: with_clock}))
    assert ends == [f"{job_id} failed: time limit of 30 s exceeded"]
    assert effects(works.house.door.engine) == []
    works.house.run_all(works.deliverer())
    assert ("wf_1", stage.value) in effects(works.house.door.engine)


def test_the_time_left_is_what_handlers_hand_on() -> None:
    now = [1000.0]
    deadline = Deadline(STAGES[StageName.AI_PARSING], 1060.0, lambda: now[0])
    assert deadline.remaining_seconds() == 60.0
    now[0] = 1059.5
    assert deadline.remaining_seconds() == 0.5
    now[0] = 1060.0
    with pytest.raises(StageTimeoutError, match=r"^time limit of 60 s exceeded$"):
        deadline.remaining_seconds()


def test_every_stage_has_a_limit() -> None:
    assert all(0 < stage.limit_seconds <= 180 for stage in STAGES.values())
