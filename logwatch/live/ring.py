"""What is kept minute by minute, for as long as the longest window may ask for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Generic, TypeVar

from logwatch.timespec import EARLIEST

MINUTE = timedelta(minutes=1)

Kept = TypeVar("Kept")


def minute_of(moment: datetime) -> int:
    """Return the number of the minute that `moment` lies in, since 1970."""
    return (moment - EARLIEST) // MINUTE


def start_of(minute: int) -> datetime:
    """Return when a minute begins."""
    return EARLIEST + minute * MINUTE


class Ring(Generic[Kept]):
    """The last minutes: what is kept of each, by its number, in `minutes`.

    `newest` is the minute of the watermark. `changed` are the minutes that are not as they were written down last.
    """

    def __init__(self, longest: timedelta) -> None:
        self.length = -(-longest // MINUTE) + 1
        self.minutes: dict[int, Kept] = {}
        self.newest = 0
        self.changed: set[int] = set()

    @property
    def forgotten(self) -> int:
        """The last minute of which nothing is kept any more."""
        return self.newest - self.length

    def advance(self, watermark: datetime) -> list[int]:
        """Forget what is too old at `watermark`; return those minutes."""
        self.newest = max(self.newest, minute_of(watermark))
        gone = [minute for minute in self.minutes if minute <= self.forgotten]
        for minute in gone:
            del self.minutes[minute]
            self.changed.discard(minute)
        return gone
