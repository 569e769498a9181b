"""Whose doing it was: the judged deployment's own, or an older one's that was still at work."""

from __future__ import annotations

import pytest

from logwatch.engine.attribution import Attribution, Bounds
from logwatch.engine.tally import RunCounts

from .world import at, pair, play, record

NEW = frozenset({"new-1", "d52dee0"})


@pytest.mark.parametrize(
    ("recorded", "mine"),
    [
        ("new-1", True),
        ("dpl_new-1", True),
        ("d52dee0", True),
        ("d52dee0f3a", True),
        ("D52DEE0", True),
        ("d52dee", False),
        ("d52dee1", False),
        ("new-11", False),
        ("old-1", False),
        ("new-", False),
        (None, True),
    ],
)
def test_a_deployment_is_known_by_its_id_or_its_commit(recorded: str | None, mine: bool) -> None:
    assert Attribution(Bounds(), NEW).judges(recorded) is mine


def test_numbers_that_begin_alike_are_no_commits() -> None:
    assert not Attribution(Bounds(), frozenset({"20251011"})).judges("202510112")
    assert not Attribution(Bounds(), frozenset({"release-1"})).judges("release-10")


def test_where_no_deployment_is_judged_everything_is_its_own() -> None:
    assert Attribution(Bounds()).judges("whatever")


def test_by_marker_a_run_that_was_still_open_when_the_window_began_is_an_older_ones() -> None:
    records = [
        record(-900, "start over"), record(-890, "done over"),
        record(-700, "start edge"), record(-500, "done edge"), record(-5, "start edge"), record(0, "skip edge"),
        record(-230, "start stuck"),
        record(-100, "start failing"),
        record(-20, "start fine"),
        record(-10, "start waiting"), record(-9, "fail waiting"),
        record(1, "done fine"),
        record(2, "fail failing"),
        record(5, "start mine"), record(6, "done mine"),
    ]  # fmt: skip
    tally, _ = play(pair(), records, as_of=1000, since=0, names=NEW)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1)
    assert tally.older_counts == RunCounts(started=4, completed=1, failed=1, timed_out=1, skipped=1)
    assert tally.older == 4


def test_by_attribute_a_run_in_the_window_belongs_to_whom_its_last_start_names() -> None:
    old, new = ({"attributes": {"deploymentId": name}} for name in ("dpl_old", "dpl_new-1"))
    records = [
        record(1, "start 1", **new), record(2, "done 1", **old),
        record(3, "start 2", **old), record(4, "fail 2", **new),
        record(5, "start 3", **old), record(6, "fail 3", **old), record(7, "start 3", **new), record(8, "done 3"),
        record(9, "start 4"), record(10, "done 4"),
        record(11, "done 5", **old), record(12, "done 6", **new),
    ]  # fmt: skip
    tally, _ = play(pair(), records, as_of=1000, since=0, names=NEW)
    assert tally.counts == RunCounts(started=3, completed=3, attempts=4, orphan_end=1)
    assert tally.older_counts == RunCounts(started=1, failed=1)


def test_a_run_of_the_judged_deployment_from_before_its_window_is_nobody_elses() -> None:
    records = [record(-5, "start 1", attributes={"deploymentId": "new-1"}), record(5, "fail 1")]
    tally, _ = play(pair(), records, as_of=1000, since=0, names=NEW)
    assert (tally.counts, tally.older_counts) == (RunCounts(), RunCounts())


def test_a_run_after_the_window_is_nobodys() -> None:
    records = [record(101, "start 1"), record(102, "fail 1")]
    tally, _ = play(pair(), records, as_of=1000, since=0, until=100, names=NEW)
    assert (tally.counts, tally.older_counts) == (RunCounts(), RunCounts())


def test_in_flight_runs_of_an_older_deployment_are_told_too() -> None:
    tally, _ = play(pair(), [record(-5, "start 1")], as_of=10, since=0, names=NEW)
    assert tally.older_counts == RunCounts(started=1, in_flight=1)
    assert list(tally.in_flight_ages) == []


def test_open_sides_hold_everything() -> None:
    assert at(-1e9) in Bounds()
    assert at(0) in Bounds(since=at(0))
    assert at(-0.001) not in Bounds(since=at(0))
    assert at(0.001) not in Bounds(until=at(0))
