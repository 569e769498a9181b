"""Matching: which roles a record plays in which rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Literal

from msgspec import structs

from logwatch.engine.match import Event, Key, Match
from logwatch.evidence import Evidence, cite, redacted_capture, redacted_value
from logwatch.records.record import Record
from logwatch.ruleset.condition import Captures, Condition, PatternTimeout
from logwatch.ruleset.conditions import ATTRIBUTE_PREFIX, field_text
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

NEVER = "never"
SKIPPED = "skipped:"
"""What the role of a record that ends a sequence at a step begins with; the step's name follows."""
LONGEST_VALUE = 200
"""Characters of a captured key or label that are kept; of a longer one the beginning and a digest."""
_LARGEST = 1e300


@dataclass(frozen=True, slots=True)
class Role:
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


class Matcher:
    """Finds, record by record, the matches of every rule of a rule set.

    `deployment_attribute` names the attribute that holds the deployment id where records carry one.
    """

    def __init__(self, ruleset: RuleSet, deployment_attribute: str = "deploymentId") -> None:
        self._roles = tuple((rule, role) for rule in ruleset.rules for role in roles_of(rule))
        literals = [role.condition.literals for _, role in self._roles]
        self._always = frozenset(n for n, required in enumerate(literals) if required is None)
        self._by_literal = tuple(
            (literal, tuple(n for n, required in enumerate(literals) if required and literal in required))
            for literal in sorted(frozenset().union(*(required or () for required in literals)))
        )
        self._deployment_attribute = deployment_attribute

    def event(self, record: Record, at: datetime | None = None) -> Event | None:
        """Return what the record means to the rules, in their order and that of their roles; None: nothing.

        `at` is the time to assume for a record that carries none. A pattern that times out does not hold.
        """
        time = record.time or at
        assert time is not None
        matches: list[Match] = []
        timeouts: list[str] = []
        taken: Rule | None = None
        for n in self._possible(record.message):
            rule, role = self._roles[n]
            if role.exclusive and taken is rule:
                continue
            try:
                found = self._match(rule, role, record, time, matches)
            except PatternTimeout:
                timeouts.append(rule.id)
                continue
            if found is not None:
                taken = rule if role.exclusive else taken
                matches.append(found)
        if not (matches or timeouts):
            return None
        return Event(
            record.time, record.source, record.ordinal, tuple(matches), tuple(dict.fromkeys(timeouts))
        )

    def _possible(self, message: str) -> Iterable[int]:
        """Return the roles of which a required literal stands in the message, in their order."""
        possible = set(self._always)
        for literal, roles in self._by_literal:
            if literal in message:
                possible.update(roles)
        return sorted(possible)

    def _match(
        self, rule: Rule, role: Role, record: Record, time: datetime, before: list[Match]
    ) -> Match | None:
        captures = role.condition.search(record)
        if captures is None:
            return None
        deployment = record.attributes.get(self._deployment_attribute)
        evidence = _cited(record, role, before)
        # What a rule file names is no secret.
        expected = rule.expected if isinstance(rule, ExpectRule) else ()
        return Match(
            rule=rule.id,
            role=role.name,
            time=time,
            source=record.source,
            evidence=evidence,
            key=_key(role.key, captures, record, expected),
            labels=tuple(_label(label, captures, record, evidence.text) for label in rule.labels),
            values=_values(role, record) if role.number else (),
            deployment=_bounded(str(deployment)) if deployment else None,
        )


def _cited(record: Record, role: Role, before: list[Match]) -> Evidence:
    """Cite the record; its secrets are looked for once, however many rules it concerns."""
    if not before:
        return cite(record, role.cited)
    cited = before[0].evidence
    return cited if cited.role == role.cited else structs.replace(cited, role=role.cited)


def _part(name: str, captures: Captures, record: Record) -> str | None:
    """Return what stands for `name`: a capture, or an attribute where it says `attributes.NAME`."""
    if not name.startswith(ATTRIBUTE_PREFIX):
        text = captures.get(name)
    elif record.attributes.get(name.removeprefix(ATTRIBUTE_PREFIX)) is None:
        text = None
    else:
        text = field_text(record, name)
    return text


def _bounded(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else _abridged(text, text)


def _abridged(shown: str, whole: str) -> str:
    """Return the beginning of `shown` with a digest that tells `whole` from others."""
    digest = blake2b(whole.encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()
    return f"{shown[: LONGEST_VALUE - len(digest) - 1]}…{digest}"


def _label(name: str, captures: Captures, record: Record, cited: str) -> str:
    """Return the label's value without secrets; empty where there is none."""
    text = _part(name, captures, record)
    return _bounded(redacted_capture(text, name, record.message, cited)) if text else ""


def _key(names: tuple[str, ...], captures: Captures, record: Record, expected: tuple[str, ...]) -> Key | None:
    """Return the key's parts; None if the rule has no key or a part is missing or empty.

    Of a part with a secret, its kind and a digest are kept: they tell runs apart, and nobody can read them.
    """
    parts = []
    for name in names:
        part = _part(name, captures, record)
        if not part:
            return None
        parts.append(part)
    if not expected or "/".join(parts) not in expected:
        for n, (name, part) in enumerate(zip(names, parts, strict=True)):
            shown = redacted_value(part, name)
            parts[n] = _bounded(part) if shown == part else _abridged(shown, part)
    return tuple(parts) or None


def _values(role: Role, record: Record) -> tuple[float, ...]:
    """Return every captured number.

    A capture that is no finite number comes out as NaN, for the tally to count.
    """
    return tuple(
        _number(captures.get(role.number or "", "")) / role.divisor
        for captures in role.condition.occurrences(record)
    )


def _number(text: str) -> float:
    try:
        value = float("nan" if "_" in text else text)  # 1_000 is a number in Python, and in no log
    except ValueError:
        return float("nan")
    return value if abs(value) < _LARGEST else float("nan")
