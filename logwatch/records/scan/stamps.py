"""When the records of a block begin, and when they were: all lines at once.

The heads of the lines of one source look alike: where one has a digit the others have one, where one has a colon so
have the others. A `Template` is that look. Lines that have it are told by comparing machine words, and only one of
each run of lines with the same second is dated; a line that looks otherwise, and might begin a record all the same, is
asked alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from logwatch.records.dating import Calendar
from logwatch.records.formats.form import StampedFormat, Start
from logwatch.records.text import decoded

Places = NDArray[np.intp]
Seconds = NDArray[np.int64]
Words = NDArray[np.uint64]

UNDATED = np.iinfo(np.int64).min
"""The second of a record that says none."""
_NEWLINE = 10
_WORD = 8
_MOST_KNOWN = 50_000
"""Heads whose second is remembered."""
_DIGITS = frozenset(b"0123456789")
_ZERO, _OVER, _HIGH, _LOW = 0x30, 0x76, 0x80, 0x7F
_MARKS = b"\xef\x1b"
"""What can stand before a head: a byte order mark, a terminal's colour."""


def _every(byte: int, where: bytes) -> int:
    """Return the bytes of `where` that are set, each as `byte`, as one number."""
    return int.from_bytes(bytes(byte if b else 0 for b in where), "little")


