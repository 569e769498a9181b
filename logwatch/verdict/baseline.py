"""The difference from a pinned window before."""

from __future__ import annotations

from dataclasses import dataclass

from logwatch.ruleset.model import BaselineObjective
from logwatch.verdict.limits import Part
from logwatch.verdict.statistics import difference
from logwatch.verdict.verdict import Status
from logwatch.verdict.wording import level, percent, points

NOT_GIVEN = "no baseline to compare with was given"


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`, as counted or summed; `integral` where both were counted in whole numbers."""

    part: float
    whole: float
    integral: bool = True

    def __str__(self) -> str:
        return f"{self.part:,.10g}/{self.whole:,.10g}"

    @property
    def is_proportion(self) -> bool:
        """Whether exact bounds for proportions apply: whole numbers, and no more than all."""
        return self.integral and 0 <= self.part <= self.whole

    @property
    def value(self) -> float:
        """The share; `whole` is more than 0."""
        return self.part / self.whole


def judge_difference(after: Share, before: Share, objective: BaselineObjective) -> Part:
    """Judge the change of a share against a tolerated margin; both wholes are more than 0.

    Passes if the bound on the worse side stays within the margin; fails if the other bound shows a change for
    the worse and the change is the margin or more; else inconclusive. Shares that are no proportions are
    compared as they are, without bounds.
    """
    sign = 1.0 if objective.worse == "lower" else -1.0
    margin = objective.margin
    said = f"{percent(before.value)} before"
    if not (after.is_proportion and before.is_proportion):
        change = after.value - before.value
        status = Status.FAIL if sign * change < -margin else Status.PASS
        return Part(
            status, f"{said}: {points(change)} points, {level(margin)} tolerated, compared without bounds"
        )
    found = difference(int(after.part), int(after.whole), int(before.part), int(before.whole))
    low, high = (found.lower, found.upper) if sign > 0 else (-found.upper, -found.lower)
    change = sign * found.value
    said += f": {points(found.value)} points [{points(found.lower)}, {points(found.upper)}]"
    if low >= -margin:
        return Part(Status.PASS, f"{said}, within {level(margin)}")
    if high < 0 and change <= -margin:
        return Part(Status.FAIL, f"{said}, {level(margin)} tolerated")
    return Part(Status.INCONCLUSIVE, f"{said}, {level(margin)} tolerated; inconclusive: too few to tell")
