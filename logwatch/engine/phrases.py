"""Texts that begin with the same phrase, and say something else behind it: `Starting workflow W`, of many W.

What one of them means tells how the others are read: where the message begins in them, and which roles it can play.
So many of them are matched together, as lines of one text: each pattern runs once. That is only done where it surely
comes to the same as looking at one after the other; where it does not, nothing is said of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from msgspec import structs

from logwatch.engine.captured import kept_values
from logwatch.engine.match import Key
from logwatch.engine.matcher import Matcher, Part
from logwatch.engine.roles import Role
from logwatch.ruleset.conditions import ATTRIBUTE_PREFIX, MessageMatches
from logwatch.ruleset.model import ExpectRule, Rule
from logwatch.ruleset.patterns import Pattern

_MOST = 1000
"""Phrases that are remembered."""
_SPACES = 16
"""Of so many a text can begin with that what it begins with does not tell its level."""


class _Candidate(msgspec.Struct, frozen=True, gc=False):
    """A role that records with a phrase can play."""

    rule: Rule
    role: Role
    pattern: Pattern


class Phrase(msgspec.Struct, frozen=True, gc=False):
    """What texts begin with, up to the end of the last literal; the message begins at `begin`."""

    text: bytes
    begin: int
    literals: tuple[int, ...]
    candidates: tuple[_Candidate, ...]


class Column(NamedTuple):
    """What several texts are that play one role: `part`, with keys of their own if the role has one."""

    part: Part
    keys: list[Key | None] | None

    def of(self, which: int) -> Part:
        """Return the part of one of them."""
        return self.part if self.keys is None else structs.replace(self.part, key=self.keys[which])


class Matched(NamedTuple):
    """What several texts mean, role by role; and their messages."""

    columns: list[Column]
    messages: list[str]


class Phrases:
    """The phrases of one source, as far as they are known from texts that were looked at.

    `opening` bytes of a text tell where its message begins.
    """

    def __init__(self, matcher: Matcher, opening: int) -> None:
        self._matcher = matcher
        self._opening = opening
        self._known: dict[bytes, list[Phrase]] = {}
        self._count = 0

    def of(self, text: bytes) -> Phrase | None:
        """Return the phrase that a text begins with."""
        for phrase in self._known.get(text[: self._opening], ()):
            if text.startswith(phrase.text):
                return phrase
        return None

    def learn(self, text: bytes, message: str) -> None:
        """Learn the phrase of a text with that message, if it has one."""
        encoded = message.encode("utf-8", "backslashreplace")
        places = self._matcher.literals_in(message)
        if not places or not text.endswith(encoded) or text[:_SPACES].isspace() or self.of(text):
            return
        literals = tuple(place[0] for place in places)
        end = max(place[2] for place in places)
        begin = len(text) - len(encoded)
        phrase = text[: begin + len(message[:end].encode())]
        texts = [message[start:stop] for _, start, stop in places]
        candidates = [_candidate(*playing, texts) for playing in self._matcher.playing(literals)]
        able = tuple(candidate for candidate in candidates if candidate is not None)
        if len(phrase) < self._opening or len(able) < len(candidates):
            return
        if self._count >= _MOST:
            self._known.clear()
            self._count = 0
        self._count += 1
        known = self._known.setdefault(text[: self._opening], [])
        known.append(Phrase(phrase, begin, literals, able))

    def matched(self, phrase: Phrase, texts: Sequence[bytes]) -> Matched | None:
        """Return what texts with that phrase mean; None: each must be looked at."""
        lines = b"\n".join([text[phrase.begin :] for text in texts])
        if b"\x1b" in lines or b"\x00" in lines or b"\r" in lines:
            return None
        try:
            joined = lines.decode()
        except UnicodeDecodeError:
            return None
        # Each text holds the literals of the phrase: where there are no more, they hold no others.
        if self._matcher.literals_within(lines) != len(phrase.literals) * len(texts):
            return None
        longest = max(map(len, texts))
        columns: list[Column] = []
        taken: Rule | None = None
        for candidate in phrase.candidates:
            rule, role = candidate.rule, candidate.role
            found = candidate.pattern.in_lines(joined, len(texts), longest)
            if found is None:
                return None
            count, captures = found
            if not count or (role.exclusive and taken is rule):
                continue
            if role.exclusive:
                taken = rule
            columns.append(_column(rule, role, captures, len(texts)))
        return Matched(columns, joined.split("\n"))


def _candidate(rule: Rule, role: Role, literals: Sequence[str]) -> _Candidate | None:
    """Return what plays that role, if all that it looks at is whether a pattern occurs, and what keys it captures.

    One of the literals is required by the pattern: so it cannot occur twice where these stand.
    """
    condition = role.condition
    required = condition.literals or frozenset()
    if sum(literal in required for literal in literals) != 1:
        return None
    if (
        not isinstance(condition, MessageMatches)
        or role.number
        or rule.labels
        or isinstance(rule, ExpectRule)
    ):
        return None
    if any(name.startswith(ATTRIBUTE_PREFIX) for name in role.key):
        return None
    return _Candidate(rule, role, condition.pattern)


def _column(rule: Rule, role: Role, captures: dict[str, list[str]], count: int) -> Column:
    part = Part(rule.id, role.name, role.cited, None, (), ())
    if not role.key:
        return Column(part, None)
    columns = [kept_values(captures.get(name, [""] * count), name) for name in role.key]
    whole = all("" not in column for column in columns)
    keys: Iterable[Key] = zip(*columns, strict=True)
    return Column(part, list(keys) if whole else [key if all(key) else None for key in keys])
