"""The difference from a pinned window before."""

from __future__ import annotations

import msgspec

from logwatch.ruleset.model import BaselineObjective
from logwatch.verdict.grounds import Part
from logwatch.verdict.statistics import Difference, difference, frequency_difference
from logwatch.verdict.verdict import Status
from logwatch.verdict.wording import amount, counted, percent, points, signed

NOT_GIVEN = Part(None, "no baseline given to compare with")
"""Without a baseline there is nothing to be judged by."""


def without_baseline(parts: list[Part], details: tuple[str, ...]) -> tuple[list[Part], tuple[str, ...]]:
    """Return parts and details with a baseline that was not given moved to the details, where other parts judge."""
    if NOT_GIVEN in parts and len(parts) > 1:
        return [part for part in parts if part is not NOT_GIVEN], (*details, NOT_GIVEN.text)
    return parts, details


class Share(msgspec.Struct, frozen=True):
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


def judge_shares(after: Share, before: Share, objective: BaselineObjective) -> Part:
    """Judge the change of a share against a tolerated margin; both wholes are more than 0.

    Proportions are compared with Newcombe's bounds, other shares as they are, without bounds.
    """
    if after.is_proportion and before.is_proportion:
        found = difference(int(after.part), int(after.whole), int(before.part), int(before.whole))
        bounds = f"{points(found.lower)} to {points(found.upper)} at 95 %"
    else:
        change = after.value - before.value
        found = Difference(change, change, change)
        bounds = "compared without bounds"
    change_said = f"{percent(before.value)} before: {points(found.value)} points ({bounds})"
    return _judge(found, objective, f"{change_said}, {amount(objective.margin * 100, 'count')} tolerated")


def judge_frequencies(after: Share, before: Share, objective: BaselineObjective, runs: str) -> Part:
    """Judge how often something happened per run: `part` times in `whole` runs, which is more than 0.

    Where it never happened more often than there were runs it is compared as a share, else with the bounds of
    the conditional binomial test. `runs` names the runs.
    """
    if after.is_proportion and before.is_proportion:
        part = judge_shares(after, before, objective)
        share = f"{percent(after.value)} of {counted(int(after.whole), 'run')} of {runs}"
        return Part(part.status, f"{share}, {part.text}")
    found = frequency_difference(int(after.part), int(after.whole), int(before.part), int(before.whole))
    often, before_often = amount(after.value, "count"), amount(before.value, "count")
    said = f"{often} per run of {runs} ({counted(int(after.whole), 'run')}), {before_often} before"
    bounds = f"{signed(found.lower)} to {signed(found.upper)} at 95 %"
    tolerated = f"{amount(objective.margin, 'count')} tolerated"
    return _judge(found, objective, f"{said}: {signed(found.value)} ({bounds}), {tolerated}")


def _judge(found: Difference, objective: BaselineObjective, said: str) -> Part:
    """Pass if the bound on the worse side stays within the margin; fail if the other bound shows a change for
    the worse and the change is the margin or more.
    """
    margin, value = objective.margin, found.value
    worst_case, best_case = found.lower, found.upper
    if objective.worse == "higher":
        value, worst_case, best_case = -value, -found.upper, -found.lower
    if worst_case >= -margin:
        return Part(Status.PASS, said)
    if best_case < 0 and value <= -margin:
        return Part(Status.FAIL, said)
    return Part(Status.INCONCLUSIVE, f"{said}: too few to tell")
