"""A source read on by skimming its blocks, and by the plain path where that is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from logwatch.records.account import Account
from logwatch.records.assembly import Draft
from logwatch.records.dating import Calendar
from logwatch.records.finish import Finish
from logwatch.records.formats.form import StampedFormat
from logwatch.records.formats.structured import JsonLines
from logwatch.records.order import InheritedTimes
from logwatch.records.parser import RecordParser
from logwatch.records.plain import PlainReading
from logwatch.records.scan.needles import OF_JSON, needles
from logwatch.records.scan.record_batch import RecordBatch
from logwatch.records.scan.skim import Skimmer
from logwatch.sources.source import Block

WORTH_A_SCAN = 128 << 10
"""Bytes of a source from which on a scan is faster than the plain path."""
WORTH_ARRAYS = 1 << 20
"""Bytes of a source from which on that is so even if arrays are needed: the library takes a while to load."""


Found = Iterable[Draft] | RecordBatch
"""What was read, in order, to be taken before the next: all of it, or those records that can matter."""


class ScanReading:
    """Yields what of a source can matter, with its times; all that is read is counted in `account`.

    `known` is the parser that has found out what the source is in. `times` must have had all drafts before.
    `number` is that of the next line.
    """

    def __init__(self, known: RecordParser, skimmer: Skimmer, account: Account) -> None:
        self._known = known
        self._skimmer = skimmer
        self._account = account
        self.times = InheritedTimes()
        self._parser: RecordParser | None = None
        self._rest = b""
        self._offset = self.number = 0

    def rest_of(self, plain: PlainReading) -> Iterator[Found]:
        """Yield those of what `plain` has not read yet."""
        block, fed = plain.block, plain.fed
        self._parser = plain.parser
        ahead = Block(fed, block.data[fed - block.offset :])
        if self._hand_over(block, fed):
            ahead = Block(self._offset, self._rest + ahead.data)
            self._rest = b""
        return self._read(chain((ahead,), plain.blocks))

    def part(self, blocks: Iterator[Block], offset: int, number: int) -> Iterator[Found]:
        """Yield those of a part that begins with a record that says its time, in line `number`, and ends before one."""
        self._parser, self._rest, self._offset, self.number = None, b"", offset, number
        return self._read(blocks)

    def _read(self, blocks: Iterable[Block]) -> Iterator[Found]:
        for block in blocks:
            if self._parser is None:
                yield self._skim(self._rest + block.data)
            else:
                yield self._counted(self._parser.feed(block.data))
            if self._parser is not None:
                self._hand_over(block, block.offset + len(block.data))
        if self._parser is None:
            yield self._counted(self._resumed().feed(self._rest))
        assert self._parser is not None
        yield self._counted(self._parser.close())
        self.number = self._parser.number
        yield self._given_up()
        self._account.end(self._parser)

    def _skim(self, data: bytes) -> Found:
        skimmed = self._skimmer.skim(data, self._offset, self.number, self.times.last)
        if skimmed is None:
            return self._counted(self._resumed().feed(data))
        self._offset += skimmed.length
        self.number += skimmed.lines
        self._rest = data[skimmed.length :]
        if skimmed.last is not None:
            self.times.last = skimmed.last
            self._known.calendar.resume(skimmed.last)
        return skimmed.batch or ()

    def _given_up(self) -> Iterator[Draft]:
        for draft in self.times.give_up():
            self._account.take(draft)
            yield draft

    def _hand_over(self, block: Block, fed: int) -> bool:
        """Let the skimmer go on from the record that the plain path has open, if that begins in `block`."""
        assert self._parser is not None
        opened = self._parser.opened
        if opened is None or opened.start.time is None or opened.offset < block.offset:
            return False
        rest = block.data[opened.offset - block.offset : fed - block.offset]
        # NULs in it were counted, and would be again; blank lines before it are counted with it alone.
        if b"\x00" in rest or opened.gap_lines:
            return False
        self._rest, self._offset, self.number = rest, opened.offset, opened.line
        self._account.nuls += self._parser.nuls
        self._parser = None
        return True

    def _resumed(self) -> RecordParser:
        """Return a parser that goes on where the skimmer is."""
        self._parser = self._known.successor(self._offset, self.number)
        return self._parser

    def _counted(self, drafts: Iterator[Draft]) -> Iterator[Draft]:
        for draft in drafts:
            for timed in self.times.take(draft):
                self._account.take(timed)
                yield timed


def scan_of(
    known: RecordParser,
    literals: frozenset[str],
    calendar: Calendar,
    account: Account,
    size: int | None,
    finish: Finish,
) -> ScanReading | None:
    """Return what scans a source of that size whose head `known` has read; None where only the plain path is sure, or
    as fast.

    `calendar` is for what is skimmed; its zone must have the same offset at all times. `finish` makes records of it.
    """
    form = known.form
    short = size is not None and size < WORTH_ARRAYS
    if size is not None and size < (WORTH_ARRAYS if isinstance(form, JsonLines) else WORTH_A_SCAN):
        return None
    if not isinstance(form, (JsonLines, StampedFormat)):
        return None
    wanted = needles(literals, OF_JSON if isinstance(form, JsonLines) else ())
    if wanted is None:
        return None
    return ScanReading(known, Skimmer(form, wanted, calendar, account, finish, short=short), account)
