"""What a follower hands out: whole lines, and word of what happened to the files they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from logwatch.following.checkpoint import Checkpoint


class Flaw(StrEnum):
    """Why a line is not as it was meant to be. Such a line is a chunk of its own, its newline added."""

    HALF = "half"  # its file ended (rotated, unlinked, truncated) before the newline came
    CUT = "cut"  # longer than what is kept; the rest was dropped


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole lines of one stream, in order: `data` ends with a newline and holds at least one.

    `position` is the place of `data[0]` in the stream: the bytes of data handed out before. `name` is the file's
    present path, `serial` tells the stream's files apart (a truncated file begins a new one), `offset` (bytes, of the
    decompressed content) and `line` (from 1; 0: unknown, since reading began at the end) are the place of `data[0]`
    in it. Unless `flaw` says otherwise, `data` is what the file holds, byte for byte.
    """

    stream: str
    position: int
    data: bytes
    name: str
    serial: int
    offset: int
    line: int
    flaw: Flaw | None = None

    @property
    def end(self) -> int:
        """The position after its last byte."""
        return self.position + len(self.data)


class NoticeKind(StrEnum):
    """What happened."""

    ROTATED = "rotated"  # another file took the stream's name; what came before goes on being read
    TRUNCATED = "truncated"  # the file holds other bytes than those that were read; it is read from its start
    GAP = "gap"  # bytes that were seen, or must have been there, are lost: `size` of them (0: unknown)
    HALF_LINE = "half_line"  # a chunk with Flaw.HALF follows
    LONG_LINE = "long_line"  # a chunk with Flaw.CUT follows; `size` bytes of the line were dropped
    NULS = "nuls"  # `size` NUL bytes before a line were skipped: a hole in the file
    GONE = "gone"  # the file is unlinked, and was read to its end as far as that could be
    UNREADABLE = "unreadable"  # it cannot be read for now; told once for each reason


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened to a file. `detail` is a sentence that goes on from `name`.

    `stream` is empty where no stream is known (a name that leads to nothing). `size` counts bytes, see `NoticeKind`.
    """

    kind: NoticeKind
    stream: str
    name: str
    detail: str
    size: int = 0


class Following(Protocol):
    """What every follower does."""

    @property
    def behind(self) -> bool:
        """Whether there is more to read right now: the next poll need not be waited for."""
        ...

    @property
    def troubles(self) -> Mapping[str, str]:
        """What cannot be read for now: names, and why, in sentences that go on from them."""
        ...

    def poll(self, now: float) -> list[Chunk | Notice]:
        """Return what came since the last poll, in order. Never raises for what the outside world does."""
        ...

    def checkpoints(self, open_at: Mapping[str, int] | None = None) -> Sequence[Checkpoint]:
        """Return where to go on; see `Follower.checkpoints`."""
        ...

    def close(self) -> None:
        """Give up descriptors and processes."""
        ...
