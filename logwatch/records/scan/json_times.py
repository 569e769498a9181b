"""The times that JSON lines say, of many lines at once: as numbers, or as texts that look alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from logwatch.records.scan.heads import second_of
from logwatch.records.scan.stamps import Seconds
from logwatch.records.scan.template import WORD

Said = tuple[Seconds, NDArray[np.int64]]
"""Seconds of the epoch, and the microseconds past them."""
Date = Callable[[str], datetime | None]
"""Tells the time that a text says."""

_EARLY, _LATE = 10**9, 7 * 10**9
"""Seconds of the epoch that are dates, from 2001 to 2191."""
_UNITS = (1, 10**3, 10**6, 10**9)
_OF_FLOATS = _UNITS[:2]
_MICROSECONDS = 10**6
_ISO = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:)(\d\d)(?:[.,](\d{1,9}))?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_LONGEST_NUMBER = 19
_LAST_SECOND = 59
_MOST_KNOWN = 50_000
"""Minutes that are remembered."""
_MOST_LENGTHS = 16
"""Lengths of texts that are worth to be looked at apart: fractions without zeros at the end have ten."""
_DIGIT = re.compile(r"\d", re.ASCII)
_FIGURES = 6
"""Those of a fraction that count microseconds; past them, figures are cut off."""
_ZERO, _NINE = np.uint8(ord("0")), 9


def of_numbers(numbers: Sequence[int]) -> Said | None:
    """Return the times that numbers count to; None where these are not all of one unit."""
    try:
        counted = np.array(numbers, np.int64)
    except OverflowError:
        return None
    unit = _unit(int(counted.min()), int(counted.max()), _UNITS)
    return None if unit is None else (counted // unit, counted % unit * _MICROSECONDS // unit)


def of_floats(numbers: Sequence[float]) -> Said | None:
    """Return the times that numbers count to; None where these are not all of one unit."""
    counted = np.array(numbers, np.float64)
    unit = _unit(float(counted.min()), float(counted.max()), _OF_FLOATS)
    if unit is None:
        return None
    moments = np.rint(counted * (_MICROSECONDS // unit)).astype(np.int64)
    return moments // _MICROSECONDS, moments % _MICROSECONDS


def _unit(low: float, high: float, units: Sequence[int]) -> int | None:
    """Return of what part of a second there are so many that numbers between these are dates."""
    return next((unit for unit in units if _EARLY * unit <= low and high < _LATE * unit), None)


class TextTimes:
    """Dates the texts of one source, each as `date` does."""

    def __init__(self, date: Date) -> None:
        self._date = date
        self._minutes: dict[tuple[str, str], int | None] = {}

    def of(self, texts: Sequence[str]) -> Said | None:
        """Return the times that all texts say; None where one says none."""
        joined = "".join(texts)
        if not joined.isascii():
            return self._one_by_one(texts)
        lengths = np.fromiter(map(len, texts), np.intp, len(texts))
        if joined.isdigit() and lengths.min() > 0 and lengths.max() <= _LONGEST_NUMBER:
            return of_numbers([*map(int, texts)]) or self._one_by_one(texts)
        different = np.unique(lengths)
        if len(different) > _MOST_LENGTHS:
            return self._one_by_one(texts)
        seconds, fine = np.empty((2, len(texts)), np.int64)
        for length in different:
            which = np.flatnonzero(lengths == length)
            said = self._of_one_length([texts[n] for n in which.tolist()])
            if said is None:
                return None
            seconds[which], fine[which] = said
        return seconds, fine

    def _of_one_length(self, texts: Sequence[str]) -> Said | None:
        look = _ISO.fullmatch(texts[0])
        if look is None:
            return self._one_by_one(texts)
        every = np.frombuffer("".join(texts).encode(), np.uint8).reshape(len(texts), -1)
        second, end = look.start(2), max(look.end(2), look.end(3))
        digits = np.array([*map(str.isdigit, texts[0])])
        digits[end:] = False
        figures = every - _ZERO
        past = figures[:, second].astype(np.int64) * 10 + figures[:, second + 1]
        if (
            (every[:, ~digits] != every[0, ~digits]).any()
            or (figures[:, digits] > _NINE).any()
            or past.max() > _LAST_SECOND
        ):
            return self._one_by_one(texts)
        heads = np.ascontiguousarray(every[:, : 2 * WORD]).view("<u8")
        turns = np.flatnonzero(np.concatenate(([True], (heads[1:] != heads[:-1]).any(axis=1))))
        rest = _DIGIT.sub("0", texts[0][second + 2 : end]) + texts[0][end:]
        minutes = [self._minute(texts[n][:second], rest) for n in turns.tolist()]
        begins = [minute for minute in minutes if minute is not None]
        if len(begins) < len(minutes):
            return self._one_by_one(texts)
        shown = range(look.start(3), min(look.end(3), look.start(3) + _FIGURES)) if look[3] else range(0)
        fine = np.zeros(len(texts), np.int64)
        for place in shown:
            fine = fine * 10 + figures[:, place]
        fine *= 10 ** (_FIGURES - len(shown))
        return np.repeat(np.array(begins, np.int64), np.diff(turns, append=len(texts))) + past, fine

    def _minute(self, head: str, rest: str) -> int | None:
        """Return the second in which the minute begins that `head` says, before seconds and `rest`.

        None: the seconds from 00 to 59 do not count it out.
        """
        name = head, rest
        if name not in self._minutes:
            if len(self._minutes) >= _MOST_KNOWN:
                self._minutes.clear()
            first, last = (self._date(f"{head}{second}{rest}") for second in ("00", _LAST_SECOND))
            counted = (
                first is not None and last is not None and second_of(last) - second_of(first) == _LAST_SECOND
            )
            self._minutes[name] = second_of(first) if first is not None and counted else None
        return self._minutes[name]

    def _one_by_one(self, texts: Sequence[str]) -> Said | None:
        moments = [*map(self._date, texts)]
        dated = [moment for moment in moments if moment is not None]
        if len(dated) < len(moments):
            return None
        return (
            np.fromiter(map(second_of, dated), np.int64, len(dated)),
            np.fromiter((moment.microsecond for moment in dated), np.int64, len(dated)),
        )
