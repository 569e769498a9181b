"""Judges a captured number by its quantiles."""

from __future__ import annotations

from logwatch.engine.tally import MeasureTally, Tally
from logwatch.ruleset.model import MeasureRule, Rule, Unit
from logwatch.verdict.grounds import Finding, Grounds, Part, worst
from logwatch.verdict.quantiles import Sample, figures, judge_quantile, limited, quantiles
from logwatch.verdict.verdict import Assurance, Status
from logwatch.verdict.wording import but, counted, gave_up, no_numbers


def judge_measure(rule: Rule, tally: Tally, grounds: Grounds) -> Finding:
    """Judge a measure; without limits it is info.

    Captures that are no number are tried as all within and all over the limit: a pass or a fail that depends
    on them is inconclusive. Records that a pattern gave up on could hold any number of values: no fail
    survives them. A p95 of fewer than 59 values decides nothing.
    """
    assert isinstance(rule, MeasureRule)
    assert isinstance(tally, MeasureTally)
    unit = "s" if rule.unit in {Unit.SECONDS, Unit.MILLISECONDS} else rule.unit.value
    quick = grounds.assurance is Assurance.QUICK
    found = quantiles(tally.values, unit)
    measured = f"{counted(found.n, 'value')}: {figures(found)}" if found else "no value"
    parts = [_judge(q, limit, tally, unit, quick=quick) for q, limit in limited(rule.limits)]
    status, summary = worst(parts), "; ".join(part.text for part in parts) or measured
    if tally.pattern_timeouts and status is Status.FAIL:
        status, summary = Status.INCONCLUSIVE, but(summary, [gave_up(tally.pattern_timeouts)])
    details = [measured] if parts and found else []
    if tally.unreadable and no_numbers(tally.unreadable) not in summary:
        details.append(no_numbers(tally.unreadable))
    return Finding(
        status=status,
        summary=summary,
        details=tuple(details),
        counts={"matches": tally.matches},
        quantiles=found,
    )


def _judge(q: float, limit: float, tally: MeasureTally, unit: str, *, quick: bool) -> Part:
    part = judge_quantile(q, limit, Sample(tally.values), unit, quick=quick)
    if not tally.unreadable or part.status not in {Status.PASS, Status.FAIL}:
        return part
    extremes = (
        Sample(tally.values, under=tally.unreadable),
        Sample(tally.values, over=tally.unreadable),
    )
    if all(judge_quantile(q, limit, sample, unit, quick=quick).status is part.status for sample in extremes):
        return part
    return Part(Status.INCONCLUSIVE, but(part.text, [no_numbers(tally.unreadable)]))
