"""Sequences: named steps in order per key, each within its time of the step before, with `never` between them."""

from __future__ import annotations

import pytest

from logwatch.engine.run import Oddity, Outcome
from logwatch.engine.tally import RunCounts

from .world import Words, at, cited, events, play, sequence, span

WHOLE = ((0, "one 1"), (10, "two 1"), (20, "three 1"))


def test_a_run_that_reaches_the_last_step_is_completed() -> None:
    tally, seen = play(sequence(), events(*WHOLE), as_of=60)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1)
    assert list(tally.durations) == [20.0]
    assert list(tally.ends) == [at(20).timestamp()]
    assert tally.steps == {"one": 1, "two": 1, "three": 1}
    assert tally.stopped_at == {}
    assert [(e.role, e.text) for e in tally.evidence] == [("start", "one 1"), ("end", "three 1")]
    assert seen.runs[0].stopped_at is None


@pytest.mark.parametrize(
    ("records", "stopped_at"), [(WHOLE[:1], "one"), (WHOLE[:2], "two"), ((WHOLE[0], WHOLE[2]), "one")]
)
def test_a_run_that_misses_a_step_has_timed_out_at_the_last_one_it_reached(
    records: tuple[tuple[float, str], ...], stopped_at: str
) -> None:
    tally, seen = play(sequence(), events(*records), as_of=500)
    assert tally.counts.timed_out == 1
    assert tally.stopped_at == {stopped_at: 1}
    assert seen.runs[0].stopped_at == stopped_at


@pytest.mark.parametrize(("second", "completed"), [(60, 1), (60.001, 0)])
def test_exactly_at_the_deadline_a_step_is_in_time(second: float, completed: int) -> None:
    tally, _ = play(sequence(), events((0, "one 1"), (second, "two 1"), (70, "three 1")), as_of=500)
    assert (tally.counts.completed, tally.counts.timed_out) == (completed, 1 - completed)


def test_each_step_has_its_time_from_the_step_before() -> None:
    tally, _ = play(sequence(), events((0, "one 1"), (60, "two 1"), (120, "three 1")), as_of=500)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1)


@pytest.mark.parametrize(("as_of", "outcome"), [(69.9, Outcome.IN_FLIGHT), (70, Outcome.TIMED_OUT)])
def test_a_run_is_in_flight_until_the_deadline_of_its_next_step(as_of: float, outcome: Outcome) -> None:
    tally, seen = play(sequence(), events(*WHOLE[:2]), as_of=as_of)
    assert [run.outcome for run in seen.runs] == [outcome]
    assert tally.stopped_at == ({"two": 1} if outcome is Outcome.TIMED_OUT else {})
    assert tally.steps == {"one": 1, "two": 1, "three": 0}


def test_steps_out_of_order_are_no_progress() -> None:
    tally, _ = play(sequence(), events((0, "one 1"), (1, "three 1"), (2, "two 1"), (3, "two 1")), as_of=500)
    assert tally.counts == RunCounts(started=1, timed_out=1, attempts=1)
    assert tally.stopped_at == {"two": 1}


def test_runs_of_several_keys_and_other_records_may_interleave() -> None:
    records = events(
        (0, "one 1"), (1, "one 2", "b.log"), (2, "noise"), (3, "two 2"), (4, "two 1", "b.log"), (5, "one 3"),
        (6, "three 1"), (7, "three 2"),
    )  # fmt: skip
    tally, seen = play(sequence(), records, as_of=60)
    assert tally.counts == RunCounts(started=3, completed=2, in_flight=1, attempts=3)
    assert {run.key[0]: run.ended for run in seen.runs} == {"1": at(6), "2": at(7), "3": None}


def test_never_fails_the_run_that_is_on_its_way() -> None:
    tally, seen = play(sequence(), events(*WHOLE[:2], (15, "never 1"), (20, "three 1")), as_of=500)
    assert tally.counts == RunCounts(started=1, failed=1, attempts=1, duplicate_end=1)
    assert tally.stopped_at == {"two": 1}
    assert cited(tally.evidence) == ["one 1", "never 1"]
    assert seen.runs[0].ended == at(15)


@pytest.mark.parametrize("when", [-1, 25, 90])
def test_never_means_nothing_where_no_run_is_on_its_way(when: float) -> None:
    records = sorted(events(*WHOLE, (when, "never 1"), (89, "never 2")), key=lambda r: r.time)
    tally, _ = play(sequence(), records, as_of=500)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1)


def test_a_run_that_was_skipped_at_its_next_step_ended_legitimately() -> None:
    tally, seen = play(sequence(), events((0, "one 1"), (5, "skip-two 1")), as_of=500)
    assert tally.counts == RunCounts(started=1, skipped=1, attempts=1)
    assert (seen.runs[0].stopped_at, tally.stopped_at) == ("one", {})


def test_a_skip_of_another_step_than_the_next_is_noise() -> None:
    records = events((0, "one 1"), (5, "skip-three 1"), (10, "two 1"), (11, "skip-two 1"), (20, "three 1"))
    tally, _ = play(sequence(), records, as_of=500)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1)


def test_a_first_step_supersedes_the_run_of_its_key_that_is_on_its_way() -> None:
    records = events((0, "one 1"), (5, "two 1"), (10, "one 1"), (11, "two 1"), (12, "three 1"))
    tally, seen = play(sequence(), records, as_of=500)
    assert tally.counts == RunCounts(started=2, completed=1, superseded=1, attempts=2)
    assert tally.stopped_at == {"two": 1}
    assert [run.outcome for run in seen.runs] == ["superseded", "completed"]


