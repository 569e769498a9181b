"""Asking again where a server is away or busy: how often, how long, and when not."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from logwatch.verify.web import TIMEOUT_SECONDS, Answer, NoAnswer

_LONGEST_WAIT = 3600.0


@dataclass(slots=True)
class Patience:
    """How long to go on asking: at most `attempts` times, and no wait that would end after `seconds`.

    A server that asks for a longer wait than that has it: until then its answer stands, and it is not asked.
    One attempt takes `timeout` seconds at most. The rest is what a test replaces: `sleep`, chance (0 to 1), a
    clock that only goes forward, and the one that `Retry-After` dates are read by.
    """

    attempts: int = 4
    seconds: float = 30.0
    timeout: float = TIMEOUT_SECONDS
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    elapsed: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _turned_away: Answer | None = field(default=None, init=False)
    _not_before: float = field(default=0.0, init=False)

    def ask(self, attempt: Callable[[], Answer]) -> Answer:
        """Return the first answer that is worth having, or the last one. Raises `NoAnswer`."""
        if self._turned_away is not None and self.elapsed() < self._not_before:
            return self._turned_away
        ends = self.elapsed() + self.seconds
        for number in range(1, self.attempts + 1):
            answer: Answer | None = None
            missing: NoAnswer | None = None
            try:
                answer = attempt()
            except NoAnswer as error:
                missing = error
            wait = self._wait(number, answer)
            over = number == self.attempts or self.elapsed() + wait > ends
            if answer is not None and not is_busy(answer):
                return answer
            if answer is not None and over:
                self._turned_away, self._not_before = answer, self.elapsed() + self._asked(answer)
                return answer
            if missing is not None and over:
                raise missing
            self.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, number: int, answer: Answer | None) -> float:
        """Return how many seconds to wait after attempt `number`: what the server asks for, at least 1, 2, 4, ...

        Up to half of that more, so that those who were turned away together do not come back together.
        """
        backoff = float(2 ** (number - 1))
        asked = self._asked(answer) if answer else 0.0
        return max(asked, backoff) + backoff / 2 * self.chance()

    def _asked(self, answer: Answer) -> float:
        return seconds_asked(answer.headers.get("retry-after", ""), self.now())


def is_busy(answer: Answer) -> bool:
    """Whether the same request may well be answered later."""
    return answer.status == 429 or answer.status >= 500


def seconds_asked(retry_after: str, now: datetime) -> float:
    """Return the seconds that the header `Retry-After` asks for (RFC 9110: seconds, or a date), an hour at most.

    0: it asks for none.
    """
    wait = 0.0
    try:
        wait = float(retry_after)
    except ValueError:
        with suppress(ValueError, OverflowError):
            then = parsedate_to_datetime(retry_after)
            wait = (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()
    return min(wait, _LONGEST_WAIT) if wait > 0 else 0.0  # NaN is not
