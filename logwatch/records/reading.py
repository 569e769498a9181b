"""Reading one source: bytes in, records out in the order of time, with the account of what was read."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from itertools import chain, pairwise
from typing import BinaryIO, cast

from logwatch.records.coverage import SourceReport, Timeline
from logwatch.records.dating import Calendar
from logwatch.records.parser import Draft, RecordParser
from logwatch.records.record import Record
from logwatch.sources.source import Source
from logwatch.timespec import format_span

_DATED_HEAD = 1000
_HEAD_SIZE = 16 << 20
"""Dated records, and bytes, that are looked at to find the order of a source."""
_SPOOLED = 4096
"""Records that are written to the temporary file at once."""
_ENCODINGS = {
    "mac_roman": "utf-8 read as mac-roman",
    "cp1252": "utf-8 read as cp1252",
    "latin-1": "utf-8 read as latin-1",
}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    `zone` holds for times without one, `day` dates times of day, `reference` is near which yearless times lie (None:
    the source's mtime, else `now`). Records outside `read_from` to `read_to` are read but not passed on; the account
    is of `since` to `until`.
    """

    zone: tzinfo
    now: datetime
    day: date | None = None
    reference: datetime | None = None
    format: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    read_from: datetime | None = None
    read_to: datetime | None = None
    lateness: timedelta = timedelta(seconds=10)


class SourceReader:
    """Yields a source's records, oldest first. `report`, `timeline`, `earliest` and `latest` are complete after that.

    `wanted` says of a message whether any rule could match it; what is not wanted is counted and dropped.
    """

    def __init__(self, source: Source, options: ReadOptions, wanted: Callable[[str], bool] | None) -> None:
        self._source = source
        self._options = options
        self._wanted = wanted
        self._reference = options.reference or source.modified or options.now
        self._undatable = self._ahead = self._cut = 0
        self.report = SourceReport(source.name)
        self.timeline = Timeline()
        self.earliest: datetime | None = None
        self.latest: datetime | None = None

    def __iter__(self) -> Iterator[Record]:
        parser = RecordParser(self._calendar, self._options.format)
        drafts = self._drafts(parser)
        head = _head(drafts)
        backwards = _runs_backwards(head)
        self.report.order = "newest_first" if backwards else "oldest_first"
        records = self._records(_dated(chain(head, drafts)))
        yield from _reversed(records) if backwards else records
        self._close(parser)

    def _calendar(self) -> Calendar:
        return Calendar(self._options.zone, self._reference, self._options.day)

    def _drafts(self, parser: RecordParser) -> Iterator[Draft]:
        for block in self._source.blocks():
            yield from parser.feed(block.data)
        yield from parser.close()

    def _records(self, drafts: Iterable[Draft]) -> Iterator[Record]:
        """Count every record and pass on those that matter."""
        start, end = self._options.read_from, self._options.read_to
        for ordinal, draft in enumerate(drafts):
            time = draft.time
            self._count(draft)
            if time is not None and ((start and time < start) or (end and time > end)):
                continue
            message = draft.message
            if self._wanted is None or self._wanted(message):
                yield _record(self._source.name, ordinal, draft, message)

    def _count(self, draft: Draft) -> None:
        time, report, asked = draft.time, self.report, self._options
        if time is None:
            self._undatable += 1
        else:
            self.earliest = time if self.earliest is None else min(self.earliest, time)
            self.latest = time if self.latest is None else max(self.latest, time)
            self._ahead += time > self._reference + timedelta(days=1)
            if (asked.since and time < asked.since) or (asked.until and time > asked.until):
                return
            self.timeline.add(time)
            report.first = time if report.first is None else min(report.first, time)
            report.last = time if report.last is None else max(report.last, time)
        report.records += 1
        report.lines += draft.lines
        report.bytes += draft.size
        report.undated += draft.inherited or time is None
        self._cut += draft.truncated

    def _close(self, parser: RecordParser) -> None:
        report, health = self.report, self._source.health
        report.format = parser.format
        report.encoding = _ENCODINGS[parser.codec] if parser.codec else "utf-8"
        report.errors += health.errors
        report.truncated = health.truncated or bool(self._cut)
        if self._cut:
            report.notes.append(f"{self._cut} records were cut at 1,000 lines or 1 MiB")
        if parser.nuls:
            report.notes.append(f"{parser.nuls} lines held NUL bytes, which were skipped")
        if parser.folds:
            report.notes.append(
                f"{parser.folds} times lie in an hour that clocks showed twice; the first was taken"
            )
        if self._undatable and (self._options.since or self._options.until):
            report.errors.append(
                f"{self._undatable} records carry no time, so nobody can tell whether they lie in the window"
            )
        if self._ahead and parser.format.endswith("clock") and not self._options.day:
            report.errors.append("its times of day pass midnight; say with --date on which day it begins")
        elif self._ahead and self.latest is not None:
            ahead = format_span(self.latest - self._reference)
            report.notes.append(
                f"{self._ahead} records are dated up to {ahead} after the file was last written"
            )


