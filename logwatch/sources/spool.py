"""Spooling: a copy of a stream in a temporary file, for reading it backwards or again."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path

from logwatch.sources.files import FileId, FileSource
from logwatch.sources.refused import RefusedSource, reason
from logwatch.sources.source import Block, Source


def spool(source: Source, blocks: Iterable[Block] | None = None, directory: Path | None = None) -> Source:
    """Return a seekable source with the (decompressed) bytes of `source`, its name, mtime and health.

    A source that is seekable already is returned as it is. Else all of it is copied, here and now, to an
    anonymous file in `directory` (None: the system's place for temporary files) that only this process can
    reach, and that goes away with the source that is returned. `blocks` are the source's blocks where reading
    has begun already: those that were taken, then the rest.

    A copy that cannot be finished (a full disk) holds what came before; `health` says so.
    """
    if source.seekable:
        return source
    try:
        descriptor = _anonymous(directory)
    except OSError as error:
        _report_unfinished(source, 0, error)
        return RefusedSource(source.name, source.health, source.modified)
    size = 0
    try:
        for block in source.blocks() if blocks is None else blocks:
            _write(descriptor, block.data)
            size += len(block.data)
    except OSError as error:
        _report_unfinished(source, size, error)
    except BaseException:
        os.close(descriptor)
        raise
    identity = FileId.of(os.fstat(descriptor))
    copy = FileSource(source.name, descriptor, identity, size, source.modified, health=source.health)
    weakref.finalize(copy, os.close, descriptor)
    return copy


def _anonymous(directory: Path | None) -> int:
    with tempfile.TemporaryFile(prefix="logwatch-", dir=directory) as file:
        return os.dup(file.fileno())


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _report_unfinished(source: Source, size: int, error: OSError) -> None:
    source.health.report(
        f"needs a temporary copy to be read backwards, which ends at byte {size}: {reason(error)}; "
        "set TMPDIR to a directory with room for it",
        truncated=True,
    )
