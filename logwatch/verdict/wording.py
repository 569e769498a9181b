"""Figures as the lines of a verdict say them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from logwatch.records.coverage import Window
from logwatch.timespec import format_span

_LONGEST_SECONDS = 1e9
NO_VALUE = "(none)"
"""What stands for a label that was not captured."""


def percent(share: float, *, beside: float | None = None) -> str:
    """Return a share as a percentage with one decimal: `95.2 %`.

    `0 %` and `100 %` are said of exactly none and all; what comes near to either, or to the share that it is said
    `beside`, gets the decimals it takes to tell.
    """
    if share in {0.0, 1.0}:
        return f"{share:.0%}".replace("%", " %")
    others = {0.0, 100.0}
    if beside is not None and not math.isclose(share, beside):
        others.add(float(f"{beside * 100:.10g}"))
    for decimals in range(1, 15):
        text = f"{share * 100:.{decimals}f}"
        if float(text) not in others:
            return f"{text} %"
    return f"{share * 100:.1e} %"


def level(share: float) -> str:
    """Return a configured share as a percentage, as short as it was written: `99 %`, `99.5 %`."""
    return f"{share * 100:.10g} %"


def points(difference: float) -> str:
    """Return a difference of shares in percentage points, signed: `+2.1`, `-10.3`, `0.0`."""
    text = f"{abs(difference) * 100:.1f}"
    if float(text) == 0.0:
        return text
    return ("-" if difference < 0 else "+") + text


def signed(difference: float) -> str:
    """Return a difference of plain numbers, signed: `+0.25`, `-1.5`, `0`."""
    return f"{difference:+.3g}" if difference else "0"


def amount(value: float, unit: str) -> str:
    """Return a measured value with its unit (`s`, `bytes`, `count`): `29.4s`, `1,024 bytes`, `12`."""
    if unit == "s" and abs(value) < _LONGEST_SECONDS:
        return format_span(timedelta(seconds=value))
    whole = float(value).is_integer() or abs(value) >= 1000
    number = f"{value:,.0f}" if whole and abs(value) < 1e15 else f"{value:,.4g}"
    return number + {"s": "s", "bytes": " bytes"}.get(unit, "")


def against(value: float, limit: float, unit: str, bound: str = "") -> str:
    """Return a measured value as it is said beside its limit: `1m5s`, or `over 1h` where both would be `1h`.

    `bound` goes before it, unless that says already on which side it lies: `at most 1m5s`.
    """
    said, limit_said = amount(limit if math.isinf(value) else value, unit), amount(limit, unit)
    if value == limit or said != limit_said:
        return f"{bound}{said}"
    return f"{'over' if value > limit else 'under'} {limit_said}"


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: `1 run`, `1,204 runs`, `2 matches`."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def moment(time: datetime, window: Window) -> str:
    """Return the time of day in UTC, with the date where the window spans more than one day."""
    utc = time.astimezone(UTC)
    days = {edge.astimezone(UTC).date() for edge in (window.since, window.until, time)}
    return f"{utc:%H:%M:%S}Z" if len(days) == 1 else f"{utc:%Y-%m-%dT%H:%M:%S}Z"


def listed(words: Iterable[str], most: int = 5) -> str:
    """Return words separated by commas; past `most` of them, how many more there are."""
    every = list(words)
    text = ", ".join(every[:most])
    return f"{text} and {len(every) - most} more" if len(every) > most else text


def but(said: str, reasons: Iterable[str]) -> str:
    """Return what was found with the reasons why it does not count."""
    return f"{said}; but {', and '.join(reasons)}"


def no_numbers(captures: int) -> str:
    """Say that captures could not be read as numbers: `1 capture was no number`."""
    return f"{counted(captures, 'capture')} {'was' if captures == 1 else 'were'} no number"


def gave_up(records: int) -> str:
    """Say that patterns used up their time on some records."""
    return f"a pattern ran out of time on {counted(records, 'record')}"
