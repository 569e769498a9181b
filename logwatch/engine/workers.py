"""Several processes that read parts of sources: each makes events of the records of a part, the driver takes them in
order.

A part begins with a record that says its time and ends where another one begins, so that it can be read without what
lies before it; what is found in it does not depend on how many processes there are, or where parts end. Only the
numbers of lines do, and are put right when the part's turn comes. What may be counted in any order is counted where it
is found.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from logwatch.engine.event_maker import EventMaker, by_ordinal
from logwatch.engine.match import Event
from logwatch.engine.parcel import packed, unpacked
from logwatch.engine.plain_runs import PlainRuns
from logwatch.records.account import Account
from logwatch.records.parts import Part
from logwatch.records.reading import Recognised, SourceReader
from logwatch.sources.source import Health
from logwatch.timespec import moment_of

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

SMALLEST, LARGEST = 1 << 20, 16 << 20
"""Bytes of a part."""
_BROUGHT = 2 << 20
"""Bytes that are brought back of a part, about: what the driver holds of several at once is bounded."""
_LOOK_SECONDS = 1.0
_decode = msgspec.msgpack.Decoder(list[PlainRuns]).decode
_AHEAD = 2
"""Parts that wait for each process."""


class PartRead(msgspec.Struct, frozen=True):
    """What a process brings back of a part: its events, packed, and the runs that are put together; what was counted of
    it, if anything; its account, the state of the source, and its lines.
    """

    events: bytes
    runs: bytes
    counted: bytes | None
    account: Account
    health: Health
    folds: int
    lines: int


class Workers:
    """Processes that read parts of `readers`' sources, and make events of their records as `maker` does. To be closed.

    They are started when the first part is asked for.
    """

    def __init__(self, jobs: int, readers: Sequence[SourceReader], maker: EventMaker) -> None:
        self._jobs = jobs
        self._readers = readers
        self._maker = maker
        self._pool: ProcessPoolExecutor | None = None

    def events(self, number: int) -> Iterator[Event | PlainRuns]:
        """Yield the events of what lies ahead of reader `number`, which is read part by part."""
        reader = self._readers[number]
        waiting: deque[tuple[Part, Future[PartRead]]] = deque()
        sizes = _Sizes()
        parts = reader.divided(lambda: sizes.next)
        line = reader.ahead.number if reader.ahead else 0
        try:
            while True:
                while len(waiting) < _AHEAD * self._jobs and (part := next(parts, None)) is not None:
                    waiting.append((part, self._submit(number, reader.recognised, part)))
                if not waiting:
                    return
                part, future = waiting.popleft()
                read = future.result()
                sizes.learn(part, len(read.events) + len(read.runs))
                latest = moment_of(reader.account.latest)
                reader.take(part, read.account, read.health, read.folds)
                if self._maker.counting is not None and read.counted is not None:
                    self._maker.counting.add(read.counted, reader.report.name, line)
                found: list[Event | PlainRuns] = list(unpacked(read.events, reader.report.name, line))
                for runs in _decode(read.runs):
                    runs.source, runs.first_line = reader.report.name, line
                    found += runs.after(latest)
                found.sort(key=by_ordinal)
                yield from found
                if not reader.backwards:  # else parts know the numbers of their lines
                    line += read.lines
        finally:
            for _, future in waiting:
                future.cancel()

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self, number: int, known: Recognised, part: Part) -> Future[PartRead]:
        if self._pool is None:
            # Imported only now: short logs need no processes.
            from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415
            from multiprocessing import get_context  # noqa: PLC0415

            begun = (self._readers, self._maker, os.getpid())
            self._pool = ProcessPoolExecutor(self._jobs, get_context("fork"), _begin, begun)
        return self._pool.submit(_read, number, known, part)


class _Sizes:
    """How large parts are: smaller where more is brought back of them."""

    def __init__(self) -> None:
        self.next = SMALLEST

    def learn(self, part: Part, brought: int) -> None:
        """Take into account how many bytes were brought back of a part."""
        if part.stop is not None:
            fit = (part.stop - part.offset) * _BROUGHT // max(brought, 1)
            self.next = min(max(fit, SMALLEST), LARGEST)


_begun: list[tuple[Sequence[SourceReader], EventMaker]] = []
"""What a process reads, and makes events with; put there before the first part."""


def _begin(readers: Sequence[SourceReader], maker: EventMaker, driver: int) -> None:
    """Begin a process: an interrupt is the driver's to answer, and without the driver there is nothing to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(driver,), daemon=True).start()
    _begun.append((readers, maker))


def _end_with(driver: int) -> None:
    """Wait until the driver is gone, killed even, and end."""
    while os.getppid() == driver:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


def _read(number: int, known: Recognised, part: Part) -> PartRead:
    ((readers, maker),) = _begun
    reader, maker = readers[number].of_part(known), maker.anew()
    found = [event for read in reader.records_of(part) for event in maker.events(read)]
    found += maker.rest()
    events = [event for event in found if isinstance(event, Event)]
    runs = [some for some in found if isinstance(some, PlainRuns)]
    return PartRead(
        packed(events),
        msgspec.msgpack.encode(runs),
        maker.counting.state() if maker.counting else None,
        reader.account,
        reader.health,
        reader.folds,
        reader.lines_read,
    )
