"""Judging the configured windows, by what was counted minute by minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from logwatch.engine.aggregation import Aggregation
from logwatch.engine.tally import ExpectTally, MatchTally, RatioTally, RunTally, Tally
from logwatch.live.course import Course
from logwatch.live.coverage import CoverageMinutes
from logwatch.live.minutes import Block, Minutes
from logwatch.live.ring import minute_of, start_of
from logwatch.records.coverage import Window
from logwatch.ruleset.model import Kind, Rule, RuleSet
from logwatch.ruleset.samples import proven
from logwatch.serve.snapshot import Point, StreamState
from logwatch.timespec import EARLIEST
from logwatch.verdict.judge import judge
from logwatch.verdict.verdict import Assurance, Verdict


def window_of(watermark: datetime, length: timedelta) -> Window:
    """Return the window of `length` up to what is complete; it begins with a whole minute, so it is a little longer."""
    as_of = watermark - datetime.resolution
    return Window(start_of(minute_of(as_of - length)), as_of, as_of)


def judge_windows(
    ruleset: RuleSet,
    windows: Mapping[str, timedelta],
    course: Course,
    minutes: Minutes,
    coverage: CoverageMinutes,
    streams: Sequence[StreamState],
    assurance: Assurance,
) -> dict[str, Verdict]:
    """Return the verdict on each window, by its name; none before anything is known to be complete."""
    if course.watermark <= EARLIEST + max(windows.values()):
        return {}
    formats = {stream.name: stream.format for stream in streams}
    troubles = {stream.name: stream.trouble for stream in streams if stream.trouble is not None}
    unfinished = list(course.unfinished())
    verdicts: dict[str, Verdict] = {}
    for name, length in windows.items():
        window = window_of(course.watermark, length)
        verdicts[name] = judge(
            ruleset,
            minutes.tallies(window, unfinished),
            coverage.coverage(window, formats, troubles),
            window,
            assurance=assurance,
            proven=proven,
        )
    return verdicts


class History:
    """The bars of every rule's chart; a stretch is counted up anew only where something came to it."""

    def __init__(self) -> None:
        self._known: dict[datetime, tuple[Aggregation, dict[str, Point]]] = {}

    def points(self, ruleset: RuleSet, minutes: Minutes) -> Mapping[str, tuple[Point, ...]]:
        """Return the bars by rule, the oldest first; stretches in which nothing was counted have none."""
        before, self._known = self._known, {}
        for block in minutes.blocks():
            counted, points = before.get(block.start, (None, {}))
            if counted is not block.counted:
                points = _points(ruleset, block)
            self._known[block.start] = block.counted, points
        return {
            rule.id: tuple(points[rule.id] for _, points in self._known.values()) for rule in ruleset.rules
        }


def _points(ruleset: RuleSet, block: Block) -> dict[str, Point]:
    end = block.start + block.length - datetime.resolution
    tallies = block.counted.tallies(Window(block.start, end, end))
    return {
        rule.id: Point(block.start, block.length, *_good_and_bad(rule, tallies[rule.id]))
        for rule in ruleset.rules
    }


def _good_and_bad(rule: Rule, tally: Tally) -> tuple[int, int]:
    match tally:
        case RunTally():
            return tally.counts.completed, tally.counts.failed + tally.counts.timed_out
        case RatioTally():
            return tally.numerator_records, 0
        case ExpectTally():
            return tally.matches, 0
        case MatchTally():
            return (0, tally.matches) if rule.kind is Kind.FORBID else (tally.matches, 0)
    return 0, 0
