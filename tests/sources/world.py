"""A small world for source tests: sources by name, the bytes they give, and compressed data of each format."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import zstandard

from logwatch.sources.compression import Compression
from logwatch.sources.discover import discover
from logwatch.sources.source import BLOCK_SIZE, Block, Source

TEXT = b"2025-10-11 12:00:00,000 worker: INFO: started\n2025-10-11 12:00:01,000 worker: INFO: done\n"

COMPRESS: dict[Compression, Callable[[bytes], bytes]] = {
    Compression.GZIP: lambda data: gzip.compress(data, mtime=0),
    Compression.BZIP2: bz2.compress,
    Compression.XZ: lambda data: lzma.compress(data, preset=1),
    Compression.ZSTD: lambda data: zstandard.ZstdCompressor(write_checksum=True).compress(data),
}


def lines(count: int) -> bytes:
    """Return `count` log lines that differ and compress badly enough to span several compressed blocks."""
    return b"".join(
        b"2025-10-11 12:00:00,%03d worker: INFO: job %d took %x\n" % (n % 1000, n, n * 2654435761 % 2**32)
        for n in range(count)
    )


def sources(*names: str | Path, stdin: BinaryIO | None = None) -> list[Source]:
    """Return the sources that `names` stand for."""
    return discover([str(name) for name in names], stdin=stdin)


def source(name: str | Path, stdin: BinaryIO | None = None) -> Source:
    """Return the one source that `name` stands for."""
    (one,) = sources(name, stdin=stdin)
    return one


def written(path: Path, data: bytes) -> Source:
    """Return the source of a new file at `path` that holds `data`."""
    path.write_bytes(data)
    return source(path)


def joined(blocks: Iterator[Block], start: int = 0) -> bytes:
    """Return the bytes of `blocks`, having seen that they keep what blocks promise."""
    data = b""
    parts = []
    for block in blocks:
        assert block.offset == start
        assert 0 < len(block.data) <= BLOCK_SIZE
        start += len(block.data)
        parts.append(block.data)
    return data.join(parts)


def read(a_source: Source) -> bytes:
    """Return all bytes of a source."""
    return joined(a_source.blocks())


def refused(a_source: Source) -> str:
    """Return the one error of a source that yields nothing; no data are known to be missing in it."""
    assert read(a_source) == b""
    (error,) = a_source.health.errors
    return error


def names(found: list[Source]) -> list[str]:
    """Return what the sources are called."""
    return [one.name for one in found]


def open_descriptors() -> int:
    """Return how many descriptors this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@contextmanager
def pipe_of(data: bytes) -> Iterator[BinaryIO]:
    """Give the reading end of a pipe that holds `data` (at most what a pipe's buffer takes) and has ended."""
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        yield stream
