"""The tallies in the making of all rules over one window: an observer of the engine, one of possibly several."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from logwatch.engine.aggregate import (
    CountAggregator,
    ExpectAggregator,
    MatchAggregator,
    MeasureAggregator,
    RatioAggregator,
)
from logwatch.engine.aggregate_runs import RunAggregator
from logwatch.engine.attribution import Attribution
from logwatch.engine.funnel import FunnelAggregator
from logwatch.engine.match import Event, Match
from logwatch.engine.plain_runs import PlainRuns
from logwatch.engine.run import Run, Stray
from logwatch.engine.saved import restored, saved
from logwatch.engine.tally import Tally
from logwatch.records.coverage import Window
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

Part = MatchAggregator[Any] | RunAggregator


class Aggregation:
    """Counts what the engine finds, for one window and, where one is judged, one deployment.

    `most_values`: of more numbers that a measure captures, so many are kept at most (None: all).
    """

    def __init__(self, ruleset: RuleSet, attribution: Attribution, most_values: int | None = None) -> None:
        self._ruleset, self._attribution, self._most_values = ruleset, attribution, most_values
        self._parts: dict[str, Part] = {
            rule.id: _part(rule, attribution, most_values) for rule in ruleset.rules
        }
        self._count = {
            rule_id: part.match for rule_id, part in self._parts.items() if isinstance(part, MatchAggregator)
        }
        self._add = {
            rule_id: part.add for rule_id, part in self._parts.items() if isinstance(part, RunAggregator)
        }
        # What may be counted in any order; which labels and keys are counted apart depends on which come first.
        self.unordered = {
            rule.id: part
            for rule in ruleset.rules
            if isinstance(part := self._parts[rule.id], MatchAggregator)
            and not (rule.labels or (isinstance(rule, ExpectRule) and rule.key))
        }

    def on_match(self, rule: Rule, match: Match) -> None:
        """Count a match, unless the rule's runs are counted."""
        count = self._count.get(rule.id)
        if count is not None:
            count(match)

    def count(self, event: Event) -> Event | None:
        """Count those matches of an event that may be counted in any order; return the event of the rest, if any."""
        rest = []
        for match in event.matches:
            part = self.unordered.get(match.rule)
            if part is not None:
                part.match(match)
            else:
                rest.append(match)
        if not (rest or event.timeouts):
            return None
        return Event(event.time, event.source, event.ordinal, tuple(rest), event.timeouts)

    def holds(self, first: int, last: int) -> bool:
        """Whether all between these seconds of the epoch lies in the window."""
        since, until = self._attribution.bounds.since, self._attribution.bounds.until
        return (since is None or since.timestamp() <= first) and (
            until is None or last < int(until.timestamp())
        )

    def judges(self, deployment: str | None) -> bool:
        """Whether records that carry `deployment` may belong to the one that is judged."""
        return self._attribution.judges(deployment)

    def on_run(self, rule: Rule, found: Run | Stray) -> None:
        """Count a final run, or a record that fits none."""
        add = self._add.get(rule.id)
        if add is not None:
            add(found)

    def add_plain(self, rule: Rule, runs: PlainRuns) -> None:
        """Count plain runs in the window."""
        part = self._parts[rule.id]
        if isinstance(part, RunAggregator):
            part.add_plain(runs)

    def on_timeout(self, rule: Rule, time: datetime | None) -> None:
        """Note that a pattern used up its time budget on a record of that time (None: it has none)."""
        self._parts[rule.id].timeout(time)

    def on_attempts(self, rule: Rule, run: Run) -> None:
        """Count those starts of a run that lie in the window, whose last start lies after it."""
        part = self._parts[rule.id]
        if isinstance(part, RunAggregator):
            part.attempts(run)

    def include(self, other: Aggregation) -> None:
        """Count what another aggregation of the same rules, over another window, counted."""
        for rule_id, part in self._parts.items():
            part.include(other._parts[rule_id])

    def anew(self) -> Aggregation:
        """Return one that counts the same and has counted nothing."""
        return Aggregation(self._ruleset, self._attribution, self._most_values)

    def add(self, state: bytes, source: str, line: int) -> None:
        """Add what another one of the same rules, over the same window, counted of a part of `source` that begins with
        `line`, and in which lines were counted from 1.
        """
        other = self.anew()
        other.restore(state)
        for part in other._parts.values():
            for citations in part.sums.cited():
                citations.place(source, line)
        self.include(other)

    def tallies(
        self, window: Window, unfinished: Iterable[tuple[Rule, Run | Stray]] = ()
    ) -> dict[str, Tally]:
        """Return the tally of every rule, by id.

        `unfinished` are runs that are not final yet; they are counted as they stand, this once.
        """
        standing: dict[str, list[Run | Stray]] = {}
        for rule, found in unfinished:
            standing.setdefault(rule.id, []).append(found)
        tallies: dict[str, Tally] = {}
        for rule_id, part in self._parts.items():
            if isinstance(part, RunAggregator) and rule_id in standing:
                tallies[rule_id] = part.including(standing[rule_id]).tally(window)
            else:
                tallies[rule_id] = part.tally(window)
        return tallies

    def state(self) -> bytes:
        """Return all that was counted, to be written down."""
        return saved({rule_id: part.state() for rule_id, part in self._parts.items()})

    def restore(self, state: bytes, changed: Collection[str] = ()) -> None:
        """Go on from what `state` returned; a rule that it does not know begins anew, and so do those in `changed`.

        Raises `msgspec.DecodeError` if it is no state of these rules.
        """
        for rule_id, known in restored(dict[str, bytes], state).items():
            if rule_id in self._parts and rule_id not in changed:
                self._parts[rule_id].restore(known)


def _part(rule: Rule, attribution: Attribution, most_values: int | None) -> Part:
    match rule:
        case ForbidRule() | CountRule():
            return CountAggregator(attribution)
        case ExpectRule():
            return ExpectAggregator(attribution, rule)
        case MeasureRule():
            return MeasureAggregator(attribution, most_values)
        case RatioRule():
            return RatioAggregator(attribution, rule)
        case PairRule():
            return RunAggregator(attribution, rule)
        case SequenceRule():
            return RunAggregator(attribution, rule) if rule.key else FunnelAggregator(attribution, rule)
    raise TypeError(f"no aggregator for {type(rule).__name__}")
