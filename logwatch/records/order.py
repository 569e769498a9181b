"""The order in which a source was written, and the times that its records take from their neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from logwatch.records.assembly import LONGEST_RECORD, Draft

_HEAD_DATED = 1000
_HEAD_RECORDS = 20_000
_HEAD_SIZE = 16 << 20
"""Dated records, records, and bytes that are looked at to find the order of a source, whichever is reached first."""
_WAITING = 1000
"""Records that wait for the first time that a source shows."""


def head_of(drafts: Iterator[Draft]) -> list[Draft]:
    """Take as many records as the order of the source is decided by."""
    head: list[Draft] = []
    dated = size = 0
    for draft in drafts:
        head.append(draft)
        dated += draft.time is not None
        size += min(draft.size, LONGEST_RECORD)
        if dated >= _HEAD_DATED or len(head) >= _HEAD_RECORDS or size >= _HEAD_SIZE:
            break
    return head


def runs_backwards(head: Iterable[Draft]) -> bool:
    """Whether most of the steps in time that are not zero go backwards."""
    times = (draft.time for draft in head if draft.time is not None)
    steps = [after > before for before, after in pairwise(times) if after != before]
    return 2 * sum(steps) < len(steps)


def with_times(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Give records without a time that of the one before; the first ones that of the one after.

    Where no time comes for long (1,000 records or 16 MiB), the first ones go without.
    """
    times = InheritedTimes()
    for draft in drafts:
        yield from times.take(draft)
    yield from times.waiting


class InheritedTimes:
    """What `with_times` does, record by record. `last` is the time that the next record without one inherits.

    `waiting` are the records, from the first on, for which no time has come yet.
    """

    def __init__(self, last: datetime | None = None) -> None:
        self.last = last
        self.waiting: list[Draft] = []
        self._size = 0

    def take(self, draft: Draft) -> Sequence[Draft]:
        """Return the records that have their time now, in order."""
        if draft.time is not None:
            self.last = draft.time
            if not self.waiting:
                return (draft,)
            for early in self.waiting:
                early.time, early.inherited = self.last, True
        elif self.last is not None:
            draft.time, draft.inherited = self.last, True
            return (draft,)
        self.waiting.append(draft)
        self._size += min(draft.size, LONGEST_RECORD)
        if draft.time is None and len(self.waiting) < _WAITING and self._size < _HEAD_SIZE:
            return ()
        return self.give_up()

    def give_up(self) -> Sequence[Draft]:
        """Return what waits, as it is."""
        ready, self.waiting, self._size = self.waiting, [], 0
        return ready
