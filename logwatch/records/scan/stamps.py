"""When the records of a block begin, and when they were: all lines at once.

The heads of the lines of one source look alike: where one has a digit the others have one, where one has a colon so
have the others. A `Template` is that look. Lines that have it are told by comparing machine words, and only one of
each run of lines with the same second is dated; a line that looks otherwise, and might begin a record all the same, is
asked alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from logwatch.records.dating import Calendar
from logwatch.records.formats.form import StampedFormat, Start
from logwatch.records.scan.heads import Heads, Look, second_of
from logwatch.records.scan.template import WORD, Template, Words
from logwatch.records.text import decoded

Places = NDArray[np.intp]
Seconds = NDArray[np.int64]

UNDATED = np.iinfo(np.int64).min
"""The second of a record that says none."""
_NEWLINE = 10
_MOST_KNOWN = 50_000
"""Heads whose second is remembered."""
_ZERO = np.int64(ord("0"))
_MARKS = b"\xef\x1b"
"""What can stand before a head: a byte order mark, a terminal's colour."""


Finer = Callable[[Places], NDArray[np.int64]]
"""Tells by how many microseconds records are later than their seconds."""


@dataclass(slots=True)
class Stamped:
    """The records of some bytes that begin with one.

    `starts` are the places at which records begin, `numbers` the lines (from 0) that they begin with. `turns` are the
    records with which another second begins, `seconds` these, of the epoch; a record without a time has that of the one
    before. `undated` says which these are; None: none. `known` are the times of lines that look otherwise, by their
    place; `finer` is for all others, whose heads take `width` bytes (0: it is not sure where they end).
    """

    starts: Places
    numbers: Places
    turns: Places
    seconds: Seconds
    finer: Finer
    width: int = 0
    undated: NDArray[np.bool_] | None = None
    known: dict[int, datetime | None] = field(default_factory=dict)


class Stamper:
    """Finds and dates the beginnings of records of one format, that of one source."""

    def __init__(self, form: StampedFormat, calendar: Calendar) -> None:
        self._form = form
        self._heads = Heads(form, calendar)
        self._calendar = calendar
        self._look: Look | None = None
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
        heads, found = self._alike(data, lines)
        if not (len(found) and found[0]) and self._learn(data):
            heads, found = self._alike(data, lines)
        if len(found) == len(lines) and found.all():
            turns, seconds = self._dated(heads)
            if seconds.min() != UNDATED:
                return Stamped(lines, np.arange(len(lines)), turns, seconds, *self._finer(data, lines))
        return self._mixed(data, lines, heads, found)

    def _mixed(self, data: bytes, lines: Places, heads: Words, found: NDArray[np.bool_]) -> Stamped | None:
        """Return the records where some lines begin none, or one that looks otherwise or says no time."""
        alike = np.flatnonzero(found)
        turns, firsts = self._dated(heads[alike])
        seconds = np.repeat(firsts, np.diff(turns, append=len(alike)))
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
        undated: NDArray[np.bool_] | None = seconds == UNDATED
        if undated is not None and undated.any():
            seconds = seconds[np.maximum.accumulate(np.where(undated, 0, np.arange(len(seconds))))]
        else:
            undated = None
        starts = lines[numbers]
        turns = turns_of(seconds)
        return Stamped(starts, numbers, turns, seconds[turns], *self._finer(data, starts), undated, known)

    def time(self, data: bytes, place: int) -> datetime | None:
        """Return the time that the record says which begins at `place`."""
        assert self._look is not None
        return self._heads.time(data[place : place + len(self._look.head)])

    def said(self, text: bytes) -> Start | None:
        """Return what a record says that has `text` behind its head."""
        assert self._look is not None
        return self._heads.said(text, self._look)

    def _finer(self, data: bytes, starts: Places) -> tuple[Finer, int]:
        assert self._look is not None
        fine = self._look.fine
        return lambda records: _microseconds(data, starts[records], fine), self._look.width

    def _learn(self, data: bytes) -> bool:
        look = self._heads.look(data)
        if look is None:
            return False
        self._look, self._template = look, Template(look)
        self._seconds.clear()
        return True

    def _alike(self, data: bytes, lines: Places) -> tuple[Words, NDArray[np.bool_]]:
        """Return the heads of the lines, but for the last few, and which of them look like the others."""
        assert self._template is not None
        whole = int(np.searchsorted(lines, len(data) - self._template.words * WORD, side="right"))
        heads = self._words(data, lines if whole == len(lines) else lines[:whole])
        return heads, self._template.fits(heads) if whole else np.empty(0, np.bool_)

    def _words(self, data: bytes, places: Places) -> Words:
        assert self._template is not None
        width = self._template.words * WORD
        if not len(places):
            return np.empty((0, self._template.words), "<u8")
        every = np.ndarray(len(data) - width + 1, f"V{width}", data, strides=(1,))
        return every[places].view("<u8").reshape(len(places), self._template.words)

    def _dated(self, heads: Words) -> tuple[Places, Seconds]:
        """Return which heads say another second than the one before, and the second of each of these."""
        look, template = self._look, self._template
        assert look is not None
        assert template is not None
        if not len(heads):
            return np.empty(0, np.intp), np.empty(0, np.int64)
        turns = _changes(heads, template.whole)
        firsts = heads[turns]
        return turns, self._one_by_one(firsts) if look.second is None else self._by_minute(
            firsts, look, template
        )

    def _by_minute(self, heads: Words, look: Look, template: Template) -> Seconds:
        """Return the second of each head: that in which its minute begins, and what its digits count."""
        past = template.seconds(heads)
        minutes = _changes(heads, template.rest)
        shown = (head.tobytes()[: template.width] for head in heads[minutes])
        begins = [begin for head in shown if (begin := self._heads.minute(head, look)) is not None]
        if len(begins) < len(minutes) or past.max() > look.most:
            return self._one_by_one(heads)
        return np.repeat(np.array(begins, np.int64), np.diff(minutes, append=len(heads))) + past

    def _one_by_one(self, heads: Words) -> Seconds:
        if len(self._seconds) > _MOST_KNOWN:
            self._seconds.clear()
        return np.fromiter(map(self._second, heads), np.int64, len(heads))

    def _second(self, head: Words) -> int:
        assert self._template is not None
        name = (head & self._template.whole).tobytes()
        second = self._seconds.get(name)
        if second is None:
            said = self._heads.second(head.tobytes()[: self._template.width])
            second = self._seconds[name] = UNDATED if said is None else said
        return second

    def _others(self, data: bytes, lines: Places, found: NDArray[np.bool_]) -> dict[int, Start]:
        """Return what the lines begin that look otherwise, by their number, in order."""
        odd = np.concatenate((np.flatnonzero(~found), np.arange(len(found), len(lines))))
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


