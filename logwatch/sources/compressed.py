"""Compressed sources: decoded as a stream, in blocks of bounded size, as far as the data are sound."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

import msgspec

from logwatch.sources.ahead import ahead
from logwatch.sources.compression import (
    MAGIC_LENGTH,
    Compression,
    DamagedError,
    UndecodableError,
    may_begin,
)
from logwatch.sources.content import text_only
from logwatch.sources.decoding import decode, new_decoder
from logwatch.sources.source import BLOCK_SIZE, Block, Health, Source, whole_only

# Small pieces of stored bytes: when a decoder meets damage, what it had decoded of the same piece is lost.
_PIECE = 16 << 10


class CompressedSource(msgspec.Struct):
    """A stored source (a file) seen through its decompression. Shares the name and health of `stored`.

    It can be read from the start again, but not from elsewhere: none of the formats has an index to rely on.
    """

    stored: Source
    compression: Compression
    block_size: int = BLOCK_SIZE
    seekable: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """The name of the stored source."""
        return self.stored.name

    @property
    def modified(self) -> datetime | None:
        """The mtime of the stored source."""
        return self.stored.modified

    @property
    def size(self) -> int | None:
        """The compressed size in bytes."""
        return self.stored.size

    @property
    def consumed(self) -> int:
        """Compressed bytes read so far."""
        return self.stored.consumed

    @property
    def health(self) -> Health:
        """The health of the stored source."""
        return self.stored.health

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        """Yield the decompressed bytes, from the start to the end; see `Source.blocks`."""
        whole_only(self.name, start, stop)
        decoded = decompress(self.stored.blocks(), self.compression, self.health, self.block_size)
        return ahead(text_only(decoded, self.health))


def decompress(
    stored: Iterator[Block], compression: Compression, health: Health, block_size: int = BLOCK_SIZE
) -> Iterator[Block]:
    """Yield the decoded bytes of all streams in `stored`, in blocks of `block_size`; the last may be shorter.

    What was decoded before a fault is yielded; the fault goes to `health` with its place in the stored bytes:
    an early end, damage, and data of another kind after the last stream. NUL padding between and after streams
    is allowed, as gzip and xz do.
    """
    tape = _Tape(stored)
    offset = 0
    ready = bytearray()
    more = True
    while more:
        decoder = new_decoder(compression)
        try:
            while not decoder.eof:
                piece = tape.take() if decoder.needs_input else b""
                if not piece and decoder.needs_input:
                    health.report(f"{compression} stream ends early at byte {tape.place}", truncated=True)
                    break
                ready += decode(decoder, piece, block_size - len(ready))
                if len(ready) >= block_size:
                    yield Block(offset, bytes(ready))
                    offset += len(ready)
                    ready.clear()
        except DamagedError:
            health.report(f"{compression} stream is damaged near byte {tape.place}", truncated=True)
            break
        except UndecodableError as fault:
            health.report(f"{compression} stream {fault}", truncated=True)
            break
        tape.give_back(len(decoder.unused_data))
        end = tape.place
        tape.skip_nuls()
        rest = tape.peek(MAGIC_LENGTH)
        more = bool(rest) and may_begin(compression, rest)
        if rest and not more:
            health.report(
                f"holds other data from byte {end} on, after its {compression} stream; that was not read",
                truncated=True,
            )
    if ready:
        yield Block(offset, bytes(ready))


class _Tape:
    """Stored bytes in small pieces, with `place` counting those taken; can look ahead and step back."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self._blocks = blocks
        self._held = b""
        self._at = 0
        self.place = 0

    def take(self) -> bytes:
        """Return the next piece, empty at the end."""
        if self._at == len(self._held):
            self._load()
        piece = self._held[self._at : self._at + _PIECE]
        self._at += len(piece)
        self.place += len(piece)
        return piece

    def give_back(self, length: int) -> None:
        """Take back the last `length` bytes of the last piece."""
        self._at -= length
        self.place -= length

    def peek(self, length: int) -> bytes:
        """Return the next `length` bytes without taking them; fewer at the end."""
        while len(self._held) - self._at < length and self._load():
            pass
        return self._held[self._at : self._at + length]

    def skip_nuls(self) -> None:
        """Take all NULs that come next."""
        while piece := self.take():
            rest = piece.lstrip(b"\x00")
            if rest:
                self.give_back(len(rest))
                return

    def _load(self) -> bool:
        """Hold one more block; False at the end."""
        block = next(self._blocks, None)
        if block is None:
            return False
        self._held = self._held[self._at :] + block.data
        self._at = 0
        return True
