"""When the records of a block of JSON lines were: all lines decoded at once, but for what says the time.

Writers put the time under one name; which one that is, and whether it is a number or a text, is learned from the first
line. A block in which a line says it otherwise is left to the plain path.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from logwatch.records.dating import Calendar
from logwatch.records.formats.form import Start
from logwatch.records.formats.structured import TIME_NAMES, JsonLines, time_of
from logwatch.records.scan.heads import second_of
from logwatch.records.scan.stamps import Places, Seconds, Stamped, beginnings, turns_of
from logwatch.records.text import decoded

_MILLISECONDS = (10**12, 7 * 10**12)
_SECONDS = (10**9, 7 * 10**9)
"""Numbers that are such, from 2001 to 2191."""
_LONG = 900
"""Bytes of a line in which there is room for more than a decoder takes."""

Said = tuple[Seconds, NDArray[np.int64]]
"""The seconds of all lines, and the microseconds past them."""


class JsonStamper:
    """Dates the records of JSON lines, as `Stamper` does those of text."""

    def __init__(self, form: JsonLines, calendar: Calendar) -> None:
        self._form = form
        self._calendar = calendar
        self._name = ""
        self._before: tuple[str, ...] = ()
        self._decoder: msgspec.json.Decoder[Any] | None = None

    def stamped(self, data: bytes) -> Stamped | None:
        """Return the records of `data`; None where not every line is one, or says its time like the first."""
        if (
            b"\x1b" in data
        ):  # what belongs to a terminal's colour is taken out first, quotes and braces included
            return None
        lines = beginnings(data)
        if not (np.frombuffer(data, np.uint8)[lines] == ord("{")).all():
            return None
        if self._decoder is None and not self._learn(data):
            return None
        said = self._said(data, len(lines))
        if said is None or not self._borne_out(data, lines, said[0]):
            self._decoder = None  # the next block may be of another writer
            return None
        seconds, fine = said
        turns = turns_of(seconds)
        return Stamped(lines, np.arange(len(lines)), turns, seconds[turns], lambda records: fine[records])

    def _borne_out(self, data: bytes, lines: Places, seconds: Seconds) -> bool:
        """Whether long lines say so too when all of them is decoded: nesting and numbers can be too much for that."""
        long = np.flatnonzero(np.diff(lines, append=len(data)) > _LONG)
        times = ((self.time(data, int(lines[n])), int(seconds[n])) for n in long.tolist())
        return all(time is not None and second_of(time) == second for time, second in times)

    def time(self, data: bytes, place: int) -> datetime | None:
        """Return the time that the record says which begins at `place`."""
        start = self._form.start(decoded(data[place : data.find(b"\n", place)]), self._calendar)
        return None if start is None else start.time

    def said(self, text: bytes) -> Start | None:
        """None: an object says its time anywhere."""

    def _learn(self, data: bytes) -> bool:
        """Find out under which name the first line says its time."""
        try:
            fields = msgspec.json.decode(data[: data.find(b"\n")], type=dict[str, Any])
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return False
        named = [name for name in TIME_NAMES if fields.get(name) is not None]
        if not named or time_of({named[0]: fields[named[0]]}, self._calendar) is None:
            return False
        kind = type(fields[named[0]])
        if kind not in {int, str}:
            return False
        self._name = named[0]
        self._before = TIME_NAMES[: TIME_NAMES.index(self._name)]
        names = [
            (f"before_{n}", Any, msgspec.field(name=name, default=None))
            for n, name in enumerate(self._before)
        ]
        said = ("said", kind, msgspec.field(name=self._name))
        self._decoder = msgspec.json.Decoder(msgspec.defstruct("Line", [said, *names], gc=False))
        return True

    def _said(self, data: bytes, lines: int) -> Said | None:
        assert self._decoder is not None
        try:
            decoded_lines = self._decoder.decode_lines(memoryview(data)[: data.rfind(b"\n") + 1])
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return None
        if len(decoded_lines) != lines:
            return None
        for n in range(len(self._before)):
            name = f"before_{n}"
            if any(getattr(line, name) is not None for line in decoded_lines):
                return None
        said = [line.said for line in decoded_lines]
        return self._of_texts(said) if isinstance(said[0], str) else _of_numbers(said)

    def _of_texts(self, texts: list[str]) -> Said | None:
        moments = [time_of({self._name: text}, self._calendar) for text in texts]
        dated = [moment for moment in moments if moment is not None]
        if len(dated) < len(moments):
            return None
        return (
            np.fromiter(map(second_of, dated), np.int64, len(dated)),
            np.fromiter((moment.microsecond for moment in dated), np.int64, len(dated)),
        )


def _of_numbers(numbers: list[int]) -> Said | None:
    try:
        counted = np.array(numbers, np.int64)
    except OverflowError:
        return None
    low, high = int(counted.min()), int(counted.max())
    if _MILLISECONDS[0] <= low and high < _MILLISECONDS[1]:
        return counted // 1000, counted % 1000 * 1000
    if _SECONDS[0] <= low and high < _SECONDS[1]:
        return counted, np.zeros(len(counted), np.int64)
    return None
