"""Reading ahead: blocks are made in a thread of their own while those before them are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Thread

from logwatch.sources.source import Block

_HELD = 4
"""Blocks that wait at most: enough to even out, and no more memory than that."""
_LOOK_UP = 0.1
"""Seconds after which a full queue is tried again, in case nobody takes from it any more."""


def ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """Yield `blocks`, made by another thread: worth it where making them leaves the interpreter free (decompression).

    What making them raises is raised here. The thread ends with the iteration, also when that is dropped.
    """
    made: Queue[Block | BaseException | None] = Queue(_HELD)
    dropped = Event()

    def put(item: Block | BaseException | None) -> bool:
        while not dropped.is_set():
            with suppress(Full):
                made.put(item, timeout=_LOOK_UP)
                return True
        return False

    def make() -> None:
        try:
            for block in blocks:
                if not put(block):
                    return
            put(None)
        except BaseException as error:
            put(error)

    thread = Thread(target=make, name="logwatch-ahead", daemon=True)
    thread.start()
    try:
        while (item := made.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        dropped.set()
        with suppress(Empty):
            made.get_nowait()
        thread.join()
