"""The time that log lines carry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where event time comes from. A normal run has the machine's clock; only the demo has a faster one."""

    def now(self) -> datetime:
        """Return the moment, in UTC."""
        ...

    def event_seconds(self, real_seconds: float) -> float:
        """Return how long a span measured by the machine was in event time."""
        ...


class MachineClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the moment, in UTC."""
        return datetime.now(UTC)

    def event_seconds(self, real_seconds: float) -> float:
        """Return the span as it is."""
        return real_seconds
