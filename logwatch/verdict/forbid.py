"""Judges what must not occur: any match fails, and silence passes only where it says something."""

from __future__ import annotations

from logwatch.engine.tally import MatchTally, Tally
from logwatch.ruleset.model import NO_EXPOSURE, ForbidRule, Rule
from logwatch.verdict.grounds import Finding, Grounds
from logwatch.verdict.reading import uncovered
from logwatch.verdict.statistics import exposure_needed, upper_bound
from logwatch.verdict.verdict import Exposure, Status
from logwatch.verdict.wording import but, counted, moment, percent

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
    details: tuple[str, ...] = ()
    if tally.matches:
        status, summary = Status.FAIL, _matched(tally, exposure, grounds)
    else:
        summary = _silent(rule, exposure, grounds)
        reasons = _why_silence_says_nothing(rule, grounds)
        missing = _missing(exposure)
        status = Status.INCONCLUSIVE if reasons or missing else Status.PASS
        if missing:
            summary += f"; {missing}"
        if reasons:
            summary = but(summary, reasons)
        if status is Status.PASS:
            details = (_proof(exposure, grounds),)
    return Finding(
        status=status,
        summary=summary,
        details=details,
        counts={"matches": tally.matches},
        exposure=exposure,
    )


def _exposure(rule: ForbidRule, tally: MatchTally, grounds: Grounds) -> Exposure | None:
    if rule.exposure is None or rule.exposure == NO_EXPOSURE:
        return None
    n = grounds.runs(rule.exposure).counts.judged
    required = exposure_needed(_rate_to_rule_out(rule, rule.exposure, grounds))
    return Exposure(rule.exposure, n, required, upper_bound(min(tally.matches, n), n))


def _rate_to_rule_out(rule: ForbidRule, exposure: str, grounds: Grounds) -> float:
    """Return the rate that silence must rule out: 1 - R, or the rate before where that is known and lower."""
    before = rule.prior or 0.0
    tally, runs = grounds.before(rule.id), grounds.runs_before(exposure)
    if isinstance(tally, MatchTally) and runs is not None and runs.counts.judged:
        before = tally.matches / runs.counts.judged or before
    rate = 1.0 - grounds.reject(rule.reject)
    return max(min(rate, before) if before > 0.0 else rate, _SMALLEST_RATE)


def _why_silence_says_nothing(rule: ForbidRule, grounds: Grounds) -> list[str]:
    reasons = uncovered(grounds.coverage, grounds.window, grounds.ruleset)
    if not rule.samples.match:
        reasons.append("the detector is unproven, the rule has no samples")
    elif not grounds.proven(rule):
        reasons.append("the detector is unproven, the rule's own samples do not match")
    if rule.exposure is None:
        reasons.append("the rule names no exposure")
    return reasons


def _missing(exposure: Exposure | None) -> str:
    if exposure is None or exposure.n >= exposure.required:
        return ""
    missing = exposure.required - exposure.n
    return f"{counted(missing, 'more run' if exposure.n else 'run')} would decide"


def _silent(rule: ForbidRule, exposure: Exposure | None, grounds: Grounds) -> str:
    if exposure is None:
        alone = "; coverage alone decides" if rule.exposure == NO_EXPOSURE else ""
        return f"0 matches, {_buckets(grounds)}{alone}"
    if not exposure.n:
        return f"0 matches, no run of {exposure.rule} could have shown one"
    return f"0 in {counted(exposure.n, 'run')}: below {percent(exposure.upper)} at 95 %"


def _buckets(grounds: Grounds) -> str:
    buckets = grounds.coverage.buckets
    return f"{buckets.with_records:,} of {counted(buckets.total, 'bucket')} with records"


def _proof(exposure: Exposure | None, grounds: Grounds) -> str:
    if exposure is None:
        return "detector proven by its samples"
    needed = f"{counted(exposure.n, 'run')} of {exposure.rule}, {exposure.required:,} needed"
    return f"{needed}; detector proven by its samples; {_buckets(grounds)}"


def _matched(tally: MatchTally, exposure: Exposure | None, grounds: Grounds) -> str:
    said = counted(tally.matches, "match", "matches")
    if tally.first is None or tally.last is None:
        return f"{said}, nobody knows when: the log carries no time"
    first, last = moment(tally.first, grounds.window), moment(tally.last, grounds.window)
    said += f" at {first}" if tally.matches == 1 else f", first {first}, last {last}"
    if exposure is None:
        return said
    after = tally.last.timestamp()
    since = sum(end > after for end in grounds.runs(exposure.rule).ends)
    return f"{said}; {counted(since, 'run')} of {exposure.rule} completed since"
