"""Standard input, or any other pipe, as a stream: read as it comes, never waited for."""

from __future__ import annotations

import os
import select
from collections.abc import Mapping

from logwatch.following.checkpoint import Checkpoint
from logwatch.following.chunk import Chunk, Flaw, Notice, NoticeKind
from logwatch.following.limits import Limits
from logwatch.records.lines import LONGEST_LINE
from logwatch.sources.refused import reason
from logwatch.sources.stdin import NAME

READ_SIZE = 256 << 10
"""Bytes of one read; less than the longest line that is kept."""


def read_ready(descriptor: int) -> bytes | None:
    """Return what can be read at once, empty at the end; None when nothing is there yet. Raises `OSError`.

    The descriptor is left blocking: it may be shared with other processes, which would be surprised.
    """
    ready = select.poll()
    ready.register(descriptor, select.POLLIN)
    if not ready.poll(0):
        return None
    try:
        return os.read(descriptor, READ_SIZE)
    except BlockingIOError:  # somebody else read it first
        return None


class Gatherer:
    """Gathers bytes to whole lines. Keeps at most one line, and of that no more than `LONGEST_LINE` and one byte."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._size = 0

    def feed(self, data: bytes) -> list[tuple[bytes, int]]:
        """Return the whole lines that `data` completes, in pieces, each with the bytes that it lost."""
        lines: list[tuple[bytes, int]] = []
        if self._size:
            newline = data.find(b"\n")
            self._keep(data if newline < 0 else data[:newline])
            if newline < 0:
                return []
            lines.append(self._taken())
            data = data[newline + 1 :]
        end = data.rfind(b"\n") + 1
        if end:
            lines.append((data[:end], 0))
        self._keep(data[end:])
        return lines

    def close(self) -> list[tuple[bytes, int]]:
        """Return the line that was not ended, with a newline, if there is one."""
        return [self._taken()] if self._size else []

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        self._kept += data[: LONGEST_LINE + 1 - len(self._kept)]

    def _taken(self) -> tuple[bytes, int]:
        line, lost = bytes(self._kept) + b"\n", self._size - len(self._kept)
        self._kept.clear()
        self._size = 0
        return line, lost


class PipeFollower:
    """Follows the pipe, or the file, that is open at `descriptor`, to its end. What it gave cannot be had again.

    `ended`: all of it was handed out.
    """

    def __init__(self, descriptor: int, name: str = NAME, *, limits: Limits | None = None) -> None:
        self._descriptor = descriptor
        self._name = name
        self._limits = limits or Limits()
        self._gatherer = Gatherer()
        self._position = self._accounted = 0
        self._line = 1
        self.behind = False
        self.ended = False
        self.troubles: dict[str, str] = {}

    def poll(self, now: float) -> list[Chunk | Notice]:
        """Return what has come. Never raises for what the outside world does."""
        items: list[Chunk | Notice] = []
        left = 0 if self._position - self._accounted >= self._limits.held_bytes else self._limits.poll_bytes
        while left > 0 and not self.ended:
            try:
                data = read_ready(self._descriptor)
            except OSError as error:
                self.troubles = {self._name: f"cannot be read any more: {reason(error)}"}
                items.append(self._notice(NoticeKind.GAP, self.troubles[self._name]))
                data = b""
            if data is None:
                break
            left -= len(data)
            self.ended = not data
            for line, lost in self._gatherer.feed(data):
                items += self._handed_out(line, lost, Flaw.CUT if lost else None)
        if self.ended:
            for line, lost in self._gatherer.close():
                items += self._handed_out(line, lost, Flaw.HALF)
        self.behind = left <= 0 and not self.ended
        return items

    def checkpoints(self, open_at: Mapping[str, int] | None = None) -> list[Checkpoint]:
        """Return none: a pipe cannot be read again."""
        self._accounted = (open_at or {}).get(self._name, self._position)
        return []

    def close(self) -> None:
        """Do nothing: the descriptor is whose it was."""

    def _handed_out(self, data: bytes, lost: int, flaw: Flaw | None) -> list[Chunk | Notice]:
        items: list[Chunk | Notice] = []
        if lost:
            items.append(
                self._notice(NoticeKind.LONG_LINE, "holds a line that is too long, which was cut", lost)
            )
        if flaw is Flaw.HALF:
            items.append(self._notice(NoticeKind.HALF_LINE, "ends with half a line", len(data) - 1 + lost))
        chunk = Chunk(self._name, self._position, data, self._name, 1, self._position, self._line, flaw)
        self._position = chunk.end
        self._line += data.count(b"\n")
        return [*items, chunk]

    def _notice(self, kind: NoticeKind, detail: str, size: int = 0) -> Notice:
        return Notice(kind, self._name, self._name, detail, size)
