"""Named FIFOs: read as a stream when somebody writes, and never waited for when nobody does."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from datetime import timedelta

from logwatch.sources.files import open_file
from logwatch.sources.refused import cannot_open, reason
from logwatch.sources.source import BLOCK_SIZE, Health
from logwatch.sources.stream import StreamSource

PATIENCE = timedelta(seconds=2)
"""How long a writer may take to come: one that was started together with the reader is not there at once."""


def fifo(name: str, path: str, patience: timedelta = PATIENCE) -> StreamSource:
    """Return the FIFO at `path` as a stream.

    Without a writer it yields nothing and says so once `patience` has passed. With one it is read to the end,
    however slow the writer is.
    """
    return StreamSource(name, lambda health: _pieces(path, patience, health))


def _pieces(path: str, patience: timedelta, health: Health) -> Iterator[bytes]:
    try:
        descriptor = open_file(path)
    except OSError as error:
        health.report(cannot_open(path, error))
        return
    try:
        data = _first(descriptor, patience)
        if data is None:
            health.report("is a FIFO that nobody writes to; start the writer first")
            return
        os.set_blocking(descriptor, True)
        while data:
            yield data
            data = os.read(descriptor, BLOCK_SIZE)
    except OSError as error:
        health.report(f"cannot be read: {reason(error)}", truncated=True)
    finally:
        os.close(descriptor)


def _first(descriptor: int, patience: timedelta) -> bytes | None:
    """Return the first bytes, empty when the writer left without any, None when no writer came in time.

    A FIFO that nobody has opened for writing polls as silent and reads as ended; one with a silent writer polls
    as silent as well, but has nothing to read as yet.
    """
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    ready = poll.poll(patience / timedelta(milliseconds=1))
    try:
        data = os.read(descriptor, BLOCK_SIZE)
    except BlockingIOError:
        poll.poll()
        return os.read(descriptor, BLOCK_SIZE)
    return data if data or ready else None
