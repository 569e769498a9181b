"""The format of a stream that grows slowly: found out from a few lines, and looked at again when there are more."""

from __future__ import annotations

from collections.abc import Callable

from logwatch.records.dating import Calendar
from logwatch.records.parser import HEAD_LINES, RecordParser

_MOST_BYTES = 1 << 20


class Trial:
    """The first lines of a stream, until they are enough to be sure of its format.

    `hurried`: the parser had to decide before it had seen all the lines that it wanted.
    """

    def __init__(self) -> None:
        self.hurried = False
        self._sample = bytearray()
        self._lines = 0
        self._next = 1

    def add(self, data: bytes) -> None:
        """Keep whole lines."""
        self._sample += data
        self._lines += data.count(b"\n")

    @property
    def due(self) -> bool:
        """Whether there is twice as much as the last time."""
        return self._lines >= self._next

    @property
    def over(self) -> bool:
        """Whether there is enough."""
        return self._lines >= HEAD_LINES or len(self._sample) >= _MOST_BYTES

    def found(self, calendar: Callable[[], Calendar], asked: str | None) -> tuple[str, str | None]:
        """Return the format and the codec of what there is so far."""
        self._next = 2 * self._lines
        parser = RecordParser(calendar, asked)
        for _ in parser.feed(bytes(self._sample)):
            pass
        for _ in parser.close():
            pass
        return parser.format, parser.codec
