"""Judges one sum over another, against a floor, a baseline, or both."""

from __future__ import annotations

import math

from logwatch.engine.tally import RatioTally, Tally
from logwatch.ruleset.model import BaselineObjective, RateObjective, RatioRule, Rule
from logwatch.verdict.baseline import NOT_GIVEN, Share, judge_shares, without_baseline
from logwatch.verdict.floor import Floor
from logwatch.verdict.grounds import Finding, Grounds, Part, worst
from logwatch.verdict.verdict import Rate, Status
from logwatch.verdict.wording import but, counted, gave_up, level, no_numbers, percent


def judge_ratio(rule: Rule, tally: Tally, grounds: Grounds) -> Finding:
    """Judge a ratio; with neither floor nor baseline it is info, and over nothing it is inconclusive.

    Any addend that could not be read, and any record that a pattern gave up on, could be of any size: neither
    a pass nor a fail survives it. Nor does a fail where a source could not be read whole.
    """
    assert isinstance(rule, RatioRule)
    assert isinstance(tally, RatioTally)
    share = Share(tally.numerator, tally.denominator, tally.integral)
    parts, rate = _judge(rule, share, grounds)
    parts, details = without_baseline(parts, _details(tally))
    status = worst(parts)
    target = None if rule.floor is None else rule.floor.target
    value = f"{share}, {percent(share.value, beside=target)}" if share.whole > 0 else f"{share}"
    summary = "; ".join([value, *(part.text for part in parts)])
    doubts = _doubts(tally, grounds, status)
    if doubts and status in {Status.PASS, Status.FAIL}:
        status, summary = Status.INCONCLUSIVE, but(summary, doubts)
    return Finding(
        status=status,
        summary=summary,
        details=details,
        counts={"numerator": _number(share.part), "denominator": _number(share.whole)},
        rate=rate,
    )


def _judge(rule: RatioRule, share: Share, grounds: Grounds) -> tuple[list[Part], Rate | None]:
    before = grounds.before(rule.id)
    if rule.floor is None and (rule.baseline is None or before is None):
        return ([] if rule.baseline is None else [NOT_GIVEN]), None
    if share.whole <= 0:
        nothing = "zero" if share.whole == 0 else "negative"
        return [Part(Status.INCONCLUSIVE, f"the denominator is {nothing}")], None
    parts: list[Part] = []
    rate = None
    if rule.floor is not None:
        part, rate = _judge_floor(share, rule.floor, grounds)
        parts.append(part)
    if rule.baseline is not None:
        parts.append(_judge_baseline(share, before, rule.baseline))
    return parts, rate


def _judge_floor(share: Share, objective: RateObjective, grounds: Grounds) -> tuple[Part, Rate | None]:
    floor = Floor(objective.target, grounds.reject(objective.reject))
    if share.is_proportion:
        part, whole = int(share.part), int(share.whole)
        return Part(
            floor.status(part, whole), floor.bound(part, whole, clean="more, none of them a miss,")
        ), floor.rate(part, whole)
    status = Status.PASS if share.value >= floor.target else Status.FAIL
    return Part(status, f"target {level(floor.target)}, compared without bounds"), None


def _judge_baseline(share: Share, before: Tally | None, objective: BaselineObjective) -> Part:
    if not isinstance(before, RatioTally):
        return NOT_GIVEN
    if before.denominator <= 0:
        return Part(Status.INCONCLUSIVE, "the baseline's denominator is zero")
    return judge_shares(share, Share(before.numerator, before.denominator, before.integral), objective)


def _doubts(tally: RatioTally, grounds: Grounds, status: Status) -> list[str]:
    doubts = []
    if tally.unreadable:
        doubts.append(no_numbers(tally.unreadable))
    if tally.pattern_timeouts:
        doubts.append(gave_up(tally.pattern_timeouts))
    if not math.isfinite(tally.numerator + tally.denominator):
        doubts.append("a sum is too large to tell")
    if grounds.damaged and status is Status.FAIL:
        doubts.append("what is missing may be in what could not be read")
    return doubts


def _number(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def _details(tally: RatioTally) -> tuple[str, ...]:
    above, below = tally.numerator_records, tally.denominator_records
    if not (above or below):
        return ()
    return (f"numerator from {counted(above, 'record')}, denominator from {counted(below, 'record')}",)
