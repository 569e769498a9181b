"""What the fields of a rule mean together, checked on what could be read: one fault hides no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from logwatch.ruleset import schema
from logwatch.ruleset.condition import Condition
from logwatch.ruleset.conditions import AllOf, AnyOf
from logwatch.ruleset.model import Kind, RateObjective, Unit
from logwatch.yamlfiles.fields import Field, Values
from logwatch.yamlfiles.reader import Reader


def check_rule(reader: Reader, kind: Kind, values: Values) -> None:
    """Note what does not fit together in a rule of `kind`."""
    check = _CHECKS.get(kind)
    if check is not None:
        check(reader, values)


def _expect(reader: Reader, values: Values) -> None:
    key = values.get(schema.KEY)
    if values.get(schema.EXPECTED) and not (key and len(key) == 1):
        if key is None and schema.KEY.name in values.names:
            return  # the key itself is wrong, which is told already
        where = values.location(schema.EXPECTED)
        reader.problem(where, "'expected' lists the values of one key; give 'key' with one name")


def _pair(reader: Reader, values: Values) -> None:
    _objective(reader, values.get(schema.OBJECTIVE))


def _sequence(reader: Reader, values: Values) -> None:
    _objective(reader, values.get(schema.OBJECTIVE))
    names = {"never"}
    for number, step in enumerate(values.get(schema.STEPS) or ()):
        name = step.get(schema.NAME)
        if name in names:
            reader.problem(
                step.location(schema.NAME), f"step '{name}' is named already; give it another name"
            )
        elif name is not None:
            names.add(name)
        within = schema.WITHIN.name in step.names
        if number and not within:
            reader.problem(step.node.location, f"step {number + 1} has no 'within': {schema.WITHIN.meaning}")
        if not number and within:
            where = step.location(schema.WITHIN)
            reader.problem(where, "the first step has no step before it; remove 'within'")


def _ratio(reader: Reader, values: Values) -> None:
    _objective(reader, values.get(schema.FLOOR))
    for side in (schema.NUMERATOR, schema.DENOMINATOR):
        term = values.get(side)
        if term is not None:
            _number(reader, term, schema.SUM)


def _measure(reader: Reader, values: Values) -> None:
    _number(reader, values, schema.VALUE)
    unit, limits = values.get(schema.UNIT), values.get(schema.LIMITS)
    if unit is None or limits is None:
        return
    timed = Unit(unit) in {Unit.MILLISECONDS, Unit.SECONDS}
    for quantile in schema.QUANTILES:
        value = limits.get(quantile)
        if value is not None and isinstance(value, timedelta) != timed:
            wanted = "a time span like 36s" if timed else "a plain number"
            reader.problem(limits.location(quantile), f"'{quantile.name}' must be {wanted} here")


_CHECKS: dict[Kind, Callable[[Reader, Values], None]] = {
    Kind.EXPECT: _expect,
    Kind.PAIR: _pair,
    Kind.SEQUENCE: _sequence,
    Kind.RATIO: _ratio,
    Kind.MEASURE: _measure,
}


def _objective(reader: Reader, given: Values | None) -> None:
    if given is None:
        return
    target, reject = given.get(schema.TARGET), given.get(schema.REJECT)
    if target is None:
        if schema.TARGET.name in given.names:
            return
        target = RateObjective().target
    if reject is not None and reject >= target:
        where = given.location(schema.REJECT)
        reader.problem(where, f"'reject' is {reject}; it must be less than 'target', {target}")


def _number(reader: Reader, values: Values, field: Field[str]) -> None:
    """Check that `field` names a capture of the pattern, and one that every counted occurrence has anew."""
    name, pattern = values.get(field), values.get(schema.PATTERN)
    if name is None or pattern is None:
        return
    where = values.location(field)
    if name not in pattern.captures:
        reader.problem(where, f"'{field.name}' names no capture of the pattern; write (?P<{name}>…) in it")
    elif name not in _counted(pattern):
        reader.problem(
            where,
            f"'{field.name}' names a capture beside the one whose occurrences count; "
            f"put the pattern with (?P<{name}>…) first under all:",
        )


def _counted(condition: Condition) -> frozenset[str]:
    """Return the names that every occurrence of `condition` captures anew."""
    if isinstance(condition, AllOf):
        return next((_counted(part) for part in condition.parts if part.captures), frozenset())
    if isinstance(condition, AnyOf):
        return frozenset().union(*(_counted(part) for part in condition.parts))
    return condition.captures
