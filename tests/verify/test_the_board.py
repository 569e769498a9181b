"""The board is a function of checklist, ledger and moment; each state says what it means."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from logwatch.errors import Location
from logwatch.verdict.verdict import Status
from logwatch.verify.board import Board, State, board_of
from logwatch.verify.checklist import Checklist, Item, Phase, Severity
from logwatch.verify.events import Aborted, AnyEvent, Finished, Looked, Promoted, Signed, Skipped, Started
from logwatch.verify.kinds.manual import ManualWork
from logwatch.verify.work import Result, failed, passed, unknown
from tests.verify.test_the_ledger import STARTED
from tests.verify.world import LIVE, minutes


def item(name: str, due: float = 5, deadline: float = 10, **more: object) -> Item:
    return Item(
        id=name,
        kind="manual",
        title=name,
        severity=Severity.CRITICAL,
        location=Location("c.yml", 1),
        due=minutes(due),
        deadline=minutes(deadline),
        every=timedelta(seconds=10),
        work=ManualWork(),
        **more,  # type: ignore[arg-type]
    )


def board(items: list[Item], at: float, *events: AnyEvent, started: Started = STARTED) -> Board:
    checklist = Checklist("Test", (Phase("one", "One", tuple(items)),))
    return board_of(checklist, 1, (started, *events), LIVE + minutes(at))


def ended(name: str, result: Result, at: float = 6) -> Finished:
    return Finished(at=LIVE + minutes(at), item=name, result=result)


@pytest.mark.parametrize(
    ("at", "state", "asked"),
    [(-3, "waiting", False), (4.9, "waiting", False), (5, "due", True), (10, "overdue", True)],
)
def test_time_alone_makes_an_item_due_and_overdue(at: float, state: str, asked: bool) -> None:
    row = board([item("a")], at)["a"]
    assert (row.state.value, row.asked) == (state, asked)
    assert (row.due, row.deadline) == (LIVE + minutes(5), LIVE + minutes(10))


@pytest.mark.parametrize(("at", "asked"), [(-1, False), (0, True), (5, True)])
def test_a_watched_item_is_asked_from_the_promotion_on(at: float, asked: bool) -> None:
    assert board([item("a", watch=True)], at)["a"].asked is asked


@pytest.mark.parametrize(
    ("result", "state", "verdict"),
    [
        (passed("fine"), State.DONE, Status.PASS),
        (failed("bad"), State.FAILED, Status.FAIL),
        (unknown("who knows"), State.INCONCLUSIVE, Status.INCONCLUSIVE),
    ],
)
def test_a_result_ends_an_item(result: Result, state: State, verdict: Status) -> None:
    found = board([item("a")], 7, ended("a", result))
    assert (found["a"].state, found["a"].at, found.status) == (state, LIVE + minutes(6), verdict)


def test_a_fail_decides_at_once_and_a_pass_takes_all() -> None:
    items = [item("a"), item("b", 60, 70)]
    assert board(items, 7, ended("a", passed("ok"))).status is None
    assert board(items, 7, ended("a", failed("bad"))).status is Status.FAIL
    assert not board(items, 7, ended("a", failed("bad"))).finished


def test_a_warning_decides_nothing() -> None:
    items = [item("a"), Item(**{**_fields(item("b")), "severity": Severity.WARNING})]
    found = board(items, 7, ended("a", passed("ok")), ended("b", failed("bad")))
    assert (found["b"].state, found.status) == (State.FAILED, Status.PASS)


def _fields(one: Item) -> dict[str, object]:
    return {name: getattr(one, name) for name in Item.__slots__}


def test_an_item_waits_for_what_it_needs() -> None:
    items = [item("a"), item("b", after=("a",))]
    row = board(items, 6)["b"]
    assert (row.state, row.asked, row.waits_for) == (State.WAITING, False, ("a",))
    assert board(items, 7, ended("a", passed("ok")))["b"].state is State.DUE


@pytest.mark.parametrize("result", [failed("bad"), unknown("?")])
def test_an_item_is_blocked_by_what_did_not_come_out_well_and_so_is_what_needs_it(result: Result) -> None:
    items = [item("a"), item("b", after=("a",)), item("c", after=("b",))]
    found = board(items, 7, ended("a", result))
    assert [(row.state, row.waits_for) for row in found.rows[1:]] == [
        (State.BLOCKED, ("a",)),
        (State.BLOCKED, ("b",)),
    ]
    assert found.finished


def test_a_signature_frees_what_was_blocked() -> None:
    items = [item("a"), item("b", after=("a",))]
    signed = Signed(at=LIVE + minutes(8), item="a", by="Ada", note="seen", evidence="")
    found = board(items, 9, ended("a", unknown("?")), signed)
    assert [row.state for row in found.rows] == [State.SIGNED, State.DUE]
    assert found["a"].result == unknown("?")


def test_a_skipped_item_holds_nothing_up() -> None:
    items = [item("a"), item("b", after=("a",))]
    skipped = Skipped(at=LIVE, item="a", by="Ada", reason="r")
    assert board(items, 6, skipped)["b"].state is State.DUE


def test_what_needs_an_item_of_another_phase_that_is_left_out_does_not_wait_for_it() -> None:
    checklist = Checklist(
        "Test", (Phase("one", "One", (item("a"),)), Phase("two", "Two", (item("b", after=("a",)),)))
    )
    started = Started(**{**{f: getattr(STARTED, f) for f in STARTED.__struct_fields__}, "phases": ("two",)})
    found = board_of(checklist, 1, (started,), LIVE + minutes(6))
    assert [(row.item.id, row.state) for row in found.rows] == [("b", State.DUE)]


def test_a_sign_off_expires() -> None:
    found = board([item("a", by_hand=True)], 10)
    assert (found["a"].state, found.status) == (State.EXPIRED, Status.INCONCLUSIVE)


def test_what_was_found_so_far_is_shown_with_an_open_item() -> None:
    looks = [Looked(at=LIVE + minutes(n), item="a", result=unknown(f"{n} runs")) for n in (5, 6)]
    row = board([item("a")], 7, *looks)["a"]
    assert (row.state, row.result, row.at) == (State.DUE, unknown("6 runs"), LIVE + minutes(6))


def test_a_live_item_that_comes_late_is_given_its_time_anew() -> None:
    late = board([item("a", live=True)], 60)["a"]
    assert (late.state, late.asked, late.deadline) == (State.OVERDUE, True, LIVE + minutes(65))
    look = Looked(at=LIVE + minutes(60), item="a", result=unknown("?"))
    assert board([item("a", live=True)], 63, look)["a"].deadline == LIVE + minutes(65)


def test_before_the_promotion_only_what_needs_none_is_asked() -> None:
    pending = Started(**{**{f: getattr(STARTED, f) for f in STARTED.__struct_fields__}, "promoted_at": None})
    items = [item("a", due=0, anytime=True), item("b", due=0)]
    found = board(items, 1, started=pending)
    assert [(row.state, row.asked) for row in found.rows] == [(State.DUE, True), (State.WAITING, False)]
    assert found.deployment is None
    live = board(
        items,
        61,
        Promoted(at=LIVE + minutes(60), promoted_at=LIVE + minutes(60), commit="c"),
        started=pending,
    )
    assert live["b"].due == LIVE + minutes(60)
    assert live.deployment is not None
    assert live.deployment.commit == "c"


def test_an_aborted_run_has_ended_and_verified_nothing() -> None:
    aborted = Aborted(at=LIVE, by="Ada", reason="enough")
    found = board([item("a")], 1, aborted)
    assert (found.finished, found.status) == (True, Status.INCONCLUSIVE)
    assert board([item("a")], 7, ended("a", failed("bad")), aborted).status is Status.FAIL


def test_a_board_of_the_past_is_not_changed_by_the_moment() -> None:
    """The same events give the same board, whichever process asks, in whatever order of moments."""
    items = [item("a"), item("b", 60, 70)]
    events = (ended("a", passed("ok")),)
    moments: list[datetime | float] = [7, 65, 7]
    first, _, again = (board(items, float(at), *events) for at in moments)  # type: ignore[arg-type]
    assert first == again
