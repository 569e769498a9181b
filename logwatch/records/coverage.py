"""What was read: the account that every verdict's proof starts from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

_HOUR = 3600
Order = Literal["oldest_first", "newest_first"]


class Window(msgspec.Struct, frozen=True):
    """A closed window of event time: since <= t <= until, judged with what was known at `as_of`."""

    since: datetime
    until: datetime
    as_of: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.since <= moment <= self.until


class Timeline(msgspec.Struct):
    """The seconds in which a record lies, as one bit each: exact, mergeable, 600 bytes an hour."""

    hours: dict[int, int] = msgspec.field(default_factory=dict)
    _last: int = -1

    def add(self, moment: datetime) -> None:
        """Note a record at `moment`."""
        second = int(moment.timestamp())
        if second != self._last:
            self._last = second
            hour, bit = divmod(second, _HOUR)
            self.hours[hour] = self.hours.get(hour, 0) | (1 << bit)

    def fill(self, seconds: Iterable[int]) -> None:
        """Note a record in each of these seconds of the epoch."""
        for second in seconds:
            hour, bit = divmod(second, _HOUR)
            self.hours[hour] = self.hours.get(hour, 0) | (1 << bit)

    def update(self, other: Timeline) -> None:
        """Add all that `other` noted."""
        for hour, bits in other.hours.items():
            self.hours[hour] = self.hours.get(hour, 0) | bits

    def any_between(self, first: datetime, last: datetime) -> bool:
        """Whether a record lies in the closed span of whole seconds from `first` to `last`."""
        low, high = int(first.timestamp()), int(last.timestamp())
        for hour in range(low // _HOUR, high // _HOUR + 1):
            bits = self.hours.get(hour, 0)
            if not bits:
                continue
            start = max(low - hour * _HOUR, 0)
            stop = min(high - hour * _HOUR, _HOUR - 1)
            if (bits >> start) & ((1 << (stop - start + 1)) - 1):
                return True
        return False


class SourceReport(msgspec.Struct):
    """What one source gave. Counts are over the window; `first` and `last` are event times inside it."""

    name: str
    format: str = "unknown"
    order: Order = "oldest_first"
    encoding: str = "utf-8"
    lines: int = 0
    bytes: int = 0
    records: int = 0
    undated: int = 0
    first: datetime | None = None
    last: datetime | None = None
    truncated: bool = False
    errors: list[str] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)


class Buckets(msgspec.Struct, frozen=True):
    """The window in slots of `width`.

    How many there are, how many hold a record, and the stretches that hold none.
    """

    width: timedelta
    total: int
    with_records: int
    gaps: tuple[tuple[datetime, datetime], ...]


class Coverage(msgspec.Struct, frozen=True):
    """The account of a whole read.

    `earliest` and `latest` are event times of all that was read, context outside the window included.
    """

    sources: tuple[SourceReport, ...]
    buckets: Buckets
    earliest: datetime | None
    latest: datetime | None

    @property
    def lines(self) -> int:
        """Physical lines inside the window."""
        return sum(s.lines for s in self.sources)

    @property
    def bytes(self) -> int:
        """Bytes of those lines, as read (decompressed)."""
        return sum(s.bytes for s in self.sources)

    @property
    def records(self) -> int:
        """Records inside the window."""
        return sum(s.records for s in self.sources)

    @property
    def undated(self) -> int:
        """Records of these that carry no time of their own."""
        return sum(s.undated for s in self.sources)

    @property
    def damaged(self) -> tuple[SourceReport, ...]:
        """The sources that could not be read whole."""
        return tuple(s for s in self.sources if s.truncated or s.errors)


def merged(timelines: Iterable[Timeline]) -> Timeline:
    """Return one timeline with all that `timelines` noted; they stay as they are."""
    whole = Timeline()
    for timeline in timelines:
        whole.update(timeline)
    return whole


def bucket_width(window: Window) -> timedelta:
    """A sixth of the window, at least one minute and at most one hour.

    Rounded up to the microsecond: six never leave a sliver of the window for a seventh.
    """
    sixth = -((window.since - window.until) // 6)
    return min(max(sixth, timedelta(minutes=1)), timedelta(hours=1))


def buckets(window: Window, timeline: Timeline) -> Buckets:
    """Cut the window into slots anchored at `since` and find the empty ones. Exact to the second."""
    width = bucket_width(window)
    total = occupied = 0
    gaps: list[tuple[datetime, datetime]] = []
    start = window.since
    while start < window.until or not total:
        end = min(start + width, window.until)
        last_second = end if end == window.until else max(start, end - timedelta(seconds=1))
        total += 1
        if timeline.any_between(start, last_second):
            occupied += 1
        elif gaps and gaps[-1][1] == start:
            gaps[-1] = (gaps[-1][0], end)
        else:
            gaps.append((start, end))
        start += width
    return Buckets(width, total, occupied, tuple(gaps))
