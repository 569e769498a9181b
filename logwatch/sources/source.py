"""Where bytes come from: the one protocol behind which every kind of source stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a source's (decompressed) bytes, in order and without gaps.

    `offset` is the place of `data[0]` in the source. A block ends where the source's read ended: lines and
    characters may be cut by its borders.
    """

    offset: int
    data: bytes


@dataclass(slots=True)
class Health:
    """What a reader learned about the state of a source while it read it; only ever gets worse.

    `errors` are sentences for people ("is a directory", "gzip stream ends early at byte 5120"); `truncated` says that bytes
    are known to be missing. Either keeps a verdict from being a pass.
    """

    errors: list[str] = field(default_factory=list)
    truncated: bool = False


class Source(Protocol):
    """One stream of log bytes.

    `name` is what people call it; `modified` is the file's mtime (None for a pipe); `size` is the number of bytes to
    read, as stored (compressed size for compressed files; None where unknown): for progress only. `seekable` says whether `blocks` may be
    called again, and from any offset.
    """

    name: str
    modified: datetime | None
    size: int | None
    seekable: bool
    health: Health

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        """Yield the bytes from offset `start` up to `stop` (None: the end).

        Never raises for what the outside world does (missing file, cut gzip, shrinking file): that goes to `health`, and the iteration ends there.
        A source that is not seekable yields from its start, once.
        """
        ...
