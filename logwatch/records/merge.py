"""Several sources as one stream in the order of event time."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Protocol, TypeVar

from logwatch.timespec import EARLIEST

_MOST_HELD = 20_000
"""Records that are held back for one source: a burst, or a source whose records all have one time, must not fill the
memory.
"""
Place = tuple[datetime, str, int]


class Placed(Protocol):
    """A record, or what stands for one: it has a place in the order of time."""

    @property
    def time(self) -> datetime | None:
        """When it was."""
        ...

    @property
    def source(self) -> str:
        """Where it is from."""
        ...

    @property
    def ordinal(self) -> int:
        """The how manieth of its source it is."""
        ...


Item = TypeVar("Item", bound=Placed)


def merge(sources: Iterable[Iterable[Item]], lateness: timedelta = timedelta(seconds=10)) -> Iterator[Item]:
    """Yield the records of all sources by time, source name and ordinal.

    Each source may be out of order by up to `lateness` and 20,000 records; records that come later than
    that are passed on as they come. Records without a time are not held back.
    """
    in_order = [_in_order(source, lateness) for source in sources]
    yield from in_order[0] if len(in_order) == 1 else heapq.merge(*in_order, key=_place)


def _place(record: Placed) -> Place:
    return (record.time or EARLIEST, record.source, record.ordinal)


def _in_order(records: Iterable[Item], lateness: timedelta) -> Iterator[Item]:
    """Hold records back until no earlier one is to be expected, or too many are held."""
    held: deque[tuple[Place, Item]] = deque()
    newest = EARLIEST
    for record in records:
        if record.time is None:
            yield record
            continue
        place = _place(record)
        if not held or held[-1][0] <= place:
            held.append((place, record))
        else:  # seldom, and then not far from the end
            held.insert(bisect_right(held, place, key=itemgetter(0)), (place, record))
        newest = max(newest, place[0])
        while newest - held[0][0][0] > lateness or len(held) > _MOST_HELD:
            yield held.popleft()[1]
    for _, record in held:
        yield record