def turns_of(seconds: Seconds) -> Places:
    """Return the places at which other seconds begin."""
    return np.flatnonzero(np.concatenate((np.ones(1, np.bool_), seconds[1:] != seconds[:-1])))


def _microseconds(data: bytes, heads: Places, fine: slice) -> NDArray[np.int64]:
    """Return what the digits in `fine` of each head say; past six they are cut off. Of other lines it is anything."""
    said = np.zeros(len(heads), np.int64)
    every = np.frombuffer(data, np.uint8)
    digits = range(fine.start, min(fine.stop, fine.start + 6))
    for place in digits:
        said = said * 10 + (every.take(heads + place, mode="clip") - _ZERO)
    said *= 10 ** (6 - len(digits))
    return said


def _changes(heads: Words, mask: Words) -> Places:
    """Return which heads differ, in what `mask` shows of them, from the one before."""
    turns = np.zeros(len(heads), np.bool_)
    turns[0] = True
    for n, shown in enumerate(mask):
        said = heads[:, n] & shown
        turns[1:] |= said[1:] != said[:-1]
    return np.flatnonzero(turns)


def beginnings(data: bytes) -> Places:
    """Return the places at which the lines begin that end in `data`.

    Eight bytes at a time: most lines are longer, so that a word holds one line end at most.
    """
    whole = len(data) & ~(WORD - 1)
    marks = (np.frombuffer(data, np.uint8, whole) == _NEWLINE).view("<u8")
    words = np.flatnonzero(marks != 0)
    found = marks[words]
    if (found & (found - np.uint64(1))).any():
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _NEWLINE)
    else:
        inside = np.bitwise_count(found - np.uint64(1)) // np.uint8(WORD)
        rest = np.flatnonzero(np.frombuffer(data, np.uint8, len(data) - whole, whole) == _NEWLINE)
        ends = np.concatenate(((words << 3) + inside, rest + whole))
    return np.concatenate((np.zeros(1, np.intp), ends[:-1] + 1))
