"""What a pair's correlator holds of one key, and for how long."""

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
    """What is open of one key.

    `open` lives wait for an end, in order of start; `failed` is one whose failure a further attempt may still
    revise. `detached` lives were open when their key began anew: they can only time out. `expired` are the last
    starts and the deadlines of lives that timed out for good, so that a late end is known. `early_end` is an
    end that came before any start, `enqueued` when the key was enqueued, if no start followed yet.
    """

    open: list[Life] = field(default_factory=list)
    failed: Life | None = None
    detached: list[Life] = field(default_factory=list)
    expired: list[tuple[datetime, datetime]] = field(default_factory=list)
    early_end: Match | None = None
    enqueued: datetime | None = None

    def lives(self) -> Iterator[Life]:
        """Yield the lives that are not final."""
        yield from self.open
        yield from self.detached
        if self.failed is not None:
            yield self.failed

    def ended_by(self, end: Match, lateness: timedelta) -> Life | None:
        """Return the open life that `end` ends: the first that is in time, else the first.

        One that began more than `lateness` after it is none: the log was not in order.
        """
        first = None
        for life in self.open:
            if life.start.time > later(end.time, lateness):
                break
            if end.time <= life.deadline:
                return life
            first = first or life
        return first

    def remove(self, life: Life) -> None:
        """Take out a life, wherever it is."""
        if self.failed is life:
            self.failed = None
        else:
            (self.open if life in self.open else self.detached).remove(life)

    def due(self, spans: Spans) -> datetime | None:
        """Return the moment after which something here is over; None where nothing is left."""
        due = [spans.settled(life) for life in self.open[:1]]
        due += [life.deadline for life in self.detached]
        due += [later(deadline, spans.memory) for _, deadline in self.expired[:1]]
        if self.failed is not None:
            due.append(spans.revisable(self.failed))
        if self.early_end is not None:
            due.append(later(self.early_end.time, spans.lateness))
        if self.enqueued is not None:
            due.append(later(self.enqueued, spans.memory))
        return min(due, default=None)
