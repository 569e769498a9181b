"""The lives of one key that a pair's correlator holds, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from logwatch.engine.life import Life, later
from logwatch.engine.match import Match
from logwatch.ruleset.model import OnRestart, PairRule


class Spans(msgspec.Struct, frozen=True):
    """How long a rule holds what. `retry_within` None: no failure is revised; `open`: a life without an end."""

    timeout: timedelta
    retry_within: timedelta | None
    open: timedelta
    memory: timedelta
    lateness: timedelta

    @classmethod
    def of(cls, rule: PairRule, lateness: timedelta) -> Spans:
        """Return the spans of `rule`; without a key there is no telling who tries again."""
        retry_within = rule.retry_within if rule.key and rule.on_restart is OnRestart.RETRY else None
        longest = max(rule.timeout, retry_within or timedelta())
        return cls(rule.timeout, retry_within, longest, rule.memory, lateness)

    def settled(self, life: Life) -> datetime:
        """The last moment at which a match can still change what becomes of a life without an end."""
        return later(life.start.time, self.open)

    def revisable(self, failed: Life) -> datetime:
        """The last moment at which a further attempt revises a failure."""
        assert failed.end is not None
        return later(failed.end.time, self.retry_within or timedelta())


class Slot(msgspec.Struct, eq=False, gc=False):
    """The lives of one key that are not final.

    `open` ones wait for an end, in order of start; `failed` is one whose failure a further attempt may still
    revise; `detached` ones were open when their key began anew: they can only time out.
    """

    open: list[Life] = []
    failed: Life | None = None
    detached: list[Life] = []

    def lives(self) -> Iterator[Life]:
        """Yield all of them."""
        yield from self.open
        yield from self.detached
        if self.failed is not None:
            yield self.failed

    def ended_by(self, end: Match, lateness: timedelta) -> Life | None:
        """Return the open life that `end` ends, the oldest.

        One that began more than `lateness` after it is none: the log was not in order.
        """
        if not self.open or self.open[0].start.time <= end.time:
            return self.open[0] if self.open else None
        latest = later(end.time, lateness)
        return next((life for life in self.open if life.start.time <= latest), None)

    def remove(self, life: Life) -> None:
        """Take out a life, wherever it is."""
        if self.failed is life:
            self.failed = None
        else:
            (self.open if life in self.open else self.detached).remove(life)

    def due(self, spans: Spans) -> datetime | None:
        """Return the moment after which one of them is settled; None where there is none."""
        if not self.detached and self.failed is None:
            return later(self.open[0].start.time, spans.open) if self.open else None
        due = [spans.settled(life) for life in self.open[:1]]
        due += [life.deadline for life in self.detached]
        if self.failed is not None:
            due.append(spans.revisable(self.failed))
        return min(due, default=None)
