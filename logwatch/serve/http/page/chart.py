"""A chart of the last hours as two SVG paths: good bars stand on the line, bad ones hang from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from logwatch.serve.snapshot import Point, Snapshot

HEIGHT: Final = 40
_BAR: Final = 0.76
"""Width of a bar; a slot is 1 wide."""
_LEAST_SHARE: Final = 0.3
"""Of the height, for the side that has less: one failure among thousands is still to be seen."""
_LEAST_BAR: Final = 3.0


@dataclass(frozen=True, slots=True)
class Axis:
    """The time that all charts of a page show."""

    since: datetime
    until: datetime

    @property
    def ends(self) -> tuple[str, str]:
        """Both ends as people read them, in UTC, with the day where they lie on two."""
        since, until = (end.astimezone(UTC) for end in (self.since, self.until))
        form = "%H:%M" if since.date() == until.date() else "%d %b %H:%M"
        return since.strftime(form), until.strftime(form)


@dataclass(frozen=True, slots=True)
class Chart:
    """Paths in a box of `width` by `HEIGHT`; `line` is the height at which the sides meet, from above.

    Each side has a scale of its own: what is compared is when, not how many.
    """

    axis: Axis
    width: float
    line: float
    good: str
    bad: str
    goods: int
    bads: int


def axis_of(snapshot: Snapshot) -> Axis | None:
    """Return the time from the first to the last of what was judged or counted, up to now; None where nothing was."""
    windows = [verdict.window for verdict in snapshot.verdicts.values()]
    points = [point for points in snapshot.history.values() for point in points]
    starts = [window.since for window in windows] + [point.start for point in points]
    ends = [window.until for window in windows] + [point.start + point.length for point in points]
    if not starts:
        return None
    since, until = min(starts), max(ends)
    return Axis(since, min(until, snapshot.at) if snapshot.at > since else until)


def chart(points: Sequence[Point], axis: Axis) -> Chart | None:
    """Return the chart of `points`, which are all of one length; None where there are none."""
    if not points:
        return None
    slot = points[0].length
    most_good = max(point.good for point in points)
    most_bad = max(point.bad for point in points)
    line = HEIGHT * _share(most_good, most_bad)
    good, bad = [], []
    for point in points:
        x = (point.start - axis.since) / slot
        if point.good:
            tall = _tall(point.good, most_good, line)
            good.append(_bar(x, line - tall, tall))
        if point.bad:
            bad.append(_bar(x, line, _tall(point.bad, most_bad, HEIGHT - line)))
    return Chart(
        axis=axis,
        width=round((axis.until - axis.since) / slot, 2),
        line=line,
        good="".join(good),
        bad="".join(bad),
        goods=sum(point.good for point in points),
        bads=sum(point.bad for point in points),
    )


def _share(good: int, bad: int) -> float:
    if not bad:
        return 1.0
    if not good:
        return 0.0
    return min(max(good / (good + bad), _LEAST_SHARE), 1 - _LEAST_SHARE)


def _tall(n: int, most: int, room: float) -> float:
    return max(room * n / most, _LEAST_BAR)


def _bar(x: float, top: float, tall: float) -> str:
    return f"M{x + (1 - _BAR) / 2:.2f} {top:.1f}h{_BAR}v{tall:.1f}h-{_BAR}z"
