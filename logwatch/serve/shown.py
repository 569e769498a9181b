"""What is shown: how the inputs stand, verdicts, charts and metrics, as of the last look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from prometheus_client.core import Metric

from logwatch.live.coverage import CoverageMinutes
from logwatch.live.driver import LiveDriver
from logwatch.ruleset.model import RuleSet
from logwatch.serve.books import Books
from logwatch.serve.input_metrics import counted_inputs, inputs_now
from logwatch.serve.judging import History, judge_windows
from logwatch.serve.rule_metrics import rule_metrics
from logwatch.serve.setup import Setup
from logwatch.serve.snapshot import Point, StreamState
from logwatch.verdict.verdict import Assurance, Verdict

_JUDGE_EVERY = 5.0
_RUNS_A_SECOND = 5_000
"""So many runs that are not final make judging a second rarer: each is looked at."""


class Shown:
    """The last look at everything.

    `counted` and `inputs` are counters, of rules and of inputs; `standing` are gauges of inputs, and `others` all
    other metrics.
    """

    def __init__(self) -> None:
        self.streams: tuple[StreamState, ...] = ()
        self.verdicts: Mapping[str, Verdict] = {}
        self.history: Mapping[str, tuple[Point, ...]] = {}
        self.counted: tuple[Metric, ...] = ()
        self.inputs: tuple[Metric, ...] = ()
        self.standing: tuple[Metric, ...] = ()
        self.others: tuple[Metric, ...] = ()
        self._charts = History()
        self._judged_at = float("-inf")

    def begin_anew(self) -> None:
        """Judge at the next look, by other rules or windows; until then what was shown stays."""
        self._charts = History()
        self._judged_at = float("-inf")

    def look(self, driver: LiveDriver, wall: datetime) -> None:
        """See how the inputs stand."""
        streams = tuple(_states(driver, wall))
        if streams != self.streams:
            self.streams = streams
            self.standing = tuple(inputs_now(streams))

    def judge(self, setup: Setup, books: Books, coverage: CoverageMinutes, now: float) -> None:
        """Judge every window, unless that was done a short while ago."""
        unfinished = sum(found.open for found in books.course.in_flight().values())
        if now - self._judged_at < _JUDGE_EVERY + unfinished / _RUNS_A_SECOND:
            return
        self._judged_at = now
        self.verdicts = judge_windows(
            setup.ruleset,
            setup.config.serve.windows,
            books.course,
            books.minutes,
            coverage,
            self.streams,
            Assurance(setup.config.assurance),
        )
        self.history = self._charts.points(setup.ruleset, books.minutes)

    def count(self, ruleset: RuleSet, books: Books) -> None:
        """Take over what the rules count."""
        self.counted = tuple(rule_metrics(ruleset, books.counters, books.course.in_flight()))

    def count_inputs(self, driver: LiveDriver) -> None:
        """Take over what is counted of the inputs, which may be thousands."""
        self.inputs = tuple(counted_inputs({name: stream.facts for name, stream in driver.streams.items()}))


def _states(driver: LiveDriver, wall: datetime) -> Iterator[StreamState]:
    unread, troubles = driver.unread(), driver.troubles()
    for name in dict.fromkeys([*driver.streams, *unread, *troubles]):
        stream = driver.streams.get(name)
        newest = stream.facts.newest if stream else None
        left = unread.get(name, 0)
        behind = max(wall - newest, timedelta()).total_seconds() if newest and left else None
        yield StreamState(
            name,
            stream.format if stream else "unknown",
            stream.facts.lines if stream else 0,
            left,
            behind if behind is not None or not left else 0.0,
            newest,
            troubles.get(name),
        )
