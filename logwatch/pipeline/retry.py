"""When to try again: data in, decision out."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential back-off with equal jitter (AWS Architecture Blog, "Exponential Backoff And Jitter").

    After attempt n fails, the wait is drawn from the upper half of `first_seconds * 2**(n-1)`, which is at
    most `ceiling_seconds`. With the defaults: 1-2 s, 2-4 s, 4-8 s, 8-16 s; the fifth attempt is the last.
    """

    attempts: int = 5
    first_seconds: float = 2.0
    ceiling_seconds: float = 60.0

    def wait_seconds(
        self, failed_attempt: int, *, at_least: float = 0.0, draw: random.Random
    ) -> float | None:
        """Return how long to wait after `failed_attempt` (from 1 on), or None when it was the last one.

        `at_least` is what the other side asked for.
        """
        if failed_attempt >= self.attempts:
            return None
        whole = min(self.ceiling_seconds, self.first_seconds * 2.0 ** (failed_attempt - 1))
        return max(at_least, whole * draw.uniform(0.5, 1.0))
