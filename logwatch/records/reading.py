"""Reading one source: bytes in, records out in the order of time, with the account of what was read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta, timezone, tzinfo
from itertools import chain

import msgspec

from logwatch.records.account import Account
from logwatch.records.assembly import Draft
from logwatch.records.coverage import Order, SourceReport
from logwatch.records.dating import Calendar
from logwatch.records.finish import Finish
from logwatch.records.formats.form import StampedFormat
from logwatch.records.formats.structured import JsonLines
from logwatch.records.order import head_of, runs_backwards, with_times
from logwatch.records.parser import RecordParser
from logwatch.records.parts import Asked, Part, Parts
from logwatch.records.plain import PlainReading
from logwatch.records.reads import Read, held_last_first, one_by_one
from logwatch.records.record import Record
from logwatch.records.remarks import doubts, remarks
from logwatch.records.reversal import spooled_last_first
from logwatch.records.scan.json_texts import JsonTexts
from logwatch.records.scan.reading import ScanReading, scan_of
from logwatch.records.scan.wanted import Wanted
from logwatch.records.selection import Selection
from logwatch.sources.allocation import reuse_memory
from logwatch.sources.source import Block, Divisible, Health, Source

MOST_HELD = 8 << 20
"""Bytes of which all that can matter is held in memory, to be passed on last first."""
_ENCODINGS = {
    "mac_roman": "utf-8 read as mac-roman",
    "cp1252": "utf-8 read as cp1252",
    "latin-1": "utf-8 read as latin-1",
}


class ReadOptions(msgspec.Struct, frozen=True):
    """How to read.

    `zone` holds for times without one, `day` dates times of day, `reference` is near which yearless times lie (None:
    the source's mtime, else `now`). Records outside `read_from` to `read_to` are read but not passed on; the account
    is of `since` to `until`, else `read_to`.
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

    @property
    def whole(self) -> bool:
        """Whether all of a source is asked about, what is without a time included."""
        return self.since is None and self.until is None


class Recognised(msgspec.Struct, frozen=True):
    """What was found out of a source: its format, the wrong decoding that its texts went through, and its order."""

    format: str
    codec: str | None
    order: Order


class SourceReader:
    """Yields a source's records, oldest first. After that `account` is complete.

    `wanted` says of a message whether any rule could match it; what is not wanted is counted and dropped, and skipped
    altogether where a scan finds the rest.

    Whoever has several processes takes the records that are `begun`, has what is `ahead` read by them, in the parts
    into which it is `divided`, takes their accounts, and closes. Of a source that is newest first all may be ahead.
    """

    def __init__(
        self, source: Source, options: ReadOptions, wanted: Wanted | None, *, divide: bool = False
    ) -> None:
        self._source = source
        self._name = source.name
        self._options = options
        self._wanted = wanted
        self._divide = divide
        self._written = source.modified or options.now
        self._parser = RecordParser(self._calendar, options.format)
        self.account = Account(
            SourceReport(source.name), options.since, options.until or options.read_to, whole=options.whole
        )
        self._scan: ScanReading | None = None
        self._parts: Parts | None = None
        self.ahead: Part | None = None
        self.lines_read = 0

    @property
    def report(self) -> SourceReport:
        """The account in words and numbers."""
        return self.account.report

    @property
    def health(self) -> Health:
        """The state of the source."""
        return self._source.health

    @property
    def folds(self) -> int:
        """Records of an hour that clocks showed twice."""
        return self._parser.calendar.folds

    @property
    def recognised(self) -> Recognised:
        """What was found out of the source from what is begun."""
        return Recognised(self._parser.format, self._parser.codec, self.report.order)

    @property
    def backwards(self) -> bool:
        """Whether the source is newest first."""
        return self.report.order == "newest_first"

    def __iter__(self) -> Iterator[Record]:
        return one_by_one(self.read())

    def read(self) -> Iterator[Read]:
        """Yield all records."""
        yield from self.begun()
        if self.ahead is not None:
            yield from self.records_of(self.ahead)
        self.close()

    def begun(self) -> Iterator[Read]:
        """Yield the records from which it is found out how to read the source, and all others unless they are
        `ahead`.
        """
        reuse_memory()
        plain = PlainReading(self._parser, self._source.blocks())
        pieces = iter(plain)
        taken: list[Draft] = []
        backwards = runs_backwards(head_of(_noting(pieces, taken)))
        self._begin("newest_first" if backwards else "oldest_first")
        self.ahead = self._all(taken[0]) if backwards else self._rest()
        if self.ahead is None:
            whole = self._whole(plain, pieces, taken)
            yield from spooled_last_first(one_by_one(whole), self.health) if backwards else whole
        elif not backwards:
            self._count_head(plain.fed)
            yield from self._selection.of_drafts(enumerate(self._counted(with_times(taken))))

    def _whole(
        self, plain: PlainReading, pieces: Iterator[list[Draft]], taken: list[Draft]
    ) -> Iterator[Read]:
        """Yield the records of what was `taken`, and of all that follows."""
        scan = self._scan
        if scan is not None:
            ready = chain.from_iterable(map(scan.times.take, taken))
            yield from self._selection.of_drafts(enumerate(self._counted(ready)))
            yield from self._selection.of_scan(scan.rest_of(plain))
        else:
            drafts = self._counted(with_times(chain(taken, chain.from_iterable(pieces))))
            yield from self._selection.of_drafts(enumerate(drafts))
            self.account.end(self._parser)

    def records_of(self, part: Part) -> Iterator[Read]:
        """Yield the records of a part; `lines_read` then says how many lines it has."""
        self.lines_read = 0
        if self.backwards:
            yield from self._last_first(part)
        else:
            yield from self._records_of(part, self._source.blocks(part.offset, part.stop))

    def _last_first(self, whole: Part) -> Iterator[Read]:
        parts = self._parts
        assert parts is not None
        for part in parts.last_first(whole, lambda: 0):
            blocks = self._source.blocks(part.offset, part.stop)
            if parts.length(part) > MOST_HELD:
                yield from spooled_last_first(one_by_one(self._records_of(part, blocks)), self.health)
            else:
                # Of one block there is one batch, which need not be used up before the next.
                block = Block(part.offset, b"".join(block.data for block in blocks))
                yield from held_last_first(self._records_of(part, iter((block,))))

    def _records_of(self, part: Part, blocks: Iterator[Block]) -> Iterator[Read]:
        scan = self._scan
        if scan is not None:
            yield from self._selection.of_scan(scan.part(blocks, part.offset, part.number))
            self.lines_read += scan.number - part.number
            return
        successor = self._parser.successor(part.offset, part.number)
        drafts = self._counted(with_times(chain.from_iterable(PlainReading(successor, blocks))))
        yield from self._selection.of_drafts((draft.offset, draft) for draft in drafts)
        self.account.end(successor)
        self.lines_read += successor.number - part.number

    def of_part(self, known: Recognised) -> SourceReader:
        """Return a reader of parts of this source, with its own account; its records do not name the source."""
        reader = SourceReader(self._source, self._options, self._wanted)
        reader._name = ""
        reader._parser.resume(known.format, known.codec)
        reader._begin(known.order)
        return reader

    @property
    def divisible(self) -> bool:
        """Whether what is ahead is better read in parts."""
        parts, whole = self._parts, self.ahead
        return self._divide and parts is not None and whole is not None and parts.divisible(whole)

    def divided(self, size: Callable[[], int]) -> Iterator[Part]:
        """Yield what is ahead in parts of about `size` bytes, asked anew for each. Their lines count from 1; newest
        first, parts come last first, and their lines count from the first of the source.
        """
        parts, whole = self._parts, self.ahead
        assert parts is not None
        assert whole is not None
        return parts.last_first(whole, size) if self.backwards else parts.divided(whole, size)

    def take(self, part: Part, account: Account, health: Health, folds: int) -> None:
        """Add the account of the next part, and what was learned of the source while it was read elsewhere."""
        self.account.add(account)
        if self._parts is not None and isinstance(self._source, Divisible):
            self._source.read_elsewhere(self._parts.length(part))
        self._parser.calendar.folds += folds
        for error in health.errors:
            self._source.health.report(error)
        self._source.health.truncated = self._source.health.truncated or health.truncated

    def _begin(self, order: Order) -> None:
        """Get ready to read what the parser has found out, in that order."""
        parser, options = self._parser, self._options
        self.report.order = order
        self._selection = Selection(
            self._name, parser.codec, self._wanted, options.read_from, options.read_to
        )
        self._scan, form = self._scan_of_source(), parser.form
        self._parts = None if form is None else Parts(self._source, form, self._calendar)

    def _all(self, first: Draft) -> Part | None:
        """Return all of a source that is newest first and begins with that record, if it can be read from its end."""
        # The head is read once more: without a scan, an hour that clocks show twice would be counted again.
        return None if self._scan is None or self._parts is None else self._parts.whole(first)

    def _rest(self) -> Part | None:
        """Return what follows the records that were read, as far as it is asked for, if it is read in parts."""
        opened, parts, asked = self._parser.opened, self._parts, self._options
        if opened is None or parts is None:
            return None
        if asked.read_from is not None:
            window = parts.window(opened, Asked(asked.read_from, asked.read_to, asked.lateness))
            if window is not None:
                part, stretch = window
                self.account.spans(stretch.last)
                self._parser.calendar.resume(stretch.start.time)
                return part
        return parts.rest(opened) if self._divide else None

    def _count_head(self, fed: int) -> None:
        """Count NULs and hours shown twice up to `fed`, but those of the record that is open: it is read once more."""
        parser, opened = self._parser, self._parser.opened
        again = RecordParser(self._calendar)
        if opened is not None:
            again.resume(parser.format, parser.codec, opened.offset, opened.line)
            for block in self._source.blocks(opened.offset, fed):
                deque(again.feed(block.data), 0)
        self.account.nuls += parser.nuls - again.nuls
        parser.calendar.folds -= again.calendar.folds

    def _calendar(self) -> Calendar:
        options, modified = self._options, self._source.modified
        reference = options.reference or modified or options.now
        return Calendar(options.zone, reference, options.day, written=modified or reference)

    def _scan_of_source(self) -> ScanReading | None:
        """Return what scans the source; None where only the plain path is sure, or as good."""
        parser, wanted = self._parser, self._wanted
        if wanted is None or not wanted.literals:
            return None
        # In other zones the records of the hour that clocks show twice are counted, one by one.
        if not isinstance(self._options.zone, timezone):
            return None
        form, codec = parser.form, parser.codec
        opening = form.opening if isinstance(form, (StampedFormat, JsonLines)) and codec is None else 0
        looked_at = wanted.attributes if isinstance(form, JsonLines) else None
        texts = None if looked_at is None else JsonTexts(looked_at)
        finish = Finish(self._name, parser.format, codec, opening, texts)
        return scan_of(parser, wanted.literals, self._calendar(), self.account, self._source.size, finish)

    def _counted(self, drafts: Iterable[Draft]) -> Iterator[Draft]:
        take = self.account.take
        for draft in drafts:
            take(draft)
            yield draft

    def close(self) -> None:
        """Say in the report what there is to say once all was read."""
        parser = self._parser
        report, health = self.report, self._source.health
        report.format = parser.format
        report.encoding = _ENCODINGS[parser.codec] if parser.codec else "utf-8"
        report.errors += health.errors
        report.truncated = report.truncated or health.truncated or bool(self.account.cut or self.account.lost)
        # Where the reference was given and no mtime is known, nothing says when the records were written.
        known = self._source.modified is not None or self._options.reference is None
        report.errors += doubts(self.account, parser, self._written if known else None, self._options.day)
        report.notes += remarks(self.account, parser.calendar, self._written)


def _noting(pieces: Iterable[list[Draft]], taken: list[Draft]) -> Iterator[Draft]:
    """Yield the drafts of all pieces; those of the pieces that were begun are in `taken`."""
    for drafts in pieces:
        taken += drafts
        yield from drafts
