"""The lives of one key that a pair's correlator holds, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from logwatch.engine.life import Life, later
from logwatch.engine.match import Match
from logwatch.ruleset.model import OnRestart, PairRule


@dataclass(frozen=True, slots=True)
class Spans:
    """How long a rule holds what. `retry_within` None: no failure is revised."""

    timeout: timedelta
    retry_within: timedelta | None
    memory: timedelta
    lateness: timedelta

    @classmethod
    def of(cls, rule: PairRule, lateness: timedelta) -> Spans:
        """Return the spans of `rule`; without a key there is no telling who tries again."""
        retries = rule.key and rule.on_restart is OnRestart.RETRY
        return cls(rule.timeout, rule.retry_within if retries else None, rule.memory, lateness)

    def settled(self, life: Life) -> datetime:
        """The last moment at which a match can still change what becomes of a life without an end."""
        if self.retry_within is None:
            return life.deadline
        return max(life.deadline, later(life.start.time, self.retry_within))

    def revisable(self, failed: Life) -> datetime:
        """The last moment at which a further attempt revises a failure."""
        assert failed.end is not None
        return later(failed.end.time, self.retry_within or timedelta())


@dataclass(slots=True)
class Slot:
    """The lives of one key that are not final.

    `open` ones wait for an end, in order of start; `failed` is one whose failure a further attempt may still
    revise; `detached` ones were open when their key began anew: they can only time out.
    """

    open: list[Life] = field(default_factory=list)
    failed: Life | None = None
    detached: list[Life] = field(default_factory=list)

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
        due = [spans.settled(life) for life in self.open[:1]]
        due += [life.deadline for life in self.detached]
        if self.failed is not None:
            due.append(spans.revisable(self.failed))
        return min(due, default=None)
