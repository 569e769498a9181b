"""One rule from the values of its fields: what the fields mean together is checked here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from logwatch.ruleset import schema
from logwatch.ruleset.condition import Condition
from logwatch.ruleset.fieldtypes import Field, Values
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
from logwatch.yamlfile import Reader


def build_rule(reader: Reader, kind: Kind, values: Values) -> Rule:
    """Return the rule of `kind` that `values` describe; what does not fit together is noted in `reader`."""
    return _BUILDERS[kind](reader, values)


def _common(values: Values, kind: Kind) -> dict[str, Any]:
    samples = values.get(schema.SAMPLES)
    return {
        "id": values[schema.ID],
        "kind": kind,
        "title": values[schema.TITLE],
        "severity": Severity(values[schema.SEVERITY]),
        "location": values.location(schema.ID),
        "samples": Samples(**samples.given(schema.MATCH, schema.NO_MATCH)) if samples else Samples(),
        **values.given(schema.DESCRIPTION, schema.LABELS),
    }


def _forbid(_: Reader, values: Values) -> ForbidRule:
    return ForbidRule(
        **_common(values, Kind.FORBID),
        pattern=values[schema.PATTERN],
        exposure=values.get(schema.EXPOSURE),
        **values.given(schema.PRIOR, schema.REJECT),
    )


def _expect(reader: Reader, values: Values) -> ExpectRule:
    rule = ExpectRule(
        **_common(values, Kind.EXPECT),
        pattern=values[schema.PATTERN],
        **values.given(schema.AT_LEAST, schema.EVERY, schema.KEY, schema.EXPECTED),
    )
    if rule.at_least is None and rule.every is None:
        reader.problem(values.node.location, "the rule expects nothing; give 'at_least' or 'every'")
    if rule.expected and len(rule.key) != 1:
        where = values.location(schema.EXPECTED)
        reader.problem(where, "'expected' lists the values of one key; give 'key' with one name")
    return rule


def _pair(reader: Reader, values: Values) -> PairRule:
    outcomes = values[schema.OUTCOMES]
    on_restart = values.get(schema.ON_RESTART)
    return PairRule(
        **_common(values, Kind.PAIR),
        start=values[schema.START],
        outcomes={name: outcomes[schema.OUTCOME[name]] for name in outcomes.names},
        timeout=values[schema.TIMEOUT],
        on_restart=OnRestart(on_restart) if on_restart else OnRestart.RETRY,
        objective=_objective(reader, values, schema.OBJECTIVE) or RateObjective(),
        duration=_limits(reader, values, schema.DURATION, timed=True),
        **values.given(schema.ENQUEUED, schema.KEY, schema.RETRY_WITHIN, schema.MAX_OPEN),
    )


def _sequence(reader: Reader, values: Values) -> SequenceRule:
    steps = values[schema.STEPS]
    if len(steps) < 2:
        reader.problem(
            values.location(schema.STEPS), "a sequence needs two steps; for one, use expect or pair"
        )
    names: set[str] = set()
    for number, step in enumerate(steps):
        name = step[schema.NAME]
        if name in names or name == "never":
            reader.problem(
                step.location(schema.NAME), f"step '{name}' is named already; give it another name"
            )
        names.add(name)
        within = step.get(schema.WITHIN)
        if number and within is None:
            reader.problem(step.node.location, f"step '{name}' has no 'within': {schema.WITHIN.meaning}")
        if not number and within is not None:
            reader.problem(
                step.location(schema.WITHIN), "the first step has no step before it; remove 'within'"
            )
    return SequenceRule(
        **_common(values, Kind.SEQUENCE),
        steps=tuple(
            Step(s[schema.NAME], s[schema.PATTERN], s.get(schema.WITHIN), s.get(schema.STEP_SKIPPED))
            for s in steps
        ),
        objective=_objective(reader, values, schema.OBJECTIVE) or RateObjective(),
        **values.given(schema.KEY, schema.NEVER, schema.MAX_OPEN),
    )


def _ratio(reader: Reader, values: Values) -> RatioRule:
    return RatioRule(
        **_common(values, Kind.RATIO),
        numerator=_term(reader, values[schema.NUMERATOR]),
        denominator=_term(reader, values[schema.DENOMINATOR]),
        floor=_objective(reader, values, schema.FLOOR),
        baseline=_baseline(values),
    )


def _measure(reader: Reader, values: Values) -> MeasureRule:
    unit = Unit(values[schema.UNIT])
    _captured(reader, values, schema.VALUE, values[schema.VALUE], values[schema.PATTERN])
    return MeasureRule(
        **_common(values, Kind.MEASURE),
        pattern=values[schema.PATTERN],
        value=values[schema.VALUE],
        unit=unit,
        limits=_limits(reader, values, schema.LIMITS, timed=unit in {Unit.MILLISECONDS, Unit.SECONDS}),
    )


def _count(_: Reader, values: Values) -> CountRule:
    return CountRule(
        **_common(values, Kind.COUNT),
        pattern=values[schema.PATTERN],
        baseline=_baseline(values),
        **values.given(schema.LIMIT, schema.PER),
    )


_BUILDERS: dict[Kind, Callable[[Reader, Values], Rule]] = {
    Kind.FORBID: _forbid,
    Kind.EXPECT: _expect,
    Kind.PAIR: _pair,
    Kind.SEQUENCE: _sequence,
    Kind.RATIO: _ratio,
    Kind.MEASURE: _measure,
    Kind.COUNT: _count,
}


def _objective(reader: Reader, values: Values, field: Field[Values]) -> RateObjective | None:
    given = values.get(field)
    if given is None:
        return None
    target, reject = given[schema.TARGET], given.get(schema.REJECT)
    if reject is not None and reject >= target:
        reader.problem(
            given.location(schema.REJECT), f"'reject' is {reject}; it must be less than 'target', {target}"
        )
    return RateObjective(target, reject)


def _baseline(values: Values) -> BaselineObjective | None:
    given = values.get(schema.BASELINE)
    return None if given is None else BaselineObjective(**given.given(schema.MARGIN, schema.WORSE))


def _limits(reader: Reader, values: Values, field: Field[Values], *, timed: bool) -> QuantileLimits | None:
    """Return limits in seconds (`timed`) or plain numbers."""
    given = values.get(field)
    if given is None:
        return None
    limits: dict[str, float] = {}
    for quantile in schema.QUANTILES:
        value = given.get(quantile)
        if value is None:
            continue
        if isinstance(value, timedelta) != timed:
            wanted = "a time span like 36s" if timed else "a plain number"
            reader.problem(given.location(quantile), f"'{quantile.name}' must be {wanted} here")
        limits[quantile.name] = value.total_seconds() if isinstance(value, timedelta) else value
    if not limits:
        reader.problem(values.location(field), f"'{field.name}' is empty; give 'p50' or 'p95'")
    return QuantileLimits(**limits)


def _term(reader: Reader, values: Values) -> Term:
    summed = values.get(schema.SUM)
    if summed is not None:
        _captured(reader, values, schema.SUM, summed, values[schema.PATTERN])
    return Term(values[schema.PATTERN], summed)


def _captured(reader: Reader, values: Values, field: Field[str], name: str, pattern: Condition) -> None:
    if name not in pattern.captures:
        where = values.location(field)
        reader.problem(where, f"'{field.name}' names no capture of the pattern; write (?P<{name}>…) in it")
