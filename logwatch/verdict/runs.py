"""Judges pairs and sequences: success rate, stuck runs, durations."""

from __future__ import annotations

from array import array
from datetime import timedelta

from msgspec.structs import asdict, replace

from logwatch.engine.tally import RunTally, Tally
from logwatch.ruleset.model import PairRule, Rule, SequenceRule
from logwatch.timespec import format_span
from logwatch.verdict.floor import Floor
from logwatch.verdict.grounds import Finding, Grounds, Part, worst
from logwatch.verdict.quantiles import Sample, judge_quantile, limited, quantiles
from logwatch.verdict.runs_wording import no_outcome, outcomes, run_details
from logwatch.verdict.verdict import Assurance, Counts, Status
from logwatch.verdict.wording import but, counted, gave_up


def judge_runs(rule: Rule, tally: Tally, grounds: Grounds) -> Finding:
    """Judge a pair or a sequence by its success rate and, where it limits them, its durations.

    Any eviction makes it inconclusive. So does anything else that was lost, unless the rule fails even if all
    of that had gone well: what was logged as failed is never doubted.
    """
    assert isinstance(rule, (PairRule, SequenceRule))
    assert isinstance(tally, RunTally)
    counts = tally.counts
    floor = Floor(rule.objective.target, grounds.reject(rule.objective.reject))
    parts = _judge(rule, floor, tally, grounds)
    status, summary = worst(parts), "; ".join(part.text for part in parts)
    reasons = []
    if counts.evicted:
        reasons.append(f"{counted(counts.evicted, 'run')} evicted, too many were open at once")
    at_best = worst(_judge(rule, floor, _at_best(tally, grounds), grounds))
    if status is not Status.FAIL or at_best is not Status.FAIL:
        reasons += _lost(tally, grounds, status)
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


def _lost(tally: RunTally, grounds: Grounds, status: Status) -> list[str]:
    """Say what was lost that the judgement may hang on."""
    lost = []
    if tally.counts.unknown_gap:
        lost.append(f"{counted(tally.counts.unknown_gap, 'run')} open where the source lost data")
    if tally.pattern_timeouts:
        lost.append(gave_up(tally.pattern_timeouts))
    if status is Status.FAIL and grounds.damaged and tally.counts.timed_out:
        lost.append("the ends of what timed out may be in what could not be read")
    return lost


def _at_best(tally: RunTally, grounds: Grounds) -> RunTally:
    """Return the tally as it would be had all that was lost gone well, and in no time."""
    counts = tally.counts
    unseen = counts.unknown_gap + tally.pattern_timeouts
    in_time = counts.timed_out if grounds.damaged else min(counts.timed_out, tally.pattern_timeouts)
    if not unseen + in_time:
        return tally
    counts = replace(
        counts, completed=counts.completed + unseen + in_time, timed_out=counts.timed_out - in_time
    )
    return replace(tally, counts=counts, durations=array("d", [0.0] * (unseen + in_time)) + tally.durations)


def _judge(rule: PairRule | SequenceRule, floor: Floor, tally: RunTally, grounds: Grounds) -> list[Part]:
    quick = grounds.assurance is Assurance.QUICK
    parts = [_judge_rate(rule, floor, tally)]
    for q, limit in limited(rule.duration) if isinstance(rule, PairRule) else ():
        sample = _sample(rule, tally, limit)
        if sample:  # of nothing, the rate has said all
            parts.append(judge_quantile(q, limit, sample, "s", quick=quick))
    return parts


def _judge_rate(rule: PairRule | SequenceRule, floor: Floor, tally: RunTally) -> Part:
    """Judge the rate, then try the runs that are in flight for long as all succeeding and all failing."""
    completed, n = tally.counts.completed, tally.counts.judged
    status = floor.status(completed, n)
    if not n:
        return Part(status, f"{no_outcome(tally.counts)}; {floor.missing(0, 0)}")
    said = f"{outcomes(tally.counts)}; {floor.bound(completed, n)}"
    patience = _patience(rule)
    pending = sum(age > patience.total_seconds() for age in tally.in_flight_ages)
    opposite, at_the_other_end = {
        Status.PASS: (Status.FAIL, completed),
        Status.FAIL: (Status.PASS, completed + pending),
    }.get(status, (None, 0))
    if opposite is not None and floor.status(at_the_other_end, n + pending) is opposite:
        waiting = f"{counted(pending, 'run')} in flight for more than {format_span(patience)}"
        return Part(Status.INCONCLUSIVE, but(said, [f"{waiting} could make it a {opposite}"]))
    return Part(status, said)


def _patience(rule: PairRule | SequenceRule) -> timedelta:
    """How long a run may be in flight before its outcome is asked for.

    The limit of p95, else half the timeout (of a sequence: half the time that all its steps may take).
    """
    if isinstance(rule, SequenceRule):
        return rule.memory / 2
    if rule.duration is not None and rule.duration.p95 is not None:
        return timedelta(seconds=rule.duration.p95)
    return rule.timeout / 2


def _sample(rule: PairRule | SequenceRule, tally: RunTally, limit: float) -> Sample:
    """Return the durations with those that are known only to be over the limit.

    What is in flight for longer than the limit is over it; so is what timed out, where the timeout is no
    shorter.
    """
    over = sum(age > limit for age in tally.in_flight_ages)
    if isinstance(rule, PairRule) and rule.timeout.total_seconds() >= limit:
        over += tally.counts.timed_out
    return Sample(tally.durations, over=over)
