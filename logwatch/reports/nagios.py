"""Nagios plugin output: one status line and performance data (Monitoring Plugins Development Guidelines)."""

from __future__ import annotations

from collections.abc import Iterator

from logwatch.evidence.escape import escape
from logwatch.reports.columns import cut
from logwatch.reports.outcome import Outcome, outcome, sentence
from logwatch.verdict.verdict import RuleVerdict, Status, Verdict

_STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
UNKNOWN = 3
_LONGEST = 1000
"""Columns of the status text: old transports carry 1 KiB of a plugin's output."""
_ILLEGAL = str.maketrans(dict.fromkeys("`~$&|'\"<>", "_"))
"""The bar begins performance data; the others are what Nagios takes out of macros by default, since commands that
notify people get them through a shell.
"""
_UNITS = {"s": "s", "bytes": "B", "count": ""}


def nagios(verdict: Verdict) -> str:
    """Return the verdict as the one line of a Nagios plugin."""
    said = cut(_plain(sentence(verdict)), _LONGEST)
    data = " ".join(f"'{_label(name)}'={value}" for name, value in _data(verdict))
    return f"LOGWATCH {_STATES[state(verdict)]} - {said} | {data}\n"


def unknown(why: str) -> str:
    """Return the line of a plugin that could judge nothing, and says why; its exit code is 3."""
    return f"LOGWATCH {_STATES[UNKNOWN]} - {cut(_plain(why), _LONGEST)}\n"


def state(verdict: Verdict) -> int:
    """Return the exit code of that world: 0 OK, 1 WARNING (a pass with warnings), 2 CRITICAL, 3 UNKNOWN."""
    if verdict.status is Status.PASS:
        return int(any(outcome(rule) is Outcome.WARNING for rule in verdict.rules))
    return 2 if verdict.status is Status.FAIL else UNKNOWN


def _data(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Yield (label, value[unit];warn;crit;min;max) of what graphs are drawn of."""
    for rule in verdict.rules:
        yield from _data_of(rule)
    yield "lines", f"{verdict.coverage.lines};;;0"
    yield "records", f"{verdict.coverage.records};;;0"


def _data_of(rule: RuleVerdict) -> Iterator[tuple[str, str]]:
    counts = rule.counts or {}
    for name in ("matches", "numerator", "denominator"):
        if isinstance(n := counts.get(name), int | float):
            yield f"{rule.id} {name}", f"{_number(n)};;;0"
    if rule.rate is not None:
        yield f"{rule.id} rate", f"{_number(rule.rate.value * 100)}%;;;0;100"
    if rule.quantiles is not None:
        unit = _UNITS[rule.quantiles.unit]
        for name in ("p50", "p95"):
            value: float | None = getattr(rule.quantiles, name)
            if value is not None:
                yield f"{rule.id} {name}", f"{_number(value)}{unit}"


def _number(value: float) -> str:
    """Return a number without an exponent, which not every reader of performance data knows."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _plain(text: str) -> str:
    return escape(text).translate(_ILLEGAL)


def _label(name: str) -> str:
    return _plain(name).replace("=", "_")
