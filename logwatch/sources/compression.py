"""Compression formats: recognised by their first bytes, decoded with bounded output."""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

MEMORY_LIMIT = 128 << 20
"""The most memory that a stream may make its decoder take; `xz -9` takes 65 MiB, `zstd --long=27` 128."""


class Compression(StrEnum):
    """A format that is read; the value is what people call it."""

    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"


# RFC 1952; bzip2's header with the first block's or the empty stream's mark; the .xz file format 1.2,
# section 2.1.1.1; RFC 8878, frames and skippable frames.
_BZIP2_MARKS = (b"1AY&SY", b"\x17rE8P\x90")
_MAGIC: dict[Compression, tuple[bytes, ...]] = {
    Compression.GZIP: (b"\x1f\x8b",),
    Compression.BZIP2: tuple(b"BZh%d" % level + mark for level in range(1, 10) for mark in _BZIP2_MARKS),
    Compression.XZ: (b"\xfd7zXZ\x00",),
    Compression.ZSTD: (b"\x28\xb5\x2f\xfd", *(b"%c\x2a\x4d\x18" % kind for kind in range(0x50, 0x60))),
}
MAGIC_LENGTH = 10
"""How many bytes `compression_of` needs to see."""


def compression_of(head: bytes) -> Compression | None:
    """Return the format that data beginning with `head` is compressed in, None for none that is known."""
    return next((kind for kind, magic in _MAGIC.items() if head.startswith(magic)), None)


def may_begin(compression: Compression, head: bytes) -> bool:
    """Whether data that begin with `head` are of that format, as far as a `head` that was cut off can tell."""
    return any(head.startswith(magic) or magic.startswith(head) for magic in _MAGIC[compression])


class UndecodableError(Exception):
    """A stream is sound but cannot be decoded; the text goes on from "zstd stream "."""


class DamagedError(Exception):
    """A stream breaks the rules of its format."""


class Decoder(Protocol):
    """Decodes one stream (gzip: member, zstd: frame), as `bz2.BZ2Decompressor` does.

    `decompress` takes the next stored bytes (none while `needs_input` is False) and returns at most
    `max_length` decoded ones; past the end, `eof` is True and `unused_data` holds what followed.
    """

    @property
    def eof(self) -> bool: ...  # noqa: D102  the class says what it means

    @property
    def needs_input(self) -> bool: ...  # noqa: D102

    @property
    def unused_data(self) -> bytes: ...  # noqa: D102

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Raise `DamagedError`, `UndecodableError`, or what the standard library's decoders raise."""
        ...


def _gzip() -> Decoder:
    from logwatch.sources.gzip import GzipDecoder  # noqa: PLC0415  loads a native library that few runs need

    return GzipDecoder()


def _zstd() -> Decoder:
    from logwatch.sources.zstd import ZstdDecoder  # noqa: PLC0415  loads a native library that few runs need

    return ZstdDecoder(MEMORY_LIMIT)


_DECODERS: dict[Compression, Callable[[], Decoder]] = {
    Compression.GZIP: _gzip,
    Compression.BZIP2: bz2.BZ2Decompressor,
    Compression.XZ: lambda: lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=MEMORY_LIMIT),
    Compression.ZSTD: _zstd,
}


def new_decoder(compression: Compression) -> Decoder:
    """Return a decoder for one stream of that format."""
    return _DECODERS[compression]()


def decode(decoder: Decoder, data: bytes, max_length: int) -> bytes:
    """Return the next decoded bytes, with the faults of all formats as `DamagedError` or `UndecodableError`."""
    try:
        return decoder.decompress(data, max_length)
    except lzma.LZMAError as error:
        if "memory" in str(error).lower():
            raise too_much_memory() from error
        raise DamagedError from error
    except OSError as error:
        raise DamagedError from error


def too_much_memory() -> UndecodableError:
    """Return the error for a stream whose decoder would outgrow `MEMORY_LIMIT`."""
    return UndecodableError(f"needs more than {MEMORY_LIMIT >> 20} MiB of memory; decompress it first")
