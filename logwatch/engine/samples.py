"""What is kept of many.

The first and the last moment, the first and the last citations, whatever the order of arrival.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime

import msgspec
from msgspec import structs

from logwatch.engine.parcel import placed
from logwatch.evidence import Evidence
from logwatch.timespec import EARLIEST

KEPT = 5
"""Citations kept at either end."""


def _place(evidence: tuple[Evidence, ...]) -> tuple[datetime, str, int, str]:
    first = evidence[0]
    return (first.time or EARLIEST, first.source, first.offset, first.role)


def _put(groups: list[tuple[Evidence, ...]], evidence: tuple[Evidence, ...]) -> None:
    """Put a group in its place, unless one stands there."""
    place = _place(evidence)
    at = bisect_left(groups, place, key=_place)
    if at == len(groups) or _place(groups[at]) != place:
        groups.insert(at, evidence)


class Citations(msgspec.Struct):
    """Keeps the first and the last groups of evidence by time and place, each place once.

    A group (a run's start and end) stays together. A record that plays two roles in a rule is offered twice.
    """

    kept: int = KEPT
    first: list[tuple[Evidence, ...]] = msgspec.field(default_factory=list)
    last: list[tuple[Evidence, ...]] = msgspec.field(default_factory=list)

    def add(self, *evidence: Evidence) -> None:
        """Offer one group."""
        last = self.last
        if len(last) == self.kept:
            time, latest = evidence[0].time, last[-1][0].time
            if time is not None and latest is not None and time > latest:  # in order, as most are
                del last[0]
                last.append(evidence)
                return
        if len(self.first) < self.kept or _place(evidence) <= _place(self.first[-1]):
            _put(self.first, evidence)
            if len(self.first) <= self.kept:
                return
            evidence = self.first.pop()
        _put(last, evidence)
        if len(last) > self.kept:
            last.pop(0)

    def early(self, time: datetime) -> bool:
        """Whether a group of that time may be among the first."""
        if len(self.first) < self.kept:
            return True
        latest = self.first[-1][0].time
        return latest is None or time <= latest

    def include(self, other: Citations) -> None:
        """Offer all groups that `other` kept."""
        for group in (*other.first, *other.last):
            self.add(*group)

    def place(self, source: str, line: int) -> None:
        """Have all of them stand in `source`; their lines were counted from 1, where it has `line`."""
        for groups in (self.first, self.last):
            groups[:] = [
                tuple(structs.replace(one, source=source, line=placed(one.line, line)) for one in group)
                for group in groups
            ]

    def all(self) -> tuple[Evidence, ...]:
        """Return what was kept, in order."""
        return tuple(e for group in (*self.first, *self.last) for e in group)


class Span(msgspec.Struct):
    """The earliest and the latest of some moments."""

    first: datetime | None = None
    last: datetime | None = None

    def add(self, moment: datetime) -> None:
        """Widen to `moment`."""
        if self.first is None or moment < self.first:
            self.first = moment
        if self.last is None or moment > self.last:
            self.last = moment

    def include(self, other: Span) -> None:
        """Widen to all that `other` spans."""
        for moment in (other.first, other.last):
            if moment is not None:
                self.add(moment)
