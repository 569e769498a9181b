"""When a rule's pattern holds for a record: text patterns, field conditions, and their combinations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from logwatch.records.record import Record

Captures = Mapping[str, str]
"""Named captures; a group that took no part is absent."""


class PatternTimeout(Exception):  # noqa: N818 - an outcome that is counted, not a fault
    """A regex used up its time budget on a record; `pattern` is its text."""

    def __init__(self, pattern: str) -> None:
        super().__init__(f"pattern used up its time budget: {pattern}")
        self.pattern = pattern


class Condition(Protocol):
    """What `start:`, `pattern:`, `completed:` … become."""

    def search(self, record: Record) -> Captures | None:
        """Return the captures of the first occurrence, None where it does not hold.

        Raises `PatternTimeout`.
        """
        ...

    def occurrences(self, record: Record) -> Iterator[Captures]:
        """Yield the captures of every occurrence, for sums of what one record says several times.

        Raises `PatternTimeout`.
        """
        ...

    @property
    def literals(self) -> frozenset[str] | None:
        """Literals of which every matching message contains at least one; None: no such set."""
        ...

    @property
    def captures(self) -> frozenset[str]:
        """Names that `search` can return."""
        ...

    @property
    def fields(self) -> frozenset[str]:
        """Names of all that it looks at besides the message: attributes, or the level."""
        ...
