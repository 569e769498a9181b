"""Texts of alerts: written once, as a template for Prometheus and as what it makes of it.

Prometheus expands annotations as Go templates. Titles and descriptions of rules are free text, so that every brace in
them is spelled out; what is to be expanded is said by type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Label:
    """The value of a label of the alert."""

    name: str


class Value(Enum):
    """The value of the alert's expression; the member's value is the template that shows it."""

    COUNT = '{{ printf "%.0f" $value }}'
    PERCENT = "{{ $value | humanizePercentage }}"
    DURATION = "{{ $value | humanizeDuration }}"

    def shown(self, value: float) -> str:
        """Return what Prometheus shows of `value` (template_expansion in its `template` package)."""
        if self is Value.COUNT:
            return f"{value:.0f}"
        if self is Value.PERCENT:
            return f"{value * 100:.4g}%"
        return _duration(value)


Text = tuple[str | Label | Value, ...]


def template(text: Text) -> str:
    """Return `text` as a template of Prometheus."""
    return "".join(_templated(part) for part in text)


def expanded(text: Text, labels: Mapping[str, str], value: float) -> str:
    """Return what Prometheus makes of `template(text)` for an alert with these labels and this value."""
    return "".join(_expanded(part, labels, value) for part in text)


def _templated(part: str | Label | Value) -> str:
    match part:
        case Label(name):
            return f"{{{{ $labels.{name} }}}}"
        case Value():
            return part.value
    # Each brace by itself: two that meet at the border of two parts would open an action as well.
    return part.replace("{", '{{ "{" }}')


def _expanded(part: str | Label | Value, labels: Mapping[str, str], value: float) -> str:
    match part:
        case Label(name):
            return labels.get(name, "")
        case Value():
            return part.shown(value)
    return part


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.4g}ms"  # of whole milliseconds: Prometheus goes on to µs
    if seconds < 60:
        return f"{seconds:.4g}s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours}h {minutes}m {rest}s"
    return f"{hours}h {minutes}m {rest}s" if hours else f"{minutes}m {rest}s"
