"""Numbers and spans as PromQL writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1))


def number(value: float) -> str:
    """Return `value` without the noise of binary fractions: `0.144`, `20`."""
    return f"{value:.12g}"


def duration(span: timedelta) -> str:
    """Return `span`, of a millisecond or more, as Prometheus writes durations: `15m`, `1h30m`."""
    rest = span // timedelta(milliseconds=1)
    parts = []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def series(name: str, *labels: Mapping[str, str]) -> str:
    """Return the selector of the series of `name` with these labels; an empty value: without that label."""
    matchers = [f"{label}={quoted(value)}" for given in labels for label, value in given.items()]
    return f"{name}{{{', '.join(matchers)}}}"


def quoted(text: str) -> str:
    """Return `text` as a string of PromQL."""
    for char, spelled in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        text = text.replace(char, spelled)
    return f'"{text}"'
