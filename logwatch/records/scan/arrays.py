"""Blocks of any kind: what is known of each line is held in arrays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from logwatch.records.account import Account
from logwatch.records.assembly import LONGEST_RECORD, LONGEST_RECORD_LINES
from logwatch.records.dating import Calendar
from logwatch.records.formats.form import StampedFormat
from logwatch.records.formats.structured import JsonLines
from logwatch.records.scan.counting import count
from logwatch.records.scan.dated import Hit
from logwatch.records.scan.json_stamps import JsonStamper
from logwatch.records.scan.stamps import Stamped, Stamper
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

    def hits(self, places: list[int]) -> Iterator[Hit]:
        """Yield the records that hold these places."""
        if not places:
            return
        starts, numbers = self._stamped.starts, self._stamped.numbers
        hits = np.unique(np.searchsorted(starts, np.array(places), side="right") - 1)
        hits = hits[: np.searchsorted(hits, len(starts) - 1)]
        begins, ends, lines = starts[hits], starts[hits + 1], numbers[hits]
        taken = numbers[hits + 1] - lines
        yield from map(Hit, begins.tolist(), ends.tolist(), lines.tolist(), taken.tolist())

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