def _head(drafts: Iterator[Draft]) -> list[Draft]:
    """Take as many records as the order of the source is decided by."""
    head: list[Draft] = []
    dated = size = 0
    for draft in drafts:
        head.append(draft)
        dated += draft.time is not None
        size += draft.size
        if dated >= _DATED_HEAD or size >= _HEAD_SIZE:
            break
    return head


def _runs_backwards(head: list[Draft]) -> bool:
    """Whether most of the steps in time that are not zero go backwards."""
    steps = [b - a for a, b in pairwise(draft.time for draft in head if draft.time is not None) if a != b]
    return 2 * sum(step < timedelta() for step in steps) > len(steps)


def _dated(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Give records without a time that of the one before; the first ones that of the one after."""
    waiting: list[Draft] = []
    last: datetime | None = None
    for draft in drafts:
        if draft.time is not None:
            last = draft.time
            for early in waiting:
                early.time, early.inherited = last, True
            yield from waiting
            waiting.clear()
        elif last is not None:
            draft.time, draft.inherited = last, True
        else:
            waiting.append(draft)
            if len(waiting) >= _DATED_HEAD:
                yield from waiting
                waiting.clear()
            continue
        yield draft
    yield from waiting


def _record(source: str, ordinal: int, draft: Draft, message: str) -> Record:
    return Record(
        source=source,
        ordinal=ordinal,
        offset=draft.offset,
        line=draft.line,
        lines=draft.lines,
        time=draft.time,
        message=message,
        inherited=draft.inherited,
        level=draft.level,
        attributes=draft.attributes,
        outer_time=draft.outer_time,
        original=draft.original,
        truncated=draft.truncated,
    )


def _reversed(records: Iterator[Record]) -> Iterator[Record]:
    """Yield the records last first, through a temporary file: memory does not grow with the source."""
    with tempfile.TemporaryFile(prefix="logwatch-") as file:
        places: list[int] = []
        batch: list[Record] = []
        for record in records:
            batch.append(record)
            if len(batch) >= _SPOOLED:
                places.append(_spool(cast(BinaryIO, file), batch))
                batch = []
        yield from _renumbered(batch)
        for place in reversed(places):
            file.seek(place)
            yield from _renumbered(pickle.load(file))  # noqa: S301 - our own, from a file without a name


def _spool(file: BinaryIO, batch: list[Record]) -> int:
    place = file.tell()
    pickle.dump(
        [replace(record, attributes=dict(record.attributes)) for record in batch],
        file,
        pickle.HIGHEST_PROTOCOL,
    )
    return place


def _renumbered(batch: list[Record]) -> Iterator[Record]:
    """Last first, with ordinals that ascend in reading order."""
    for record in reversed(batch):
        yield replace(record, ordinal=-record.ordinal)
