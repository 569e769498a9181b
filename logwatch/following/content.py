"""A file's content, as it is or decompressed, read at any place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from logwatch.sources.compressed import decompress
from logwatch.sources.compression import Compression
from logwatch.sources.source import BLOCK_SIZE, Block, Health

Stored = Callable[[int, int], bytes]
"""Reads the stored file: (offset, length) to bytes, fewer at its end. Raises `OSError`."""

_KEPT = 2 * BLOCK_SIZE
_BEHIND = 1024
"""Bytes kept before the place that was read last: they are looked at once more."""


class Content(Protocol):
    """What a file holds; `stored` may be exchanged for another way to the same bytes."""

    stored: Stored

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`; fewer at the end. Raises `OSError`."""
        ...


class Plain:
    """The content of a file that is not compressed."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored

    def read(self, offset: int, length: int) -> bytes:
        """Read it in place."""
        return self.stored(offset, length) if length > 0 else b""


class Archive:
    """The content of a compressed file, which is looked through once before anything of it is believed.

    `length` is what was decompressed of it so far, and `sound` says whether that is all and its checks were right
    (None: not known yet).
    """

    def __init__(self, stored: Stored, compression: Compression) -> None:
        self.stored = stored
        self._compression = compression
        self._kept = bytearray()
        self._start = 0
        self._health = Health()
        self._blocks = self._decompressed()
        self.length = 0
        self.sound: bool | None = None

    @property
    def fault(self) -> str:
        """What is wrong with it, as a sentence that goes on from the file's name."""
        return self._health.errors[0] if self._health.errors else ""

    def check(self, budget: int) -> int:
        """Look through some more of it, about `budget` bytes; return how many it were. Raises `OSError`."""
        done = 0
        while self.sound is None and done < budget:
            more = self._advance()
            done += more
            self.length += more
            if not more:
                self.sound = not self._health.truncated
        return done

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes that were looked through; going back means to decompress from the start again."""
        end = min(offset + length, self.length)
        if offset < self._start:
            self._rewind()
        while self._start + len(self._kept) < end and self._advance(keep_from=offset):
            pass
        return bytes(self._kept[max(offset - self._start, 0) : max(end - self._start, 0)])

    def _advance(self, keep_from: int | None = None) -> int:
        """Decompress one more block; return its length, 0 at the end."""
        try:
            block = next(self._blocks, None)
        except OSError:
            self._rewind()
            if self.sound is None:
                self.length = 0
            raise
        if block is None:
            return 0
        self._kept += block.data
        surplus = len(self._kept) - _KEPT
        if keep_from is not None:
            surplus = min(surplus, keep_from - _BEHIND - self._start)
        if surplus > 0:
            del self._kept[:surplus]
            self._start += surplus
        return len(block.data)

    def _rewind(self) -> None:
        self._health = Health() if self.sound is None else self._health
        self._blocks = self._decompressed()
        self._kept.clear()
        self._start = 0

    def _decompressed(self) -> Iterator[Block]:
        return decompress(self._all_stored(), self._compression, self._health, BLOCK_SIZE // 4)

    def _all_stored(self) -> Iterator[Block]:
        offset = 0
        while data := self.stored(offset, BLOCK_SIZE // 4):
            yield Block(offset, data)
            offset += len(data)
