"""The part of a source that is read once its head is known: where the window lies, what several processes read, what is
read last first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from msgspec.structs import replace
from stringzilla import count

from logwatch.records.assembly import Draft
from logwatch.records.dating import Calendar
from logwatch.records.formats.form import Format
from logwatch.records.seeking import Mark, Seeker, Stretch, may_divide, may_seek
from logwatch.sources.source import Divisible, Source

COUNTED = 512 << 20
"""Bytes that are skipped and whose lines are counted nonetheless: a tenth of a second."""
UNCOUNTED = -1 << 60
"""The number of a line that nobody knows."""
AT_ONCE = 1 << 20
"""Bytes, about, that are read at once where records are passed on last first."""
WORTH_DIVIDING = 16 << 20
"""Bytes from which on several processes are faster than one."""


class Part(msgspec.Struct, frozen=True):
    """A part of a source that begins with a record that says its time, at `offset` in line `number`, and ends before
    one, at `stop` (None: at the end of the source). Blank lines may stand before the first record of a source.
    """

    offset: int
    number: int
    stop: int | None = None


class Asked(NamedTuple):
    """The times between which records are asked for, and how late one may come."""

    since: datetime
    until: datetime | None
    lateness: timedelta


class Parts:
    """Finds parts of a source of that format; `calendar` makes calendars without a past."""

    def __init__(self, source: Source, form: Format, calendar: Callable[[], Calendar]) -> None:
        self._source = source
        self._form = form
        self._seeker = Seeker(source, form, calendar)
        self._size = source.size or 0

    def window(self, opened: Draft, asked: Asked) -> tuple[Part, Stretch] | None:
        """Return where what is asked for lies, from the open record on.

        None where it begins there, or that cannot be told, since the source is not in order.
        """
        if opened.start.time is None or not may_seek(self._source, self._form):
            return None
        begin = Mark(opened.offset, opened.start.time)
        stretch = self._seeker.stretch(begin, *asked)
        if stretch is None or stretch.start == begin:
            return None
        place = stretch.start.place
        return Part(place, self._number(opened, place), stretch.stop), stretch

    def rest(self, opened: Draft) -> Part | None:
        """Return all from the open record on, if that is better read in parts."""
        # Blank lines before it, which are counted with it, would lie in no part.
        if opened.start.time is None or opened.gap_lines or not may_seek(self._source, self._form):
            return None
        part = Part(opened.offset, opened.line)
        return part if self.divisible(part) else None

    def whole(self, first: Draft) -> Part | None:
        """Return all of a source that begins with that record, if it can be read in parts, the last one first."""
        if first.start.time is None or not may_seek(self._source, self._form):
            return None
        return Part(0, 1) if may_divide(self._form) else None

    def divisible(self, part: Part) -> bool:
        """Whether a part is better read in parts."""
        return (
            isinstance(self._source, Divisible)
            and may_divide(self._form)
            and self.length(part) >= WORTH_DIVIDING
        )

    def divided(self, whole: Part, size: Callable[[], int]) -> Iterator[Part]:
        """Yield a part in parts of about `size` bytes, asked anew for each. Their lines count from 1."""
        offset, end = whole.offset, self._size if whole.stop is None else whole.stop
        while (border := self._seeker.border(offset + size())) is not None and border < end:
            yield Part(offset, 1, border)
            offset = border
        yield Part(offset, 1, whole.stop)

    def last_first(self, whole: Part, size: Callable[[], int]) -> Iterator[Part]:
        """Yield such parts last first, with the numbers of their lines. Each is made of pieces that are read at once,
        of as few as have `size` bytes.
        """
        pieces, number = [], whole.number
        for piece in self.divided(whole, lambda: AT_ONCE):
            pieces.append(replace(piece, number=number))
            number += self._lines(piece.offset, piece.stop)
        while pieces:
            part, least = pieces.pop(), size()
            while pieces and self.length(part) < least:
                part = replace(pieces.pop(), stop=part.stop)
            yield part

    def length(self, part: Part) -> int:
        """Return how many bytes a part has."""
        return (self._size if part.stop is None else part.stop) - part.offset

    def _number(self, known: Draft, place: int) -> int:
        """Return the number of the line at `place`, if that is near enough to the known one to be counted."""
        if place - known.offset > COUNTED:
            return UNCOUNTED
        return known.line + self._lines(known.offset, place)

    def _lines(self, begin: int, end: int | None) -> int:
        return sum(count(block.data, b"\n") for block in self._source.blocks(begin, end))
