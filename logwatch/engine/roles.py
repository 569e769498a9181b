"""Roles: what a record can be to a rule of each kind."""

from __future__ import annotations

from typing import Literal

import msgspec

from logwatch.ruleset.condition import Condition
from logwatch.ruleset.model import (
    CountRule,
    ExpectRule,
    ForbidRule,
    MeasureRule,
    PairRule,
    RatioRule,
    Rule,
    SequenceRule,
    Unit,
)

NEVER = "never"
SKIPPED = "skipped:"
"""What the role of a record that ends a sequence at a step begins with; the step's name follows."""


class Role(msgspec.Struct, frozen=True):
    """A condition and what it means to its rule. `exclusive`: at most one role of the rule's exclusive ones
    holds, the first.

    `number` names the capture whose values are wanted, `divisor` what they are divided by; every occurrence
    in a record counts. `cited` is the role under which evidence shows the record.
    """

    name: str
    condition: Condition
    key: tuple[str, ...] = ()
    exclusive: bool = False
    number: str | None = None
    divisor: float = 1.0
    cited: Literal["match", "start", "end"] = "match"


def roles_of(rule: Rule) -> tuple[Role, ...]:
    """Return the roles that records can play in `rule`, in the order in which they are tried and reported."""
    match rule:
        case ForbidRule() | CountRule():
            return (Role("match", rule.pattern),)
        case ExpectRule():
            return (Role("match", rule.pattern, key=rule.key),)
        case MeasureRule():
            divisor = 1000.0 if rule.unit is Unit.MILLISECONDS else 1.0
            return (Role("match", rule.pattern, number=rule.value, divisor=divisor),)
        case RatioRule():
            return (
                Role("numerator", rule.numerator.pattern, number=rule.numerator.sum),
                Role("denominator", rule.denominator.pattern, number=rule.denominator.sum),
            )
        case PairRule():
            return _roles_of_pair(rule)
        case SequenceRule():
            return _roles_of_sequence(rule)
    raise TypeError(f"no roles for {type(rule).__name__}")


def _roles_of_pair(rule: PairRule) -> tuple[Role, ...]:
    enqueued = (Role("enqueued", rule.enqueued, rule.key),) if rule.enqueued else ()
    start = Role("start", rule.start, rule.key, cited="start")
    outcomes = (
        Role(name, condition, rule.key, exclusive=True, cited="end")
        for name, condition in rule.outcomes.items()
    )
    return (*enqueued, start, *outcomes)


def _roles_of_sequence(rule: SequenceRule) -> tuple[Role, ...]:
    end: Literal["match", "end"] = "end" if rule.key else "match"
    roles = [Role(NEVER, rule.never, rule.key, cited=end)] if rule.never else []
    for number, step in enumerate(rule.steps):
        cited = "start" if rule.key and not number else end
        roles.append(Role(step.name, step.pattern, rule.key, cited=cited))
    roles += (
        Role(SKIPPED + step.name, step.skipped, rule.key, cited=end) for step in rule.steps if step.skipped
    )
    return tuple(roles)
