"""Counters: what the engine found since they were created. They move when something is final, and never go back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from logwatch.engine.match import Key, Match
from logwatch.engine.roles import SKIPPED
from logwatch.engine.run import Oddity, Outcome, Run, Stray
from logwatch.engine.sums import LABEL_VALUES, OTHER
from logwatch.ruleset.definition import definition_of
from logwatch.ruleset.model import (
    ExpectRule,
    MeasureRule,
    PairRule,
    QuantileLimits,
    RatioRule,
    Rule,
    RuleSet,
    SequenceRule,
    Unit,
)
from logwatch.serve.names import exemplar_label

SECONDS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
"""Upper bounds of buckets of durations."""
SIZES = tuple(float(10**n) for n in range(10))
"""Those of bytes and of numbers."""
_LONGEST_EXEMPLAR = 128
"""Characters of all labels of an exemplar that OpenMetrics allows, names included."""


class Exemplar(msgspec.Struct, array_like=True):
    """The run that a counter counted last."""

    labels: dict[str, str]
    value: float
    time: float


class Counted(msgspec.Struct):
    """A counter, and when it came into being (epoch seconds)."""

    created: float
    value: float = 0.0
    exemplar: Exemplar | None = None


class Distribution(msgspec.Struct):
    """A histogram: how many values lie up to each bound and above the one before, the last: above all.

    `created` (epoch seconds) is when it came into being.
    """

    bounds: tuple[float, ...]
    buckets: list[int]
    created: float
    sum: float = 0.0
    exemplars: dict[int, Exemplar] = {}

    @classmethod
    def up_to(
        cls, bounds: tuple[float, ...], created: float, limits: QuantileLimits | None = None
    ) -> Distribution:
        """Return one without values. Limits are bounds as well: which side of them a quantile lies on is then exact."""
        given = (limits.p50, limits.p95) if limits else ()
        bounds = tuple(sorted({*bounds, *(limit for limit in given if limit is not None)}))
        return cls(bounds, [0] * (len(bounds) + 1), created)

    def add(self, value: float, exemplar: Exemplar | None = None) -> None:
        """Count `value`."""
        place = next((n for n, bound in enumerate(self.bounds) if value <= bound), len(self.bounds))
        self.buckets[place] += 1
        self.sum += value
        if exemplar is not None:
            self.exemplars[place] = exemplar


class RuleCounters(msgspec.Struct, kw_only=True):
    """All counters of one rule, from `created` (epoch seconds) on.

    `by_label` counts what a rule tells apart: its labels, or the keys that it expects; `named` counts everything
    else by a word: outcomes, oddities, steps, sides of a ratio.
    """

    definition: str
    created: float
    matches: int = 0
    dropped: int = 0
    timeouts: int = 0
    by_label: dict[tuple[str, ...], Counted] = {}
    named: dict[str, Counted] = {}
    distribution: Distribution | None = None

    @classmethod
    def of(cls, rule: Rule, created: float) -> RuleCounters:
        """Return counters at zero, one for everything that is known in advance."""
        counters = cls(definition=definition_of(rule), created=created)
        for name in _names(rule):
            counters.named[name] = Counted(created)
        if isinstance(rule, ExpectRule):
            counters.by_label = {(key,): Counted(created) for key in rule.expected}
        if isinstance(rule, PairRule):
            counters.distribution = Distribution.up_to(SECONDS, created, rule.duration)
        elif isinstance(rule, MeasureRule):
            seconds = rule.unit in {Unit.SECONDS, Unit.MILLISECONDS}
            counters.distribution = Distribution.up_to(SECONDS if seconds else SIZES, created, rule.limits)
        return counters

    def bounded(self, fresh: RuleCounters) -> None:
        """Begin the histogram anew where the bounds of `fresh` ones are others: what lies between is not known."""
        if self.distribution and fresh.distribution and self.distribution.bounds != fresh.distribution.bounds:
            self.distribution = fresh.distribution

    def name(self, name: str, by: float = 1.0, exemplar: Exemplar | None = None) -> None:
        """Count one of the names."""
        counted = self.named[name]
        counted.value += by
        counted.exemplar = exemplar or counted.exemplar

    def label(self, values: tuple[str, ...], now: float) -> None:
        """Count one combination of values, apart if there is room."""
        if values not in self.by_label and len(self.by_label) >= LABEL_VALUES:
            self.dropped += 1
            values = (OTHER,) * len(values)
        if values not in self.by_label:
            self.by_label[values] = Counted(now)
        self.by_label[values].value += 1


def skipped_at(step: str) -> str:
    """Return the name that counts runs that ended, legitimately, where `step` would have come next."""
    return SKIPPED + step


def _names(rule: Rule) -> list[str]:
    outcomes = [outcome.value for outcome in Outcome if outcome is not Outcome.IN_FLIGHT]
    match rule:
        case PairRule():
            return [*outcomes, *(oddity.value for oddity in Oddity), "late", "skewed"]
        case SequenceRule():
            steps = [step.name for step in rule.steps]
            named = [*steps, *(skipped_at(step.name) for step in rule.steps if step.skipped)]
            return [*named, *((f"run:{outcome}" for outcome in outcomes) if rule.key else ())]
        case RatioRule():
            return ["numerator", "denominator"]
    return []


class Counters:
    """Sees what the engine finds, and counts it for good. `now` tells when it is, as the entries say.

    `moved` says whether anything was counted since it was set to False.
    """

    def __init__(self, ruleset: RuleSet, now: Callable[[], datetime]) -> None:
        self._now = now
        self.moved = False
        self.rules = {rule.id: RuleCounters.of(rule, now().timestamp()) for rule in ruleset.rules}

    def on_match(self, rule: Rule, match: Match) -> None:
        """Count a record that plays a role in a rule."""
        self.moved = True
        counters = self.rules[rule.id]
        counters.matches += 1
        if isinstance(rule, ExpectRule) and rule.expected:
            if match.key:
                counters.label(("/".join(match.key),), self._now().timestamp())
        elif any(match.labels):
            counters.label(match.labels, self._now().timestamp())
        if isinstance(rule, RatioRule):
            summed = rule.numerator.sum if match.role == "numerator" else rule.denominator.sum
            for value in match.values if summed else (1.0,):
                if value >= 0:  # not NaN either: a counter cannot count what is no number, nor go back
                    counters.name(match.role, value)
        elif isinstance(rule, MeasureRule) and counters.distribution is not None:
            for value in match.values:
                if value == value:  # noqa: PLR0124  NaN is the only one that is not
                    counters.distribution.add(value)
        elif isinstance(rule, SequenceRule) and not rule.key and match.role in counters.named:
            counters.name(match.role)

    def on_run(self, rule: Rule, found: Run | Stray) -> None:
        """Count a run that is final, or a record that fits none."""
        self.moved = True
        counters = self.rules[rule.id]
        if isinstance(rule, SequenceRule):
            if isinstance(found, Run):
                _walked(rule, found, counters)
            return
        if isinstance(found, Stray):
            counters.name(found.oddity.value)
            if found.late_by is not None:
                counters.name("late")
            return
        assert isinstance(rule, PairRule)
        exemplar = _exemplar(rule.key, found.key, found.ended or found.started)
        counters.name(found.outcome.value, exemplar=exemplar)
        counters.name("skewed", found.skewed)
        if found.late_by is not None:
            counters.name("late")
        if found.outcome is Outcome.COMPLETED and found.duration is not None and found.start.time is not None:
            assert counters.distribution is not None
            seconds = found.duration.total_seconds()
            if exemplar is not None:
                exemplar.value = seconds
            counters.distribution.add(seconds, exemplar)

    def on_timeout(self, rule: Rule, time: datetime | None) -> None:
        """Count a record on which a pattern gave up."""
        self.moved = True
        self.rules[rule.id].timeouts += 1


def _walked(rule: SequenceRule, run: Run, counters: RuleCounters) -> None:
    """Count the steps that a final run reached."""
    steps = [step.name for step in rule.steps]
    last = steps.index(run.stopped_at) if run.stopped_at else len(steps) - 1
    for step in steps[: last + 1]:
        counters.name(step)
    if run.outcome is Outcome.SKIPPED:
        counters.name(skipped_at(steps[last + 1]))
    counters.name(f"run:{run.outcome.value}", exemplar=_exemplar(rule.key, run.key, run.ended or run.started))


def _exemplar(names: tuple[str, ...], key: Key, moment: datetime) -> Exemplar | None:
    """Return what tells which run it was; None where runs have no key."""
    if not names:
        return None
    room = _LONGEST_EXEMPLAR // len(names)
    labels = {}
    for name, text in zip(names, key, strict=True):
        label = exemplar_label(name)[: room // 2]
        labels[label] = text if len(text) <= room // 2 else f"{text[: room // 2 - 1]}…"
    return Exemplar(labels, 1.0, moment.timestamp())
