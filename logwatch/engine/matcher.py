"""Matching: which roles a record plays in which rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from logwatch.engine.match import Match
from logwatch.evidence import Evidence, cite
from logwatch.records.record import Record
from logwatch.ruleset.condition import Captures, Condition, PatternTimeout
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
    Unit,
)

ATTRIBUTE_PREFIX = "attributes."


@dataclass(frozen=True, slots=True)
class Role:
    """A condition and what it means to its rule. `exclusive`: at most one role of the rule's exclusive ones
    holds, the first.

    `number` names the capture whose values are wanted, `scale` what they are multiplied by; every occurrence
    in a record counts.
    """

    name: str
    condition: Condition
    key: tuple[str, ...] = ()
    exclusive: bool = False
    number: str | None = None
    scale: float = 1.0


def roles_of(rule: Rule) -> tuple[Role, ...]:
    """Return the roles that records can play in `rule`, in the order in which they are tried and reported."""
    match rule:
        case ForbidRule() | CountRule():
            return (Role("match", rule.pattern),)
        case ExpectRule():
            return (Role("match", rule.pattern, key=rule.key),)
        case MeasureRule():
            scale = 1e-3 if rule.unit is Unit.MILLISECONDS else 1.0
            return (Role("match", rule.pattern, number=rule.value, scale=scale),)
        case RatioRule():
            return (
                Role("numerator", rule.numerator.pattern, number=rule.numerator.sum),
                Role("denominator", rule.denominator.pattern, number=rule.denominator.sum),
            )
        case PairRule():
            enqueued = (Role("enqueued", rule.enqueued, key=rule.key),) if rule.enqueued else ()
            outcomes = (
                Role(name, condition, key=rule.key, exclusive=True)
                for name, condition in rule.outcomes.items()
            )
            return (*enqueued, Role("start", rule.start, key=rule.key), *outcomes)
        case SequenceRule():
            never = (Role("never", rule.never, key=rule.key),) if rule.never else ()
            steps = (Role(step.name, step.pattern, key=rule.key) for step in rule.steps)
            skips = (
                Role(f"skipped:{step.name}", step.skipped, key=rule.key)
                for step in rule.steps
                if step.skipped
            )
            return (*never, *steps, *skips)
    raise TypeError(f"no roles for {type(rule).__name__}")


class Matcher:
    """Finds, record by record, the matches of every rule of a rule set.

    `deployment_attribute` names the attribute that holds the deployment id where records carry one.
    `timeouts` counts, by rule, records on which a pattern used up its time budget.
    """

    def __init__(self, ruleset: RuleSet, deployment_attribute: str = "deploymentId") -> None:
        self._rules = tuple((rule, roles_of(rule)) for rule in ruleset.rules)
        self._deployment_attribute = deployment_attribute
        self.timeouts: dict[str, int] = {}

    def matches(self, record: Record) -> Iterator[tuple[Rule, Match]]:
        """Yield each rule that the record concerns and the match, in the order of the rules and their roles.

        `record.time` must be set. A pattern that times out is counted and does not hold.
        """
        for rule, roles in self._rules:
            taken = False
            for role in roles:
                if role.exclusive and taken:
                    continue
                try:
                    match = self._match(rule, role, record)
                except PatternTimeout:
                    self.timeouts[rule.id] = self.timeouts.get(rule.id, 0) + 1
                    continue
                if match is not None:
                    taken = taken or role.exclusive
                    yield rule, match

    def _match(self, rule: Rule, role: Role, record: Record) -> Match | None:
        literals = role.condition.literals
        if literals is not None and not any(literal in record.message for literal in literals):
            return None
        captures = role.condition.search(record)
        if captures is None:
            return None
        assert record.time is not None
        deployment = record.attributes.get(self._deployment_attribute)
        return Match(
            role=role.name,
            time=record.time,
            source=record.source,
            evidence=_cited(record, role.name),
            key=_key(role.key, captures, record),
            labels=tuple(captures.get(label) or _attribute(label, record) or "" for label in rule.labels),
            values=_values(role, record) if role.number else (),
            deployment=str(deployment) if deployment else None,
        )


def _cited(record: Record, role: str) -> Evidence:
    if role in {"completed", "failed", "skipped"}:
        return cite(record, "end")
    return cite(record, "match" if role in {"numerator", "denominator"} else role)


def _attribute(name: str, record: Record) -> str | None:
    value = record.attributes.get(name.removeprefix(ATTRIBUTE_PREFIX))
    return None if value is None else str(value)


def _key(names: tuple[str, ...], captures: Captures, record: Record) -> tuple[str, ...] | None:
    """Return the key's parts; None if the rule has no key or a part is missing or empty."""
    parts = []
    for name in names:
        part = _attribute(name, record) if name.startswith(ATTRIBUTE_PREFIX) else captures.get(name)
        if not part:
            return None
        parts.append(part)
    return tuple(parts) or None


def _values(role: Role, record: Record) -> tuple[float, ...]:
    """Return every captured number.

    A capture that is no finite number comes out as NaN, for the tally to count.
    """
    values = []
    for captures in role.condition.occurrences(record):
        text = captures.get(role.number or "", "")
        try:
            value = float(text) * role.scale
        except ValueError:
            value = float("nan")
        values.append(value if abs(value) < 1e300 else float("nan"))
    return tuple(values)
