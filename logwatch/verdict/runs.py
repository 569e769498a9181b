"""Judges pairs and sequences: success rate, stuck runs, durations.

A pass takes whole evidence: an eviction, or a run left open where its source lost data, withholds it. A fail
stands unless it could be an artefact of what was lost: it is judged again with every doubtful run completed,
and is inconclusive if it is no fail then. What was logged as failed is never doubted.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

from logwatch.engine.tally import RunCounts, RunTally, Tally
from logwatch.ruleset.model import PairRule, QuantileLimits, Rule, SequenceRule
from logwatch.timespec import format_span
from logwatch.verdict.grounds import Finding, Grounds, worst
from logwatch.verdict.limits import MEDIAN, P95, Part, Sample, judge_quantile, quantiles
from logwatch.verdict.rates import Floor
from logwatch.verdict.runs_wording import run_details, success
from logwatch.verdict.verdict import Assurance, Counts, Status
from logwatch.verdict.wording import counted, percent


@dataclass(frozen=True, slots=True)
class _Doubt:
    """What could be an artefact: runs of unknown outcome, and timed-out runs whose end may have been lost."""

    unknown: int
    lost_ends: int
    reasons: tuple[str, ...]

    @property
    def completed(self) -> int:
        """How many more runs completed if all that is doubtful went well."""
        return self.unknown + self.lost_ends


def judge_runs(rule: Rule, tally: Tally, grounds: Grounds) -> Finding:
    """Judge a pair or a sequence by its success rate and, where it limits them, its durations."""
    assert isinstance(rule, (PairRule, SequenceRule))
    assert isinstance(tally, RunTally)
    counts = tally.counts
    floor = Floor.of(rule.objective.target, grounds.reject(rule.objective.reject))
    doubt = _doubt(tally, grounds)
    rate = _judge_rate(floor, rule, tally)
    durations = _judge_durations(rule, tally, grounds, _Doubt(0, 0, ()))
    parts = [rate, *durations]
    status = worst(*(part.status for part in parts if part.status is not None))
    summary = "; ".join(part.text for part in parts)
    if status is Status.FAIL and doubt.reasons:
        certain = [_without_doubt(floor, rate, counts, doubt)]
        certain += [
            part.status for part in _judge_durations(rule, tally, grounds, doubt) if part.status is not None
        ]
        status = Status.FAIL if Status.FAIL in certain else Status.INCONCLUSIVE
    elif counts.evicted or counts.unknown_gap:
        status = Status.INCONCLUSIVE
    else:
        doubt = _Doubt(0, 0, ())
    if status is Status.INCONCLUSIVE and doubt.reasons:
        summary += f"; inconclusive: {', '.join(doubt.reasons)}"
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


def _doubt(tally: RunTally, grounds: Grounds) -> _Doubt:
    counts, reasons = tally.counts, []
    unknown = counts.evicted + counts.unknown_gap + tally.pattern_timeouts
    lost_ends = min(counts.timed_out, tally.pattern_timeouts)
    if counts.evicted:
        reasons.append(f"{counted(counts.evicted, 'run')} evicted, too many were open at once")
    if counts.unknown_gap:
        reasons.append(f"{counted(counts.unknown_gap, 'run')} open where the source lost data")
    if tally.pattern_timeouts:
        reasons.append(f"a pattern ran out of time on {counted(tally.pattern_timeouts, 'record')}")
    if grounds.damaged and counts.timed_out:
        lost_ends = counts.timed_out
        reasons.append("the end of what timed out may be in what could not be read")
    return _Doubt(unknown, lost_ends, tuple(reasons))


def _without_doubt(floor: Floor, rate: Part, counts: RunCounts, doubt: _Doubt) -> Status:
    if rate.status is not Status.FAIL:
        return Status.INFO
    return floor.status(counts.completed + doubt.completed, counts.judged + doubt.unknown)


def _judge_rate(floor: Floor, rule: PairRule | SequenceRule, tally: RunTally) -> Part:
    """Judge the rate, then try the runs that are in flight for long as all succeeding and all failing."""
    counts, n = tally.counts, tally.counts.judged
    status = floor.status(counts.completed, n)
    patience = _patience(rule)
    pending = sum(age > patience.total_seconds() for age in tally.in_flight_ages)
    if n == 0:
        return Part(status, f"{success(counts)}; {floor.bound(0, 0, status)}")
    bound = floor.bound(counts.completed, n, status)
    opposite: Status | None = None
    if status is Status.PASS and floor.status(counts.completed, n + pending) is Status.FAIL:
        opposite = Status.FAIL
    elif status is Status.FAIL and floor.status(counts.completed + pending, n + pending) is Status.PASS:
        opposite = Status.PASS
    if opposite is not None:
        waiting = f"{counted(pending, 'run')} in flight for more than {format_span(patience)}"
        bound += f"; inconclusive: {waiting} could make it a {opposite}"
        status = Status.INCONCLUSIVE
    share = f"{success(counts)}, {percent(counts.completed / n)}{_losses(counts)}"
    return Part(status, f"{share}{'; ' if bound.startswith('inconclusive') else ': '}{bound}")


def _losses(counts: RunCounts) -> str:
    said = [f"{n:,} {name}" for n, name in ((counts.failed, "failed"), (counts.timed_out, "timed out")) if n]
    return f" ({', '.join(said)})" if said else ""


def _patience(rule: PairRule | SequenceRule) -> timedelta:
    """How long a run may be in flight before its outcome is asked for.

    The limit of p95, else half the timeout (of a sequence: half the time that all its steps may take).
    """
    if isinstance(rule, SequenceRule):
        return rule.memory / 2
    if rule.duration is not None and rule.duration.p95 is not None:
        return timedelta(seconds=rule.duration.p95)
    return rule.timeout / 2


def _judge_durations(
    rule: PairRule | SequenceRule, tally: RunTally, grounds: Grounds, doubt: _Doubt
) -> list[Part]:
    """Judge p50 and p95 where they are limited.

    What is in flight for longer than a limit is over it; so is what timed out, once the timeout is no shorter
    than the limit.
    """
    limits = (rule.duration if isinstance(rule, PairRule) else None) or QuantileLimits()
    parts = []
    for q, limit in ((MEDIAN, limits.p50), (P95, limits.p95)):
        if limit is None:
            continue
        over = sum(age > limit for age in tally.in_flight_ages)
        if isinstance(rule, PairRule) and rule.timeout.total_seconds() >= limit:
            over += tally.counts.timed_out - doubt.lost_ends
        sample = Sample(tally.durations, doubt.completed, over)
        parts.append(judge_quantile(q, limit, sample, "s", quick=grounds.assurance is Assurance.QUICK))
    return parts
