"""Reading one source: bytes in, records out in the order of time, with the account of what was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from itertools import chain
from typing import TYPE_CHECKING

from logwatch.records.account import Account
from logwatch.records.assembly import Draft
from logwatch.records.attributes import attributes_of
from logwatch.records.coverage import SourceReport
from logwatch.records.dating import Calendar
from logwatch.records.order import head_of, last_first, runs_backwards, with_times
from logwatch.records.parser import RecordParser
from logwatch.records.plain import PlainReading
from logwatch.records.record import Record
from logwatch.records.scan.wanted import Wanted
from logwatch.records.text import undone
from logwatch.sources.refused import reason
from logwatch.sources.source import Source
from logwatch.timespec import format_span

if TYPE_CHECKING:
    from logwatch.records.scan.reading import ScanReading

_ENCODINGS = {
    "mac_roman": "utf-8 read as mac-roman",
    "cp1252": "utf-8 read as cp1252",
    "latin-1": "utf-8 read as latin-1",
}
_DAY = timedelta(days=1)
WORTH_A_SCAN = 1 << 20
"""Bytes of a source from which on a scan saves more time than it takes to get ready."""
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
    """Yields a source's records, oldest first. After that `account` is complete.

    `wanted` says of a message whether any rule could match it; what is not wanted is counted and dropped, and skipped
    altogether where a scan finds the rest.
    """

    def __init__(self, source: Source, options: ReadOptions, wanted: Wanted | None) -> None:
        self._source = source
        self._options = options
        self._wanted = wanted
        self._written = source.modified or options.now
        self.account = Account(SourceReport(source.name), options.since, options.until)

    @property
    def report(self) -> SourceReport:
        """The account in words and numbers."""
        return self.account.report

    def __iter__(self) -> Iterator[Record]:
        parser = RecordParser(self._calendar, self._options.format)
        plain = PlainReading(parser, self._source.blocks())
        pieces = iter(plain)
        taken: list[Draft] = []
        backwards = runs_backwards(head_of(_noting(pieces, taken)))
        self.report.order = "newest_first" if backwards else "oldest_first"
        scan = None if backwards else self._scan(plain)
        if scan is None:
            drafts = self._counted(with_times(chain(taken, chain.from_iterable(pieces))))
            records = self._records(enumerate(drafts), parser.codec)
            yield from last_first(records, self._not_reversed) if backwards else records
            self.account.end(parser)
        else:
            ready = chain.from_iterable(map(scan.times.take, taken))
            yield from self._records(enumerate(self._counted(ready)), parser.codec)
            yield from self._records(((draft.offset, draft) for draft in scan), parser.codec)
        self._close(parser)

    def _calendar(self) -> Calendar:
        options, modified = self._options, self._source.modified
        reference = options.reference or modified or options.now
        return Calendar(options.zone, reference, options.day, written=modified or reference)

    def _scan(self, plain: PlainReading) -> ScanReading | None:
        """Return what scans the rest of the source; None where only the plain path is sure, or as good."""
        literals = self._wanted.literals if self._wanted else None
        size = self._source.size
        if not literals or (size is not None and size < WORTH_A_SCAN):
            return None
        if not isinstance(
            self._options.zone, timezone
        ):  # the hour that clocks show twice is counted by the record
            return None
        from logwatch.records.scan.reading import scan_of  # noqa: PLC0415 - numpy takes a while

        return scan_of(plain, literals, self._calendar, self.account)

    def _counted(self, drafts: Iterable[Draft]) -> Iterator[Draft]:
        take = self.account.take
        for draft in drafts:
            take(draft)
            yield draft

    def _records(self, drafts: Iterable[tuple[int, Draft]], codec: str | None) -> Iterator[Record]:
        """Pass on those that matter."""
        start, end = self._options.read_from, self._options.read_to
        name, wanted = self._source.name, self._wanted
        for ordinal, draft in drafts:
            time = draft.time
            if time is not None and ((start and time < start) or (end and time > end)):
                continue
            text = draft.text
            message = undone(text, codec) if codec else text
            if wanted is None or wanted(message):
                yield record_of(draft, name, ordinal, text, message, codec)

    def _close(self, parser: RecordParser) -> None:
        report, health = self.report, self._source.health
        report.format = parser.format
        report.encoding = _ENCODINGS[parser.codec] if parser.codec else "utf-8"
        report.errors += health.errors
        report.truncated = report.truncated or health.truncated or bool(self.account.cut or self.account.lost)
        report.errors += self._doubts(parser)
        report.notes += self._remarks(parser)

    def _not_reversed(self, error: OSError) -> None:
        self.report.truncated = True
        self.report.errors.append(
            f"needs a temporary copy to be read backwards: {reason(error)}; set TMPDIR to a directory with room for it"
        )

    def _doubts(self, parser: RecordParser) -> Iterator[str]:
        """What keeps this source from being believed, as sentences that go on from its name."""
        asked, calendar, account = self._options, parser.calendar, self.account
        if account.undatable and (asked.since or asked.until):
            yield f"holds {_records(account.undatable)} without a time: nobody can tell whether that lies in the window"
        if calendar.spans_years:
            yield "holds yearless times that go round the year; cut it, or name its end with --as-of"
        if self._ahead and parser.format.endswith("clock") and not asked.day:
            yield "passes midnight and shows times of day alone; say with --date on which day it begins"
        if account.lost:
            yield f"lacks the messages of {_records(account.lost)}; export it with journalctl --all"

    def _remarks(self, parser: RecordParser) -> Iterator[str]:
        """What the reader should know besides."""
        calendar, account = parser.calendar, self.account
        if account.cut:
            yield f"holds {_records(account.cut)} longer than 1,000 lines or 1 MiB, cut there"
        if account.nuls:
            yield f"holds NUL bytes, which were skipped: {account.nuls:,}"
        if calendar.folds:
            yield f"holds {_records(calendar.folds)} of an hour that clocks showed twice; the first was taken"
        if calendar.beyond:
            yield (
                f"holds {_records(calendar.beyond)} of more than a day after what is asked about, by their yearless "
                "times; dated like the record before"
            )
        if account.latest is not None and account.latest > self._written + _DAY:
            yield f"is dated up to {format_span(account.latest - self._written)} after it was last written"

    @property
    def _ahead(self) -> bool:
        """Whether records are dated later than they can have been written."""
        known = self._source.modified is not None or self._options.reference is None
        latest = self.account.latest
        return known and latest is not None and latest > self._written + _CLOCKS_DIFFER


def _noting(pieces: Iterable[list[Draft]], taken: list[Draft]) -> Iterator[Draft]:
    """Yield the drafts of all pieces; those of the pieces that were begun are in `taken`."""
    for drafts in pieces:
        taken += drafts
        yield from drafts


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"
