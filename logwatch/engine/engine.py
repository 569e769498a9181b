"""The engine: records in, runs and matches out. Batch and live drive the same one; it reads no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from logwatch.engine.life import FAR_FUTURE, InFlight
from logwatch.engine.losses import Losses
from logwatch.engine.match import Event, Match
from logwatch.engine.matcher import Matcher
from logwatch.engine.pairs import PairCorrelator
from logwatch.engine.plain_runs import PlainRuns
from logwatch.engine.run import Run, Stray
from logwatch.engine.saved import restored, saved
from logwatch.engine.sequences import SequenceCorrelator
from logwatch.records.record import Record
from logwatch.ruleset.model import PairRule, Rule, RuleSet, SequenceRule


class Observer(Protocol):
    """Sees everything the engine finds, as it becomes final.

    For tables of events, for counters, and for people who watch.
    """

    def on_match(self, rule: Rule, match: Match) -> None:
        """Called for each match, starts and ends included, in the order in which they are taken."""
        ...

    def on_run(self, rule: Rule, found: Run | Stray) -> None:
        """Called once for each run and each stray, at the moment it becomes final."""
        ...


class Bookkeeper(Observer, Protocol):
    """Also sees where patterns gave up."""

    def on_timeout(self, rule: Rule, time: datetime | None) -> None:
        """Called for each record on which a pattern of the rule used up its time budget."""
        ...


class _State(msgspec.Struct):
    losses: dict[str, list[tuple[datetime, datetime]]] = msgspec.field(default_factory=dict)
    correlators: dict[str, bytes] = msgspec.field(default_factory=dict)


class Engine:
    """Judges nothing and counts nothing; it finds matches and makes runs of them.

    Events go in by `take`, in the order of event time, source and ordinal; `event` makes them of records, in any
    order. `aggregations` count what is found, `observer` sees it. `lateness` is how far the order of a start and
    its end may be wrong.
    """

    def __init__(
        self,
        ruleset: RuleSet,
        lateness: timedelta,
        *,
        aggregations: Sequence[Bookkeeper] = (),
        observer: Observer | None = None,
        deployment_attribute: str = "deploymentId",
    ) -> None:
        self.matcher = Matcher(ruleset, deployment_attribute)
        self._aggregations = tuple(aggregations)
        self._observers: tuple[Observer, ...] = (*aggregations, observer) if observer else self._aggregations
        self._losses = Losses()
        self._correlators: dict[str, PairCorrelator | SequenceCorrelator] = {}
        for rule in ruleset.rules:
            if isinstance(rule, PairRule) or (isinstance(rule, SequenceRule) and rule.key):
                self._correlators[rule.id] = self._correlator(rule, lateness)
        self._rules = {rule.id: rule for rule in ruleset.rules}
        self._ways = {rule.id: (rule, self._correlators.get(rule.id)) for rule in ruleset.rules}

    def event(self, record: Record, at: datetime | None = None) -> Event | None:
        """Return what `record` means to the rules; None: nothing.

        `at` is the time to assume for a record that carries none.
        """
        return self.matcher.event(record, at)

    def take(self, event: Event) -> None:
        """Take the next event."""
        for rule_id in event.timeouts:
            for aggregation in self._aggregations:
                aggregation.on_timeout(self._rules[rule_id], event.time)
        for match in event.matches:
            rule, correlator = self._ways[match.rule]
            for observer in self._observers:
                observer.on_match(rule, match)
            if correlator is not None:
                correlator.feed(match)

    def take_runs(self, runs: PlainRuns) -> tuple[Rule, PlainRuns]:
        """Take runs that were put together; return the rule and those of them that nobody has seen."""
        rule, correlator = self._ways[runs.rule]
        assert isinstance(correlator, PairCorrelator)
        return rule, correlator.feed_runs(runs)

    def feed(self, record: Record) -> None:
        """Take the next record, which carries a time."""
        event = self.event(record)
        if event is not None:
            self.take(event)

    def lost(self, source: str, after: datetime, before: datetime = FAR_FUTURE) -> None:
        """Note that records of `source` between two moments are missing: what was open there stays unknown."""
        self._losses.add(source, after, before)

    def advance(self, watermark: datetime) -> None:
        """Make final what no later event can change: input is complete up to, and without, `watermark`.

        Never changes what a run comes to, only how soon that is known; for a driver to whom silence means that
        time has passed.
        """
        for correlator in self._correlators.values():
            correlator.advance(watermark)

    def unfinished(self, as_of: datetime) -> Iterator[tuple[Rule, Run | Stray]]:
        """Yield the runs that are not final yet as they stand at `as_of`; nothing changes by it."""
        for rule_id, correlator in self._correlators.items():
            for found in correlator.unfinished(as_of):
                yield self._rules[rule_id], found

    def in_flight(self, as_of: datetime) -> dict[str, InFlight]:
        """Return how much is not final yet at `as_of`, by rule."""
        return {rule_id: known.in_flight(as_of) for rule_id, known in self._correlators.items()}

    def finish(self, as_of: datetime) -> None:
        """Close the books at `as_of`: what is not final becomes so as it stands."""
        for correlator in self._correlators.values():
            correlator.finish(as_of)

    def state(self) -> bytes:
        """Return all that the engine knows of the past, to be written down; its aggregations have their own."""
        correlators = {rule_id: known.state() for rule_id, known in self._correlators.items()}
        return saved(_State(self._losses.spans, correlators))

    def restore(self, state: bytes, changed: Collection[str] = ()) -> None:
        """Go on from what `state` returned; a rule that it does not know begins anew, and so do those in `changed`.

        The other rules must be the same as then. Raises `msgspec.DecodeError` if it is no state.
        """
        known = restored(_State, state)
        self._losses.spans = known.losses
        for rule_id, correlator in self._correlators.items():
            if rule_id in known.correlators and rule_id not in changed:
                correlator.restore(known.correlators[rule_id])

    def _correlator(
        self, rule: PairRule | SequenceRule, lateness: timedelta
    ) -> PairCorrelator | SequenceCorrelator:
        def emit(found: Run | Stray) -> None:
            for observer in self._observers:
                observer.on_run(rule, found)

        if isinstance(rule, PairRule):
            return PairCorrelator(rule, lateness, self._losses, emit)
        return SequenceCorrelator(rule, lateness, self._losses, emit)
