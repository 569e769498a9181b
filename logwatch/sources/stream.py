"""Streams: bytes that come once, in order, and whose kind is known only when the first of them arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import ClassVar

import msgspec

from logwatch.sources.compression import MAGIC_LENGTH, compression_of
from logwatch.sources.content import text_only
from logwatch.sources.source import Block, Health, whole_only

Reader = Callable[[Health], Iterator[bytes]]
"""Opens the stream and yields its bytes in pieces of at most `BLOCK_SIZE`; reports what goes wrong."""


class StreamSource(msgspec.Struct):
    """A pipe: of unknown size and age, read once. What it carries may itself be compressed."""

    name: str
    read: Reader
    health: Health = msgspec.field(default_factory=Health)
    modified: ClassVar[datetime | None] = None
    size: ClassVar[int | None] = None
    consumed: int = 0
    seekable: ClassVar[bool] = False
    _begun: bool = False

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        """Yield the stream's bytes, decompressed where they are compressed; see `Source.blocks`."""
        whole_only(self.name, start, stop)
        if self._begun:
            raise RuntimeError(f"{self.name} is a stream and was read already")
        self._begun = True
        return text_only(self._decoded(), self.health)

    def _decoded(self) -> Iterator[Block]:
        stored = self._stored()
        first: list[Block] = []
        # A pipe may deliver its first bytes one by one: wait for as many as a magic number needs.
        for block in stored:
            first.append(block)
            if block.offset + len(block.data) >= MAGIC_LENGTH:
                break
        compression = compression_of(b"".join(block.data for block in first))
        whole = _chained(first, stored)
        if compression is None:
            yield from whole
            return
        from logwatch.sources.compressed import decompress  # noqa: PLC0415 - only compressed logs need it

        yield from decompress(whole, compression, self.health)

    def _stored(self) -> Iterator[Block]:
        for data in self.read(self.health):
            offset = self.consumed
            self.consumed += len(data)
            yield Block(offset, data)


def _chained(first: list[Block], rest: Iterator[Block]) -> Iterator[Block]:
    while first:
        yield first.pop(0)
    yield from rest
