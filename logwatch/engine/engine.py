"""The engine: records in, tallies out. Batch and live drive the same one; it reads no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from logwatch.engine.aggregate import ExpectAggregator, MatchAggregator, MeasureAggregator, RatioAggregator
from logwatch.engine.aggregate_runs import FunnelAggregator, RunAggregator
from logwatch.engine.attribution import Attribution
from logwatch.engine.match import Match
from logwatch.engine.matcher import Matcher
from logwatch.engine.pairs import PairCorrelator
from logwatch.engine.run import Run, Stray
from logwatch.engine.sequences import SequenceCorrelator
from logwatch.engine.tally import Tally
from logwatch.records.coverage import Window
from logwatch.records.record import Record
from logwatch.ruleset.model import (
    CountRule,
    ExpectRule,
    ForbidRule,
    MeasureRule,
    PairRule,
    RatioRule,
    Rule,
    RuleSet,
    SequenceRule,
)


class Observer(Protocol):
    """Sees everything the engine finds, as it becomes final.

    For tables of events and for people who watch.
    """

    def on_match(self, rule: Rule, match: Match) -> None:
        """Called for each match, starts and ends included."""
        ...

    def on_run(self, rule: Rule, found: Run | Stray) -> None:
        """Called for each final run and each stray."""
        ...


class _Tallying(Protocol):
    def tally(self, window: Window, pattern_timeouts: int) -> Tally: ...


class _Matching(_Tallying, Protocol):
    def match(self, match: Match) -> None: ...


class Engine:
    """Judges nothing and counts everything: feed it records in order of event time, then ask for the tallies.

    `lateness` is how far records may be out of order between a start and its end. Records must carry a time.
    """

    def __init__(
        self,
        ruleset: RuleSet,
        attribution: Attribution,
        lateness: timedelta,
        *,
        deployment_attribute: str = "deploymentId",
        observer: Observer | None = None,
    ) -> None:
        self._ruleset = ruleset
        self._matcher = Matcher(ruleset, deployment_attribute)
        self._observer = observer
        self._matching: dict[str, _Matching] = {}
        self._runs: dict[str, RunAggregator] = {}
        self._correlators: dict[str, PairCorrelator | SequenceCorrelator] = {}
        for rule in ruleset.rules:
            if isinstance(rule, PairRule) or (isinstance(rule, SequenceRule) and rule.key):
                self._add_correlator(rule, attribution, lateness)
            else:
                self._matching[rule.id] = _aggregator(rule, attribution)

    def feed(self, record: Record) -> None:
        """Take the next record."""
        for rule, match in self._matcher.matches(record):
            if self._observer is not None:
                self._observer.on_match(rule, match)
            correlator = self._correlators.get(rule.id)
            if correlator is not None:
                correlator.feed(match)
            else:
                self._matching[rule.id].match(match)

    def advance(self, watermark: datetime) -> None:
        """Make final what no later record can change: input is complete up to `watermark`."""
        for correlator in self._correlators.values():
            correlator.advance(watermark)

    def finish(self, as_of: datetime, gaps: Mapping[str, datetime]) -> None:
        """Close the books at `as_of`.

        `gaps` maps a source that lost data to the time up to which it was whole.
        """
        for correlator in self._correlators.values():
            correlator.finish(as_of, gaps)

    def tallies(self, window: Window) -> dict[str, Tally]:
        """Return the tally of every rule, by id."""
        timeouts = self._matcher.timeouts
        parts: dict[str, _Tallying] = {**self._matching, **self._runs}
        return {
            rule.id: parts[rule.id].tally(window, timeouts.get(rule.id, 0)) for rule in self._ruleset.rules
        }

    def _add_correlator(
        self, rule: PairRule | SequenceRule, attribution: Attribution, lateness: timedelta
    ) -> None:
        runs = RunAggregator(attribution, approximate=not rule.key)

        def emit(found: Run | Stray) -> None:
            if self._observer is not None:
                self._observer.on_run(rule, found)
            if isinstance(found, Run):
                runs.run(found)
            else:
                runs.stray(found)

        self._runs[rule.id] = runs
        if isinstance(rule, PairRule):
            self._correlators[rule.id] = PairCorrelator(rule, lateness, emit)
        else:
            self._correlators[rule.id] = SequenceCorrelator(rule, lateness, emit)


def _aggregator(rule: Rule, attribution: Attribution) -> _Matching:
    match rule:
        case ForbidRule() | CountRule():
            return MatchAggregator(attribution)
        case ExpectRule():
            return ExpectAggregator(attribution, rule.expected)
        case MeasureRule():
            return MeasureAggregator(attribution)
        case RatioRule():
            sums = {
                "numerator": rule.numerator.sum is not None,
                "denominator": rule.denominator.sum is not None,
            }
            return RatioAggregator(attribution, sums)
        case SequenceRule():
            return FunnelAggregator(rule, attribution)
    raise TypeError(f"no aggregator for {type(rule).__name__}")
