"""Blocks in which every line begins a record that looks like the first, nearly in order: told by counting.

That is what most logs are. Where as many lines begin with what such a head looks like as there are lines, and as many
with a second that was found, each about where it was, every line begins a record, and when it was is known. Each of
these counts is one pass of vector instructions; no line is looked at by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache

from stringzilla import bytesum, find, translate
from stringzilla import count as occurrences

from logwatch.records.account import Account
from logwatch.records.assembly import LONGEST_RECORD
from logwatch.records.formats.form import Start
from logwatch.records.scan.dated import Hits
from logwatch.records.scan.heads import ZEROS, Heads, Look, second_of
from logwatch.records.scan.turns import Turns, turns_of

_DIGITS = frozenset(b"0123456789")
_NEWLINES = bytes(byte == ord("\n") for byte in range(256))
_FIGURES = 6
"""Those of a second that count microseconds; past them, figures are cut off."""
_LISTED = 3
"""Those of which all are listed: looking them up is faster than reading numbers."""
_FAR = 1 << 10
"""Bytes between hits past which ones are summed up faster than newlines are counted."""
_DENSE = 400
"""Bytes between hits up to which arrays are faster."""
_PIECE = 256 << 10
"""Bytes that stay near the processor while they are looked at twice."""
_MOST_MISSES = 4
"""Blocks that are not so, one after the other, past which no more are tried."""


class Uniform:
    """Such a block; see `Dated`."""

    def __init__(
        self, data: bytes, heads: Heads, look: Look, turns: Turns, length: int, lines: int, *, arrays: bool
    ) -> None:
        self._data = data
        self._arrays = arrays
        self._heads = heads
        self._look = look
        self._turns = turns
        self._seconds = set(turns.seconds.values())
        self.length = length
        self.lines = lines
        self.span = min(self._seconds), max(self._seconds)

    @property
    def last(self) -> datetime:
        """The time of the last record."""
        return self.time(self._data.rfind(b"\n", 0, self.length - 1) + 1)

    def hits(self, places: Sequence[int]) -> Hits:
        """Return the records that hold these places."""
        data, length = self._data, self.length
        if self._dense(places):
            from logwatch.records.scan import dense  # noqa: PLC0415 - numpy takes a while

            return dense.hits(data, length, places, self._look.width)
        begins: list[int] = []
        ends: list[int] = []
        end = 0
        for place in sorted(places):
            if place < end:
                continue
            if place >= length:
                break
            begins.append(data.rfind(b"\n", end, place) + 1 or end)
            end = data.find(b"\n", place) + 1
            ends.append(end)
        return Hits(begins, ends, self._look.width)

    def numbers(self, begins: Sequence[int]) -> list[int]:
        """Return the lines that begin there."""
        numbers: list[int] = []
        line = before = 0
        if len(begins) * _FAR < self.length:
            newlines = memoryview(translate(self._data, _NEWLINES))
            for begin in begins:
                line += bytesum(newlines[before:begin])
                before = begin
                numbers.append(line)
            return numbers
        for begin in begins:
            line += occurrences(self._data, b"\n", before, begin)
            before = begin
            numbers.append(line)
        return numbers

    def moments(self, begins: Sequence[int]) -> list[int]:
        """Return when the records were that begin there."""
        assert self._look.second is not None
        data, fine, end = self._data, self._look.fine, self._look.second.stop
        bases = {name[1:]: second * 1_000_000 for name, second in self._turns.seconds.items()}
        # Where there are no finer digits, the slice may end before it begins.
        first, last = fine.start, max(fine.start, min(fine.stop, fine.start + _FIGURES))
        if self._dense(begins):
            from logwatch.records.scan import dense  # noqa: PLC0415 - as above

            return dense.moments(data, begins, bases, end, slice(first, last))
        figures = last - first
        if figures <= _LISTED:
            finer = _microseconds(figures)
            return [
                bases[data[begin : begin + end]] + finer[data[begin + first : begin + last]]
                for begin in begins
            ]
        unit = 10 ** (_FIGURES - figures)
        return [
            bases[data[begin : begin + end]] + int(data[begin + first : begin + last]) * unit
            for begin in begins
        ]

    def _dense(self, some: Sequence[int]) -> bool:
        """Whether these are so many that arrays are faster."""
        return self._arrays and len(some) * _DENSE > self.length

    def said(self, text: bytes) -> Start | None:
        """Return what a record says that has `text` behind its head."""
        return self._heads.said(text, self._look)

    def time(self, begin: int) -> datetime:
        """Return the time of the record that begins there."""
        return self._time(self._data[begin : begin + len(self._look.head)])

    def _time(self, head: bytes) -> datetime:
        time = self._heads.time(head)
        assert time is not None
        return time

    def count(self, account: Account) -> bool:
        """Count all records, unless some may lie outside the window."""
        report, (low, high) = account.report, self.span
        if (account.since is not None and low <= second_of(account.since)) or (
            account.until is not None and high >= second_of(account.until)
        ):
            return False
        ends: list[bytes] = []
        if report.first is None or low <= second_of(report.first):
            ends += self._ends(low, b"0123456789")
        if report.last is None or high >= second_of(report.last):
            ends += self._ends(high, b"9876543210")
        for head in ends:
            moment = self._time(head)
            account.spans(moment)
            account.holds(moment)
        report.records += self.lines
        report.lines += self.lines
        report.bytes += self.length
        account.timeline.fill(self._seconds)
        return True

    def _ends(self, second: int, figures: bytes) -> Iterator[bytes]:
        """Yield the heads of a second whose finer digits come first by the order of `figures`, one of each name."""
        data, head, fine = self._data, self._look.head, self._look.fine
        for name, said in self._turns.seconds.items():
            if said != second:
                continue
            begin, end = self._turns.stretch(name)
            found = name + head[len(name) - 1 : fine.start]
            for _ in range(fine.start, fine.stop):
                for figure in figures:
                    finer = b"%b%c" % (found, figure)
                    if find(data, finer, begin, end) >= 0 or (not begin and data.startswith(finer[1:])):
                        found = finer
                        break
            yield found[1:] + head[len(found) - 1 :]


@cache
def _microseconds(figures: int) -> Mapping[bytes, int]:
    """Return what so many figures of a second say."""
    if not figures:
        return {b"": 0}
    return {b"%0*d" % (figures, n): n * 10 ** (_FIGURES - figures) for n in range(10**figures)}


class UniformBlocks:
    """Finds out whether blocks of one source are uniform; `arrays`: it is worth the time to get arrays ready."""

    def __init__(self, heads: Heads, *, arrays: bool) -> None:
        self._heads = heads
        self._arrays = arrays
        self._look: Look | None = None
        self._shape = b""
        self._misses = 0
        self._buffer = memoryview(b"")

    def dated(self, data: bytes) -> Uniform | None:
        """Return the records of `data`, which begins with one that says its time; None if it is not uniform."""
        if self._misses >= _MOST_MISSES:
            return None
        found = self._dated(data)
        self._misses = 0 if found else self._misses + 1
        return found

    def _dated(self, data: bytes) -> Uniform | None:
        length = data.rfind(b"\n", 0, data.rfind(b"\n")) + 1
        if not length or _too_long(data, length) or not self._looks(data):
            return None
        assert self._look is not None
        lines = self._lines(data, length)
        if lines is None:
            return None
        turns = turns_of(data, self._heads, self._look, length, lines)
        if turns is None:
            return None
        return Uniform(data, self._heads, self._look, turns, length, lines, arrays=self._arrays)

    def _lines(self, data: bytes, length: int) -> int | None:
        """Return how many lines there are up to `length`; None unless all look like the first, and the next one too."""
        if len(self._buffer) < _PIECE + len(self._shape):
            self._buffer = memoryview(bytearray(_PIECE + len(self._shape)))
        needle, buffer = b"\n" + self._shape, self._buffer
        lines = 0
        for begin in range(0, length, _PIECE):
            end = min(begin + _PIECE, length)
            lines_here = bytesum(translate(data, _NEWLINES, start=begin, end=end, out=buffer[: end - begin]))
            # The head of the line that begins at `length` is looked at too: what it continued would end later.
            stop = min(end + len(self._shape), len(data))
            heads = occurrences(
                translate(data, ZEROS, start=begin, end=stop, out=buffer[: stop - begin]), needle
            )
            if heads != lines_here:
                return None
            lines += lines_here
        return lines

    def _looks(self, data: bytes) -> bool:
        """Whether it is known what the heads look like, of which the first is one, and they can be told by counting."""
        look = self._heads.usual(data)
        if look is not self._look:
            self._look, self._shape = look, b"" if look is None else look.shape
        if self._look is None or self._look.second is None:
            return False
        rest = [n for n in range(self._look.second.stop, len(self._shape)) if self._shape[n] in _DIGITS]
        return rest == list(range(len(self._shape)))[self._look.fine]


def _too_long(data: bytes, length: int) -> bool:
    """Whether a line before `length` may be longer than what is kept of a record.

    One that is would take more than half, and so hold the middle.
    """
    if length < LONGEST_RECORD:
        return False
    middle = length // 2
    return (
        length >= 2 * LONGEST_RECORD
        or data.find(b"\n", middle) - data.rfind(b"\n", 0, middle) >= LONGEST_RECORD
    )