def test_a_first_step_after_the_end_begins_a_new_run() -> None:
    again = events(*WHOLE, *((t + 30, text) for t, text in WHOLE))
    tally, _ = play(sequence(), again, as_of=500)
    assert tally.counts == RunCounts(started=2, completed=2, attempts=2)


def test_a_second_end_is_a_duplicate_and_one_without_a_run_an_orphan() -> None:
    tally, _ = play(sequence(), events(*WHOLE, (21, "three 1"), (22, "three 2")), as_of=500)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1, duplicate_end=1, orphan_end=1)


@pytest.mark.parametrize(("again", "oddity"), [(140, Oddity.DUPLICATE_END), (141, Oddity.ORPHAN_END)])
def test_a_key_is_remembered_as_long_as_a_run_can_take(again: float, oddity: Oddity) -> None:
    _, seen = play(sequence(), events(*WHOLE, (again, "three 1")), as_of=500)
    assert [stray.oddity for stray in seen.strays] == [oddity]


@pytest.mark.parametrize("others", [(), ((131, "one 2"),)])
def test_what_is_forgotten_does_not_depend_on_other_runs(others: tuple[tuple[float, str], ...]) -> None:
    """Only where another run is due is it looked whether something is to be forgotten."""
    records = events(*WHOLE, (130, "three 3"), *others, (1000, "three 3"), (30, "three 1"))
    _, seen = play(sequence(), records, as_of=1000, advance=False)
    assert [stray.oddity for stray in seen.strays] == [Oddity.ORPHAN_END] * 3


def test_a_last_step_that_comes_too_late_says_by_how_much() -> None:
    records = events(*WHOLE[:2], (100, "three 1"), (101, "three 1"))
    tally, seen = play(sequence(), records, as_of=500)
    assert tally.counts == RunCounts(started=1, timed_out=1, attempts=1, duplicate_end=1)
    assert list(tally.late) == [30.0]
    assert [stray.oddity for stray in seen.strays] == [Oddity.LATE_END, Oddity.DUPLICATE_END]


def test_steps_of_a_run_that_timed_out_go_on_to_its_late_end() -> None:
    records = events((0, "one 1"), (70, "two 1"), (80, "three 1"))
    tally, _ = play(sequence(), records, as_of=500)
    assert tally.counts == RunCounts(started=1, timed_out=1, attempts=1)
    assert (tally.stopped_at, list(tally.late)) == ({"one": 1}, [20.0])


def test_a_skip_can_come_too_late_too() -> None:
    tally, _ = play(sequence(), events((0, "one 1"), (75, "skip-two 1")), as_of=500)
    assert tally.counts == RunCounts(started=1, timed_out=1, attempts=1)
    assert list(tally.late) == [15.0]


def test_a_late_end_is_no_longer_waited_for_once_its_key_has_a_new_run() -> None:
    records = events((0, "one 1"), *((t + 100, text) for t, text in WHOLE), (125, "three 1"))
    tally, _ = play(sequence(), records, as_of=500)
    assert tally.counts == RunCounts(started=2, completed=1, timed_out=1, attempts=2, duplicate_end=1)
    assert list(tally.late) == []


def test_records_without_their_key_are_told() -> None:
    tally, _ = play(sequence(), events((0, "one -"), (1, "two"), (2, "three -"), (3, "never -")), as_of=60)
    assert tally.counts == RunCounts(unkeyed=3, orphan_end=1)


def test_a_run_belongs_to_the_window_of_its_first_step() -> None:
    records = events(
        (-5, "one 1"), (1, "two 1"), (2, "three 1"), (100, "one 2"), (110, "two 2"), (120, "three 2")
    )
    tally, _ = play(sequence(), records, as_of=500, since=0, until=100)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1)
    assert (tally.first, tally.last) == (at(100), at(100))


def test_past_max_open_the_oldest_run_is_evicted() -> None:
    records = events((0, "one 1"), (1, "one 2"), (2, "one 3"), (3, "two 1"), (4, "three 1"), (5, "two 3"))
    tally, seen = play(sequence(max_open=2), records, as_of=30)
    assert tally.counts == RunCounts(started=3, in_flight=2, evicted=1, orphan_end=1, attempts=3)
    assert (seen.runs[0].key, seen.runs[0].outcome) == (("1",), Outcome.EVICTED)


def test_a_run_that_was_open_where_its_source_lost_data_is_unknown() -> None:
    records = events((0, "one 1"), (5, "two 1", "b.log"), (0, "one 2"), (2000, "one 3"))
    tally, _ = play(
        sequence(),
        sorted(records, key=lambda r: r.time),
        as_of=2000,
        lost={"a.log": (6, 50), "c.log": (0, 9)},
    )
    assert tally.counts == RunCounts(started=3, timed_out=1, unknown_gap=1, in_flight=1, attempts=3)
    assert tally.stopped_at == {"two": 1, "one": 1}


def test_one_record_may_take_a_run_several_steps_on() -> None:
    steps = sequence().steps
    both = (steps[0], steps[1], type(steps[2])("three", Words("two"), span(60)))
    tally, _ = play(sequence(steps=both), events((0, "one 1"), (1, "two 1")), as_of=60)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1)
