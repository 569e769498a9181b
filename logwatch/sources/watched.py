"""A source that tells how far it has been read, for whoever shows progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from logwatch.sources.source import Block, Divisible, Health, Source


class WatchedSource(msgspec.Struct, frozen=True):
    """Another source, with `on_read` called after every block that is taken from it."""

    watched: Source
    on_read: Callable[[], None]

    @property
    def name(self) -> str:
        """The source's name."""
        return self.watched.name

    @property
    def modified(self) -> datetime | None:
        """The source's mtime."""
        return self.watched.modified

    @property
    def size(self) -> int | None:
        """The source's size."""
        return self.watched.size

    @property
    def seekable(self) -> bool:
        """Whether the source is."""
        return self.watched.seekable

    @property
    def consumed(self) -> int:
        """Bytes read of the source."""
        return self.watched.consumed

    @property
    def health(self) -> Health:
        """The source's health."""
        return self.watched.health

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        """Yield the source's blocks."""
        for block in self.watched.blocks(start, stop):
            self.on_read()
            yield block

    def data_from(self, offset: int) -> int:
        """Return where the source's data go on after a hole."""
        return self.watched.data_from(offset) if isinstance(self.watched, Divisible) else offset

    def read_elsewhere(self, count: int) -> None:
        """Take note of bytes that another process has read."""
        if isinstance(self.watched, Divisible):
            self.watched.read_elsewhere(count)
        self.on_read()
