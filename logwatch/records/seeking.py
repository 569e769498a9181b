"""Where in a source a window of time lies, found by bisection: the cost follows the window, not the source.

Nobody can know the order of a file without reading all of it. What is known are the times at some places, spread over
the file and near the window's ends: where they contradict each other by more than records straggle, nothing is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from operator import attrgetter

import msgspec

from logwatch.records.assembly import LONGEST_RECORD_LINES
from logwatch.records.dating import Calendar
from logwatch.records.formats.form import Format
from logwatch.records.text import decoded
from logwatch.sources.source import Divisible, Source

WORTH_SEEKING = 4 << 20
"""Bytes from which on places are tried before everything is read."""
_NEAR = 128 << 10
"""Bytes within which a border is found."""
_CHUNK = 32 << 10
_FARTHEST = 4 << 20
"""Bytes that are looked through for the next record that says its time."""
_SAMPLES = 16
_TELL_ALONE = frozenset({"iso8601", "epoch", "syslog", "rfc5424", "json", "logfmt"})
"""Formats whose lines say a time by themselves, all but the year."""


class Mark(msgspec.Struct, frozen=True):
    """A record that says its time: where it begins, and when it was."""

    place: int
    time: datetime


class Stretch(msgspec.Struct, frozen=True):
    """The part of a source that is to be read: from the record at `start` up to `stop` (None: the end), where another
    begins. `last` is the time of the last record of the source.
    """

    start: Mark
    stop: int | None
    last: datetime


def may_seek(source: Source, form: Format) -> bool:
    """Whether places can be found in a source of that format, and whether that is worth it."""
    if form.name not in _TELL_ALONE:
        return False
    return source.seekable and source.size is not None and source.size >= WORTH_SEEKING


def may_divide(form: Format) -> bool:
    """Whether what a line says of its time does not depend on the lines before: also the year."""
    return form.name in _TELL_ALONE - {"syslog"}


class Seeker:
    """Finds places in a source whose lines are no envelopes, by its dated records.

    `calendar` makes calendars without a past.
    """

    def __init__(self, source: Source, form: Format, calendar: Callable[[], Calendar]) -> None:
        self._source = source
        self._form = form
        self._calendar = calendar
        self._size = source.size or 0
        self._marks: dict[int, Mark] = {}

    def stretch(
        self, begin: Mark, since: datetime, until: datetime | None, lateness: timedelta
    ) -> Stretch | None:
        """Return where the records from `since` to `until` lie, those that straggle by `lateness` included.

        It begins at `begin` or later. None where that cannot be told, since the source is not in order.
        """
        step = (self._size - begin.place) // _SAMPLES
        samples = (self._mark(begin.place + n * step) for n in range(1, _SAMPLES))
        last = self._last(begin)
        for mark in (begin, *samples, last):
            if mark is not None:
                self._marks[mark.place] = mark
        over = last.time < since - lateness
        start = last if over else self._over_hole(self._before(begin, since - lateness), since - lateness)
        stop = None
        if until is not None and last.time > until + lateness:
            near = self._before(start, until + lateness)
            after = (mark.place for mark in self._from(near.place + 1) if mark.time > until + lateness)
            stop = next(after, None)
        return Stretch(start, stop, last.time) if self._ordered(lateness) else None

    def border(self, place: int) -> int | None:
        """Return a place from `place` on, none too far, where a line begins that says its time; None: there is none."""
        return next((mark.place for mark in self._from(place) if self._divides(mark.place)), None)

    def _divides(self, place: int) -> bool:
        """Whether the record that begins there, and what lies before, read the same apart as together."""
        begin = max(place - LONGEST_RECORD_LINES, 0)
        data = b"".join(block.data for block in self._source.blocks(begin, place + _CHUNK))
        before, line = data[: place - begin], data[place - begin :].partition(b"\n")[0]
        # NULs are no part of a line: without them what stands before could go on. Of blank lines, those that are too
        # many for one record are counted with the next.
        return before.endswith(b"\n") and b"\x00" not in line and not before.replace(b"\x00", b"").isspace()

    def _mark(self, place: int) -> Mark | None:
        """Return the first record from `place` on that says its time; None where there is none near."""
        return next(self._from(place), None)

    def _from(self, place: int) -> Iterator[Mark]:
        """Yield the records from `place` on that say their time, for as long as they follow each other closely."""
        silent = 0
        for offset, line in self._lines(max(place - 1, 0)):
            silent += len(line) + 1
            if silent > _FARTHEST:
                return
            if offset < place or not line:
                continue
            start = self._form.start(decoded(line), self._calendar())
            if start is not None and start.time is not None:
                silent = 0
                yield Mark(offset, start.time)

    def _lines(self, begin: int) -> Iterator[tuple[int, bytes]]:
        """Yield the lines that begin after `begin`, with their places. Holes are passed over; they end a line."""
        rest, offset, size = b"", begin, _CHUNK
        whole = begin == 0
        while (at := offset + len(rest)) < self._size:
            on = self._source.data_from(at) if isinstance(self._source, Divisible) else at
            if on > at:
                if whole:
                    yield offset, rest
                rest, offset, whole = b"", on, True
                continue
            data = rest + b"".join(
                block.data for block in self._source.blocks(at, min(at + size, self._size))
            )
            if len(data) == len(rest):
                return
            size = min(2 * size, _FARTHEST)
            *lines, rest = data.replace(b"\x00", b"\n").split(b"\n")
            for line in lines:
                if whole:
                    yield offset, line
                whole = True
                offset += len(line) + 1
            if len(rest) > _FARTHEST:
                return
        if whole and rest:
            yield offset, rest

    def _before(self, low: Mark, target: datetime) -> Mark:
        """Return a record near the first one that is not before `target`, and before it; `low`, if there is none."""
        high = self._size
        for mark in sorted(self._marks.values(), key=lambda mark: mark.place):
            if mark.place > low.place and mark.time < target:
                low = mark
            elif mark.time >= target:
                high = min(high, mark.place)
        while high - low.place > _NEAR:
            middle = (low.place + high) // 2
            found = self._mark(middle)
            if found is not None:
                self._marks[found.place] = found
            if found is not None and found.place < high and found.time < target:
                low = found
            else:
                high = middle
        return low

    def _last(self, begin: Mark) -> Mark:
        """Return the last record that says its time; of the last few, the latest."""
        back = _CHUNK
        while True:
            place = max(self._size - back, begin.place)
            found = max(self._from(place), key=attrgetter("time"), default=begin)
            if found is not begin or place == begin.place or back >= _FARTHEST:
                return max(begin, found, key=attrgetter("time"))
            back *= 4

    def _over_hole(self, low: Mark, target: datetime) -> Mark:
        """Return `low`, or the next record where what lies between is long, as a hole is; up to `target`."""
        for mark in self._from(low.place + 1):
            if mark.place - low.place > _NEAR:
                return mark
            if mark.time >= target:
                break
        return low

    def _ordered(self, lateness: timedelta) -> bool:
        marks = sorted(self._marks.values(), key=lambda mark: mark.place)
        newest = marks[0].time
        for before, after in pairwise(marks):
            newest = max(newest, before.time)
            if newest - after.time > lateness:
                return False
        return True
