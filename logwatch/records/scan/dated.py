"""What is known of a block whose records are dated, by whatever means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, Protocol

from logwatch.records.account import Account


class Hit(NamedTuple):
    """A record: where it begins and ends in the block, the line (from 0) that it begins with, and how many it takes."""

    begin: int
    end: int
    line: int
    lines: int


class Dated(Protocol):
    """The records of a block but the last one, whose end is not seen."""

    @property
    def length(self) -> int:
        """Where the last one begins."""
        ...

    @property
    def lines(self) -> int:
        """The line (from 0) that it begins with."""
        ...

    @property
    def span(self) -> tuple[int, int]:
        """The earliest and the latest second."""
        ...

    @property
    def last(self) -> datetime:
        """The time of the last of these records."""
        ...

    def hits(self, places: list[int]) -> Iterator[Hit]:
        """Yield the records that hold these places, in order, each once."""
        ...

    def time(self, begin: int) -> datetime:
        """Return the time of the record that begins there; that of the one before where it says none."""
        ...

    def count(self, account: Account) -> bool:
        """Count all of them; False where others must be asked for that, and nothing was counted."""
        ...
