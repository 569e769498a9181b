"""The watermark: event time up to which what is followed is complete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from logwatch.timespec import EARLIEST


@dataclass(slots=True)
class _Heard:
    newest: datetime | None
    at: float


class Watermark:
    """The newest event of the slowest source that is active, less `lateness`.

    A source is active while it has more to read, and for `lateness` after it was last heard. One that is idle holds
    up nothing; where all are, time passes as on the wall.
    """

    def __init__(self, lateness: timedelta) -> None:
        self._lateness = lateness
        self._heard: dict[str, _Heard] = {}
        self._value = EARLIEST

    def hear(self, source: str, newest: datetime | None, now: float) -> None:
        """Note that records of a source came at `now`, and the newest event time in it so far (None: it shows none)."""
        self._heard[source] = _Heard(newest, now)

    def forget(self, source: str) -> None:
        """Note that a source is followed no more."""
        self._heard.pop(source, None)

    def at(self, now: float, wall: datetime, unread: frozenset[str]) -> datetime:
        """Return the watermark. `unread` are the sources of which there is more to come at once.

        It never falls, unless the clock on the wall was put back.
        """
        idle_since = now - self._lateness.total_seconds()
        if any(source not in self._heard for source in unread):
            reached = EARLIEST  # nothing is known of it yet: its first event may be any
        else:
            reached = min(self._active(idle_since, unread), default=wall)
        least = EARLIEST + self._lateness
        candidate = max(reached, least) - self._lateness
        self._value = max(candidate, min(self._value, max(wall, least) - self._lateness))
        return self._value

    def _active(self, since: float, unread: frozenset[str]) -> Iterator[datetime]:
        for source, heard in self._heard.items():
            if heard.newest is not None and (source in unread or heard.at >= since):
                yield heard.newest
