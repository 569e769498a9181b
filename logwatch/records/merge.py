"""Several sources as one stream in the order of event time."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from logwatch.timespec import EARLIEST

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

    Each source may be out of order by up to `lateness`; records that come later than that are passed on as they
    come. Records without a time come first.
    """
    yield from heapq.merge(*(_in_order(source, lateness) for source in sources), key=_place)


def _place(record: Placed) -> Place:
    return (record.time or EARLIEST, record.source, record.ordinal)


def _in_order(records: Iterable[Item], lateness: timedelta) -> Iterator[Item]:
    """Hold records back until no earlier one is to be expected."""
    held: list[tuple[Place, Item]] = []
    newest = EARLIEST
    for record in records:
        place = _place(record)
        heapq.heappush(held, (place, record))
        newest = max(newest, place[0])
        while held and newest - held[0][0][0] > lateness:
            yield heapq.heappop(held)[1]
    while held:
        yield heapq.heappop(held)[1]
