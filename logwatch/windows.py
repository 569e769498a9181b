"""From the words of the command line to a window of event time.

Nothing here reads a clock: `now` comes in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from logwatch.errors import UsageError
from logwatch.timespec import EARLIEST, iso_millis, latest_past, parse_clock, parse_rfc3339, parse_span

DEFAULT_SPAN = timedelta(minutes=30)
"""What `check` looks back over configured sources where nothing else is asked."""


@dataclass(frozen=True, slots=True)
class AskedWindow:
    """The window as asked for. `since` and `until` None: open; `as_of` None: the last record's time.

    `frozen` says that as_of was given (by --as-of or --until) and does not move with the clock.
    """

    since: datetime | None
    until: datetime | None
    as_of: datetime | None
    frozen: bool


def resolve(
    since: str | None,
    until: str | None,
    as_of: str | None,
    *,
    zone: tzinfo,
    now: datetime,
    whole: bool,
) -> AskedWindow:
    """Return the window that the options name.

    Spans (`30m`) count back from as_of: --as-of, else --until, else now. `HH:MM` is in `zone`: for --until on
    the date of
    --since, else the latest past one. `whole` says that without --since everything is meant (files named on
    the command line),
    not the last 30 minutes. Raises `UsageError` with all that is wrong with a value.
    """
    fixed = _instant("--as-of", as_of, zone, now, anchor=now)
    anchor = fixed or now
    start: datetime | None = None
    relative = _span("--since", since)
    if since is not None and relative is None:
        start = _instant("--since", since, zone, anchor, anchor=anchor)
    end = _until(until, start, zone, anchor)
    known = fixed or end or now
    if relative is not None:
        start = known - min(relative, known - EARLIEST)
    elif since is None and not whole:
        start = known - DEFAULT_SPAN
    if start is not None and start > (end or known):
        raise UsageError(_empty(since, until, start, end, known))
    if fixed is not None and end is not None and end > fixed:
        raise UsageError(
            f"--until {until} ({iso_millis(end)}) lies after --as-of {as_of} ({iso_millis(fixed)}): "
            "nothing is known of that time yet; give an earlier --until or a later --as-of"
        )
    frozen = fixed is not None or end is not None
    everything = start is None and not frozen
    return AskedWindow(start, end, None if everything else known, frozen)


def _empty(
    since: str | None, until: str | None, start: datetime, end: datetime | None, known: datetime
) -> str:
    asked = f"--since {since} ({iso_millis(start)})"
    if end is not None:
        return f"{asked} lies after --until {until} ({iso_millis(end)}); swap them"
    remedy = "give an earlier --since, or a later --as-of"
    return f"{asked} lies after {iso_millis(known)}, so the window is empty; {remedy}"


def _span(option: str, text: str | None) -> timedelta | None:
    if (
        text is None
        or not text[-1:].isalpha()
        or not text[:1].isdigit()
        or "T" in text
        or text.endswith(("Z", "z"))
    ):
        return None
    try:
        return parse_span(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def _until(text: str | None, since: datetime | None, zone: tzinfo, now: datetime) -> datetime | None:
    if text is None:
        return None
    span = _span("--until", text)
    if span is not None:
        return now - min(span, now - EARLIEST)
    try:
        clock = parse_clock(text)
    except ValueError as error:
        raise UsageError(f"--until: {error}") from None
    if clock is not None and since is not None:
        return datetime.combine(since.astimezone(zone).date(), clock, tzinfo=zone).astimezone(UTC)
    return _instant("--until", text, zone, now, anchor=now)


def _instant(
    option: str, text: str | None, zone: tzinfo, now: datetime, *, anchor: datetime
) -> datetime | None:
    """Return the instant that an option names.

    RFC 3339, `HH:MM` (the latest past one), or a span before now.
    """
    if text is None:
        return None
    try:
        span = _span(option, text)
        if span is not None:
            return anchor - min(span, anchor - EARLIEST)
        clock = parse_clock(text)
        moment = latest_past(clock, now, zone) if clock is not None else parse_rfc3339(text, zone)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    if moment is None:
        raise UsageError(
            f"{option}: '{text}' is not a time; write it like 30m, 2h, 1d, 17:35, 2025-10-11T17:30Z "
            "or 2025-10-11T19:30:00+02:00"
        )
    return moment


def parse_instant(option: str, text: str, zone: tzinfo, now: datetime) -> datetime:
    """Return the instant that the value of `option` names; forms as for `resolve`. Raises `UsageError`."""
    moment = _instant(option, text, zone, now, anchor=now)
    assert moment is not None
    return moment
