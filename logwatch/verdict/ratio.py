"""Judges one sum over another, against a floor, a baseline, or both."""

from __future__ import annotations

import math

from logwatch.engine.tally import RatioTally, Tally
from logwatch.ruleset.model import RateObjective, RatioRule, Rule
from logwatch.verdict.baseline import NOT_GIVEN, Share, judge_difference
from logwatch.verdict.grounds import Finding, Grounds, worst
from logwatch.verdict.limits import Part
from logwatch.verdict.rates import Floor
from logwatch.verdict.verdict import Rate, Status
from logwatch.verdict.wording import counted, level, percent


def judge_ratio(rule: Rule, tally: Tally, grounds: Grounds) -> Finding:
    """Judge a ratio; with neither floor nor baseline it is info, and over nothing it is inconclusive.

    Any addend that could not be read, and any record that a pattern gave up on, could be of any size: neither
    a pass nor a fail survives it. Nor does a fail where a source could not be read whole.
    """
    assert isinstance(rule, RatioRule)
    assert isinstance(tally, RatioTally)
    share = _share(tally)
    rate: Rate | None = None
    if share.whole <= 0:
        judged = rule.floor is not None or rule.baseline is not None
        status = Status.INCONCLUSIVE if judged else Status.INFO
        nothing = f"the denominator is {'zero' if share.whole == 0 else 'negative'}"
        summary = f"{share}; {'inconclusive: ' if judged else ''}{nothing}"
    else:
        parts = []
        if rule.floor is not None:
            part, rate = _judge_floor(share, rule.floor, grounds)
            parts.append(part)
        if rule.baseline is not None:
            parts.append(_judge_baseline(share, rule, grounds))
        status = worst(*(part.status for part in parts if part.status is not None))
        texts = [f"{share}, {percent(share.value)}", *(part.text for part in parts)]
        summary = "; ".join(texts)
        doubts = _doubts(tally, grounds, status)
        if doubts and status in {Status.PASS, Status.FAIL}:
            status = Status.INCONCLUSIVE
            summary += f"; inconclusive: {', '.join(doubts)}"
    return Finding(
        status=status,
        summary=summary,
        details=_details(tally),
        counts={"numerator": _number(share.part), "denominator": _number(share.whole)},
        rate=rate,
    )


def _share(tally: RatioTally) -> Share:
    return Share(tally.numerator, tally.denominator, tally.integral)


def _number(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def _judge_floor(share: Share, objective: RateObjective, grounds: Grounds) -> tuple[Part, Rate | None]:
    floor = Floor.of(objective.target, grounds.reject(objective.reject))
    if not share.is_proportion:
        status = Status.PASS if share.value >= floor.target else Status.FAIL
        said = "reaches" if status is Status.PASS else "misses"
        return Part(status, f"{said} {level(floor.target)}, compared without bounds"), None
    part, whole = int(share.part), int(share.whole)
    status = floor.status(part, whole)
    return Part(status, floor.bound(part, whole, status)), floor.rate(part, whole)


def _judge_baseline(share: Share, rule: RatioRule, grounds: Grounds) -> Part:
    assert rule.baseline is not None
    before = grounds.baseline.get(rule.id) if grounds.baseline is not None else None
    if not isinstance(before, RatioTally):
        if rule.floor is not None:
            return Part(None, NOT_GIVEN)
        return Part(Status.INCONCLUSIVE, f"inconclusive: {NOT_GIVEN}")
    if before.denominator <= 0:
        return Part(Status.INCONCLUSIVE, "inconclusive: the baseline is over nothing")
    return judge_difference(share, _share(before), rule.baseline)


def _doubts(tally: RatioTally, grounds: Grounds, status: Status) -> list[str]:
    doubts = []
    if tally.pattern_timeouts:
        doubts.append(f"a pattern ran out of time on {counted(tally.pattern_timeouts, 'record')}")
    if tally.unreadable:
        doubts.append(f"{counted(tally.unreadable, 'capture')} no number")
    if not math.isfinite(tally.numerator + tally.denominator):
        doubts.append("a sum is too large to tell")
    if grounds.damaged and status is Status.FAIL:
        doubts.append("a source could not be read whole")
    return doubts


def _details(tally: RatioTally) -> tuple[str, ...]:
    records = (
        f"numerator from {counted(tally.numerator_records, 'record')}, "
        f"denominator from {counted(tally.denominator_records, 'record')}"
    )
    if not tally.older:
        return (records,)
    return (records, f"older deployment: {counted(tally.older, 'record')}, kept out of everything else")
