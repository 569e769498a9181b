"""The difference from a pinned window before."""

from __future__ import annotations

from dataclasses import dataclass

from logwatch.ruleset.model import BaselineObjective
from logwatch.verdict.grounds import Part
from logwatch.verdict.statistics import difference
from logwatch.verdict.verdict import Status
from logwatch.verdict.wording import level, percent, points


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`, as counted or summed; `integral` where both were counted in whole numbers."""

    part: float
    whole: float
    integral: bool = True

    def __str__(self) -> str:
        return f"{self.part:,.10g} of {self.whole:,.10g}"

    @property
    def is_proportion(self) -> bool:
        """Whether exact bounds for proportions apply: whole numbers, and no more than all."""
        return self.integral and 0 <= self.part <= self.whole

    @property
    def value(self) -> float:
        """The share; `whole` is more than 0."""
        return self.part / self.whole


def not_given(*, otherwise_judged: bool) -> Part:
    """Say that there is no baseline: a rule that has nothing else to be judged by is inconclusive."""
    return Part(None if otherwise_judged else Status.INCONCLUSIVE, "no baseline given to compare with")


def judge_difference(after: Share, before: Share, objective: BaselineObjective) -> Part:
    """Judge the change of a share against a tolerated margin; both wholes are more than 0.

    Passes if the bound on the worse side stays within the margin; fails if the other bound shows a change for
    the worse and the change is the margin or more; else inconclusive. Shares that are no proportions are
    compared as they are, without bounds.
    """
    better = 1.0 if objective.worse == "lower" else -1.0
    margin = objective.margin
    if after.is_proportion and before.is_proportion:
        found = difference(int(after.part), int(after.whole), int(before.part), int(before.whole))
        change, lower, upper = found.value, found.lower, found.upper
        bounds = f"{points(lower)} to {points(upper)} at 95 %"
    else:
        change = lower = upper = after.value - before.value
        bounds = "compared without bounds"
    worst_case, best_case = (lower, upper) if better > 0 else (-upper, -lower)
    said = f"{percent(before.value)} before: {points(change)} points ({bounds}), {level(margin)} tolerated"
    if worst_case >= -margin:
        return Part(Status.PASS, said)
    if best_case < 0 and better * change <= -margin:
        return Part(Status.FAIL, said)
    return Part(Status.INCONCLUSIVE, f"{said}: too few to tell")
