"""From the words of the command line to a window of event time.

Nothing here reads a clock: `now` comes in.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

import msgspec

from logwatch.errors import UsageError
from logwatch.timespec import (
    EARLIEST,
    clock_on,
    iso_millis,
    latest_past,
    looks_like_span,
    parse_clock,
    parse_rfc3339,
    parse_span,
)

DEFAULT_SPAN = timedelta(minutes=30)
"""What `check` looks back over configured sources where nothing else is asked."""


class AskedWindow(msgspec.Struct, frozen=True):
    """The window as asked for. `since` and `until` None: open; `as_of` None: the last record's time.

    `frozen` says that as_of was given (by --as-of or a past --until) and does not move with the clock.
    """

    since: datetime | None
    until: datetime | None
    as_of: datetime | None
    frozen: bool


class Options(msgspec.Struct, frozen=True):
    """What the options are called that say where a window begins and ends, and as of when it is judged (None: none)."""

    since: str = "--since"
    until: str = "--until"
    as_of: str | None = "--as-of"


CHECK = Options()
"""Those of `logwatch check`."""


def resolve(
    since: str | None,
    until: str | None,
    as_of: str | None,
    *,
    zone: tzinfo,
    now: datetime,
    whole: bool,
    named: Options = CHECK,
) -> AskedWindow:
    """Return the window that the options name.

    as_of is --as-of, else --until, else now; an --until that is still to come is no moment of which anything
    can be known, so that as_of is now until then. Spans (`30m`) count back from as_of. `HH:MM` is in `zone`: for
    --until on the date of --since, else the latest past one. `whole` says that without --since everything is
    meant (files named on the command line), not the last 30 minutes. Raises `UsageError` for a value that names
    no time, and for times that make no window; it calls the options as they are `named`.
    """
    fixed = None if as_of is None else parse_instant("--as-of", as_of, zone, now)
    anchor = fixed or now
    start: datetime | None = None
    clock = until is not None and _is_clock(named.until, until)
    if until is not None and since is not None and clock and not looks_like_span(since):
        start = parse_instant(named.since, since, zone, anchor)
        end: datetime | None = _clock_after(named.until, start, until, zone)
    else:
        end = None if until is None else parse_instant(named.until, until, zone, anchor)
    known = fixed or min(end or now, now)
    if start is None and since is not None:
        start = parse_instant(named.since, since, zone, known)
    elif start is None and not whole:
        start = known - DEFAULT_SPAN
    if start is not None and end is not None and start > end:
        remedy = f"write {named.until} with its date" if clock else "swap them"
        raise UsageError(
            f"{named.since} {since} ({iso_millis(start)}) lies after "
            f"{named.until} {until} ({iso_millis(end)}); {remedy}"
        )
    if start is not None and start > known:
        later = f", or a later {named.as_of}" if named.as_of else ""
        raise UsageError(
            f"{named.since} {since} ({iso_millis(start)}) lies after {iso_millis(known)}, "
            f"so the window is empty; give an earlier {named.since}{later}"
        )
    if fixed is not None and end is not None and end > fixed:
        raise UsageError(
            f"{named.until} {until} ({iso_millis(end)}) lies after {named.as_of} {as_of} ({iso_millis(fixed)}): "
            f"nothing is known of that time yet; give an earlier {named.until} or a later {named.as_of}"
        )
    everything = start is None and end is None and fixed is None
    frozen = fixed is not None or (end is not None and end <= now)
    return AskedWindow(start, end, None if everything else known, frozen)


def parse_instant(option: str, text: str, zone: tzinfo, now: datetime) -> datetime:
    """Return the instant that the value of `option` names, in UTC.

    RFC 3339, `HH:MM` (the latest past one), or a span before `now`. Raises `UsageError` for anything else.
    """
    try:
        if looks_like_span(text):
            return now - min(parse_span(text), now - EARLIEST)
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


def _is_clock(option: str, text: str) -> bool:
    try:
        return parse_clock(text) is not None
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def _clock_after(option: str, start: datetime, until: str, zone: tzinfo) -> datetime:
    """Return when clocks showed `until` on the date of `start`: after it, where they showed it twice."""
    clock = parse_clock(until)
    assert clock is not None
    day = start.astimezone(zone).date()
    shown = clock_on(day, clock, zone)
    if not shown:
        raise UsageError(f"{option}: no clock showed {until} on {day}; it was put forward")
    return next((moment for moment in shown if moment >= start), shown[-1])
