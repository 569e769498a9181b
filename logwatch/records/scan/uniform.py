"""Blocks in which every line begins a record that looks like the first, in the order of seconds: told by counting.

That is what most logs are. Where as many lines begin with what such a head looks like as there are lines, and as many
with a second, from where that begins up to where the next one does, every line begins a record, and when it was is
known. Each of these counts is one pass of vector instructions; no line is looked at by itself.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from stringzilla import count as occurrences
from stringzilla import find, rfind, translate

from logwatch.records.account import Account
from logwatch.records.assembly import LONGEST_RECORD
from logwatch.records.formats.form import Start
from logwatch.records.scan.dated import Hits
from logwatch.records.scan.heads import Heads, Look, second_of

_DIGITS = frozenset(b"0123456789")
_ZEROS = bytes(ord("0") if byte in _DIGITS else byte for byte in range(256))
_MOST_TURNS = 800
"""Seconds of a block past which it takes longer to go from one to the next than to look at every line."""
_MOST_LINES = 2000
"""Lines of a second past which it takes longer to look for its first or last moment."""
_FIGURES = 6
"""Those of a second that count microseconds; past them, figures are cut off."""
_NEAR = 64 << 10
"""Bytes within which the next second is looked for by its name."""
_MOST_MISSES = 4
"""Blocks that are not so, one after the other, past which no more are tried."""


class Uniform:
    """Such a block; see `Dated`. `turns` are the places at which seconds begin, with these."""

    def __init__(
        self, data: bytes, heads: Heads, look: Look, turns: list[tuple[int, int]], length: int, lines: int
    ) -> None:
        self._data = data
        self._heads = heads
        self._look = look
        self._turns = turns
        self._seconds = {second for _, second in turns}
        self.length = length
        self.lines = lines
        self.span = min(self._seconds), max(self._seconds)

    @property
    def last(self) -> datetime:
        """The time of the last record."""
        return self.time(self._data.rfind(b"\n", 0, self.length - 1) + 1)

    def hits(self, places: Sequence[int]) -> Hits:
        """Return the records that hold these places."""
        data, length, end = self._data, self.length, 0
        begins: list[int] = []
        ends: list[int] = []
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
        for begin in begins:
            line += occurrences(self._data, b"\n", before, begin)
            before = begin
            numbers.append(line)
        return numbers

    def moments(self, begins: Sequence[int]) -> list[int]:
        """Return when the records were that begin there."""
        data, fine = self._data, self._look.fine
        first, last = fine.start, min(fine.stop, fine.start + _FIGURES)
        unit = 10 ** (_FIGURES - (last - first))
        places = [place for place, _ in self._turns]
        moments: list[int] = []
        stop, base = 0, 0
        for begin in begins:
            if begin >= stop:
                turn = bisect_right(places, begin)
                stop = places[turn] if turn < len(places) else self.length
                base = self._turns[turn - 1][1] * 1_000_000
            moments.append(base + int(data[begin + first : begin + last] or b"0") * unit)
        return moments

    def said(self, text: bytes) -> Start | None:
        """Return what a record says that has `text` behind its head."""
        return self._heads.said(text, self._look)

    def time(self, begin: int) -> datetime:
        """Return the time of the record that begins there."""
        time = self._heads.time(self._data[begin : begin + len(self._look.head)])
        assert time is not None
        return time

    def count(self, account: Account) -> bool:
        """Count all records, unless some may lie outside the window, or many in a second that matters."""
        report, (low, high) = account.report, self.span
        if (account.since is not None and low <= second_of(account.since)) or (
            account.until is not None and high >= second_of(account.until)
        ):
            return False
        early = self._lines_of(low) if report.first is None or low <= second_of(report.first) else []
        late = self._lines_of(high) if report.last is None or high >= second_of(report.last) else []
        if len(early) > _MOST_LINES or len(late) > _MOST_LINES:
            return False
        fine, width = self._look.fine, len(self._look.head)
        ends = [min(early, key=lambda line: line[fine])] if early else []
        ends += [max(late, key=lambda line: line[fine])] if late else []
        for line in ends:
            moment = self._heads.time(line[:width])
            assert moment is not None
            account.spans(moment)
            account.holds(moment)
        report.records += self.lines
        report.lines += self.lines
        report.bytes += self.length
        account.timeline.fill(self._seconds)
        return True

    def _lines_of(self, second: int) -> list[bytes]:
        """Return the lines of a second, or one more than are worth looking at."""
        stops = (*(place for place, _ in self._turns[1:]), self.length)
        lines: list[bytes] = []
        for (place, said), stop in zip(self._turns, stops, strict=True):
            if said == second:
                lines += self._data[place : stop - 1].split(b"\n", _MOST_LINES)
        return lines


class UniformBlocks:
    """Finds out whether blocks of one source are uniform."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._look: Look | None = None
        self._shape = b""
        self._misses = 0

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
        lines = occurrences(data, b"\n", 0, length)
        # The head of the line that begins at `length` is looked at too: what it continued would end later.
        stop = length + len(self._shape)
        if occurrences(translate(data, _ZEROS), b"\n" + self._shape, 0, stop) != lines:
            return None
        turns = self._turns(data, self._look, length, lines)
        return None if turns is None else Uniform(data, self._heads, self._look, turns, length, lines)

    def _looks(self, data: bytes) -> bool:
        """Whether it is known what the heads look like, of which the first is one, and they can be told by counting."""
        if self._look is None or data[: len(self._shape)].translate(_ZEROS) != self._shape:
            self._look = self._heads.look(data)
            self._shape = b"" if self._look is None else self._look.head.translate(_ZEROS)
        if self._look is None or self._look.second is None:
            return False
        rest = [n for n in range(self._look.second.stop, len(self._shape)) if self._shape[n] in _DIGITS]
        return rest == list(range(len(self._shape)))[self._look.fine]

    def _turns(self, data: bytes, look: Look, length: int, lines: int) -> list[tuple[int, int]] | None:
        """Return where seconds begin; None if lines of others lie between, or these are too many."""
        assert look.second is not None
        begin, end = look.second.start, look.second.stop
        turns: list[tuple[int, int]] = []
        minute, base, place, seen = b"", 0, 0, 0
        while place < length:
            if len(turns) >= _MOST_TURNS:
                return None
            name = data[place : place + end]
            if name[:begin] != minute:
                found = self._heads.minute(data[place : place + len(look.head)], look)
                if found is None:
                    return None
                minute, base = name[:begin], found
            past = int(name[begin:])
            if past > look.most:
                return None
            turns.append((place, base + past))
            near = min(place + _NEAR, length)
            stop = find(data, b"\n%b%02d" % (minute, past + 1), place, near) + 1
            if not stop:
                last = rfind(data, b"\n" + name, place, near)
                stop = data.find(b"\n", max(last + 1, place)) + 1
            seen += 1 + occurrences(data, b"\n" + name, place, stop - 1)
            place = stop
        return turns if seen == lines else None


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
