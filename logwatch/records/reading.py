"""Reading one source: bytes in, records out in the order of time, with the account of what was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import chain

from logwatch.records.assembly import Draft
from logwatch.records.attributes import attributes_of
from logwatch.records.coverage import SourceReport, Timeline
from logwatch.records.dating import Calendar
from logwatch.records.order import head_of, last_first, runs_backwards, with_times
from logwatch.records.parser import RecordParser
from logwatch.records.record import Record
from logwatch.records.text import undone
from logwatch.sources.refused import reason
from logwatch.sources.source import Source
from logwatch.timespec import format_span

_ENCODINGS = {
    "mac_roman": "utf-8 read as mac-roman",
    "cp1252": "utf-8 read as cp1252",
    "latin-1": "utf-8 read as latin-1",
}
_DAY = timedelta(days=1)
_CLOCKS_DIFFER = timedelta(minutes=5)
"""How much later than the file's mtime a record may be before its date is doubted."""


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


def record_of(draft: Draft, source: str, ordinal: int, text: str, message: str, codec: str | None) -> Record:
    """Return the record that a finished draft is; `text` is its text, `message` the same without wrong decoding."""
    return Record(
        source=source,
        ordinal=ordinal,
        offset=draft.offset,
        line=draft.line,
        lines=draft.lines,
        time=draft.time,
        message=message,
        inherited=draft.inherited,
        level=draft.start.level,
        attributes=attributes_of(draft.fields, codec),
        outer_time=draft.outer_time,
        original=None if message is text or message == text else text,
        truncated=draft.truncated,
    )


class SourceReader:
    """Yields a source's records, oldest first. After that `report`, `timeline`, `earliest` and `latest` are complete.

    `wanted` says of a message whether any rule could match it; what is not wanted is counted and dropped.
    """

    def __init__(self, source: Source, options: ReadOptions, wanted: Callable[[str], bool] | None) -> None:
        self._source = source
        self._options = options
        self._wanted = wanted
        self._written = source.modified or options.now
        self._undatable = self._cut = self._lost = 0
        self.report = SourceReport(source.name)
        self.timeline = Timeline()
        self.earliest: datetime | None = None
        self.latest: datetime | None = None

    def __iter__(self) -> Iterator[Record]:
        parser = RecordParser(self._calendar, self._options.format)
        drafts = self._drafts(parser)
        head = head_of(drafts)
        backwards = runs_backwards(head)
        self.report.order = "newest_first" if backwards else "oldest_first"
        records = self._records(with_times(chain(head, drafts)), parser.codec)
        yield from last_first(records, self._not_reversed) if backwards else records
        self._close(parser)

    def _calendar(self) -> Calendar:
        options, modified = self._options, self._source.modified
        reference = options.reference or modified or options.now
        return Calendar(options.zone, reference, options.day, written=modified or reference)

    def _drafts(self, parser: RecordParser) -> Iterator[Draft]:
        for block in self._source.blocks():
            yield from parser.feed(block.data)
        yield from parser.close()

    def _records(self, drafts: Iterable[Draft], codec: str | None) -> Iterator[Record]:
        """Count every record and pass on those that matter."""
        start, end = self._options.read_from, self._options.read_to
        name, wanted, count = self._source.name, self._wanted, self._count
        for ordinal, draft in enumerate(drafts):
            time = draft.time
            count(draft, time)
            if time is not None and ((start and time < start) or (end and time > end)):
                continue
            text = draft.text
            message = undone(text, codec) if codec else text
            if wanted is None or wanted(message):
                yield record_of(draft, name, ordinal, text, message, codec)

    def _count(self, draft: Draft, time: datetime | None) -> None:
        report, asked = self.report, self._options
        if time is None:
            self._undatable += 1
        else:
            if self.earliest is None or time < self.earliest:
                self.earliest = time
            if self.latest is None or time > self.latest:
                self.latest = time
            if (asked.since and time < asked.since) or (asked.until and time > asked.until):
                return
            self.timeline.add(time)
            if report.first is None or time < report.first:
                report.first = time
            if report.last is None or time > report.last:
                report.last = time
        report.records += 1
        report.lines += draft.lines + draft.gap_lines
        report.bytes += draft.size + draft.gap_size
        if draft.inherited or time is None:
            report.undated += 1
        if draft.truncated:
            self._cut += not draft.start.lost
            self._lost += draft.start.lost

    def _close(self, parser: RecordParser) -> None:
        report, health = self.report, self._source.health
        report.format = parser.format
        report.encoding = _ENCODINGS[parser.codec] if parser.codec else "utf-8"
        if not (self._options.since or self._options.until):
            report.lines += parser.stray_lines
            report.bytes += parser.stray_size
        report.errors += health.errors
        report.truncated = report.truncated or health.truncated or bool(self._cut or self._lost)
        report.errors += self._doubts(parser)
        report.notes += self._remarks(parser)

    def _not_reversed(self, error: OSError) -> None:
        self.report.truncated = True
        self.report.errors.append(
            f"needs a temporary copy to be read backwards: {reason(error)}; set TMPDIR to a directory with room for it"
        )

    def _doubts(self, parser: RecordParser) -> Iterator[str]:
        """What keeps this source from being believed, as sentences that go on from its name."""
        asked, calendar = self._options, parser.calendar
        if self._undatable and (asked.since or asked.until):
            yield f"holds {_records(self._undatable)} without a time: nobody can tell whether that lies in the window"
        if calendar.spans_years:
            yield "holds yearless times that go round the year; cut it, or name its end with --as-of"
        if self._ahead and parser.format.endswith("clock") and not asked.day:
            yield "passes midnight and shows times of day alone; say with --date on which day it begins"
        if self._lost:
            yield f"lacks the messages of {_records(self._lost)}; export it with journalctl --all"

    def _remarks(self, parser: RecordParser) -> Iterator[str]:
        """What the reader should know besides."""
        calendar = parser.calendar
        if self._cut:
            yield f"holds {_records(self._cut)} longer than 1,000 lines or 1 MiB, cut there"
        if parser.nuls:
            yield f"holds NUL bytes, which were skipped: {parser.nuls:,}"
        if calendar.folds:
            yield f"holds {_records(calendar.folds)} of an hour that clocks showed twice; the first was taken"
        if calendar.beyond:
            yield (
                f"holds {_records(calendar.beyond)} of more than a day after what is asked about, by their yearless "
                "times; dated like the record before"
            )
        if self.latest is not None and self.latest > self._written + _DAY:
            yield f"is dated up to {format_span(self.latest - self._written)} after it was last written"

    @property
    def _ahead(self) -> bool:
        """Whether records are dated later than they can have been written."""
        known = self._source.modified is not None or self._options.reference is None
        return known and self.latest is not None and self.latest > self._written + _CLOCKS_DIFFER


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"
