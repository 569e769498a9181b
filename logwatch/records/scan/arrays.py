"""Blocks of any kind: what is known of each line is held in arrays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from logwatch.records.account import Account
from logwatch.records.assembly import LONGEST_RECORD, LONGEST_RECORD_LINES
from logwatch.records.dating import Calendar
from logwatch.records.formats.form import StampedFormat, Start
from logwatch.records.formats.structured import JsonLines
from logwatch.records.scan.counting import count
from logwatch.records.scan.dated import Hits
from logwatch.records.scan.json_stamps import JsonStamper
from logwatch.records.scan.stamps import Places, Stamped, Stamper
from logwatch.records.scan.times import AnyStamper, Times


class Arrays:
    """Such a block; see `Dated`."""

    def __init__(self, stamped: Stamped, times: Times) -> None:
        self._stamped = stamped
        self._times = times
        self.length = int(stamped.starts[-1])
        self.lines = int(stamped.numbers[-1])
        self.span = int(stamped.seconds.min()), int(stamped.seconds.max())

    @property
    def last(self) -> datetime:
        """The time of the last record but one."""
        return self._times.of(len(self._stamped.starts) - 2)

    def hits(self, places: Sequence[int]) -> Hits:
        """Return the records that hold these places."""
        stamped = self._stamped
        starts, numbers = stamped.starts, stamped.numbers
        holds = np.zeros(len(starts), np.bool_)
        holds[np.searchsorted(starts, np.array(places, np.intp), side="right") - 1] = True
        found = np.flatnonzero(holds[:-1])
        begins = starts[found]
        alike = numbers[found + 1] - numbers[found] == 1
        if stamped.undated is not None:
            alike &= ~stamped.undated[found]
        if stamped.known:
            alike &= ~np.isin(begins, list(stamped.known))
        return Hits(begins.tolist(), starts[found + 1].tolist(), stamped.width, alike.tolist())

    def numbers(self, begins: Sequence[int]) -> list[int]:
        """Return the lines with which the records begin that begin there."""
        found: list[int] = self._stamped.numbers[self._records(begins)].tolist()
        return found

    def moments(self, begins: Sequence[int]) -> list[int]:
        """Return when the records were that begin there."""
        stamped, records = self._stamped, self._records(begins)
        seconds = stamped.seconds[np.searchsorted(stamped.turns, records, side="right") - 1]
        found: list[int] = (seconds * 1_000_000 + stamped.finer(records)).tolist()
        return found

    def _records(self, begins: Sequence[int]) -> Places:
        return np.searchsorted(self._stamped.starts, np.array(begins, np.intp))

    def said(self, text: bytes) -> Start | None:
        """Return what a record says that has `text` behind its head."""
        return self._times.said(text)

    def time(self, begin: int) -> datetime:
        """Return the time of the record that begins there; that of the one before where it says none."""
        return self._times.of(int(np.searchsorted(self._stamped.starts, begin)))

    def count(self, account: Account) -> bool:
        """Count all records but the last one; False if one of them may be longer than what is kept of it."""
        longest = int(np.diff(self._stamped.starts).max()), int(np.diff(self._stamped.numbers).max())
        if longest[0] >= LONGEST_RECORD or longest[1] > LONGEST_RECORD_LINES:
            return False
        count(self._stamped, self._times, account)
        return True


class ArrayBlocks:
    """Dates the blocks of one source."""

    def __init__(self, form: StampedFormat | JsonLines, calendar: Calendar) -> None:
        self._stamper: AnyStamper = (
            JsonStamper(form, calendar) if isinstance(form, JsonLines) else Stamper(form, calendar)
        )

    def dated(self, data: bytes) -> Arrays | None:
        """Return the records of `data`, which begins with one that says its time.

        None where there is but one, or nothing is sure.
        """
        stamped = self._stamper.stamped(data) if b"\n" in data else None
        if stamped is None or len(stamped.starts) < 2:
            return None
        return Arrays(stamped, Times(self._stamper, data, stamped))
