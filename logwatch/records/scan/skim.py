"""One block skimmed: the drafts of the records that can matter, and the rest counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from logwatch.records.account import Account
from logwatch.records.assembly import LONGEST_RECORD, LONGEST_RECORD_LINES, Assembler, Draft
from logwatch.records.dating import Calendar
from logwatch.records.formats.form import Format, StampedFormat
from logwatch.records.lines import Line
from logwatch.records.scan.counting import count
from logwatch.records.scan.heads import second_of
from logwatch.records.scan.needles import Needles
from logwatch.records.scan.stamps import Stamped
from logwatch.records.scan.times import AnyStamper, Times


@dataclass(frozen=True, slots=True)
class Skimmed:
    """What became of a block: the drafts that can matter, with their times; how many bytes and lines were dealt with,
    and when the last record of these was (None: there was none).
    """

    drafts: list[Draft]
    length: int
    lines: int
    last: datetime | None


_A_MONTH = 30 * 86_400
_NOTHING_YET = Skimmed([], 0, 0, None)


class Skimmer:
    """Skims the blocks of one source, whose times `calendar` dates, and counts what it passes over in `account`."""

    def __init__(
        self, form: Format, stamper: AnyStamper, needles: Needles, calendar: Calendar, account: Account
    ) -> None:
        self._needles = needles
        self._account = account
        self._stamper = stamper
        self._done: list[Draft] = []
        self._assembler = Assembler(form, calendar, self._done)
        self._calendar = calendar
        self._yearless = isinstance(form, StampedFormat) and form.yearless

    def skim(self, data: bytes, offset: int, number: int, last: datetime | None) -> Skimmed | None:
        """Skim bytes that begin with a record that says its time, the line `number` of the source, at `offset`.
        `last` is the time of the record before.

        What is dealt with ends where the last record begins. None: the plain path must have them; nothing was counted.
        """
        if b"\x00" in data:
            return None
        stamped = self._stamper.stamped(data) if b"\n" in data else None
        if stamped is None or len(stamped.starts) < 2:
            return _NOTHING_YET if len(data) < LONGEST_RECORD else None
        if _too_long(stamped) or self._turns(stamped, last):
            return None
        times = Times(self._stamper, data, stamped)
        count(stamped, times, self._account)
        drafts = self._drafts(data, stamped, times, offset, number)
        return Skimmed(
            drafts, int(stamped.starts[-1]), int(stamped.numbers[-1]), times.of(len(stamped.starts) - 2)
        )

    def _turns(self, stamped: Stamped, last: datetime | None) -> bool:
        """Whether dates without a year are so far apart that it matters in what order they come."""
        if not self._yearless:
            return False
        before = [] if last is None else [second_of(last)]
        seconds = [*before, int(stamped.seconds.min()), int(stamped.seconds.max())]
        return max(seconds) - min(seconds) > _A_MONTH

    def _drafts(self, data: bytes, stamped: Stamped, times: Times, offset: int, number: int) -> list[Draft]:
        """Return the records that hold something wanted, but for the last one, whose end is not seen."""
        places = self._needles.places(data)
        if not places:
            return []
        starts, numbers, last = stamped.starts, stamped.numbers, len(stamped.starts) - 1
        hits = np.unique(np.searchsorted(starts, np.array(places), side="right") - 1)
        hits = hits[: np.searchsorted(hits, last)]
        drafts: list[Draft] = []
        whole = self._assembler.whole
        self._calendar.forget()
        for hit, begin, end, line, lines in zip(
            hits.tolist(),
            starts[hits].tolist(),
            starts[hits + 1].tolist(),
            numbers[hits].tolist(),
            (numbers[hits + 1] - numbers[hits]).tolist(),
            strict=True,
        ):
            text = data[begin : end - 1]
            draft = whole(text, offset + begin, number + line) if lines == 1 else None
            if draft is not None:
                drafts.append(draft)
                continue
            for assembled in self._assembled(text, offset + begin, number + line):
                if assembled.time is None:
                    assembled.time, assembled.inherited = times.of(hit), True
                drafts.append(assembled)
        return drafts

    def _assembled(self, data: bytes, place: int, line: int) -> list[Draft]:
        """Return what the lines of a record are, and the blank ones behind it."""
        for text in data.split(b"\n"):
            self._assembler.take(Line(place, line, text, len(text) + 1))
            place += len(text) + 1
            line += 1
        self._assembler.close()
        done, self._done[:] = self._done[:], ()
        return done


def _too_long(stamped: Stamped) -> bool:
    """Whether a record may be longer than what is kept of one."""
    return bool(
        (np.diff(stamped.starts) >= LONGEST_RECORD).any()
        or (np.diff(stamped.numbers) > LONGEST_RECORD_LINES).any()
    )
