"""One rule from the values of its fields, once nothing is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

from logwatch.ruleset import schema
from logwatch.ruleset.model import (
    BaselineObjective,
    CountRule,
    ExpectRule,
    ForbidRule,
    Kind,
    MeasureRule,
    OnRestart,
    PairRule,
    QuantileLimits,
    RateObjective,
    RatioRule,
    Rule,
    Samples,
    SequenceRule,
    Severity,
    Step,
    Term,
    Unit,
)
from logwatch.yamlfiles.fields import Field, Values


def build_rule(kind: Kind, values: Values) -> Rule:
    """Return the rule of `kind` that `values` describe; no problem was noted of them."""
    return _BUILDERS[kind](values)


def _common(values: Values, kind: Kind) -> dict[str, Any]:
    samples = values.get(schema.SAMPLES)
    return {
        "id": values[schema.ID],
        "kind": kind,
        "title": values.get(schema.TITLE) or values[schema.ID],
        "severity": Severity(values.get(schema.SEVERITY) or Severity.CRITICAL),
        "location": values.location(schema.ID),
        "samples": Samples(**samples.given(schema.MATCH, schema.NO_MATCH)) if samples else Samples(),
        **values.given(schema.DESCRIPTION, schema.LABELS),
    }


def _forbid(values: Values) -> ForbidRule:
    return ForbidRule(
        **_common(values, Kind.FORBID),
        pattern=values[schema.PATTERN],
        exposure=values.get(schema.EXPOSURE),
        **values.given(schema.PRIOR, schema.REJECT),
    )


def _expect(values: Values) -> ExpectRule:
    return ExpectRule(
        **_common(values, Kind.EXPECT),
        pattern=values[schema.PATTERN],
        **values.given(schema.AT_LEAST, schema.EVERY, schema.KEY, schema.EXPECTED),
    )


def _pair(values: Values) -> PairRule:
    outcomes = values[schema.OUTCOMES]
    on_restart = values.get(schema.ON_RESTART)
    return PairRule(
        **_common(values, Kind.PAIR),
        start=values[schema.START],
        outcomes={name: outcomes[schema.OUTCOME[name]] for name in outcomes.names},
        timeout=values[schema.TIMEOUT],
        on_restart=OnRestart(on_restart) if on_restart else OnRestart.RETRY,
        objective=_objective(values.get(schema.OBJECTIVE)) or RateObjective(),
        duration=_limits(values.get(schema.DURATION)),
        **values.given(schema.ENQUEUED, schema.KEY, schema.RETRY_WITHIN, schema.MAX_OPEN),
    )


def _sequence(values: Values) -> SequenceRule:
    return SequenceRule(
        **_common(values, Kind.SEQUENCE),
        steps=tuple(
            Step(s[schema.NAME], s[schema.PATTERN], s.get(schema.WITHIN), s.get(schema.STEP_SKIPPED))
            for s in values[schema.STEPS]
        ),
        objective=_objective(values.get(schema.OBJECTIVE)) or RateObjective(),
        **values.given(schema.KEY, schema.NEVER, schema.MAX_OPEN),
    )


def _ratio(values: Values) -> RatioRule:
    return RatioRule(
        **_common(values, Kind.RATIO),
        numerator=_term(values[schema.NUMERATOR]),
        denominator=_term(values[schema.DENOMINATOR]),
        floor=_objective(values.get(schema.FLOOR)),
        baseline=_baseline(values, worse="lower"),
    )


def _measure(values: Values) -> MeasureRule:
    return MeasureRule(
        **_common(values, Kind.MEASURE),
        pattern=values[schema.PATTERN],
        value=values[schema.VALUE],
        unit=Unit(values[schema.UNIT]),
        limits=_limits(values.get(schema.LIMITS)),
    )


def _count(values: Values) -> CountRule:
    return CountRule(
        **_common(values, Kind.COUNT),
        pattern=values[schema.PATTERN],
        baseline=_baseline(values, worse="higher"),
        **values.given(schema.LIMIT, schema.PER),
    )


_BUILDERS: dict[Kind, Callable[[Values], Rule]] = {
    Kind.FORBID: _forbid,
    Kind.EXPECT: _expect,
    Kind.PAIR: _pair,
    Kind.SEQUENCE: _sequence,
    Kind.RATIO: _ratio,
    Kind.MEASURE: _measure,
    Kind.COUNT: _count,
}


def _term(values: Values) -> Term:
    return Term(values[schema.PATTERN], values.get(schema.SUM))


def _objective(given: Values | None) -> RateObjective | None:
    return None if given is None else RateObjective(**given.given(schema.TARGET, schema.REJECT))


def _baseline(values: Values, worse: Literal["lower", "higher"]) -> BaselineObjective | None:
    given = values.get(schema.BASELINE)
    if given is None:
        return None
    return BaselineObjective(**({"worse": worse} | given.given(schema.MARGIN, schema.WORSE)))


def _limits(given: Values | None) -> QuantileLimits | None:
    """Return limits in seconds where they are time spans, else as they are."""
    if given is None:
        return None
    return QuantileLimits(p50=_limit(given, schema.P50), p95=_limit(given, schema.P95))


def _limit(given: Values, quantile: Field[timedelta | float]) -> float | None:
    value = given.get(quantile)
    return value.total_seconds() if isinstance(value, timedelta) else value