class Template:
    """What the heads of lines look like, learned from one of them; `fine` is where the digits stand that are finer
    than a second.
    """

    def __init__(self, head: bytes, fine: slice) -> None:
        self.width = len(head)
        self.fine = fine
        self.words = -(-self.width // _WORD)
        size = self.words * _WORD
        digit = bytes(b in _DIGITS for b in head).ljust(size, b"\0")
        fixed = bytes(b not in _DIGITS for b in head).ljust(size, b"\0")
        finer = bytes(fine.start <= n < fine.stop for n in range(size))
        key = bytes(n < self.width and not finer[n] for n in range(size))
        cut = [slice(n, n + _WORD) for n in range(0, size, _WORD)]
        self._digits = [digit[c] for c in cut]
        self._fixed = [np.uint64(_every(0xFF, fixed[c])) for c in cut]
        padded = head.ljust(size, b"\0")
        self._is = [
            np.uint64(int.from_bytes(padded[c], "little") & int(m))
            for c, m in zip(cut, self._fixed, strict=True)
        ]
        self.key = [np.uint64(_every(0xFF, key[c])) for c in cut]

    def fits(self, heads: Words) -> NDArray[np.bool_]:
        """Return which heads look like it, for heads of `words` words."""
        fit = np.ones(len(heads), np.bool_)
        for n in range(self.words):
            column = heads[:, n]
            if (column == column[0]).all():
                if not self._word_fits(column[:1], n)[0]:
                    return np.zeros(len(heads), np.bool_)
            else:
                fit &= self._word_fits(column, n)
        return fit

    def _word_fits(self, column: Words, n: int) -> NDArray[np.bool_]:
        fit: NDArray[np.bool_] = (column & self._fixed[n]) == self._is[n]
        digits = self._digits[n]
        if any(digits):
            # A digit XOR "0" is at most 9: adding 0x76 leaves the high bit of its byte alone.
            off = (column ^ np.uint64(_every(_ZERO, digits))) & np.uint64(_every(0xFF, digits))
            over = ((off & np.uint64(_every(_LOW, digits))) + np.uint64(_every(_OVER, digits))) | off
            fit &= (over & np.uint64(_every(_HIGH, digits))) == 0
        return fit


@dataclass(slots=True)
class Stamped:
    """The records of some bytes that begin with one.

    `lines` are the places at which lines begin, `starts` those at which records do, `numbers` the lines (from 0) that
    they begin with; `seconds` are whole seconds of the epoch, a record without a time having that of the one before.
    `undated` says which these are; None: none.
    """

    lines: Places
    starts: Places
    numbers: Places
    seconds: Seconds
    undated: NDArray[np.bool_] | None = None
    known: dict[int, datetime | None] = field(default_factory=dict)


class Stamper:
    """Finds and dates the beginnings of records of one format, that of one source."""

    def __init__(self, form: StampedFormat, calendar: Calendar) -> None:
        self._form = form
        self._stamp = form.stamp
        self._calendar = calendar
        self._may_begin = np.zeros(256, np.bool_)
        self._may_begin[list(form.begins + _MARKS)] = True
        self._template: Template | None = None
        self._seconds: dict[bytes, int] = {}

    def stamped(self, data: bytes) -> Stamped | None:
        """Return the records of `data`, which begins with one that says its time.

        None if that one does not look like what it is, or if nothing can be said of the whole.
        """
        lines = beginnings(data)
        if self._template is None and not self._learn(data):
            return None
        found = self._alike(data, lines)
        if not found[0] and self._learn(data):
            found = self._alike(data, lines)
        assert self._template is not None
        alike = np.flatnonzero(found)
        seconds = self._dated(self._heads(data, lines[alike]))
        others = self._others(data, lines, found)
        known = {int(lines[n]): start.time for n, start in others.items()}
        numbers = alike
        if others:
            numbers = np.concatenate((alike, np.fromiter(others, np.intp, len(others))))
            said = (UNDATED if s.time is None else second_of(s.time) for s in others.values())
            seconds = np.concatenate((seconds, np.fromiter(said, np.int64, len(others))))
            order = np.argsort(numbers)
            numbers, seconds = numbers[order], seconds[order]
        if not len(numbers) or numbers[0] or seconds[0] == UNDATED:
            return None
        undated = seconds == UNDATED
        if not undated.any():
            return Stamped(lines, lines[numbers], numbers, seconds, known=known)
        before = np.maximum.accumulate(np.where(undated, 0, np.arange(len(seconds))))
        return Stamped(lines, lines[numbers], numbers, seconds[before], undated, known)

    def time(self, data: bytes, place: int) -> datetime | None:
        """Return the time that the record says which begins at `place`."""
        assert self._template is not None
        self._calendar.forget()
        start = self._form.start(decoded(data[place : place + self._template.width]), self._calendar)
        return None if start is None else start.time

    def fine(self, data: bytes, place: int) -> bytes:
        """Return what a line that looks like the others says finer than a second: the later the greater."""
        assert self._template is not None
        fine = self._template.fine
        return data[place + fine.start : place + fine.stop]

    def _learn(self, data: bytes) -> bool:
        line = data[: data.find(b"\n")]
        text = decoded(line)
        stamp = self._stamp(text)
        if (
            stamp is None
            or not line[: stamp.end].isascii()
            or not text.startswith(line[: stamp.end].decode())
        ):
            return False
        # A time on a line of its own is one because the line ends there: so must what looks like it.
        alone = self._stamp(text[: stamp.end] + "x") != stamp
        self._template = Template(data[: stamp.end + alone], stamp.fine)
        self._seconds.clear()
        return True

    def _alike(self, data: bytes, lines: Places) -> NDArray[np.bool_]:
        assert self._template is not None
        found = np.zeros(len(lines), np.bool_)
        whole = int(np.searchsorted(lines, len(data) - self._template.words * _WORD, side="right"))
        if whole > 0:
            found[:whole] = self._template.fits(self._heads(data, lines[:whole]))
        return found

    def _heads(self, data: bytes, places: Places) -> Words:
        assert self._template is not None
        width = self._template.words * _WORD
        if not len(places):
            return np.empty((0, self._template.words), "<u8")
        every = np.ndarray(len(data) - width + 1, f"V{width}", data, strides=(1,))
        return every[places].view("<u8").reshape(len(places), self._template.words)

    def _dated(self, heads: Words) -> Seconds:
        """Return the second of each head; of those that follow each other and say the same, one is dated."""
        assert self._template is not None
        if not len(heads):
            return np.empty(0, np.int64)
        turns = np.zeros(len(heads), np.bool_)
        turns[0] = True
        for n, key in enumerate(self._template.key):
            said = heads[:, n] & key
            turns[1:] |= said[1:] != said[:-1]
        firsts = np.flatnonzero(turns)
        keys = heads[firsts] & np.array(self._template.key, np.uint64)
        if len(self._seconds) > _MOST_KNOWN:
            self._seconds.clear()
        of_key = np.fromiter(map(self._second, keys, heads[firsts]), np.int64, len(firsts))
        return np.repeat(of_key, np.diff(firsts, append=len(heads)))

    def _second(self, key: Words, head: Words) -> int:
        assert self._template is not None
        name = key.tobytes()
        second = self._seconds.get(name)
        if second is None:
            text = head.tobytes()[: self._template.width].decode()
            self._calendar.forget()
            start = self._form.start(text, self._calendar)
            second = UNDATED if start is None or start.time is None else second_of(start.time)
            self._seconds[name] = second
        return second

    def _others(self, data: bytes, lines: Places, found: NDArray[np.bool_]) -> dict[int, Start]:
        """Return what the lines begin that look otherwise, by their number, in order."""
        odd = np.flatnonzero(~found)
        if not len(odd):
            return {}
        odd = odd[self._may_begin[np.frombuffer(data, np.uint8)[lines[odd]]]]
        begun: dict[int, Start] = {}
        for n in odd.tolist():
            text = decoded(data[lines[n] : data.find(b"\n", lines[n])]).lstrip("\ufeff")
            self._calendar.forget()
            start = self._form.start(text, self._calendar)
            if start is not None:
                begun[n] = start
        return begun


def second_of(moment: datetime) -> int:
    """Return the whole second of the epoch."""
    return int(moment.timestamp())


def beginnings(data: bytes) -> Places:
    """Return the places at which the lines begin that end in `data`.

    Eight bytes at a time: most lines are longer, so that a word holds one line end at most.
    """
    whole = len(data) & ~(_WORD - 1)
    marks = (np.frombuffer(data, np.uint8, whole) == _NEWLINE).view("<u8")
    words = np.flatnonzero(marks != 0)
    found = marks[words]
    if (found & (found - np.uint64(1))).any():
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _NEWLINE)
    else:
        inside = np.bitwise_count(found - np.uint64(1)) // np.uint8(_WORD)
        rest = np.flatnonzero(np.frombuffer(data, np.uint8, len(data) - whole, whole) == _NEWLINE)
        ends = np.concatenate(((words << 3) + inside, rest + whole))
    return np.concatenate((np.zeros(1, np.intp), ends[:-1] + 1))
