"""One engine for every driver: when it is told of time, asked or restarted changes nothing that it finds."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatch.engine.aggregation import Aggregation
from logwatch.engine.attribution import Attribution, Bounds
from logwatch.engine.engine import Engine
from logwatch.engine.match import Event
from logwatch.engine.saved import restored, saved
from logwatch.engine.tally import Tally
from logwatch.records.coverage import Window
from logwatch.records.record import Record
from logwatch.ruleset.model import OnRestart, RuleSet

from .world import (
    Recorder,
    at,
    count,
    events,
    expect,
    forbid,
    measure,
    pair,
    ratio,
    record,
    sequence,
    span,
)

RULES = RuleSet(
    (
        pair(id="retry"),
        pair(id="replace", on_restart=OnRestart.REPLACE),
        pair(id="separate", on_restart=OnRestart.SEPARATE, retry_within=span(0)),
        pair(id="crowded", max_open=2),
        pair(id="keyless", key=(), enqueued=None),
        sequence(id="walk"),
        sequence(id="crowded-walk", max_open=2),
        sequence(id="funnel", key=()),
        forbid(labels=("stage",)),
        count(),
        expect(),
        expect(id="beats", key=("worker",), expected=("w1", "w2")),
        measure(),
        ratio(),
    )
)
WORDS = ("start", "done", "fail", "skip", "add", "one", "two", "three", "skip-two", "never")
OTHERS = ("bad s1", "bad", "upload 7", "beat w1", "beat w3", "took 250", "took much", "found 3", "drafts 4")
LINES = st.one_of(
    st.tuples(st.sampled_from(WORDS), st.sampled_from(("1", "2", "3", "-"))).map(" ".join),
    st.sampled_from(OTHERS),
)
SCRIPTS = st.lists(st.tuples(st.integers(0, 900), LINES, st.sampled_from(("a.log", "b.log"))), max_size=40)
Script = list[tuple[int, str, str]]
NOW = Window(at(100), at(700), at(950))


class World:
    """An engine with what it tallies and reports."""

    def __init__(self) -> None:
        self.seen = Recorder()
        self.aggregation = Aggregation(RULES, Attribution(Bounds(NOW.since, NOW.until)))
        self.engine = Engine(RULES, span(10), aggregations=(self.aggregation,), observer=self.seen)

    def feed(self, records: Iterable[Record]) -> World:
        for one in records:
            self.engine.feed(one)
        return self

    def end(self) -> dict[str, Tally]:
        self.engine.finish(NOW.as_of)
        return self.aggregation.tallies(NOW)


def in_order(script: Script) -> list[Record]:
    return events(*sorted(script, key=lambda event: event[0]))


def uninterrupted(records: Iterable[Record]) -> dict[str, Tally]:
    return World().feed(records).end()


@pytest.mark.slow
@settings(max_examples=200)
@given(SCRIPTS, st.data())
def test_when_the_engine_is_told_that_time_passes_changes_no_number(script: Script, data: Any) -> None:
    records, told = in_order(script), World()
    seconds = [(one.time - at(0)).total_seconds() for one in records]
    for one, now, following in zip(records, seconds, [*seconds[1:], 950], strict=False):
        told.feed([one])
        told.engine.advance(at(data.draw(st.floats(now, following))))
    assert told.end() == uninterrupted(records)


@pytest.mark.slow
@settings(max_examples=200)
@given(SCRIPTS, st.integers(0, 40))
def test_an_engine_that_is_stopped_and_restored_goes_on_as_if_nothing_had_been(
    script: Script, cut: int
) -> None:
    records = in_order(script)
    before, after = World().feed(records[:cut]), World()
    after.engine.restore(before.engine.state())
    after.aggregation.restore(before.aggregation.state())
    before_found = list(before.seen.found)
    assert after.feed(records[cut:]).end() == uninterrupted(records)
    whole = World().feed(records)
    whole.end()
    assert sorted(map(repr, before_found + after.seen.found)) == sorted(map(repr, whole.seen.found))


def place(one: Record | Event) -> tuple[Any, str, int]:
    return one.time, one.source, one.ordinal


@settings(max_examples=200)
@given(SCRIPTS, st.data())
def test_events_that_arrive_from_several_sources_come_to_the_same_once_they_are_in_order(
    script: Script, data: Any
) -> None:
    """What a follower does: hold events back up to the slowest source's newest less lateness, and then go on."""
    delays = st.floats(0, 9.9)
    arriving = sorted(script, key=lambda event: event[0] + data.draw(delays))
    records = events(*arriving)
    world, newest = World(), dict.fromkeys(("a.log", "b.log"), at(0))
    held: list[tuple[Any, Event]] = []
    for one in records:
        event = world.engine.event(one)
        newest[one.source] = max(newest[one.source], one.time)
        if event is not None:
            heapq.heappush(held, (place(event), restored(Event, saved(event))))
        watermark = min(newest.values()) - span(10)
        while held and held[0][0][0] < watermark:
            world.engine.take(heapq.heappop(held)[1])
        world.engine.advance(watermark)
    while held:
        world.engine.take(heapq.heappop(held)[1])
    assert world.end() == uninterrupted(sorted(records, key=place))


@pytest.mark.slow
@settings(max_examples=200)
@given(SCRIPTS, st.integers(0, 40))
def test_tallies_can_be_had_at_any_moment_and_nothing_changes_by_it(script: Script, cut: int) -> None:
    records = in_order(script)
    world = World().feed(records[:cut])
    moment = Window(NOW.since, NOW.until, records[cut - 1].time if 0 < cut <= len(records) else NOW.as_of)
    standing = world.aggregation.tallies(moment, world.engine.unfinished(moment.as_of))
    closed = World().feed(records[:cut])
    closed.engine.finish(moment.as_of)
    assert standing == closed.aggregation.tallies(moment)
    assert world.feed(records[cut:]).end() == uninterrupted(records)


