"""Where bytes come from: the one protocol behind which every kind of source stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

import msgspec

BLOCK_SIZE = 1 << 20
"""The most bytes that a block holds, whatever the source: what bounds the memory of every reader."""


class Block(msgspec.Struct, frozen=True):
    """A piece of a source's (decompressed) bytes, in order and without gaps.

    `offset` is the place of `data[0]` in the source. `data` is never empty and never longer than
    `BLOCK_SIZE`. A block ends where the source's read ended: lines and characters may be cut by its borders.
    """

    offset: int
    data: bytes


class Health(msgspec.Struct):
    """What a reader learned about the state of a source while it read it; only ever gets worse.

    `errors` are sentences for people that go on from the source's name ("does not exist", "gzip stream ends
    early at byte 5120"); `truncated` says that bytes are known to be missing. Either keeps a verdict from
    being a pass.
    """

    errors: list[str] = msgspec.field(default_factory=list)
    truncated: bool = False

    def report(self, sentence: str, *, truncated: bool = False) -> None:
        """Note an error; a sentence that is there already (the source was read again) is not repeated."""
        if sentence not in self.errors:
            self.errors.append(sentence)
        self.truncated = self.truncated or truncated


class Source(Protocol):
    """One stream of log bytes."""

    @property
    def name(self) -> str:
        """What people call it: the name as they wrote it, not escaped."""
        ...

    @property
    def modified(self) -> datetime | None:
        """The file's mtime in UTC; None for a pipe or where nothing can be read."""
        ...

    @property
    def size(self) -> int | None:
        """The bytes to read, as stored (compressed size for compressed files); None where unknown."""
        ...

    @property
    def seekable(self) -> bool:
        """Whether `blocks` may start and stop anywhere, and be called again."""
        ...

    @property
    def consumed(self) -> int:
        """Stored bytes read so far, for progress against `size`, which it reaches when all is well.

        Never decreases, and counts every reading: where a source is read twice it passes `size`.
        """
        ...

    @property
    def health(self) -> Health:
        """What has been learned so far; complete only after the last block."""
        ...

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        """Yield the bytes from offset `start` up to `stop` (None: the end).

        Never raises for what the outside world does (missing file, cut gzip, shrinking file): that goes to
        `health`, and the iteration ends there. Nothing is opened before the first block is asked for, and
        everything is closed when the iteration ends or is dropped.

        Raises `ValueError` when a source that is not seekable is asked for a part, `RuntimeError` when a pipe
        is read again.
        """
        ...


@runtime_checkable
class Divisible(Source, Protocol):
    """A source of which other processes can read parts, and that knows its holes: stretches that were never written
    and read as NUL bytes.
    """

    def data_from(self, offset: int) -> int:
        """Return the first offset from `offset` on that lies in no hole; the end, where only a hole follows."""
        ...

    def read_elsewhere(self, count: int) -> None:
        """Take note that another process has read as many bytes, for `consumed`."""
        ...


def whole_only(name: str, start: int, stop: int | None) -> None:
    """Raise `ValueError` when a part is asked of a source that is not seekable."""
    if start or stop is not None:
        raise ValueError(f"{name} is not seekable: only the whole of it can be read")
