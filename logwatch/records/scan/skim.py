"""One block skimmed: the drafts of the records that can matter, and the rest counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from logwatch.records.account import Account
from logwatch.records.assembly import LONGEST_RECORD, LONGEST_RECORD_LINES, Assembler, Draft
from logwatch.records.dating import Calendar
from logwatch.records.formats.form import Format, StampedFormat
from logwatch.records.lines import Line
from logwatch.records.scan.json_stamps import JsonStamper
from logwatch.records.scan.needles import Needles
from logwatch.records.scan.stamps import Stamped, Stamper, second_of

AnyStamper = Stamper | JsonStamper


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
        hits = self._hits(data, stamped)
        times = _Times(self._stamper, data, stamped)
        self._count(stamped, times)
        drafts = [draft for hit in hits for draft in self._drafts(data, stamped, hit, times, offset, number)]
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

    def _hits(self, data: bytes, stamped: Stamped) -> Iterable[int]:
        """Return which records hold something wanted; the last one, whose end is not seen, is left out."""
        places = self._needles.places(data)
        if not places:
            return ()
        hits = np.unique(np.searchsorted(stamped.starts, np.array(places), side="right") - 1)
        return [hit for hit in hits.tolist() if hit < len(stamped.starts) - 1]

    def _drafts(
        self, data: bytes, stamped: Stamped, hit: int, times: _Times, offset: int, number: int
    ) -> list[Draft]:
        begin, end = int(stamped.starts[hit]), int(stamped.starts[hit + 1])
        assembler = self._assembler
        self._calendar.forget()
        place, line = offset + begin, number + int(stamped.numbers[hit])
        for text in data[begin : end - 1].split(b"\n"):
            assembler.take(Line(place, line, text, len(text) + 1))
            place += len(text) + 1
            line += 1
        assembler.close()
        done, self._done[:] = self._done[:], ()
        for draft in done:
            if draft.time is None:
                draft.time, draft.inherited = times.of(hit), True
        return done

    def _count(self, stamped: Stamped, times: _Times) -> None:
        """Count all records but the last one."""
        account, report = self._account, self._account.report
        seconds = stamped.seconds[:-1]
        low, high = int(seconds.min()), int(seconds.max())
        since = None if account.since is None else second_of(account.since)
        until = None if account.until is None else second_of(account.until)
        if account.earliest is None or low <= second_of(account.earliest):
            account.spans(times.first_in(seconds == low))
        if account.latest is None or high >= second_of(account.latest):
            account.spans(times.last_in(seconds == high))
        inside: NDArray[np.bool_] | None = None
        if (since is not None and low <= since) or (until is not None and high >= until):
            inside = np.ones(len(seconds), np.bool_)
            if since is not None:
                inside &= seconds >= since
            if until is not None:
                inside &= seconds <= until
            for border in {since, until} - {None}:
                for n in np.flatnonzero(seconds == border).tolist():
                    inside[n] = account.asks(times.of(n))
            if not inside.any():
                return
        starts, numbers, undated = stamped.starts, stamped.numbers, stamped.undated
        if inside is None:
            report.records += len(seconds)
            report.bytes += int(starts[-1])
            report.lines += int(numbers[-1])
            report.undated += 0 if undated is None else int(undated[:-1].sum())
            account.timeline.fill(np.unique(seconds).tolist())
        else:
            report.records += int(inside.sum())
            report.bytes += int(np.diff(starts)[inside].sum())
            report.lines += int(np.diff(numbers)[inside].sum())
            report.undated += 0 if undated is None else int(undated[:-1][inside].sum())
            account.timeline.fill(np.unique(seconds[inside]).tolist())
            low, high = int(seconds[inside].min()), int(seconds[inside].max())
        where = True if inside is None else inside
        if report.first is None or low <= second_of(report.first):
            account.holds(times.first_in((seconds == low) & where))
        if report.last is None or high >= second_of(report.last):
            account.holds(times.last_in((seconds == high) & where))


class _Times:
    """The times of the records of a block, to the last figure."""

    def __init__(self, stamper: AnyStamper, data: bytes, stamped: Stamped) -> None:
        self._stamper = stamper
        self._data = data
        self._stamped = stamped

    def of(self, record: int) -> datetime:
        """Return the time of a record; that of the one before where it says none."""
        stamped = self._stamped
        if stamped.undated is not None:
            while stamped.undated[record]:
                record -= 1
        place = int(stamped.starts[record])
        time = stamped.known[place] if place in stamped.known else self._stamper.time(self._data, place)
        assert time is not None
        return time

    def first_in(self, records: NDArray[np.bool_]) -> datetime:
        """Return the earliest time of records of the same second."""
        return min(self._extremes(records, min))

    def last_in(self, records: NDArray[np.bool_]) -> datetime:
        """Return the latest time of records of the same second."""
        return max(self._extremes(records, max))

    def _extremes(
        self, records: NDArray[np.bool_], extreme: Callable[..., tuple[bytes, int]]
    ) -> Iterable[datetime]:
        stamped = self._stamped
        dated = records if stamped.undated is None else records & ~stamped.undated[: len(records)]
        chosen = np.flatnonzero(dated)
        if not len(chosen):  # they have the time of the one before, which lies outside
            return [self.of(n) for n in np.flatnonzero(records).tolist()]
        alike: list[tuple[bytes, int]] = []
        times: list[datetime] = []
        for n in chosen.tolist():
            place = int(stamped.starts[n])
            if place in stamped.known:
                times.append(self.of(n))
            else:
                alike.append((self._stamper.fine(self._data, place), n))
        if alike:
            times.append(self.of(extreme(alike)[1]))
        return times


def _too_long(stamped: Stamped) -> bool:
    """Whether a record may be longer than what is kept of one."""
    return bool(
        (np.diff(stamped.starts) >= LONGEST_RECORD).any()
        or (np.diff(stamped.numbers) > LONGEST_RECORD_LINES).any()
    )
