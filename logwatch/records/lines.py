"""Bytes to physical lines, whatever the borders of the blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_LINE = 1 << 20
"""Bytes of a line that are kept; the rest is dropped and the line marked."""


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line without its newline; `size` counts the bytes it takes in the source, newline included."""

    offset: int
    number: int
    data: bytes
    size: int
    cut: bool = False


class LineSplitter:
    """Cuts a stream of bytes at newlines. Memory is bounded by `LONGEST_LINE` and the bytes of one feed."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._kept = self._size = self._offset = 0
        self._number = 1

    def feed(self, data: bytes) -> Iterator[Line]:
        """Yield the lines that `data` completes."""
        start = 0
        while (end := data.find(b"\n", start)) >= 0:
            self._keep(data[start:end], 1)
            yield self._line()
            start = end + 1
        if start < len(data):
            self._keep(data[start:], 0)

    def close(self) -> Iterator[Line]:
        """Yield the last line, if the stream does not end with a newline."""
        if self._size:
            yield self._line()

    def _keep(self, part: bytes, newline: int) -> None:
        self._size += len(part) + newline
        part = part[: LONGEST_LINE - self._kept]
        if part:
            self._parts.append(part)
            self._kept += len(part)

    def _line(self) -> Line:
        data = b"".join(self._parts)
        line = Line(self._offset, self._number, data, self._size, cut=self._size - 1 > LONGEST_LINE)
        self._parts.clear()
        self._offset += self._size
        self._number += 1
        self._kept = self._size = 0
        return line
