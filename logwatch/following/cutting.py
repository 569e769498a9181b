"""Cutting content into pieces of whole lines. Only what is complete is taken, and holes are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from logwatch.following.chunk import Flaw
from logwatch.records.lines import LONGEST_LINE

_HOLES = re.compile(rb"(?:\A|(?<=\n))\x00+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file: its content from `offset` up to `end`, or what is handed out for that.

    `nuls` NUL bytes before it were skipped, `lost` bytes of its line dropped. `before` are the bytes that came
    before it in the file, as many as an offset is known by.
    """

    offset: int
    end: int
    data: bytes
    before: bytes
    nuls: int = 0
    flaw: Flaw | None = None
    lost: int = 0


def whole_lines(data: bytes, offset: int, before: bytes) -> Iterator[Piece]:
    """Yield the whole lines of `data`, which begins a line at `offset`; a new piece after every hole."""
    end = data.rfind(b"\n") + 1
    start = nuls = 0
    if b"\x00" in data:
        for hole in _HOLES.finditer(data, 0, end):
            if hole.start() > start:
                yield _piece(data, start, hole.start(), offset, before, nuls)
            start, nuls = hole.end(), len(hole[0])
    if end > start:
        yield _piece(data, start, end, offset, before, nuls)


def one_line(text: bytes, offset: int, end: int, before: bytes, nuls: int, *, half: bool) -> Piece:
    """Return the line from `offset` to `end` as a piece; `text` is its beginning, longer than what is kept of a line.

    A line that is too long is cut, and handed out with one byte more than is kept, so that whoever keeps it sees that
    it was longer.
    """
    length = end - offset - (not half)
    kept = text[: min(length, LONGEST_LINE + 1)]
    lost = length - len(kept)
    flaw = Flaw.HALF if half else Flaw.CUT if lost else None
    return Piece(offset, end, kept + b"\n", before, nuls, flaw, lost)


def _piece(data: bytes, start: int, end: int, offset: int, before: bytes, nuls: int) -> Piece:
    return Piece(offset + start, offset + end, data[start:end], (before + data[:start])[-256:], nuls)
