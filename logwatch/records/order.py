"""The order in which a source was written, and records last first where that was newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from itertools import pairwise
from typing import BinaryIO, cast

from msgspec import structs

from logwatch.records.assembly import LONGEST_RECORD, Draft
from logwatch.records.record import Record

_HEAD_DATED = 1000
_HEAD_RECORDS = 20_000
_HEAD_SIZE = 16 << 20
"""Dated records, records, and bytes that are looked at to find the order of a source, whichever is reached first."""
_WAITING = 1000
"""Records that wait for the first time that a source shows."""
_BATCH_RECORDS = 4096
_BATCH_LENGTH = 4 << 20
"""Records, and characters of their messages, that are held and written to the temporary file at once."""


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


def last_first(records: Iterable[Record], failed: Callable[[OSError], None]) -> Iterator[Record]:
    """Yield the records last first, with ordinals that ascend again.

    Through a temporary file where they are many, so that memory does not grow with the source. `failed` is told when
    that cannot be written; then what was held is all there is.
    """
    import pickle  # noqa: PLC0415 - few logs are written newest first
    import tempfile  # noqa: PLC0415

    with ExitStack() as stack:
        file: BinaryIO | None = None
        places: list[int] = []
        batch: list[Record] = []
        length = 0
        for record in records:
            batch.append(record)
            length += len(record.message)
            if len(batch) >= _BATCH_RECORDS or length >= _BATCH_LENGTH:
                try:
                    if file is None:
                        file = cast(BinaryIO, stack.enter_context(tempfile.TemporaryFile(prefix="logwatch-")))
                    places.append(_spooled(file, batch))
                except OSError as error:
                    failed(error)
                    break
                batch, length = [], 0
        yield from turned(batch)
        for place in reversed(places):
            assert file is not None
            file.seek(place)
            yield from turned(pickle.load(file))  # noqa: S301 - our own, from a file without a name


def _spooled(file: BinaryIO, batch: list[Record]) -> int:
    import pickle  # noqa: PLC0415 - as above

    place = file.seek(0, 2)
    pickle.dump(
        [structs.replace(record, attributes=dict(record.attributes)) for record in batch],
        file,
        pickle.HIGHEST_PROTOCOL,
    )
    file.flush()
    return place


def turned(records: Sequence[Record]) -> Iterator[Record]:
    """Yield records last first, with ordinals that ascend again."""
    for record in reversed(records):
        yield structs.replace(record, ordinal=-record.ordinal)
