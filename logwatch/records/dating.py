"""Instants from what lines say of them: years and dates that are missing, zones that are not named."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from logwatch.timespec import EARLIEST, LATEST

_DAY = timedelta(days=1)
_HALF_DAY = timedelta(hours=12)
_LEAP_CYCLE = 9
_FRACTION = re.compile(r"[.,](\d{1,9})")
_MAGNITUDES = ((1e16, 1e9), (1e14, 1e6), (1e11, 1e3), (0.0, 1.0))
"""Epoch numbers from the first figure on count this many to the second: nano-, micro-, milliseconds, seconds."""


class Calendar:
    """Dates what one source says.

    `zone` holds where no offset is written, `reference` is the moment near which yearless records lie, `day` the
    date of the first record that shows a time of day alone. `folds` counts local times that a clock shows twice
    (the first is taken).
    """

    def __init__(self, zone: tzinfo, reference: datetime, day: date | None = None) -> None:
        self._zone = zone
        self._reference = reference
        self._day = day
        self._clock: datetime | None = None
        self._seconds = ""
        self._base: datetime | None = None
        self.folds = 0

    def iso(self, text: str) -> datetime | None:
        """Return the instant of an ISO 8601 date-time; None if it is none or outside 1970 to 2199."""
        if text[:19] == self._seconds and text[-1:] == "Z":
            return self._cached(text)
        try:
            moment = datetime.fromisoformat(_FRACTION.sub(_microseconds, text))
        except ValueError:
            return None
        found = self._utc(moment)
        if text[-1:] == "Z" and found is not None:
            self._seconds, self._base = text[:19], found.replace(microsecond=0)
        return found

    def _cached(self, text: str) -> datetime | None:
        digits = text[20:-1]
        if not digits:
            return self._base
        if self._base is None or not (digits.isascii() and digits.isdigit()):
            return None
        return self._base.replace(microsecond=int(digits[:6].ljust(6, "0")))

    def epoch(self, number: float) -> datetime | None:
        """Return the instant that `number` counts to, in seconds, milli-, micro- or nanoseconds by its size."""
        if not 0 <= number < 1e20:
            return None
        scale = next(scale for least, scale in _MAGNITUDES if number >= least)
        try:
            return _within(EARLIEST + timedelta(microseconds=round(number * (1e6 / scale))))
        except OverflowError:
            return None

    def yearless(self, month: int, day: int, clock: time) -> datetime | None:
        """Return the latest instant with that date which lies at most a day after the reference."""
        for year in range(self._reference.year + 1, self._reference.year - _LEAP_CYCLE, -1):
            try:
                moment = self._utc(datetime.combine(date(year, month, day), clock))
            except ValueError:
                continue
            if moment is not None and moment <= self._reference + _DAY:
                return moment
        return None

    def clock(self, clock: time) -> datetime | None:
        """Return the instant of a time of day: near the one before it, the first on `day` or just before the reference."""
        if self._clock is None:
            found = self._first_clock(clock)
        else:
            local = self._clock.astimezone(self._zone)
            near = datetime.combine(local.date(), clock)
            gap = near - local.replace(tzinfo=None)
            found = self._utc(near + _DAY * ((gap < -_HALF_DAY) - (gap > _HALF_DAY)))
        self._clock = found or self._clock
        return found

    def _first_clock(self, clock: time) -> datetime | None:
        if self._day is not None:
            return self._utc(datetime.combine(self._day, clock))
        local = self._reference.astimezone(self._zone)
        found = self._utc(datetime.combine(local.date(), clock))
        return found - _DAY if found is not None and found > self._reference else found

    def _utc(self, moment: datetime) -> datetime | None:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone)
            if self._zone is not UTC and moment.utcoffset() != moment.replace(fold=1).utcoffset():
                self.folds += moment.replace(fold=1).utcoffset() is not None and _twice(moment)
        try:
            return _within(moment.astimezone(UTC))
        except (OverflowError, ValueError):
            return None


def _twice(moment: datetime) -> bool:
    """Whether clocks showed it twice (and not never)."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(fold=0) == moment.replace(fold=0)


def _within(moment: datetime) -> datetime | None:
    return moment if EARLIEST <= moment < LATEST else None


def _microseconds(fraction: re.Match[str]) -> str:
    return "." + fraction[1][:6].ljust(6, "0")


def time_of_day(text: str) -> time | None:
    """Return the time of day of `HH:MM:SS[.fraction]`; None if no clock shows it."""
    clock, _, fraction = text.replace(",", ".").partition(".")
    try:
        hour, minute, second = (int(part) for part in clock.split(":"))
        return time(hour, minute, second, int((fraction or "0")[:6].ljust(6, "0")))
    except ValueError:
        return None
