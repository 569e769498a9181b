"""One block skimmed: the drafts of the records that can matter, and the rest counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from logwatch.records.account import Account
from logwatch.records.assembly import LONGEST_RECORD, Assembler, Draft
from logwatch.records.dating import Calendar
from logwatch.records.finish import Finish
from logwatch.records.formats.form import StampedFormat
from logwatch.records.formats.structured import JsonLines
from logwatch.records.lines import Line
from logwatch.records.record import Record
from logwatch.records.scan.dated import Dated
from logwatch.records.scan.heads import Heads, second_of
from logwatch.records.scan.needles import Needles
from logwatch.records.scan.onward import Onward
from logwatch.records.scan.record_batch import RecordBatch
from logwatch.records.scan.uniform import UniformBlocks

if TYPE_CHECKING:
    from logwatch.records.scan.arrays import ArrayBlocks


class Skimmed(msgspec.Struct, frozen=True):
    """What became of a block: the records that can matter; how many bytes and lines were dealt with, and when the last
    record of these was. None: there was none.
    """

    batch: RecordBatch | None
    length: int
    lines: int
    last: datetime | None


_A_MONTH = 30 * 86_400
_NOTHING_YET = Skimmed(None, 0, 0, None)


class Skimmer:
    """Skims the blocks of one source, whose times `calendar` dates, and counts what it passes over in `account`;
    `finish` makes records.

    `short`: the source is not worth the time that it takes to get ready for blocks of any kind.
    """

    def __init__(
        self,
        form: StampedFormat | JsonLines,
        needles: Needles,
        calendar: Calendar,
        account: Account,
        finish: Finish,
        *,
        short: bool,
    ) -> None:
        self._form = form
        self._needles = needles
        self._account = account
        self._finish = finish
        self._done: list[Draft] = []
        self._assembler = Assembler(form, calendar, self._done)
        self._calendar = calendar
        self._arrays: ArrayBlocks | None = None
        self._ways: list[Callable[[bytes], Dated | None]] = []
        self._onward: Onward | None = None
        if not isinstance(form, JsonLines):
            heads = Heads(form, calendar)
            self._onward = Onward(heads)
            self._ways.append(UniformBlocks(heads, arrays=not short).dated)
        if not short:
            self._ways.append(self._by_arrays)
        self._yearless = not isinstance(form, JsonLines) and form.yearless

    def skim(self, data: bytes, offset: int, number: int, last: datetime | None) -> Skimmed | None:
        """Skim bytes that begin with a record that says its time, the line `number` of the source, at `offset`.
        `last` is the time of the record before.

        What is dealt with ends where the last record begins. None: the plain path must have them; nothing was counted.
        """
        if b"\x00" in data or (self._onward is not None and self._onward.in_some_line(data)):
            return None
        dated: Dated | None = None
        for way in self._ways:
            dated = way(data)
            if dated is not None and not self._turns(dated, last) and dated.count(self._account):
                batch = self._batch(data, dated, offset, number)
                return Skimmed(batch, dated.length, dated.lines, dated.last)
        return _NOTHING_YET if dated is None and len(data) < LONGEST_RECORD else None

    def _by_arrays(self, data: bytes) -> Dated | None:
        if self._arrays is None:
            from logwatch.records.scan.arrays import ArrayBlocks  # noqa: PLC0415 - numpy takes a while

            self._arrays = ArrayBlocks(self._form, self._calendar)
        return self._arrays.dated(data)

    def _turns(self, dated: Dated, last: datetime | None) -> bool:
        """Whether dates without a year are so far apart that it matters in what order they come."""
        if not self._yearless:
            return False
        seconds = [*([] if last is None else [second_of(last)]), *dated.span]
        return max(seconds) - min(seconds) > _A_MONTH

    def _batch(self, data: bytes, dated: Dated, offset: int, number: int) -> RecordBatch | None:
        """Return the records that hold something wanted."""
        places = self._needles.places(data)
        if not places:
            return None

        def make(begin: int, end: int, line: int) -> Sequence[Record]:
            self._calendar.forget()
            text = data[begin : end - 1]
            draft = self._assembler.whole(text, offset + begin, number + line) if b"\n" not in text else None
            if draft is not None:
                return (self._finish(draft),)
            drafts = self._assembled(text, offset + begin, number + line)
            for draft in drafts:
                if draft.time is None:
                    draft.time, draft.inherited = dated.time(begin), True
            return [self._finish(draft) for draft in drafts]

        return RecordBatch(self._finish, data, dated, dated.hits(places), (offset, number), make)

    def _assembled(self, data: bytes, place: int, line: int) -> list[Draft]:
        """Return what the lines of a record are, and the blank ones behind it."""
        for text in data.split(b"\n"):
            self._assembler.take(Line(place, line, text, len(text) + 1))
            place += len(text) + 1
            line += 1
        self._assembler.close()
        done, self._done[:] = self._done[:], ()
        return done
