"""Judges a captured number by its quantiles."""

from __future__ import annotations

from logwatch.engine.tally import MeasureTally, Tally
from logwatch.ruleset.model import MeasureRule, Rule, Unit
from logwatch.verdict.grounds import Finding, Grounds, worst
from logwatch.verdict.limits import MEDIAN, P95, Part, Sample, judge_quantile, quantiles
from logwatch.verdict.verdict import Assurance, Quantiles, Status
from logwatch.verdict.wording import amount, counted


def judge_measure(rule: Rule, tally: Tally, grounds: Grounds) -> Finding:
    """Judge a measure; without limits it is info.

    Captures that are no number are tried as all within and all over the limit: a pass or a fail that depends
    on them is inconclusive. A p95 of fewer than 59 values decides nothing.
    """
    assert isinstance(rule, MeasureRule)
    assert isinstance(tally, MeasureTally)
    unit = "s" if rule.unit in {Unit.SECONDS, Unit.MILLISECONDS} else rule.unit.value
    found = quantiles(tally.values, unit)
    parts = _judge(rule, tally, unit, grounds)
    status = worst(*(part.status for part in parts if part.status is not None))
    texts = [part.text for part in parts] if parts else [_figures(found, unit)]
    details = []
    if parts and found is not None:
        details.append(f"{counted(found.n, 'value')}: {_figures(found, unit)}")
    if tally.unreadable:
        details.append(f"{counted(tally.unreadable, 'capture')} no number")
    if tally.older:
        details.append(
            f"older deployment: {counted(tally.older, 'match', 'matches')}, kept out of everything else"
        )
    return Finding(
        status=status,
        summary="; ".join(texts),
        details=tuple(details),
        counts={"matches": tally.matches},
        quantiles=found,
    )


def _judge(rule: MeasureRule, tally: MeasureTally, unit: str, grounds: Grounds) -> list[Part]:
    if rule.limits is None:
        return []
    quick = grounds.assurance is Assurance.QUICK
    parts = []
    for q, limit in ((MEDIAN, rule.limits.p50), (P95, rule.limits.p95)):
        if limit is None:
            continue
        part = judge_quantile(q, limit, Sample(tally.values), unit, quick=quick)
        if tally.unreadable and part.status in {Status.PASS, Status.FAIL}:
            tried = (
                judge_quantile(q, limit, sample, unit, quick=quick)
                for sample in (
                    Sample(tally.values, under=tally.unreadable),
                    Sample(tally.values, over=tally.unreadable),
                )
            )
            if any(other.status is not part.status for other in tried):
                noun = counted(tally.unreadable, "capture")
                part = Part(Status.INCONCLUSIVE, f"{part.text}; inconclusive: {noun} no number")
        parts.append(part)
    return parts


def _figures(found: Quantiles | None, unit: str) -> str:
    if found is None:
        return "no value"
    figures = (("p50", found.p50), ("p95", found.p95), ("p99", found.p99), ("max", found.max))
    return ", ".join(f"{name} {amount(value, unit)}" for name, value in figures if value is not None)
