"""The plain path: every line of a source is looked at."""

from __future__ import annotations

from collections.abc import Iterator

from logwatch.records.assembly import Draft
from logwatch.records.parser import RecordParser
from logwatch.sources.source import Block

_PIECE = 64 << 10
"""Bytes that are parsed at once: whoever takes over from here need not wait for the end of a block."""


class PlainReading:
    """Yields the drafts of a source, piece by piece.

    `block` is the block that is being read, `fed` the offset up to which it was parsed; `blocks` are those that follow.
    """

    def __init__(self, parser: RecordParser, blocks: Iterator[Block]) -> None:
        self.parser = parser
        self.blocks = blocks
        self.block = Block(0, b"")
        self.fed = 0

    def __iter__(self) -> Iterator[list[Draft]]:
        for block in self.blocks:
            self.block, offset, data = block, block.offset, block.data
            for start in range(0, len(data), _PIECE):
                drafts = list(self.parser.feed(data[start : start + _PIECE]))
                self.fed = offset + min(start + _PIECE, len(data))
                yield drafts
        yield list(self.parser.close())
