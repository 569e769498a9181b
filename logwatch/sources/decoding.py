"""Decoders of all compression formats: one stream at a time, with bounded output."""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Callable
from typing import Protocol

from logwatch.sources.compression import MEMORY_LIMIT, Compression, DamagedError, too_much_memory


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
