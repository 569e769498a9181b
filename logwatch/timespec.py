"""Time as people write it: spans (`30m`, `1h30m`), instants (RFC 3339, `HH:MM`, `2h` ago), and back.

Inside logwatch an instant is an aware `datetime` in UTC and a span is a `timedelta`. Nothing here reads a
clock.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from logwatch.errors import UsageError

_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_SPAN = re.compile(r"(?:(?:\d{1,9}(?:\.\d{1,6})?)(?:ms|[smhdw]))+", re.ASCII)
_SPAN_PART = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(ms|[smhdw])", re.ASCII)
_SPAN_LIKE = re.compile(r"\d[^:-]*[A-Ya-y]", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})", re.ASCII)
_LONGEST = timedelta(days=36_525)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def time_of(moment: int) -> datetime:
    """Return the instant that so many microseconds of the epoch are."""
    return EARLIEST + moment * MICROSECOND


def moment_of(time: datetime | None) -> int:
    """Return how many microseconds of the epoch an instant is; -1 if there is none."""
    return -1 if time is None else (time - EARLIEST) // MICROSECOND


def looks_like_span(text: str) -> bool:
    """Whether `text` is meant as a span: it begins with a figure and ends with a unit, known or not."""
    return bool(_SPAN_LIKE.fullmatch(text))


def parse_span(text: str) -> timedelta:
    """Return the span that `text` names: `90s`, `30m`, `1h30m`, `1.5h`, `2d`, `250ms`.

    Raises `ValueError` with a sentence for people when it names none.
    """
    if not _SPAN.fullmatch(text):
        raise ValueError(f"'{text}' is not a time span; write it like 90s, 30m, 2h, 1d or 1h30m")
    span = timedelta()
    for number, unit in _SPAN_PART.findall(text):
        try:
            span += float(number) * _UNITS[unit]
        except OverflowError:
            span = _LONGEST + _UNITS["d"]
    if span > _LONGEST:
        raise ValueError(f"'{text}' is longer than 100 years")
    return span


def format_span(span: timedelta) -> str:
    """Return `span` as people write it: `0s`, `350ms`, `29.4s`, `4m`, `1h30m`, `2d6h` (two units at most)."""
    if span < timedelta():
        return "-" + format_span(-span)
    seconds = span.total_seconds()
    if seconds < 1:
        return f"{round(seconds * 1000)}ms" if seconds else "0s"
    if seconds < 59.95:
        return f"{seconds:.1f}".removesuffix(".0") + "s"
    whole = round(seconds)
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count}{unit}")
        if len(parts) == 2 or (parts and not count):
            break
    return "".join(parts)


def parse_zone(text: str) -> tzinfo:
    """Return the zone named by `text`: `UTC`, an IANA name, or an offset such as `+02:00`.

    Raises `UsageError` for anything else.
    """
    if text.upper() in {"UTC", "Z"}:
        return UTC
    offset = _OFFSET.fullmatch(text)
    if offset:
        sign, hours, minutes = offset.groups()
        if int(hours) <= 23 and int(minutes) <= 59:
            span = timedelta(hours=int(hours), minutes=int(minutes))
            return timezone(-span if sign == "-" else span)
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - most logs are in UTC or say their offset

    try:
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise UsageError(
            f"--tz: '{text}' is not a time zone; write it like UTC, Europe/Berlin or +02:00"
        ) from None


def parse_clock(text: str) -> time | None:
    """Return the time of day of `HH:MM` or `HH:MM:SS`, None if `text` has another form.

    Raises `ValueError` for a time that no clock shows, such as 24:00.
    """
    match = _CLOCK.fullmatch(text)
    if not match:
        return None
    hour, minute, second = (int(part or 0) for part in match.groups())
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"'{text}' is not a time of day; the clock goes from 00:00 to 23:59")
    return time(hour, minute, second)


def parse_rfc3339(text: str, zone: tzinfo) -> datetime | None:
    """Return the instant of an RFC 3339 / ISO 8601 date or date-time, None if `text` has another form.

    Without an offset it is taken in `zone`; a date alone is its first instant there. Raises `ValueError` for
    an instant outside 1970 to 2199.
    """
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        moment = datetime.max.replace(tzinfo=UTC)
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"'{text}' is outside the years 1970 to 2199")
    return moment


def parse_date(text: str) -> date:
    """Return the date `YYYY-MM-DD`.

    Raises `UsageError` for anything else, years outside 1970 to 2199 included.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not EARLIEST.year <= day.year < LATEST.year:
        raise UsageError(f"--date: '{text}' is not a date; write it like 2025-10-11 (years 1970 to 2199)")
    return day


def clock_on(day: date, clock: time, zone: tzinfo) -> tuple[datetime, ...]:
    """Return the instants at which clocks in `zone` showed `clock` on that day: one, or two, or none."""
    local = datetime.combine(day, clock, tzinfo=zone)
    instants = {local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
    wall = local.replace(tzinfo=None)
    return tuple(sorted(i for i in instants if i.astimezone(zone).replace(tzinfo=None, fold=0) == wall))


def latest_past(clock: time, now: datetime, zone: tzinfo) -> datetime:
    """Return the latest instant not after `now` at which clocks in `zone` showed `clock`."""
    today = now.astimezone(zone).date()
    days = (today - timedelta(days=n) for n in range(3))  # one is missing where clocks are put forward
    return next(i for day in days for i in reversed(clock_on(day, clock, zone)) if i <= now)


def iso_millis(moment: datetime) -> str:
    """Return the instant in UTC with milliseconds: `2025-10-11T17:29:32.000Z`."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
