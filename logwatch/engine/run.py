"""A run: one life of a job from its start to what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from logwatch.engine.match import Match
from logwatch.evidence import Evidence


class Outcome(StrEnum):
    """What became of a run. They exclude each other."""

    COMPLETED = "completed"
    """Its completion was logged in time."""
    FAILED = "failed"
    """Its failure was logged and no later start of the key within `retry_within` revised it."""
    SKIPPED = "skipped"
    """It had, legitimately, nothing to do."""
    TIMED_OUT = "timed_out"
    """Its deadline passed without an outcome, or the outcome came after it."""
    IN_FLIGHT = "in_flight"
    """Its deadline lies after as_of: nobody can know yet."""
    SUPERSEDED = "superseded"
    """Another start of the same key replaced it."""
    EVICTED = "evicted"
    """Too many runs were open at once; this was the oldest."""
    UNKNOWN_GAP = "unknown_gap"
    """The source lost data while it was open."""


class Oddity(StrEnum):
    """What a record can be that fits no run."""

    ORPHAN_END = "orphan_end"
    """An end with no start in the lookback."""
    DUPLICATE_END = "duplicate_end"
    """An end of a run that had ended already."""
    UNKEYED = "unkeyed"
    """A record whose key was not captured."""
    LATE_END = "late_end"
    """The end of a run that had timed out for good; `late_by` says how long after its deadline."""


class Run(msgspec.Struct, frozen=True, gc=False):
    """One run of a pair or a keyed sequence.

    `starts` are the times of its starts in order; the last one places it in a window and begins its duration.
    `first_attempt_completed` is None while the first attempt has no outcome. `stopped_at` names the last step
    reached (sequences). `late_by` is how long after the deadline an end came. `skewed`: the end was logged
    before the start.
    """

    rule: str
    key: tuple[str, ...]
    outcome: Outcome
    starts: tuple[datetime, ...]
    start: Evidence
    deadline: datetime
    ended: datetime | None = None
    end: Evidence | None = None
    late_by: timedelta | None = None
    first_attempt_completed: bool | None = None
    skewed: bool = False
    stopped_at: str | None = None
    deployment: str | None = None

    @property
    def started(self) -> datetime:
        """The last start."""
        return self.starts[-1]

    @property
    def duration(self) -> timedelta | None:
        """From the last start to the outcome; None without one."""
        return None if self.ended is None else self.ended - self.started


class Stray(msgspec.Struct, frozen=True, gc=False):
    """A record that fits no run, and why. `started` is the last start of the run that a late end belongs to."""

    rule: str
    oddity: Oddity
    time: datetime
    evidence: Evidence
    late_by: timedelta | None = None
    started: datetime | None = None
    deployment: str | None = None


def stray(
    oddity: Oddity, match: Match, late_by: timedelta | None = None, started: datetime | None = None
) -> Stray:
    """Return the stray that `match` is."""
    return Stray(match.rule, oddity, match.time, match.evidence, late_by, started, match.deployment)
