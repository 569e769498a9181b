"""Instants from what lines say of them: years and dates that are missing, zones that are not named."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from logwatch.timespec import EARLIEST, LATEST

_DAY = timedelta(days=1)
_STRAGGLES = timedelta(hours=6)
"""How far a time of day may step against the source's direction; a longer step passes midnight."""
_HALF_DAY = timedelta(hours=12)
_HALF_YEAR = timedelta(days=183)
_NEARLY_A_YEAR = timedelta(days=330)
_YEARS_BACK = 8
"""February 29 lies at most eight years back (1904 from 1896, 2104 from 2096)."""
_ZULU = re.compile(r" ?UTC$")
_GAP = re.compile(r" (?=[+-]\d\d)")
_LEAP_SECOND = re.compile(r"(:\d\d):60(?!\d)", re.ASCII)
_FIRST_EPOCH = datetime.fromtimestamp(1_000_000_000, UTC)
"""Epoch numbers are dates from September 2001 on; smaller numbers are durations and counts, not times."""


class Calendar:
    """Dates what one source says.

    `zone` holds where no offset is written, `reference` is the moment near which yearless records lie, `day`
    the date of the first record that shows a time of day alone; without it that record lies just before
    `written`, when the source was written.

    `outer` is the time of the envelope that the next times stand in, where there is one: they lie near it.
    `backwards` says that the source was written newest first, which tells in what direction midnight is passed.
    `folds` counts local times that clocks showed twice (the first is taken); `beyond` counts yearless times
    that can only lie more than a day after the reference; `spans_years` says that others go round the year.
    """

    def __init__(
        self, zone: tzinfo, reference: datetime, day: date | None = None, written: datetime | None = None
    ) -> None:
        self._zone = zone
        self._reference = min(max(reference, EARLIEST), LATEST)
        self._day = day
        self._written = min(max(written or reference, EARLIEST), LATEST)
        self.outer: datetime | None = None
        self.backwards = False
        self._steps = 0
        self._clock: datetime | None = None
        self._yearless: datetime | None = None
        self.folds = 0
        self.beyond = 0
        self.spans_years = False

    def resume(self, last: datetime) -> None:
        """Go on after a record of that time, which another calendar dated."""
        self._clock = self._yearless = last

    def forget(self) -> None:
        """Date what comes next as if nothing came before."""
        self._clock = self._yearless = None

    def live(self, now: datetime, *, after_silence: bool) -> None:
        """Have what is logged from now on dated near `now`: what is followed for months moves away from its beginning.

        `after_silence`: it was silent for so long that midnight may have passed more than once.
        """
        self._reference = self._written = min(max(now, EARLIEST), LATEST)
        if after_silence:
            self._clock = None

    def iso(self, text: str) -> datetime | None:
        """Return the instant of an ISO 8601 date-time; None if it is none or outside 1970 to 2199."""
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return self._unusual(text)
        if moment.tzinfo is UTC:
            return moment if EARLIEST <= moment < LATEST else None
        return self._utc(moment) if len(text) > 10 else None  # a date alone is data, not the time of a record

    def _unusual(self, text: str) -> datetime | None:
        """Read what RFC 3339 allows and Python does not: small letters, leap seconds; and zones as Ruby has them."""
        usual = _GAP.sub("", _ZULU.sub("Z", text.strip().upper()))
        whole = _LEAP_SECOND.sub(r"\1:59", usual)
        try:
            moment = self._utc(datetime.fromisoformat(whole))
        except ValueError:
            return None
        return moment + timedelta(seconds=1) if moment and whole != usual else moment

    def epoch(self, number: float) -> datetime | None:
        """Return the instant that `number` counts to, in (milli-, micro-, nano-) seconds by its size."""
        if not 1e9 <= number < 1e20:
            return None
        if number < 1e11:
            microseconds = round(number * 1_000_000)
        elif number < 1e14:
            microseconds = round(number * 1000)
        elif number < 1e16:
            microseconds = round(number)
        else:
            microseconds = int(number) // 1000
        moment = EARLIEST + timedelta(microseconds=microseconds)
        return moment if _FIRST_EPOCH <= moment < LATEST else None

    def yearless(self, month: int, day: int, clock: time) -> datetime | None:
        """Return the latest instant with that date which lies at most a day after the reference.

        None where that would be a step back by more than half a year from the last one: then the record lies
        in the year that follows, more than a day after the reference.
        """
        found = self._nearest(month, day, clock)
        last = self._yearless
        if found is None or last is None or self.outer is not None:
            self._yearless = found
            return found
        if last - found > _HALF_YEAR:
            self.beyond += 1
            return None
        self.spans_years = self.spans_years or found - last > _NEARLY_A_YEAR
        self._yearless = found
        return found

    def _nearest(self, month: int, day: int, clock: time) -> datetime | None:
        newest = (self.outer or self._reference) + _DAY
        for year in range(newest.year + 1, newest.year - _YEARS_BACK - 1, -1):
            try:
                local = datetime(
                    year, month, day, clock.hour, clock.minute, clock.second, clock.microsecond, self._zone
                )
                moment = local.astimezone(UTC)
            except (ValueError, OverflowError):
                continue
            if moment <= newest:
                return self._utc(local)
        return None

    def clock(self, clock: time) -> datetime | None:
        """Return the instant of a time of day: less than a day on from the one before it, or a little back."""
        if self.outer is not None:
            return self._from(self.outer, clock, -_HALF_DAY)
        if self._clock is None:
            found = self._first_clock(clock)
        else:
            found = self._from(self._clock, clock, _STRAGGLES - _DAY if self.backwards else -_STRAGGLES)
            if found is not None:
                self._steps += (found > self._clock) - (found < self._clock)
        self._clock = found or self._clock
        return found

    @property
    def ran_backwards(self) -> bool:
        """Whether most steps from one time of day to the next went back."""
        return self._steps < 0

    def _from(self, before: datetime, clock: time, least: timedelta) -> datetime | None:
        """Return the instant of a time of day that lies at least `least` and less than a day more after `before`."""
        local = before.astimezone(self._zone)
        near = datetime.combine(local.date(), clock)
        gap = near - local.replace(tzinfo=None)
        return self._utc(near + _DAY * ((gap < least) - (gap >= least + _DAY)))

    def _first_clock(self, clock: time) -> datetime | None:
        if self._day is not None:
            return self._utc(datetime.combine(self._day, clock))
        day = self._written.astimezone(self._zone).date()
        found = self._utc(datetime.combine(day, clock))
        if found is not None and found > self._written:
            return self._utc(datetime.combine(day - _DAY, clock))
        return found

    def _utc(self, moment: datetime) -> datetime | None:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone)
        if moment.tzinfo is self._zone and self._zone is not UTC:
            again = moment.replace(fold=1)
            # In the hour that clocks skip, the offsets differ the other way round.
            first, second = moment.utcoffset(), again.utcoffset()
            self.folds += first is not None and second is not None and first > second
        try:
            moment = moment.astimezone(UTC)
        except (OverflowError, ValueError):
            return None
        return moment if EARLIEST <= moment < LATEST else None


def time_of_day(text: str) -> time | None:
    """Return the time of day of `HH:MM:SS[.fraction]`; None if no clock shows it."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None
