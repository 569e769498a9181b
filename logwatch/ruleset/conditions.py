"""The conditions that rule files can express: a pattern, an attribute, and their combinations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import msgspec

from logwatch.records.record import Record, Scalar
from logwatch.ruleset.condition import Captures, Condition
from logwatch.ruleset.literals import all_of, any_of
from logwatch.ruleset.patterns import Pattern

ATTRIBUTE_PREFIX = "attributes."


class MessageMatches(msgspec.Struct, frozen=True):
    """Holds where the pattern occurs in the message, continuation lines included."""

    pattern: Pattern

    def search(self, record: Record) -> Captures | None:
        """Return the captures of the first occurrence."""
        return self.pattern.search(record.message)

    def occurrences(self, record: Record) -> Iterator[Captures]:
        """Yield the captures of each occurrence."""
        return self.pattern.occurrences(record.message)

    @property
    def literals(self) -> frozenset[str] | None:
        """Literals that the pattern requires."""
        return self.pattern.literals

    @property
    def captures(self) -> frozenset[str]:
        """Names of the pattern's groups."""
        return self.pattern.captures

    @property
    def fields(self) -> frozenset[str]:
        """Nothing else."""
        return frozenset()


class FieldMatches(msgspec.Struct, frozen=True):
    """Holds where the pattern occurs in an attribute of the record, or in its level."""

    name: str
    pattern: Pattern

    def search(self, record: Record) -> Captures | None:
        """Return the captures of the first occurrence in the field."""
        found = (self.pattern.search(text) for text in field_texts(record, self.name))
        return next((captures for captures in found if captures is not None), None)

    def occurrences(self, record: Record) -> Iterator[Captures]:
        """Yield the captures of each occurrence in the field."""
        for text in field_texts(record, self.name):
            yield from self.pattern.occurrences(text)

    @property
    def literals(self) -> None:
        """None: attributes stand outside the message."""
        return

    @property
    def captures(self) -> frozenset[str]:
        """Names of the pattern's groups."""
        return self.pattern.captures

    @property
    def fields(self) -> frozenset[str]:
        """The one field."""
        return frozenset({self.name})


class FieldEquals(msgspec.Struct, frozen=True):
    """Holds where an attribute of the record, or its level, is exactly `value`."""

    name: str
    value: str

    def search(self, record: Record) -> Captures | None:
        """Return no captures where it holds."""
        return {} if self.value in field_texts(record, self.name) else None

    def occurrences(self, record: Record) -> Iterator[Captures]:
        """Yield once where it holds."""
        return _once(self.search(record))

    @property
    def literals(self) -> None:
        """None: attributes stand outside the message."""
        return

    @property
    def captures(self) -> frozenset[str]:
        """Names of no groups."""
        return frozenset()

    @property
    def fields(self) -> frozenset[str]:
        """The one field."""
        return frozenset({self.name})


class AllOf(msgspec.Struct, frozen=True, dict=True):
    """Holds where every part does; captures what any of them captures, the first part first."""

    parts: tuple[Condition, ...]

    def search(self, record: Record) -> Captures | None:
        """Return the captures of all parts."""
        merged: dict[str, str] = {}
        for part in self.parts:
            found = part.search(record)
            if found is None:
                return None
            merged = {**found, **merged}
        return merged

    def occurrences(self, record: Record) -> Iterator[Captures]:
        """Yield each occurrence of the first part that captures anything, with what the others capture."""
        base = self.search(record)
        if base is None:
            return
        capturing = next((part for part in self.parts if part.captures), None)
        if capturing is None:
            yield base
            return
        for found in capturing.occurrences(record):
            yield {**base, **found}

    @cached_property
    def literals(self) -> frozenset[str] | None:
        """The most telling of the parts' literals."""
        return all_of([part.literals for part in self.parts])

    @property
    def captures(self) -> frozenset[str]:
        """Names that any part can capture."""
        return frozenset().union(*(part.captures for part in self.parts))

    @property
    def fields(self) -> frozenset[str]:
        """What any part looks at."""
        return frozenset().union(*(part.fields for part in self.parts))


class AnyOf(msgspec.Struct, frozen=True, dict=True):
    """Holds where at least one part does; captures what the first such part captures."""

    parts: tuple[Condition, ...]

    def search(self, record: Record) -> Captures | None:
        """Return the captures of the first part that holds."""
        return next((f for part in self.parts if (f := part.search(record)) is not None), None)

    def occurrences(self, record: Record) -> Iterator[Captures]:
        """Yield every occurrence of every part."""
        for part in self.parts:
            yield from part.occurrences(record)

    @cached_property
    def literals(self) -> frozenset[str] | None:
        """The union of the parts' literals."""
        return any_of([part.literals for part in self.parts])

    @property
    def captures(self) -> frozenset[str]:
        """Names that any part can capture."""
        return frozenset().union(*(part.captures for part in self.parts))

    @property
    def fields(self) -> frozenset[str]:
        """What any part looks at."""
        return frozenset().union(*(part.fields for part in self.parts))


class Not(msgspec.Struct, frozen=True):
    """Holds where `part` does not; captures nothing."""

    part: Condition

    def search(self, record: Record) -> Captures | None:
        """Return no captures where it holds."""
        return {} if self.part.search(record) is None else None

    def occurrences(self, record: Record) -> Iterator[Captures]:
        """Yield once where it holds."""
        return _once(self.search(record))

    @property
    def literals(self) -> None:
        """None: absence requires no text."""
        return

    @property
    def captures(self) -> frozenset[str]:
        """Names of no groups."""
        return frozenset()

    @property
    def fields(self) -> frozenset[str]:
        """What `part` looks at."""
        return self.part.fields


def field_texts(record: Record, name: str) -> tuple[str, ...]:
    """Return what the field `name` (with or without `attributes.`) says; nothing where the record has none.

    Booleans and null read as in JSON. `level` says what the attribute of that name says, where there is one, and
    the record's level, so that `error` holds whatever number or word a logger writes for it.
    """
    bare = name.removeprefix(ATTRIBUTE_PREFIX)
    texts = [_text(record.attributes[bare])] if bare in record.attributes else []
    if bare == "level" and record.level is not None and record.level not in texts:
        texts.append(record.level)
    return tuple(texts)


def field_text(record: Record, name: str) -> str | None:
    """Return what the field `name` says first, for keys and labels; None where the record has none."""
    return next(iter(field_texts(record, name)), None)


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def _once(found: Captures | None) -> Iterator[Captures]:
    return iter(()) if found is None else iter((found,))
