"""A clock that runs faster than the machine's, and waits that are as much shorter."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta


class FastClock:
    """Event time: `rate` event seconds pass in each second of the machine, from `starts_at` on."""

    def __init__(
        self, starts_at: datetime, rate: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._starts_at = starts_at
        self._rate = rate
        self._monotonic = monotonic
        self._began = monotonic()

    def now(self) -> datetime:
        """Return the moment of event time."""
        return self._starts_at + timedelta(seconds=self.event_seconds(self._monotonic() - self._began))

    def event_seconds(self, real_seconds: float) -> float:
        """Return how long a span measured by the machine was in event time."""
        return real_seconds * self._rate

    def wait(self, event_seconds: float) -> None:
        """Wait for a span of event time, as for a server that takes that long."""
        # An event that nobody sets.
        threading.Event().wait(event_seconds / self._rate)
