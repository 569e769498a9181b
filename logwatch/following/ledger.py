"""What was handed out and is not accounted for yet: where to go on if the follower is dropped now."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from logwatch.following.checkpoint import MARKER_LENGTH
from logwatch.following.chunk import Chunk
from logwatch.following.cutting import Piece


@dataclass(slots=True)
class Segment:
    """Data that was handed out, with its place; `before` is what came before it in its file."""

    serial: int
    position: int
    offset: int
    line: int
    before: bytes
    data: bytes
    whole: bool


class Ledger:
    """The segments of one stream, in the order in which they were handed out."""

    def __init__(self) -> None:
        self._segments: deque[Segment] = deque()
        self.held = 0

    @property
    def start(self) -> int | None:
        """The position from which on nothing is accounted for, None when all is."""
        return self._segments[0].position if self._segments else None

    def add(self, chunk: Chunk, piece: Piece) -> None:
        """Note that `chunk` was handed out for `piece`."""
        whole = chunk.flaw is None
        self._segments.append(
            Segment(chunk.serial, chunk.position, chunk.offset, chunk.line, piece.before, chunk.data, whole)
        )
        self.held += len(chunk.data)

    def release(self, position: int) -> None:
        """Note that all before `position` is accounted for, as far as it is whole lines."""
        while self._segments and self._segments[0].position + len(self._segments[0].data) <= position:
            self.held -= len(self._segments.popleft().data)
        if self._segments:
            self._trim(self._segments[0], position)

    def firsts(self) -> dict[int, Segment]:
        """Return the first segment of every file that has any, by serial."""
        firsts: dict[int, Segment] = {}
        for segment in self._segments:
            firsts.setdefault(segment.serial, segment)
        return firsts

    def _trim(self, segment: Segment, position: int) -> None:
        size = segment.data.rfind(b"\n", 0, max(position - segment.position, 0)) + 1
        if not size or not segment.whole:
            return
        done = segment.data[:size]
        segment.before = (segment.before + done[-MARKER_LENGTH:])[-MARKER_LENGTH:]
        segment.line += done.count(b"\n") if segment.line else 0
        segment.data = segment.data[size:]
        segment.position += size
        segment.offset += size
        self.held -= size
