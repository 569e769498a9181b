"""A chart of the last hours as two SVG paths: good bars stand on the line, bad ones hang from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from logwatch.serve.snapshot import Point

HEIGHT: Final = 40
_BAR: Final = 0.76
"""Width of a bar; a slot is 1 wide."""
_LEAST_SHARE: Final = 0.3
"""Of the height, for the side that has less: one failure among thousands is still to be seen."""
_LEAST_BAR: Final = 3.0
_MOST_SLOTS: Final = 500


@dataclass(frozen=True, slots=True)
class Chart:
    """Paths in a box of `slots` by `HEIGHT`; `line` is the height at which the sides meet, from above.

    Each side has a scale of its own: what is compared is when, not how many.
    """

    slots: int
    line: float
    good: str
    bad: str
    since: datetime
    until: datetime
    goods: int
    bads: int


def chart(points: Sequence[Point]) -> Chart | None:
    """Return the chart of `points`, which are in order; None where there are none."""
    if not points:
        return None
    width = min(
        (b.start - a.start for a, b in pairwise(points) if b.start > a.start), default=timedelta(minutes=5)
    )
    until = points[-1].start + width
    since = max(points[0].start, until - _MOST_SLOTS * width)
    most_good = max(point.good for point in points)
    most_bad = max(point.bad for point in points)
    line = HEIGHT * _share(most_good, most_bad)
    good, bad = [], []
    for point in points:
        x = round((point.start - since) / width)
        if point.good and x >= 0:
            tall = _tall(point.good, most_good, line)
            good.append(_bar(x, line - tall, tall))
        if point.bad and x >= 0:
            bad.append(_bar(x, line, _tall(point.bad, most_bad, HEIGHT - line)))
    return Chart(
        slots=max(round((until - since) / width), 1),
        line=line,
        good="".join(good),
        bad="".join(bad),
        since=since,
        until=until,
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


def _bar(x: int, top: float, tall: float) -> str:
    return f"M{x + (1 - _BAR) / 2:.2f} {top:.1f}h{_BAR}v{tall:.1f}h-{_BAR}z"