@settings(max_examples=100)
@given(SCRIPTS)
def test_what_is_found_is_reported_once(script: Script) -> None:
    """Every start is an attempt of exactly one run, or one stray."""
    world = World().feed(in_order(script))
    world.end()
    for rule_id in ("retry", "replace", "separate", "keyless", "crowded"):
        runs = [run for run in world.seen.runs if run.rule == rule_id]
        strays = [stray for stray in world.seen.strays if stray.rule == rule_id]
        matches = [m for m in world.seen.matches if m.rule == rule_id]
        starts = [m for m in matches if m.role == "start"]
        assert len(starts) == sum(len(run.starts) for run in runs) + sum(
            stray.evidence.role == "start" for stray in strays
        )
        assert len({id(found) for found in world.seen.found}) == len(world.seen.found)


def test_a_run_is_reported_at_the_moment_it_becomes_final() -> None:
    seen = Recorder()
    engine = Engine(
        RuleSet((pair(), pair(id="other", on_restart=OnRestart.REPLACE))), span(10), observer=seen
    )

    def reported() -> list[tuple[str, str, str]]:
        found = [(run.rule, run.key[0], run.outcome.value) for run in seen.runs]
        seen.found.clear()
        return found

    for one in events((0, "start 1"), (0, "start 2"), (0, "start 3"), (1, "done 1"), (2, "fail 2")):
        engine.feed(one)
    completed = [("job", "1", "completed"), ("other", "1", "completed")]
    assert reported() == [*completed, ("other", "2", "failed")]
    engine.advance(at(240))
    assert reported() == []  # exactly at the deadline an end would be in time
    engine.advance(at(240.001))
    assert reported() == [("other", "3", "timed_out")]
    engine.advance(at(602))
    assert reported() == [("job", "3", "timed_out")]  # another start could still have been an attempt of it
    engine.advance(at(602.001))
    assert reported() == [("job", "2", "failed")]
    for one in events((700, "add 4"), (701, "start 4"), (800, "add 4"), (801, "start 4"), (802, "done 4")):
        engine.feed(one)
    reported()
    engine.advance(at(941.001))
    assert reported() == [("job", "4", "timed_out")]  # its key began anew while it was open
    engine.finish(at(1000))
    assert reported() == []


def test_an_engine_without_aggregations_counts_nothing_and_reports_everything() -> None:
    seen = Recorder()
    engine = Engine(RULES, span(10), observer=seen)
    for one in events((0, "start 1"), (1, "done 1"), (2, "bad s1")):
        engine.feed(one)
    assert [(m.rule, m.role) for m in seen.matches][-1] == ("bad", "match")
    assert [run.outcome for run in seen.runs] == ["completed"] * 5


def test_one_engine_feeds_several_windows() -> None:
    rules = RuleSet((pair(), forbid()))
    windows = [Window(at(0), at(50), at(900)), Window(at(51), at(900), at(900))]
    aggregations = [Aggregation(rules, Attribution(Bounds(w.since, w.until))) for w in windows]
    engine = Engine(rules, span(10), aggregations=aggregations)
    for one in events((0, "start 1"), (50, "bad"), (51, "bad"), (60, "start 2"), (61, "bad"), (70, "done 2")):
        engine.feed(one)
    engine.finish(at(900))
    first, second = (a.tallies(w) for a, w in zip(aggregations, windows, strict=True))
    assert (first["job"].counts.timed_out, first["bad"].matches) == (1, 1)
    assert (second["job"].counts.completed, second["bad"].matches) == (1, 2)


def test_losses_are_part_of_the_state() -> None:
    first, second = (Engine(RULES, span(10), observer=Recorder()) for _ in range(2))
    first.feed(record(0, "start 1"))
    first.lost("a.log", at(10), at(20))
    second.restore(first.state())
    assert {found.outcome for _, found in second.unfinished(at(5000))} == {"unknown_gap"}


def test_who_is_the_oldest_is_part_of_the_state() -> None:
    first, second = (Engine(RuleSet((pair(max_open=2),)), span(10), observer=Recorder()) for _ in range(2))
    for one in events((0, "start 1"), (1, "start 2"), (2, "start 1")):
        first.feed(one)
    second.restore(first.state())
    second.feed(record(3, "start 3"))
    assert [found.key for _, found in second.unfinished(at(9))] == [("2",), ("3",)]


def test_a_rule_that_is_new_since_the_state_was_written_begins_anew() -> None:
    old = Engine(RuleSet((pair(),)), span(10))
    old.feed(record(0, "start 1"))
    new = Engine(RuleSet((pair(id="new"), pair())), span(10))
    new.restore(old.state())
    assert [rule.id for rule, _ in new.unfinished(at(60))] == ["job"]
    tallied = Aggregation(RuleSet((forbid(),)), Attribution(Bounds()))
    counted = Aggregation(RuleSet((forbid(), count())), Attribution(Bounds()))
    counted.restore(tallied.state())
    assert counted.tallies(NOW)["uploads"].matches == 0


@pytest.mark.parametrize("state", [b"", b"\xc1", msgspec.msgpack.encode({"correlators": {"job": b"\x01"}})])
def test_what_is_no_state_is_refused(state: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        Engine(RuleSet((pair(),)), span(10)).restore(state)
