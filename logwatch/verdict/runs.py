"""Judges pairs and sequences: success rate, stuck runs, durations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta

from logwatch.engine.tally import RunTally, Tally
from logwatch.ruleset.model import PairRule, Rule, SequenceRule
from logwatch.timespec import format_span
from logwatch.verdict.floor import Floor
from logwatch.verdict.grounds import Finding, Grounds, Part, worst
from logwatch.verdict.quantiles import Sample, judge_quantile, limited, quantiles
from logwatch.verdict.runs_wording import no_outcome, outcomes, run_details
from logwatch.verdict.verdict import Assurance, Counts, Status
from logwatch.verdict.wording import but, counted


def judge_runs(rule: Rule, tally: Tally, grounds: Grounds) -> Finding:
    """Judge a pair or a sequence by its success rate and, where it limits them, its durations.

    Any eviction makes it inconclusive. So does a loss in a source, unless the rule fails even if all that may have
    been lost had gone well: what was logged as failed is never doubted.
    """
    assert isinstance(rule, (PairRule, SequenceRule))
    assert isinstance(tally, RunTally)
    counts = tally.counts
    floor = Floor(rule.objective.target, grounds.reject(rule.objective.reject))
    lost_ends = counts.timed_out if grounds.damaged else 0
    parts = _judge(rule, floor, tally, grounds)
    status, summary = worst(parts), "; ".join(part.text for part in parts)
    reasons = []
    if counts.evicted:
        reasons.append(f"{counted(counts.evicted, 'run')} evicted, too many were open at once")
    if status is not Status.FAIL or worst(_judge(rule, floor, tally, grounds, lost_ends)) is not Status.FAIL:
        if counts.unknown_gap:
            reasons.append(f"{counted(counts.unknown_gap, 'run')} open where the source lost data")
        if status is Status.FAIL and lost_ends:
            reasons.append("the ends of what timed out may be in what could not be read")
    if reasons:
        status, summary = Status.INCONCLUSIVE, but(summary, reasons)
    first_completed, first_judged = tally.first_attempts
    return Finding(
        status=status,
        summary=summary,
        counts=_counts(rule, tally),
        details=run_details(tally),
        rate=floor.rate(counts.completed, counts.judged),
        first_attempt_rate=first_completed / first_judged if first_judged else None,
        quantiles=quantiles(tally.durations, "s"),
    )


def _counts(rule: Rule, tally: RunTally) -> Counts:
    counts: dict[str, int] = asdict(tally.counts)
    return {**counts, "stopped_at": dict(tally.stopped_at)} if isinstance(rule, SequenceRule) else counts


def _judge(
    rule: PairRule | SequenceRule, floor: Floor, tally: RunTally, grounds: Grounds, lost_ends: int = 0
) -> list[Part]:
    """Judge rate and durations; with all that may have been lost gone well, where `lost_ends` is given."""
    return [_judge_rate(rule, floor, tally), *_judge_durations(rule, tally, grounds)]
