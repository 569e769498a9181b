"""Sequences without a key: records are counted step by step, and what is lost between two steps is inferred."""

from __future__ import annotations

import pytest

from logwatch.engine.tally import RunCounts
from logwatch.ruleset.model import SequenceRule

from .world import at, cited, events, play, record, sequence


def funnel(**changes: object) -> SequenceRule:
    return sequence(key=(), **changes)


def many(word: str, *seconds: float) -> list[tuple[float, str]]:
    return [(second, word) for second in seconds]


def test_records_are_counted_per_step() -> None:
    records = events(*many("one", 0, 1, 2), *many("two", 10, 11, 12), *many("three", 20, 21, 22))
    tally, _ = play(funnel(), records, as_of=500)
    assert tally.steps == {"one": 3, "two": 3, "three": 3}
    assert tally.counts == RunCounts(started=3, completed=3, attempts=3)
    assert (tally.approximate, tally.stopped_at) == (True, {})
    assert list(tally.ends) == [at(20).timestamp(), at(21).timestamp(), at(22).timestamp()]


def test_lost_at_a_step_are_the_records_of_the_step_before_less_those_of_the_step_and_those_skipped_there() -> (
    None
):
    records = events(
        *many("one", 0, 1, 2, 3, 4, 5, 6), *many("two", 10, 11, 12, 13), *many("skip-two", 14),
        *many("three", 20, 21), *many("skip-three", 22),
    )  # fmt: skip
    tally, _ = play(funnel(), records, as_of=500)
    assert tally.stopped_at == {"one": 2, "two": 1}
    assert tally.counts == RunCounts(started=7, completed=2, skipped=2, timed_out=3, attempts=7)


@pytest.mark.parametrize(("as_of", "lost"), [(60, 1), (59.999, 0)])
def test_a_record_can_be_lost_only_once_its_time_is_up_at_as_of(as_of: float, lost: int) -> None:
    tally, _ = play(funnel(), events((0, "one"), (30, "one")), as_of=as_of)
    assert tally.counts == RunCounts(started=2, timed_out=lost, in_flight=2 - lost, attempts=2)


def test_more_records_than_the_step_before_has_are_no_negative_loss() -> None:
    """Those whose step before lies before the window."""
    records = events((-5, "one"), (1, "two"), (2, "two"), (3, "three"), (4, "one"))
    tally, _ = play(funnel(), records, as_of=500, since=0)
    assert tally.steps == {"one": 1, "two": 2, "three": 1}
    assert tally.counts == RunCounts(started=1, completed=1, timed_out=1, attempts=1)
    assert tally.stopped_at == {"two": 1}


@pytest.mark.parametrize("started", [0, 1])
def test_what_ends_without_a_start_is_no_run_that_could_have_failed(started: int) -> None:
    records = events(
        *many("one", *range(started)), *many("two", 10, 11, 12, 13, 14), *many("three", 20, 21, 22, 23, 24)
    )
    tally, _ = play(funnel(), records, as_of=500)
    assert tally.steps == {"one": started, "two": 5, "three": 5}
    assert tally.counts == RunCounts(started=started, completed=started, attempts=started)


def test_what_comes_after_the_window_is_no_record_of_it() -> None:
    records = events((0, "one"), (10, "two"), (20, "three"), (101, "one"), (102, "two"), (103, "three"))
    tally, _ = play(funnel(), records, as_of=500, since=0, until=100)
    assert tally.steps == {"one": 1, "two": 1, "three": 1}
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1)


def test_a_step_that_comes_after_the_window_keeps_the_windows_last_records_from_being_lost() -> None:
    records = events((0, "one"), (90, "one"), (110, "two"))
    tally, _ = play(funnel(), records, as_of=500, since=0, until=100)
    assert tally.counts == RunCounts(started=2, timed_out=1, in_flight=1, attempts=2)


def test_a_step_after_the_window_saves_nothing_that_was_lost_long_before() -> None:
    later = [second for n in range(10) for second in (101 + n, 102 + n)]
    records = events(*many("one", 0, 1, 2), *many("two", *later))
    tally, _ = play(funnel(), records, as_of=500, since=0, until=100)
    assert tally.counts == RunCounts(started=3, timed_out=3, attempts=3)


def test_without_a_record_after_the_window_its_last_ones_are_lost_as_of_later() -> None:
    tally, _ = play(funnel(), events((90, "one")), as_of=150, since=0, until=100)
    assert tally.counts == RunCounts(started=1, timed_out=1, attempts=1)


def test_never_is_a_failure_and_is_what_the_evidence_shows() -> None:
    tally, _ = play(funnel(), events((0, "one"), (1, "never mind"), (2, "two"), (3, "three")), as_of=500)
    assert (tally.counts.failed, tally.counts.completed) == (1, 1)
    assert cited(tally.evidence) == ["never mind"]


def test_evidence_of_a_loss_are_the_records_of_the_step_after_which_it_was() -> None:
    records = events(*many("one", 0, 1), *many("two", 2, 3), *many("three", 4))
    tally, _ = play(funnel(), records, as_of=500)
    assert tally.stopped_at == {"two": 1}
    assert cited(tally.evidence) == ["two", "two"]


def test_records_of_an_older_deployment_are_kept_apart() -> None:
    old = {"attributes": {"deploymentId": "old"}}
    records = [record(0, "one"), record(1, "one", **old), record(2, "two"), record(99, "two", **old)]
    tally, _ = play(funnel(), records, as_of=500, since=0, until=50, names=frozenset({"new"}))
    assert tally.steps == {"one": 1, "two": 1, "three": 0}
    assert tally.older == 1
    assert tally.stopped_at == {"two": 1}


def test_what_another_deployment_logs_after_the_window_saves_nothing() -> None:
    later = record(55, "two", attributes={"deploymentId": "old"})
    names = frozenset({"new"})
    tally, _ = play(funnel(), [record(45, "one"), later], as_of=500, since=0, until=50, names=names)
    assert tally.counts == RunCounts(started=1, timed_out=1, attempts=1)
