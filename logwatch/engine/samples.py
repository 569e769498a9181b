"""What is kept of many.

The first and the last moment, the first and the last citations, whatever the order of arrival.
"""

from __future__ import annotations

from bisect import insort
from datetime import datetime

from logwatch.evidence import Evidence

KEPT = 5
"""Citations kept at either end."""


def _place(evidence: tuple[Evidence, ...]) -> tuple[str, str, int, int]:
    first = evidence[0]
    return (first.time.isoformat() if first.time else "", first.source, first.offset, len(evidence))


class Citations:
    """Keeps the first and the last groups of evidence by time and place.

    A group (a run's start and end) stays together.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._first: list[tuple[Evidence, ...]] = []
        self._last: list[tuple[Evidence, ...]] = []

    def add(self, *evidence: Evidence) -> None:
        """Offer one group."""
        if len(self._first) < self._kept or _place(evidence) < _place(self._first[-1]):
            insort(self._first, evidence, key=_place)
            if len(self._first) <= self._kept:
                return
            evidence = self._first.pop()
        insort(self._last, evidence, key=_place)
        if len(self._last) > self._kept:
            self._last.pop(0)

    def __bool__(self) -> bool:
        return bool(self._first)

    def all(self) -> tuple[Evidence, ...]:
        """Return what was kept, in order."""
        return tuple(e for group in (*self._first, *self._last) for e in group)


class Span:
    """The earliest and the latest of some moments."""

    first: datetime | None = None
    last: datetime | None = None

    def add(self, moment: datetime) -> None:
        """Widen to `moment`."""
        if self.first is None or moment < self.first:
            self.first = moment
        if self.last is None or moment > self.last:
            self.last = moment
