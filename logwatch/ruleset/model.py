"""Rules as the engine knows them: validated, linked and frozen. The loader makes them; nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Literal

import msgspec

from logwatch.errors import Location
from logwatch.ruleset.condition import Condition

NO_EXPOSURE = "none"
"""What `exposure:` says when coverage alone is enough; no rule can have this id."""


class Kind(StrEnum):
    """What a rule says; the value is the word in YAML."""

    FORBID = "forbid"
    EXPECT = "expect"
    PAIR = "pair"
    SEQUENCE = "sequence"
    RATIO = "ratio"
    MEASURE = "measure"
    COUNT = "count"


class Severity(StrEnum):
    """How much a rule decides."""

    CRITICAL = "critical"
    """Decides the exit code."""
    WARNING = "warning"
    """Is shown; decides under --strict."""
    INFO = "info"
    """Is shown; never decides unless named by --rule."""


class OnRestart(StrEnum):
    """What a second start with the same key means while a run is open."""

    RETRY = "retry"
    """The same run, one attempt more."""
    REPLACE = "replace"
    """The old run is superseded."""
    SEPARATE = "separate"
    """Another run; ends close the oldest."""


class Samples(msgspec.Struct, frozen=True):
    """Texts that the rule's detector must match and must not match: they prove it."""

    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()


class RateObjective(msgspec.Struct, frozen=True):
    """The floor of a rate: the `target` share, and what a pass must rule out.

    None leaves `reject` and `prior` to the assurance.
    """

    target: float = 0.99
    reject: float | None = None


class QuantileLimits(msgspec.Struct, frozen=True):
    """Upper limits of quantiles, in the unit of what is measured (durations: seconds)."""

    p50: float | None = None
    p95: float | None = None


class BaselineObjective(msgspec.Struct, frozen=True):
    """A comparison with a pinned window.

    `margin` is the tolerated difference of proportions; `worse` is the direction that fails.
    """

    margin: float = 0.05
    worse: Literal["lower", "higher"] = "lower"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What all rules have. `location` is the line of the rule's id."""

    id: str
    kind: Kind
    title: str
    severity: Severity
    location: Location
    description: str = ""
    labels: tuple[str, ...] = ()
    samples: Samples = msgspec.field(default_factory=Samples)


class ForbidRule(Rule, frozen=True, kw_only=True):
    """Must not occur. `exposure` names the pair or sequence rule whose runs say how often it could have.

    `NO_EXPOSURE`: coverage alone decides. None: the rule says nothing, which lint reports and which never
    passes. `prior` is the rate of occurrence before (per run), for the exposure that silence needs.
    """

    pattern: Condition
    exposure: str | None
    prior: float | None = None
    reject: float | None = None


class ExpectRule(Rule, frozen=True, kw_only=True):
    """Must occur at least `at_least` times in the window, or at least once in every `every`.

    For each of `expected` keys where listed.
    """

    pattern: Condition
    at_least: int | None = None
    every: timedelta | None = None
    key: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()


class PairRule(Rule, frozen=True, kw_only=True):
    """Each start has one outcome within `timeout`. `key` empty: first-in first-out per source, approximate.

    `outcomes` has any of `completed`, `failed`, `skipped`; `completed` always. Names in `key` are captures or
    `attributes.NAME`.
    """

    start: Condition
    outcomes: Mapping[str, Condition]
    enqueued: Condition | None = None
    key: tuple[str, ...] = ()
    timeout: timedelta
    retry_within: timedelta = timedelta(minutes=10)
    on_restart: OnRestart = OnRestart.RETRY
    max_open: int = 100_000
    objective: RateObjective = msgspec.field(default_factory=RateObjective)
    duration: QuantileLimits | None = None

    @property
    def memory(self) -> timedelta:
        """How long a closed key is remembered."""
        return max(self.timeout, self.retry_within)


class Step(msgspec.Struct, frozen=True):
    """One step of a sequence.

    Reached by `pattern` within `within` of the step before; `skipped` ends the run there legitimately.
    """

    name: str
    pattern: Condition
    within: timedelta | None
    skipped: Condition | None = None


class SequenceRule(Rule, frozen=True, kw_only=True):
    """Named steps in order per key, `never` between them. `key` empty: a funnel of record counts."""

    steps: tuple[Step, ...]
    key: tuple[str, ...] = ()
    never: Condition | None = None
    max_open: int = 100_000
    objective: RateObjective = msgspec.field(default_factory=RateObjective)

    @property
    def memory(self) -> timedelta:
        """The longest that a run can take from its first step to its last."""
        return sum((s.within for s in self.steps if s.within), timedelta())


class Term(msgspec.Struct, frozen=True):
    """One side of a ratio: the sum of capture `sum` over the records that match, or their number where `sum`
    is None.
    """

    pattern: Condition
    sum: str | None = None


class RatioRule(Rule, frozen=True, kw_only=True):
    """One sum or count over another. With neither `floor` nor `baseline` it is info."""

    numerator: Term
    denominator: Term
    floor: RateObjective | None = None
    baseline: BaselineObjective | None = None


class Unit(StrEnum):
    """Unit of a captured number. Milliseconds are converted to seconds as they are read."""

    MILLISECONDS = "ms"
    SECONDS = "s"
    BYTES = "bytes"
    COUNT = "count"


class MeasureRule(Rule, frozen=True, kw_only=True):
    """A captured number with a unit, judged by its quantiles."""

    pattern: Condition
    value: str
    unit: Unit
    limits: QuantileLimits | None = None


class CountRule(Rule, frozen=True, kw_only=True):
    """How often, by label. `limit` is the largest number that passes.

    `per` names the pair rule whose runs a baseline difference counts per.
    """

    pattern: Condition
    limit: int | None = None
    per: str | None = None
    baseline: BaselineObjective | None = None


class RuleSet(msgspec.Struct, frozen=True):
    """Rules in the order of their files. Ids are unique and every reference is known to hold."""

    rules: tuple[Rule, ...]

    def __getitem__(self, rule_id: str) -> Rule:
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids, in order."""
        return tuple(rule.id for rule in self.rules)

    @property
    def lookback(self) -> timedelta:
        """How far before `since` records matter: max(timeout, retry_within, within) over the rules."""
        spans = [timedelta()]
        for rule in self.rules:
            if isinstance(rule, (PairRule, SequenceRule)):
                spans.append(rule.memory)
        return max(spans)
