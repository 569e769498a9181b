"""The heads of the lines of one source: what they look like, and what they say of the time."""

from __future__ import annotations

from datetime import datetime

import msgspec

from logwatch.records.dating import Calendar
from logwatch.records.formats.form import StampedFormat, Start
from logwatch.records.text import decoded

_MOST_KNOWN = 50_000
"""Minutes that are remembered, and beginnings of texts."""
_LOOKED_AT = 24
"""Bytes past a head of which it may depend whether it ends there: a fraction, a zone, brackets."""
_OF_EPOCH, _OF_CLOCK = 99, 59
"""What two digits that count seconds go up to."""
_ESCAPE = b"\x1b"
ZEROS = bytes(ord("0") if byte in b"0123456789" else byte for byte in range(256))
"""The table that makes zeros of all digits."""


class Look(msgspec.Struct, frozen=True):
    """What heads look like: like `head`, with other digits where that has digits.

    `fine` is where the digits stand that are finer than a second, `second` where the two stand that count seconds, from
    00 to `most` (None: there are no such).
    """

    head: bytes
    fine: slice
    second: slice | None
    most: int

    @property
    def shape(self) -> bytes:
        """The head with zeros for digits."""
        return self.head.translate(ZEROS)

    @property
    def width(self) -> int:
        """Bytes of the head; 0 where it holds more than the time, as the priority of syslog, or the line's end."""
        return 0 if self.head.startswith(b"<") or self.head.endswith(b"\n") else len(self.head)


class Heads:
    """Knows the heads of one format, that of one source; `calendar` dates them."""

    def __init__(self, form: StampedFormat, calendar: Calendar) -> None:
        self._form = form
        self._calendar = calendar
        self._minutes: dict[bytes, int | None] = {}
        self._ends: dict[tuple[bytes, bytes], bool] = {}
        self._usual: Look | None = None

    def usual(self, data: bytes) -> Look | None:
        """Return a look that the head of the first line has: the same as long as it has that."""
        if self._usual is None or data[: len(self._usual.head)].translate(ZEROS) != self._usual.shape:
            self._usual = self.look(data)
        return self._usual

    def look(self, data: bytes) -> Look | None:
        """Return what the head of the first line looks like; None if it is none, or not all ASCII."""
        line = data[: data.find(b"\n")]
        text = decoded(line)
        stamp = self._form.stamp(text)
        if (
            stamp is None
            or not line[: stamp.end].isascii()
            or not text.startswith(line[: stamp.end].decode())
        ):
            return None
        # A time on a line of its own is one because the line ends there: so must what looks like it.
        alone = self._form.stamp(text[: stamp.end] + "x") != stamp
        head = data[: stamp.end + alone]
        for begin in range(len(head) - 1):
            pair = slice(begin, begin + 2)
            for most in (_OF_EPOCH, _OF_CLOCK):
                if head[pair].isdigit() and self._begin(head, pair, most) is not None:
                    return Look(head, stamp.fine, pair, most)
        return Look(head, stamp.fine, None, 0)

    def time(self, head: bytes) -> datetime | None:
        """Return the time that a head says; None: it says none that a calendar has."""
        self._calendar.forget()
        start = self._form.start(decoded(head), self._calendar)
        return None if start is None else start.time

    def said(self, text: bytes, look: Look) -> Start | None:
        """Return what a line says, but for its time, that has `text` behind a head of that look.

        None where the head does not end there.
        """
        return self._form.said(decoded(text), 0) if self.ends(text, look) else None

    def ends(self, text: bytes, look: Look) -> bool:
        """Whether a head of that look ends where `text` follows: `17:29:32 UTC` has one that goes on."""
        begin = text[:_LOOKED_AT]
        if _ESCAPE in begin:  # what belongs to a terminal's colours is taken out first
            begin = text
        ends = self._ends.get((look.head, begin))
        if ends is None:
            stamp = self._form.stamp(decoded(look.head + begin))
            if len(self._ends) >= _MOST_KNOWN:
                self._ends.clear()
            ends = self._ends[look.head, begin] = stamp is not None and stamp.end == len(look.head)
        return ends

    def second(self, head: bytes) -> int | None:
        """Return the second of that time."""
        time = self.time(head)
        return None if time is None else second_of(time)

    def minute(self, head: bytes, look: Look) -> int | None:
        """Return the second in which the minute begins whose seconds are counted by the digits at `look.second`.

        None: they count none (on February 30, say).
        """
        pair = look.second
        assert pair is not None
        fine = look.fine
        name = head[: pair.start] + head[pair.stop : fine.start] + head[max(pair.stop, fine.stop) :]
        if name not in self._minutes:
            if len(self._minutes) >= _MOST_KNOWN:
                self._minutes.clear()
            self._minutes[name] = self._begin(head, pair, look.most)
        return self._minutes[name]

    def _begin(self, head: bytes, pair: slice, most: int) -> int | None:
        """Return the second that 00 says at that place, if from there to what `most` says is as many seconds."""
        shown = (head[: pair.start] + b"%02d" % n + head[pair.stop :] for n in (0, most))
        first, last = map(self.second, shown)
        return first if first is not None and last == first + most else None


def second_of(moment: datetime) -> int:
    """Return the whole second of the epoch."""
    return int(moment.timestamp())
