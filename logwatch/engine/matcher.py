"""Matching: which roles a record plays in which rules."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from datetime import datetime

import msgspec
from ahocorasick_rs import AhoCorasick
from stringzilla import count as occurrences

from logwatch.engine.captured import bounded, key_of, labels_of, values_of
from logwatch.engine.match import Event, Key, Match
from logwatch.engine.roles import Role, roles_of
from logwatch.evidence import LONGEST_TEXT, Evidence, shown
from logwatch.records.record import Record
from logwatch.ruleset.condition import PatternTimeout
from logwatch.ruleset.model import Rule, RuleSet
from logwatch.ruleset.prefilter import attributes_of

_REMEMBERED = 2048
"""Texts of which it is remembered what they mean, and ways in which literals stand together."""
_ABSENT = ()


class Part(msgspec.Struct, frozen=True, gc=False):
    """What a text means to one rule: all of a match that does not depend on where and when it was logged."""

    rule: str
    role: str
    cited: str
    key: Key | None
    labels: tuple[str, ...]
    values: tuple[float, ...]


class Meaning(msgspec.Struct, gc=False):
    """What a text means to all rules. `cited` is what evidence shows of it; None: nobody asked yet."""

    parts: tuple[Part, ...]
    timeouts: tuple[str, ...]
    cited: str | None = None


class Matcher:
    """Finds, record by record, the matches of every rule of a rule set.

    Most texts are logged over and over: what they mean is remembered, as long as they are short.

    `deployment_attribute` names the attribute that holds the deployment id where records carry one.
    """

    def __init__(self, ruleset: RuleSet, deployment_attribute: str = "deploymentId") -> None:
        self._roles = tuple((rule, role) for rule in ruleset.rules for role in roles_of(rule))
        self._fields = tuple(sorted(attributes_of(ruleset)))
        self._known: dict[Hashable, Meaning] = {}
        self._candidates = _Candidates([role.condition.literals for _, role in self._roles])
        self._deployment_attribute = deployment_attribute

    def event(self, record: Record, at: datetime | None = None) -> Event | None:
        """Return what the record means to the rules, in their order and that of their roles; None: nothing.

        `at` is the time to assume for a record that carries none. A pattern that times out does not hold.
        """
        identity = self._identity(record) if self._fields else record.message
        meaning = self._known.get(identity)
        if meaning is None:
            meaning = self._learned(record, identity)
        if not (meaning.parts or meaning.timeouts):
            return None
        time = record.time or at
        assert time is not None
        if record.original is not None:
            text = shown(record.original)
        elif meaning.cited is None:
            text = meaning.cited = shown(record.message)
        else:
            text = meaning.cited
        cited = Evidence(record.source, record.line, record.offset, record.time, text, "")
        matches = matches_of(meaning.parts, time, cited, self.deployment(record))
        return Event(record.time, record.source, record.ordinal, matches, meaning.timeouts)

    def literals_in(self, message: str) -> list[tuple[int, int, int]]:
        """Return the literals that stand in a message, by number, and where each begins and ends."""
        return self._candidates.places(message)

    def literals_within(self, texts: bytes) -> int:
        """Return how many literals stand in texts, each as often as it does."""
        return self._candidates.count(texts)

    def playing(self, literals: tuple[int, ...]) -> Iterator[tuple[Rule, Role]]:
        """Yield the roles that a message can play in which these literals stand, and no others."""
        return (self._roles[n] for n in self._candidates.with_literals(literals))

    def deployment(self, record: Record) -> str | None:
        """Return the deployment id that a record carries."""
        said = record.attributes.get(self._deployment_attribute)
        return bounded(str(said)) if said else None

    def _learned(self, record: Record, identity: Hashable) -> Meaning:
        meaning = self.meaning(record)
        if len(record.message) <= LONGEST_TEXT and identity is not None and not meaning.timeouts:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[identity] = meaning
        return meaning

    def _identity(self, record: Record) -> Hashable:
        """Return what tells apart records that may mean different things; None where that is too long to keep."""
        said = [record.attributes.get(name, _ABSENT) for name in self._fields]
        if any(isinstance(value, str) and len(value) > LONGEST_TEXT for value in said):
            return None
        # To a pattern True is not 1, and -0.0 is not 0.0.
        exact = [repr(value) if isinstance(value, float) else value for value in said]
        return (record.message, record.level, *exact, *map(type, said))

    def meaning(self, record: Record) -> Meaning:
        """Return what the record means, wherever it stands."""
        parts: list[Part] = []
        timeouts: list[str] = []
        taken: Rule | None = None
        for n in self._candidates.of(record.message):
            rule, role = self._roles[n]
            if role.exclusive and taken is rule:
                continue
            try:
                captures = role.condition.search(record)
                if captures is None:
                    continue
                values = values_of(role, record) if role.number else ()
            except PatternTimeout:
                timeouts.append(rule.id)
                continue
            if role.exclusive:
                taken = rule
            key = key_of(rule, role, captures, record) if role.key else None
            labels = labels_of(rule, captures, record) if rule.labels else ()
            parts.append(Part(rule.id, role.name, role.cited, key, labels, values))
        return Meaning(tuple(parts), tuple(dict.fromkeys(timeouts)) if timeouts else ())


def matches_of(
    parts: Iterable[Part], time: datetime, cited: Evidence, deployment: str | None
) -> tuple[Match, ...]:
    """Return the matches of a record, found at `time`, that `cited` shows."""
    source, evidence = cited.source, cited
    matches = []
    for part in parts:
        if evidence.role != part.cited:
            evidence = Evidence(source, cited.line, cited.offset, cited.time, cited.text, part.cited)
        matches.append(
            Match(
                part.rule, part.role, time, source, evidence, part.key, part.labels, part.values, deployment
            )
        )
    return tuple(matches)


class _Candidates:
    """Tells which conditions can hold for a message, by the literals that they require (None: they require none)."""

    def __init__(self, required: list[frozenset[str] | None]) -> None:
        self._required = required
        self._literals = sorted(frozenset().union(*(literals or () for literals in required)))
        self._places = AhoCorasick(self._literals).find_matches_as_indexes
        self._bytes = [literal.encode() for literal in self._literals]
        self._known: dict[tuple[int, ...], tuple[int, ...]] = {}

    def of(self, message: str) -> tuple[int, ...]:
        """Return the numbers of the conditions of which a required literal stands in the message, in order."""
        return self.with_literals(tuple([place[0] for place in self.places(message)]))

    def places(self, message: str) -> list[tuple[int, int, int]]:
        """Return the literals that stand in the message, by number, and where each begins and ends."""
        try:
            return self._places(message, overlapping=True)
        except UnicodeEncodeError:  # halves of characters
            found = ((n, message.find(literal), len(literal)) for n, literal in enumerate(self._literals))
            return [(n, place, place + length) for n, place, length in found if place >= 0]

    def count(self, texts: bytes) -> int:
        """Return how often literals stand in texts."""
        return sum(occurrences(texts, literal, 0, len(texts), True) for literal in self._bytes)

    def with_literals(self, found: tuple[int, ...]) -> tuple[int, ...]:
        """Return the numbers of the conditions that require one of these literals, or none, in order."""
        candidates = self._known.get(found)
        if candidates is None:
            literals = {self._literals[n] for n in found}
            candidates = tuple(
                n for n, required in enumerate(self._required) if required is None or required & literals
            )
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[found] = candidates
        return candidates
