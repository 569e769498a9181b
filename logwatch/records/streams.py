"""Enveloped sources: lines are peeled, parts joined, and the streams of a container kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush

import msgspec

from logwatch.records.assembly import LONGEST_RECORD, LONGEST_RECORD_LINES, Assembler, Draft
from logwatch.records.dating import Calendar
from logwatch.records.formats.form import Envelope, Format, Peeled
from logwatch.records.lines import LONGEST_LINE, Line

_APART = timedelta(seconds=10)
_WAITING_RECORDS = 5000
_WAITING_SIZE = 16 << 20
"""Records, and bytes of them, that wait at most for one of another stream that began before them and goes on."""
_UNPEELED = ""
"""The stream of lines that are no envelopes: half-written ones, and what else got into the file."""


class Joiner:
    """Joins the parts into which a container runtime cuts long lines; a joined line has the place and the time of its
    first part.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._size = self._lines = 0
        self._cut = False
        self.first: Line | None = None
        self.time: datetime | None = None

    def take(self, line: Line, peeled: Peeled) -> Line | None:
        """Return the joined line once its last part has come."""
        if self.first is None:
            self.first, self.time = line, peeled.time
        room = LONGEST_LINE - len(self._data)
        self._data += peeled.data[:room]
        self._size += line.size
        self._lines += line.lines
        self._cut = self._cut or line.cut or len(peeled.data) > room
        return None if peeled.partial else self.flush()

    def flush(self, *, unfinished: bool = False) -> Line:
        """Return what has been joined; `unfinished`: its last part never came."""
        assert self.first is not None
        first, data = self.first, bytes(self._data)
        joined = Line(first.offset, first.number, data, self._size, self._cut or unfinished, self._lines)
        self._data.clear()
        self._size = self._lines = 0
        self._cut = False
        self.first = None
        return joined


class _Stream(msgspec.Struct):
    lines: Assembler
    parts: Joiner = msgspec.field(default_factory=Joiner)
    end: int = 0
    number: int = 0
    time: datetime | None = None
    wrapped: Peeled | None = None

    @property
    def begins(self) -> int | None:
        """Where the first thing that is still open in it begins."""
        if self.lines.begins is not None:
            return self.lines.begins
        return None if self.parts.first is None else self.parts.first.offset

    def close(self) -> None:
        """Finish what is open."""
        if self.parts.first is not None:
            time = self.parts.time
            fields = self.wrapped.fields if self.wrapped else {}
            self.lines.take(self.parts.flush(unfinished=True), time, fields)
            if self.lines.open is not None:
                self.lines.open.end = self.end
        self.lines.close()


class Streams:
    """Takes the lines of an enveloped source; finished drafts go to `done` in the order of their places.

    A record of one stream that is silent while others go on (for 10 seconds of their time, 1,000 lines or 1 MiB) is
    finished: its own lines were written at once. So is one that goes on while too many of other streams wait for it.
    """

    def __init__(self, envelope: Envelope, form: Format, calendar: Calendar, done: list[Draft]) -> None:
        self._envelope = envelope
        self._form = form
        self._calendar = calendar
        self._done = done
        self._finished: list[Draft] = []
        self._waiting: list[tuple[int, Draft]] = []
        self._waiting_size = 0
        self._streams: dict[str, _Stream] = {}
        self._time: datetime | None = None

    @property
    def gap_lines(self) -> int:
        """Blank lines of streams that held no record."""
        return sum(stream.lines.gap_lines for stream in self._streams.values())

    @property
    def gap_size(self) -> int:
        """Bytes of them."""
        return sum(stream.lines.gap_size for stream in self._streams.values())

    @property
    def begins(self) -> int | None:
        """Where the first record begins that was not passed on; None if all were.

        It is an open one: what is finished and waits, waits for an open one before it.
        """
        begins = (stream.begins for stream in self._streams.values())
        return min((begin for begin in begins if begin is not None), default=None)

    def take(self, line: Line) -> None:
        """Take the next line."""
        peeled = self._envelope.peel(line.data, self._calendar)
        name = _UNPEELED if peeled is None else peeled.stream
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = _Stream(Assembler(self._form, self._calendar, self._finished))
        if peeled is None:
            stream.lines.take(line)
        else:
            if stream.parts.first is None and not peeled.partial:
                stream.lines.take(line._replace(data=peeled.data), peeled.time, peeled.fields)
            else:
                stream.wrapped = peeled
                joined = stream.parts.take(line, peeled)
                if joined is not None:
                    stream.lines.take(joined, stream.parts.time, peeled.fields)
            self._time = peeled.time or self._time
        stream.time = self._time
        stream.end, stream.number = line.offset + line.size, line.number
        if stream.lines.open is not None:
            stream.lines.open.end = stream.end
        if len(self._streams) > 1:
            self._close_silent(stream)
        self._release()

    def close(self) -> None:
        """Finish what is open."""
        for stream in self._streams.values():
            stream.close()
        self._release()

    def _close_silent(self, speaking: _Stream) -> None:
        for stream in self._streams.values():
            if stream.begins is not None and (
                speaking.number - stream.number > LONGEST_RECORD_LINES
                or speaking.end - stream.end > LONGEST_RECORD
                or (speaking.time and stream.time and speaking.time - stream.time > _APART)
            ):
                stream.close()

    def _release(self) -> None:
        """Pass on what begins before all that is still open."""
        for draft in self._finished:
            heappush(self._waiting, (draft.offset, draft))
            self._waiting_size += draft.size
        self._finished.clear()
        if not self._waiting:
            return
        opened = self.begins
        while self._waiting and not (opened is not None and self._waiting[0][0] > opened):
            draft = heappop(self._waiting)[1]
            self._waiting_size -= draft.size
            self._done.append(draft)
        if len(self._waiting) > _WAITING_RECORDS or self._waiting_size > _WAITING_SIZE:
            next(stream for stream in self._streams.values() if stream.begins == opened).close()
            self._release()


def joined(lines: Iterable[Line], envelope: Envelope, calendar: Calendar) -> Iterator[bytes]:
    """Yield what the lines wrap, parts joined."""
    parts: dict[str, Joiner] = {}
    for line in lines:
        peeled = envelope.peel(line.data, calendar)
        if peeled is not None:
            whole = parts.setdefault(peeled.stream, Joiner()).take(line, peeled)
            if whole is not None:
                yield whole.data
    for unfinished in parts.values():
        if unfinished.first is not None:
            yield unfinished.flush().data
