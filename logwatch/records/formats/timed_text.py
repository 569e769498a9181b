"""Text lines that begin with a time: ISO 8601, times of day, epoch numbers; and text without any."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from logwatch.records.dating import Calendar, time_of_day
from logwatch.records.formats.form import NO_FIELDS, Stamp, Start, level_of

_BARE = re.compile(r" *([A-Z]{4,8})\b", re.ASCII)
_OPENING = 24
"""Characters in which a level ends, in brackets or bare, unless more than half of them are spaces."""
_SECONDS = 10
"""Figures of the seconds of an epoch number."""
_LONGEST_LEVEL = 12
"""Characters of a level in its brackets."""


def timed(
    time: datetime | None,
    text: str,
    begin: int,
    fields: Mapping[str, object] = NO_FIELDS,
    level: str | None = None,
) -> Start:
    """Return the record whose first line is `text`, and goes on at `begin` after its time.

    A level in brackets is peeled, a bare one stays in the message; `level` is that of a record that names none. What
    looks like a time and is none (24:00, February 30, the year 9999) begins a record too, one without a time.
    """
    if text.startswith("[", begin):
        end = text.find("]", begin + 1, begin + _LONGEST_LEVEL)
        word = text[begin + 1 : end] if end > 0 else ""
        named = level_of(word) or level_of(word.strip())
        if named is not None:
            level, begin = named, end + (2 if text.startswith(" ", end + 1) else 1)
    else:
        bare = _BARE.match(text, begin)
        level = (level_of(bare[1]) if bare else None) or level
    return Start(time, text[begin:], level, fields)


class Iso8601:
    """`2025-10-11T17:29:32.123Z [info] message`, with or without brackets, seconds, fraction, zone and level."""

    name = "iso8601"
    yearless = False
    opening = _OPENING
    begins = b"[0123456789"
    _HEAD = re.compile(
        r"\[?(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?"
        r"(?:[Zz]|[+-]\d\d(?::?\d\d)?| Z| UTC| [+-]\d\d:?\d\d)?"
        r"|\d{8}T\d{6}(?:[.,]\d{1,9})?(?:Z|[+-]\d{4})?)"
        r"\]?(?::?(?:\s|$)|[|,;])",
        re.ASCII,
    )
    _FINE = re.compile(r"[.,](\d{1,9})", re.ASCII)

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the line begins."""
        head = self._HEAD.match(text)
        return None if head is None else timed(calendar.iso(head[1]), text, head.end())

    def said(self, text: str, begin: int) -> Start:
        """Return what the line begins behind its time."""
        return timed(None, text, begin)

    def stamp(self, text: str) -> Stamp | None:
        """Return where the time stands."""
        head = self._HEAD.match(text)
        if head is None:
            return None
        fine = self._FINE.search(text, head.start(1), head.end(1))
        return Stamp(head.end(), slice(*fine.span(1)) if fine else slice(0, 0))


class ClockTime:
    """`17:29:32.123 message`, with or without brackets."""

    name = "clock"
    _HEAD = re.compile(r"\[?(\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)\]?:?(?:\s|$)", re.ASCII)

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the line begins."""
        head = self._HEAD.match(text)
        if head is None:
            return None
        clock = time_of_day(head[1])
        return timed(None if clock is None else calendar.clock(clock), text, head.end())


class Epoch:
    """`1760203772 message`: seconds with or without a fraction, or milliseconds."""

    name = "epoch"
    yearless = False
    opening = _OPENING
    begins = b"[0123456789"
    _HEAD = re.compile(r"\[?(?:(\d{10}|\d{13})|(\d{10}\.\d{1,9}))\]?:?(?:\s|$)", re.ASCII)

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the line begins."""
        head = self._HEAD.match(text)
        if head is None:
            return None
        return timed(calendar.epoch(int(head[1]) if head[1] else float(head[2])), text, head.end())

    def said(self, text: str, begin: int) -> Start:
        """Return what the line begins behind its time."""
        return timed(None, text, begin)

    def stamp(self, text: str) -> Stamp | None:
        """Return where the number stands. Past six figures, seconds are rounded up as well, and tell nothing alone."""
        head = self._HEAD.match(text)
        if head is None or (head[2] and len(head[2]) > _SECONDS + 1 + 6):
            return None
        begin, end = head.span(1) if head[1] else head.span(2)
        return Stamp(head.end(), slice(begin + _SECONDS + (not head[1]), end))


class Plain:
    """Text without any time: indented lines and closing brackets continue the record before."""

    name = "plain"
    _CONTINUES = re.compile(r"\s|[}\])]|Caused by:|$")

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return the record that the line begins."""
        return None if self._CONTINUES.match(text) else Start(None, text)
