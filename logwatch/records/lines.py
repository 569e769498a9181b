"""Bytes to physical lines, whatever the borders of the blocks."""

from __future__ import annotations

from typing import NamedTuple

LONGEST_LINE = 1 << 20
"""Bytes of a line that are kept; the rest is dropped and the line marked."""
_MARKS = tuple(
    wrong.encode() for wrong in ("\ufeff", *("\ufeff".encode().decode(c) for c in ("mac_roman", "latin-1")))
)
"""The byte order mark, and what wrong decodings make of it (CP1252 and Latin-1 agree)."""


class Line(NamedTuple):
    """A line without its newline and its NUL bytes.

    `offset` and `number` (from 1) are its place; `size` counts the bytes it takes in the source, newline and NULs
    included, and `lines` the physical lines (several, where an envelope's parts were joined). `cut`: it was longer
    than what is kept.
    """

    offset: int
    number: int
    data: bytes
    size: int
    cut: bool = False
    lines: int = 1


class LineSplitter:
    """Cuts a stream of bytes at newlines. Memory is bounded by `LONGEST_LINE` and the bytes of one feed.

    NULs are what a hole in a file reads as: they are skipped, and counted in `nuls`. A byte order mark is no part of
    the first line. `offset` and `number` are the place of what is fed first.
    """

    def __init__(self, offset: int = 0, number: int = 1) -> None:
        self._parts: list[bytes] = []
        self._kept = self._size = 0
        self._offset = offset
        self._cut = self._holes = False
        self._number = number
        self.nuls = 0

    @property
    def offset(self) -> int:
        """Where the first line begins that was not returned."""
        return self._offset

    @property
    def number(self) -> int:
        """The number of that line."""
        return self._number

    def feed(self, data: bytes) -> list[Line]:
        """Return the lines that `data` completes."""
        self._holes = b"\x00" in data
        if self._holes:
            self.nuls += data.count(0)
        *whole, rest = data.split(b"\n")
        lines: list[Line] = []
        for part in whole:
            if self._size or self._holes or self._number == 1 or len(part) > LONGEST_LINE:
                self._keep(part)
                self._size += 1
                lines.append(self._line())
            else:
                size = len(part) + 1
                lines.append(Line(self._offset, self._number, part, size))
                self._offset += size
                self._number += 1
        self._keep(rest)
        return lines

    def close(self) -> list[Line]:
        """Return the last line, if the stream does not end with a newline."""
        return [self._line()] if self._size else []

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._holes:
            part = part.replace(b"\x00", b"")
        if self._kept + len(part) > LONGEST_LINE:
            part = part[: LONGEST_LINE - self._kept]
            self._cut = True
        if part:
            self._parts.append(part)
            self._kept += len(part)

    def _line(self) -> Line:
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        if self._number == 1:
            for mark in _MARKS:
                data = data.removeprefix(mark)
        line = Line(self._offset, self._number, data, self._size, self._cut)
        self._offset += self._size
        self._number += 1
        self._parts = []
        self._kept = self._size = 0
        self._cut = False
        return line
