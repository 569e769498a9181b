"""Tallies: all that a verdict needs of one rule, over one window. Frozen; made by the aggregators."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from logwatch.evidence import Evidence


class RunCounts(msgspec.Struct, frozen=True):
    """Runs by outcome, and records that fit none; the names are those of the JSON output."""

    started: int = 0
    completed: int = 0
    failed: int = 0
    skipped: int = 0
    timed_out: int = 0
    in_flight: int = 0
    attempts: int = 0
    superseded: int = 0
    orphan_end: int = 0
    duplicate_end: int = 0
    unkeyed: int = 0
    evicted: int = 0
    skewed: int = 0
    unknown_gap: int = 0

    @property
    def judged(self) -> int:
        """Runs that say something about success: completed + failed + timed_out."""
        return self.completed + self.failed + self.timed_out


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What all tallies have. `first` and `last` are times of matches or of runs' starts in the window.

    `pattern_timeouts` counts records on which one of the rule's patterns used up its time budget. `evidence`
    holds the first few and the last few citations. `older` counts what belongs to an older deployment and was
    kept out of everything else.
    """

    first: datetime | None = None
    last: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    pattern_timeouts: int = 0
    older: int = 0


class MatchTally(Tally, frozen=True, kw_only=True):
    """forbid, count: records that match, and their number by label values (in the rule's order of labels)."""

    matches: int = 0
    by_label: Mapping[tuple[str, ...], int] = msgspec.field(default_factory=dict)


class ExpectTally(MatchTally, frozen=True, kw_only=True):
    """expect: also per expected key, and the longest silence per key (the key is empty where the rule lists
    none).

    `longest_gap` maps a key to (start, length) of the longest stretch of the window without a match, its
    borders included.
    """

    by_key: Mapping[str, int] = msgspec.field(default_factory=dict)
    longest_gap: Mapping[str, tuple[datetime, timedelta]] = msgspec.field(default_factory=dict)


class MeasureTally(MatchTally, frozen=True, kw_only=True):
    """measure: every captured number, in the rule's unit (milliseconds converted to seconds).

    `unreadable` counts captures that are no number.
    """

    values: array[float] = msgspec.field(default_factory=lambda: array("d"))
    unreadable: int = 0


class RatioTally(Tally, frozen=True, kw_only=True):
    """ratio: both sums, whether every addend was an integer, the records on each side, and captures that were
    no number.
    """

    numerator: float = 0.0
    denominator: float = 0.0
    integral: bool = True
    numerator_records: int = 0
    denominator_records: int = 0
    unreadable: int = 0


class RunTally(Tally, frozen=True, kw_only=True):
    """pair, sequence: runs whose last start lies in the window.

    `durations` (seconds) are those of completed runs; `in_flight_ages` (seconds, at as_of) those of runs in
    flight; `ends` (epoch seconds, ascending) are when completed runs ended. `first_attempts` is (completed,
    judged) of first attempts. `approximate`: paired without a key. `late` holds how late ends after the
    deadline came, in seconds. `stopped_at` counts unfinished runs by the last step reached; `steps` counts
    those that reached each step (funnels: records). `older_counts` are runs of an older deployment that ended
    in the window.
    """

    counts: RunCounts = RunCounts()
    durations: array[float] = msgspec.field(default_factory=lambda: array("d"))
    in_flight_ages: array[float] = msgspec.field(default_factory=lambda: array("d"))
    ends: array[float] = msgspec.field(default_factory=lambda: array("d"))
    late: array[float] = msgspec.field(default_factory=lambda: array("d"))
    first_attempts: tuple[int, int] = (0, 0)
    approximate: bool = False
    stopped_at: Mapping[str, int] = msgspec.field(default_factory=dict)
    steps: Mapping[str, int] = msgspec.field(default_factory=dict)
    older_counts: RunCounts = RunCounts()
