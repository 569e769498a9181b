"""A small world for record tests: a source in memory, cut into blocks wherever a test wants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from unittest.mock import patch

from logwatch.records import order, parser, plain
from logwatch.records.coverage import SourceReport
from logwatch.records.reading import ReadOptions, SourceReader
from logwatch.records.record import Record
from logwatch.records.scan.wanted import Wanted
from logwatch.sources.source import BLOCK_SIZE, Block, Health

NOW = datetime(2025, 10, 11, 18, 0, tzinfo=UTC)


def at(clock: str, day: str = "2025-10-11") -> datetime:
    """Return the instant of `HH:MM:SS[.fraction]` in UTC, on the day that most tests play on."""
    return datetime.fromisoformat(f"{day}T{clock}+00:00")


@contextmanager
def small_heads() -> Iterator[None]:
    """Have format and order found after a few lines, so that short logs are read as long ones are."""
    with (
        patch.object(parser, "HEAD_LINES", 6),
        patch.object(order, "_HEAD_DATED", 4),
        patch.object(plain, "_PIECE", 200),
    ):
        yield


@dataclass
class MemorySource:
    """A source of bytes that are there already; `cuts` are the offsets at which its blocks end."""

    data: bytes
    name: str = "app.log"
    modified: datetime | None = None
    cuts: Sequence[int] = ()
    health: Health = field(default_factory=Health)
    consumed: int = 0
    seekable: bool = True
    rereadable: bool = True

    @property
    def size(self) -> int | None:
        return len(self.data)

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        edges = sorted({0, len(self.data), *self.cuts, *range(0, len(self.data), BLOCK_SIZE)})
        for begin, end in pairwise(edges):
            yield Block(begin, self.data[begin:end])


@dataclass(frozen=True)
class Reading:
    """What came out of a source."""

    records: list[Record]
    report: SourceReport
    reader: SourceReader

    @property
    def messages(self) -> list[str]:
        return [record.message for record in self.records]

    @property
    def times(self) -> list[datetime | None]:
        return [record.time for record in self.records]

    @property
    def levels(self) -> list[str | None]:
        return [record.level for record in self.records]

    @property
    def only(self) -> Record:
        (record,) = self.records
        return record


def read(
    log: str | bytes,
    *,
    cuts: Sequence[int] = (),
    name: str = "app.log",
    modified: datetime | None = None,
    wanted: Wanted | None = None,
    health: Health | None = None,
    **options: object,
) -> Reading:
    """Read a log to its end. Options are those of `ReadOptions`; the zone is UTC and now is 18:00 unless given."""
    data = log.encode() if isinstance(log, str) else log
    source = MemorySource(data, name, modified, cuts, health or Health())
    asked = ReadOptions(**{"zone": UTC, "now": NOW, **options})  # type: ignore[arg-type]
    reader = SourceReader(source, asked, wanted)
    records = list(reader)
    return Reading(records, reader.report, reader)


def lines(*texts: str) -> str:
    """Return the texts as lines, each ended by a newline."""
    return "".join(f"{text}\n" for text in texts)
