"""Standard input: a pipe, or a file that the shell opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from logwatch.errors import UsageError
from logwatch.sources.files import FileId, special_kind
from logwatch.sources.refused import RefusedSource, reason
from logwatch.sources.source import BLOCK_SIZE, Health, Source
from logwatch.sources.stream import StreamSource

STDIN = "-"
"""What people write for it."""
NAME = "<stdin>"
"""What it is called where it is shown."""


def standard_input(stdin: BinaryIO | None) -> tuple[Source | int, FileId | None]:
    """Return what to read for `-`, and the file behind it where there is one.

    A file that the shell opened (`< app.log`) and nobody has read from yet is given as its descriptor, so
    that it can be treated as the file that it is: seekable, of known size and age. None of `stdin` means that
    it is closed.

    Raises `UsageError` when standard input is a terminal: nothing would ever come.
    """
    if stdin is None or stdin.closed:
        return RefusedSource.because(NAME, "is closed; pipe a log into it, or name a file"), None
    if stdin.isatty():
        raise UsageError("-: standard input is a terminal; pipe a log into it, or name a file")
    try:
        descriptor = stdin.fileno()
    except OSError:  # a stream in memory
        return StreamSource(NAME, lambda health: _pieces(stdin, health)), None
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        if os.lseek(descriptor, 0, os.SEEK_CUR) == 0:
            return descriptor, FileId.of(status)
        # Somebody has read a part of it: what is left is not the file, and may be wanted beside it.
        return StreamSource(NAME, lambda health: _pieces(stdin, health)), None
    if not _is_stream(status):
        return RefusedSource.because(NAME, f"is {special_kind(status.st_mode)}, not a log"), None
    return StreamSource(NAME, lambda health: _pieces(stdin, health)), FileId.of(status)


def _is_stream(status: os.stat_result) -> bool:
    """Whether it is a pipe, a socket or the null device; other devices may have no end."""
    if stat.S_ISCHR(status.st_mode):
        return status.st_rdev == Path(os.devnull).stat().st_rdev
    return stat.S_ISFIFO(status.st_mode) or stat.S_ISSOCK(status.st_mode)


def _pieces(stdin: BinaryIO, health: Health) -> Iterator[bytes]:
    read = 0
    while True:
        try:
            data = stdin.read(BLOCK_SIZE)
        except (OSError, ValueError) as error:
            words = reason(error) if isinstance(error, OSError) else "it was closed"
            health.report(f"cannot be read from byte {read} on: {words}", truncated=True)
            return
        if data is None:  # somebody made the shared descriptor non-blocking
            import select  # noqa: PLC0415 - hardly anybody does

            select.select([stdin], [], [])
            continue
        if not data:
            return
        read += len(data)
        yield data
