"""Several sources as one stream in the order of event time."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from logwatch.records.record import Record
from logwatch.timespec import EARLIEST

Place = tuple[datetime, str, int]


def merge(
    sources: Iterable[Iterable[Record]], lateness: timedelta = timedelta(seconds=10)
) -> Iterator[Record]:
    """Yield the records of all sources by time, source name and ordinal.

    Each source may be out of order by up to `lateness`; records that come later than that are passed on as they
    come. Records without a time come first.
    """
    yield from heapq.merge(*(_in_order(source, lateness) for source in sources), key=_place)


def _place(record: Record) -> Place:
    return (record.time or EARLIEST, record.source, record.ordinal)


def _in_order(records: Iterable[Record], lateness: timedelta) -> Iterator[Record]:
    """Hold records back until no earlier one is to be expected."""
    held: list[tuple[Place, Record]] = []
    newest = EARLIEST
    for record in records:
        place = _place(record)
        heapq.heappush(held, (place, record))
        newest = max(newest, place[0])
        while held and newest - held[0][0][0] > lateness:
            yield heapq.heappop(held)[1]
    while held:
        yield heapq.heappop(held)[1]
