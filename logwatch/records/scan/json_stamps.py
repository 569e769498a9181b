"""When the records of a block of JSON lines were: all lines decoded at once, but for what says the time.

Writers put the time under one name; which one that is, and whether it is a number or a text, is learned from the first
line. A block in which a line says it otherwise is left to the plain path.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from stringzilla import find

from logwatch.records.dating import Calendar
from logwatch.records.formats.form import Start
from logwatch.records.formats.structured import LOST_NAME, TIME_NAMES, JsonLines, time_of
from logwatch.records.scan.heads import second_of
from logwatch.records.scan.json_times import Said, TextTimes, of_floats, of_numbers
from logwatch.records.scan.stamps import Places, Seconds, Stamped, beginnings, turns_of
from logwatch.records.text import decoded

_LONG = 900
"""Bytes of a line in which there is room for more nesting than a decoder takes."""
_MOST_NESTED = 400
"""Objects and lists in a line that a decoder takes surely, even if each lies in the one before."""
_LONGER = 4000
"""Bytes of a line in which there is room for a number with more figures than a decoder takes."""
_RETURN, _CLOSING = b"\r}"


class _Line(msgspec.Struct, gc=False):
    """The message that a line may come without, as it stands; empty where the line does not name it."""

    message: msgspec.Raw = msgspec.field(name=LOST_NAME, default_factory=msgspec.Raw)


_cut = msgspec.json.Decoder(_Line).decode_lines


class JsonStamper:
    """Dates the records of JSON lines, as `Stamper` does those of text."""

    def __init__(self, form: JsonLines, calendar: Calendar) -> None:
        self._form = form
        self._calendar = calendar
        self._name = ""
        self._before: tuple[str, ...] = ()
        self._decoder: msgspec.json.Decoder[Any] | None = None
        self._texts = TextTimes(lambda text: time_of({self._name: text}, calendar))

    def stamped(self, data: bytes) -> Stamped | None:
        """Return the records of `data`; None where not every line is one, or says its time like the first."""
        if (
            b"\x1b" in data
        ):  # what belongs to a terminal's colour is taken out first, quotes and braces included
            return None
        lines = beginnings(data)
        if not (np.frombuffer(data, np.uint8)[lines] == ord("{")).all() or not _closed(data, lines):
            return None
        if self._decoder is None and not self._learn(data):
            return None
        said = self._said(data, len(lines))
        if said is None or _loses(data) or not self._borne_out(data, lines, said[0]):
            self._decoder = None  # the next block may be of another writer
            return None
        seconds, fine = said
        turns = turns_of(seconds)
        return Stamped(lines, np.arange(len(lines)), turns, seconds[turns], lambda records: fine[records])

    def _borne_out(self, data: bytes, lines: Places, seconds: Seconds) -> bool:
        """Whether long lines say so too when all of them is decoded: nesting and numbers can be too much for that."""
        lengths = np.diff(lines, append=len(data))
        for n in np.flatnonzero(lengths > _LONG).tolist():
            begin, end = int(lines[n]), int(lines[n] + lengths[n])
            nested = data.count(b"{", begin, end) + data.count(b"[", begin, end)
            if nested <= _MOST_NESTED and end - begin <= _LONGER:
                continue
            time = self.time(data, begin)
            if time is None or second_of(time) != seconds[n]:
                return False
        return True

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
        if kind not in {int, float, str}:
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
        if isinstance(said[0], str):
            return self._texts.of(said)
        return of_floats(said) if isinstance(said[0], float) else of_numbers(said)


def _closed(data: bytes, lines: Places) -> bool:
    """Whether the lines, which begin with a brace, end with one: then no object goes on in the next line, and if there
    are as many as lines, each is one.
    """
    every, ends = np.frombuffer(data, np.uint8), np.append(lines[1:] - 1, data.rfind(b"\n"))
    last = every[ends - 1]
    if (last == _RETURN).any():
        last = np.where(last == _RETURN, every[ends - 2], last)
    others = np.flatnonzero(last != _CLOSING).tolist()
    return all(data[lines[n] : ends[n]].rstrip().endswith(b"}") for n in others)


def _loses(data: bytes) -> bool:
    """Whether a line says that it came without its message; these are counted."""
    if find(data, b"null") < 0 or (find(data, LOST_NAME.encode()) < 0 and find(data, b"\\u00") < 0):
        return False
    lines = _cut(memoryview(data)[: data.rfind(b"\n") + 1])
    return any(bytes(line.message) == b"null" for line in lines)
