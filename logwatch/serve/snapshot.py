"""What the driver publishes after each turn, whole and frozen: all that a page or the API may show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from logwatch.verdict.verdict import Verdict


@dataclass(frozen=True, slots=True)
class StreamState:
    """One followed log. `lag` is in seconds behind what is written (None: nothing is unread), `trouble` says what
    keeps it from being read, as a sentence that goes on from its name.
    """

    name: str
    format: str
    lines: int
    unread_bytes: int
    lag: float | None
    last_event: datetime | None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One bar of a chart: what a rule counted from `start` on, for `length`.

    `good` and `bad` are runs (pairs, sequences); for other kinds `good` is 0 and `bad` the matches of a forbid,
    `good` the matches of the rest.
    """

    start: datetime
    length: timedelta
    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """How the last load of the configuration went. `problem` says why the rules before it are still in force."""

    at: datetime
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of the exporter at `at` (wall clock).

    `verdicts` holds one verdict for each configured window, by its name ("30m"), the shortest first. `history` holds
    the bars of the last hours, by rule. `ready`: everything that was there at the start has been read and stored.
    """

    at: datetime
    loaded: Loaded
    ready: bool = False
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    streams: tuple[StreamState, ...] = ()
    history: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
