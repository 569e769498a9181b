"""What is known of a block whose records are dated, by whatever means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from logwatch.records.account import Account
from logwatch.records.formats.form import Start


class Hits(msgspec.Struct, frozen=True):
    """Records of a block, in order: where each begins and ends.

    `alike` says which are one line with a head of `width` bytes that looks like the others; None: all are, unless
    `width` is 0. `numbers` are the lines (from 0) with which they begin; None: nobody counted.
    """

    begins: list[int]
    ends: list[int]
    width: int
    alike: list[bool] | None = None
    numbers: list[int] | None = None


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

    def hits(self, places: Sequence[int]) -> Hits:
        """Return the records that hold these places, each once."""
        ...

    def numbers(self, begins: Sequence[int]) -> list[int]:
        """Return the lines (from 0) with which the records begin that begin there, in order."""
        ...

    def moments(self, begins: Sequence[int]) -> list[int]:
        """Return when the records were, in microseconds of the epoch, that begin there, in order; of those that are not
        alike, anything.
        """
        ...

    def said(self, text: bytes) -> Start | None:
        """Return what a record says, but for its time, that has `text` behind a head that looks like the others.

        None where that is not sure.
        """
        ...

    def time(self, begin: int) -> datetime:
        """Return the time of the record that begins there; that of the one before where it says none."""
        ...

    def count(self, account: Account) -> bool:
        """Count all of them; False where others must be asked for that, and nothing was counted."""
        ...
