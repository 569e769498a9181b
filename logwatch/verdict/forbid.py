"""Judges what must not occur: any match fails, and silence passes only where it says something."""

from __future__ import annotations

from logwatch.engine.tally import MatchTally, Tally
from logwatch.ruleset.model import NO_EXPOSURE, ForbidRule, Rule
from logwatch.verdict.grounds import Finding, Grounds
from logwatch.verdict.silence import uncovered
from logwatch.verdict.statistics import exposure_needed, upper_bound, zero_events_bound
from logwatch.verdict.verdict import Exposure, Status
from logwatch.verdict.wording import counted, moment, percent

_SMALLEST_RATE = 1e-9
"""What silence is asked to rule out at most, also of a rule that asks for certainty."""


def judge_forbid(rule: Rule, tally: Tally, grounds: Grounds) -> Finding:
    """Judge a forbid.

    Silence passes if the window is covered, the rule's own samples prove the detector, and enough runs of the
    rule's exposure could have shown it. Matches on an older deployment fail nothing.
    """
    assert isinstance(rule, ForbidRule)
    assert isinstance(tally, MatchTally)
    exposure = _exposure(rule, tally, grounds)
    details = _older(tally)
    if tally.matches:
        status, summary = Status.FAIL, _matched(rule, tally, grounds)
    else:
        problems = _silence_problems(rule, exposure, grounds)
        status = Status.INCONCLUSIVE if problems else Status.PASS
        summary = _silent(exposure, problems, grounds)
        if status is Status.PASS:
            details = (_proof(exposure, grounds), *details)
    return Finding(
        status=status, summary=summary, details=details, counts={"matches": tally.matches}, exposure=exposure
    )


def _exposure(rule: ForbidRule, tally: MatchTally, grounds: Grounds) -> Exposure | None:
    if rule.exposure in {None, NO_EXPOSURE}:
        return None
    assert rule.exposure is not None
    n = grounds.runs(rule.exposure).counts.judged
    upper = upper_bound(min(tally.matches, n), n) if tally.matches else zero_events_bound(n)
    return Exposure(rule.exposure, n, exposure_needed(_rate_to_show(rule, grounds)), upper)


def _rate_to_show(rule: ForbidRule, grounds: Grounds) -> float:
    """Return the rate that silence must rule out: 1 - R, or the rate before where that is known and lower."""
    before = rule.prior or 0.0
    if grounds.baseline is not None and rule.exposure is not None:
        tally, runs = grounds.baseline.get(rule.id), grounds.runs_before(rule.exposure)
        if isinstance(tally, MatchTally) and runs is not None and runs.counts.judged:
            before = tally.matches / runs.counts.judged or before
    ruled_out = 1.0 - grounds.reject(rule.reject)
    return max(min(ruled_out, before) if before > 0.0 else ruled_out, _SMALLEST_RATE)


def _silence_problems(rule: ForbidRule, exposure: Exposure | None, grounds: Grounds) -> list[str]:
    problems = list(uncovered(grounds.coverage, grounds.window, grounds.ruleset))
    if not rule.samples.match:
        problems.append("the detector is unproven, the rule has no samples")
    elif not grounds.proven(rule):
        problems.append("the detector is unproven, the rule's own samples do not match")
    if rule.exposure is None:
        problems.append("the rule names no exposure")
    elif exposure is not None and exposure.n < exposure.required:
        missing = exposure.required - exposure.n
        problems.append(f"{missing:,} more would decide" if exposure.n else f"{missing:,} would decide")
    return problems


def _silent(exposure: Exposure | None, problems: list[str], grounds: Grounds) -> str:
    if exposure is not None:
        said = f"0 in {counted(exposure.n, 'run')}"
        if problems:
            said += f" of {exposure.rule}"
        else:
            said += f": below {percent(exposure.upper)} at 95 %"
    else:
        buckets = grounds.coverage.buckets
        said = f"0 matches, {buckets.with_records}/{buckets.total} buckets with records"
    return f"{said}; inconclusive: {', '.join(problems)}" if problems else said


def _proof(exposure: Exposure | None, grounds: Grounds) -> str:
    covered = f"{grounds.coverage.buckets.with_records}/{grounds.coverage.buckets.total} buckets with records"
    if exposure is None:
        return "detector proven; coverage alone decides"
    return f"{exposure.n:,} runs of {exposure.rule}, {exposure.required:,} needed; detector proven; {covered}"


def _matched(rule: ForbidRule, tally: MatchTally, grounds: Grounds) -> str:
    said = counted(tally.matches, "match", "matches")
    if tally.first is not None and tally.last is not None:
        first, last = (moment(time, grounds.window) for time in (tally.first, tally.last))
        said += f" at {first}" if tally.matches == 1 else f", first {first}, last {last}"
        if rule.exposure not in {None, NO_EXPOSURE}:
            assert rule.exposure is not None
            after = tally.last.timestamp()
            since = sum(end > after for end in grounds.runs(rule.exposure).ends)
            said += f"; {counted(since, 'run')} of {rule.exposure} completed since"
    return said


def _older(tally: MatchTally) -> tuple[str, ...]:
    if not tally.older:
        return ()
    return (
        f"warning: {counted(tally.older, 'match', 'matches')} on an older deployment, kept out of this one",
    )
