"""Plain runs are put together where their records are found; every other match goes on as an event."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from logwatch.engine.engine import Engine
from logwatch.engine.match import Event
from logwatch.engine.pairing import Pairing, Played
from logwatch.engine.plain_runs import PlainRuns
from logwatch.ruleset.model import OnRestart, RuleSet
from logwatch.timespec import MICROSECOND, moment_of

from .world import Recorder, at, pair, record, span

JOB = pair(timeout=span(60), retry_within=span(120))


class Batch(NamedTuple):
    """The columns of a batch."""

    moments: list[int]
    ordinals: list[int]
    lines: list[int]


def take(pairing: Pairing, *found: tuple[str, float, str]) -> None:
    """Have matches taken, each with its key, its second and its role, a batch of their own for all."""
    seconds = [second for _, second, _ in found]
    batch = Batch(
        [moment_of(at(second)) for second in seconds],
        [int(second * 1000) for second in seconds],
        [int(second) + 1 for second in seconds],
    )
    played = [Played("job", role, [(key,)], [n]) for n, (key, _, role) in enumerate(found)]
    pairing.take(batch, [f"{role} at {second:g}" for _, second, role in found], played)


def settled(pairing: Pairing, *found: tuple[str, float, str]) -> tuple[list[str], list[float]]:
    """Return the keys of the runs that are put together, and the seconds of the other matches."""
    pairing.arrive([moment_of(at(seconds)) for _, seconds, _ in found])
    take(pairing, *found)
    items = list(pairing.settle("a.log"))
    keys = [key for item in items if isinstance(item, PlainRuns) for (key,) in item.keys]
    others = [(moment_of(item.time) - moment_of(at(0))) / 1e6 for item in items if isinstance(item, Event)]
    return keys, others


FAR = ("z", 500.0, "start")
"""What comes so late that nothing before it is still to be waited for."""
RUNS = {
    "a start and its end": [("a", 1.0, "start"), ("a", 2.0, "completed")],
    "an end said twice": [("a", 1.0, "start"), ("a", 2.0, "completed"), ("a", 3.0, "completed")],
    "an end in the moment of its start": [("a", 1.0, "start"), ("a", 1.0, "completed")],
    "a run that is announced": [("a", 1.0, "enqueued"), ("a", 2.0, "start"), ("a", 3.0, "completed")],
    "a run that had nothing to do": [("a", 1.0, "start"), ("a", 2.0, "skipped")],
}
OTHERS = {
    "a failure, which another attempt may revise": [("a", 1.0, "start"), ("a", 2.0, "failed")],
    "two starts": [("a", 1.0, "start"), ("a", 2.0, "start"), ("a", 3.0, "completed")],
    "a start alone": [("a", 1.0, "start")],
    "an end alone": [("a", 1.0, "completed")],
    "an end after its deadline": [("a", 1.0, "start"), ("a", 62.0, "completed")],
    "an end before its start": [("a", 2.0, "start"), ("a", 1.0, "completed")],
    "an end said again when it is forgotten": [
        ("a", 1.0, "start"),
        ("a", 2.0, "completed"),
        ("a", 130.0, "completed"),
    ],
    "a start announced too long ago": [
        ("a", 1.0, "enqueued"),
        ("a", 122.0, "start"),
        ("a", 123.0, "completed"),
    ],
    "a key that begins anew": [
        ("a", 1.0, "start"),
        ("a", 2.0, "completed"),
        ("a", 3.0, "start"),
        ("a", 4.0, "completed"),
    ],
}


@pytest.mark.parametrize("name", RUNS)
def test_plain_runs_are_put_together(name: str) -> None:
    keys, others = settled(Pairing.of(RuleSet((JOB,)), span(10)), *RUNS[name], FAR)
    assert (keys, others) == (["a"], [500])


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_plain_comes_match_by_match(name: str) -> None:
    found = OTHERS[name]
    keys, others = settled(Pairing.of(RuleSet((JOB,)), span(10)), *found, FAR)
    assert (keys, others) == ([], [*(seconds for _, seconds, _ in found), 500])


def test_a_failure_that_nothing_revises_is_still_no_plain_run() -> None:
    rule = pair(timeout=span(60), on_restart=OnRestart.SEPARATE)
    keys, others = settled(
        Pairing.of(RuleSet((rule,)), span(10)), ("a", 1.0, "start"), ("a", 2.0, "failed"), FAR
    )
    assert (keys, others) == ([], [1, 2, 500])


def test_a_run_that_later_records_may_be_earlier_than_is_not_put_together() -> None:
    pairing = Pairing.of(RuleSet((JOB,)), span(10))
    found = (("a", 1.0, "start"), ("a", 2.0, "completed"), ("b", 3.0, "start"), ("b", 12.0, "completed"))
    assert settled(pairing, *found, ("z", 13.0, "start")) == (["a"], [3, 12, 13])


def test_a_run_that_began_before_the_newest_of_the_stretch_before_is_not_put_together() -> None:
    pairing = Pairing.of(RuleSet((JOB,)), span(10))
    settled(pairing, ("a", 5.0, "start"))
    found = (("b", 4.0, "start"), ("b", 6.0, "completed"), ("c", 6.0, "start"), ("c", 7.0, "completed"))
    assert settled(pairing, *found, FAR) == (["c"], [4, 6, 500])


def test_nothing_is_put_together_where_a_match_comes_too_late_to_be_put_in_order() -> None:
    pairing = Pairing.of(RuleSet((JOB,)), span(10))
    found = (("a", 1.0, "start"), ("a", 2.0, "completed"), ("b", 30.0, "start"), ("c", 19.0, "start"))
    assert settled(pairing, *found) == ([], [1, 2, 30, 19])
    assert settled(pairing, ("d", 40.0, "start"), ("d", 41.0, "completed"), FAR) == (["d"], [500])


def test_a_key_of_which_a_match_goes_its_own_way_is_left_alone() -> None:
    pairing = Pairing.of(RuleSet((JOB,)), span(10))
    event = Engine(RuleSet((JOB,)), span(10)).event(record(1.5, "done a"))
    assert event is not None
    pairing.misses(event)
    found = (("a", 1.0, "start"), ("a", 2.0, "completed"), ("b", 1.0, "start"), ("b", 2.0, "completed"))
    assert settled(pairing, *found, FAR) == (["b"], [1, 2, 500])


def test_rules_with_a_key_and_room_are_paired_and_those_without_a_key_come_in_turn() -> None:
    rules = RuleSet((pair(id="fifo", key=()), pair(id="small", max_open=10), JOB))
    pairing = Pairing.of(rules, span(10))
    assert [rule.id for rule in rules.rules if pairing.pairs(rule.id, True)] == ["job"]
    assert [rule.id for rule in rules.rules if pairing.pairs(rule.id, False)] == ["fifo"]


def fed(*before: str) -> tuple[list[str], list[str], Recorder]:
    """Return the keys of the runs of a stretch that a correlator takes as they are, which runs and strays it reports,
    and who saw these, where these messages came before.
    """
    seen = Recorder()
    engine = Engine(RuleSet((JOB,)), span(10), observer=seen)
    for n, message in enumerate(before):
        engine.feed(record(15 + n, message, ordinal=n))
    pairing = Pairing.of(RuleSet((JOB,)), span(10))
    found = [(key, seconds, role) for key in "ab" for seconds, role in ((20.0, "start"), (25.0, "completed"))]
    pairing.arrive([moment_of(at(20)), moment_of(at(25)), moment_of(at(500))])
    take(pairing, *found)
    taken: list[str] = []
    for item in pairing.settle("a.log"):
        assert isinstance(item, PlainRuns)
        _, plain = engine.take_runs(item)
        taken += [key for (key,) in plain.keys]
    engine.finish(at(1000))
    return taken, [f"{run.key[0]} {run.outcome}" for run in seen.runs], seen


def test_a_correlator_takes_runs_of_keys_that_it_does_not_know() -> None:
    taken, runs, _ = fed()
    assert (taken, runs) == (["a", "b"], [])


@pytest.mark.parametrize("before", ["start a", "add a", "done a"])
def test_runs_of_keys_that_it_knows_are_fed_match_by_match(before: str) -> None:
    taken, runs, _ = fed(before)
    assert (taken, runs) == (["b"], ["a completed"])


def test_a_start_of_a_run_that_is_open_is_its_next_attempt() -> None:
    _, _, seen = fed("start a")
    (run,) = seen.runs
    assert run.starts == (at(15), at(20))
    assert run.end is not None
    assert run.end.text == "completed at 25"


def test_an_end_of_a_run_that_was_taken_as_it_is_is_a_duplicate() -> None:
    seen = Recorder()
    engine = Engine(RuleSet((JOB,)), span(10), observer=seen)
    pairing = Pairing.of(RuleSet((JOB,)), span(10))
    pairing.arrive([moment_of(at(1)), moment_of(at(500))])
    take(pairing, ("a", 1, "start"), ("a", 2, "completed"))
    for item in pairing.settle("a.log"):
        assert isinstance(item, PlainRuns)
        engine.take_runs(item)
    engine.feed(record(100, "done a"))
    engine.feed(record(300, "done a"))
    engine.finish(at(1000))
    assert [stray.oddity for stray in seen.strays] == ["duplicate_end", "orphan_end"]


def test_the_parts_of_a_source_are_not_paired_across_the_newest_of_what_came_before() -> None:
    pairing = Pairing.of(RuleSet((JOB,)), span(10))
    pairing.arrive([moment_of(at(1)), moment_of(at(500))])
    for n, key in enumerate("abc", 1):
        take(pairing, (key, n, "start"), (key, n + 1, "completed"))
    (runs, tick) = pairing.settle("a.log")
    assert isinstance(runs, PlainRuns)
    assert isinstance(tick, PlainRuns)
    *events, rest = runs.after(moment_of(at(2)))
    assert [event.time for event in events] == [at(1), at(2), at(2), at(3)]
    assert isinstance(rest, PlainRuns)
    assert rest.keys == [("c",)]
    assert rest.time == at(3)
    assert tick.time == at(4)
    assert list(tick.after(moment_of(at(600)))) == [tick]


def test_moments_are_microseconds() -> None:
    assert moment_of(at(0) + MICROSECOND) == moment_of(at(0)) + 1
    assert moment_of(None) == -1
