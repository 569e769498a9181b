"""Judges how often something is said, against a limit, a baseline, or both."""

from __future__ import annotations

from logwatch.engine.tally import MatchTally, Tally
from logwatch.ruleset.model import CountRule, Rule
from logwatch.verdict.baseline import NOT_GIVEN, Share, judge_difference
from logwatch.verdict.grounds import Finding, Grounds, worst
from logwatch.verdict.limits import Part
from logwatch.verdict.silence import uncovered
from logwatch.verdict.verdict import Status
from logwatch.verdict.wording import counted, listed, percent


def judge_count(rule: Rule, tally: Tally, grounds: Grounds) -> Finding:
    """Judge a count; with neither limit nor baseline it is info.

    To stay within a limit is a kind of silence: it passes only if the window is covered.
    """
    assert isinstance(rule, CountRule)
    assert isinstance(tally, MatchTally)
    parts = []
    if rule.limit is not None:
        parts.append(_judge_limit(rule.limit, tally, grounds))
    if rule.baseline is not None:
        parts.append(_judge_baseline(rule, tally, grounds))
    details = []
    if tally.by_label:
        by_number = sorted(tally.by_label.items(), key=lambda item: (-item[1], item[0]))
        details.append("by label: " + listed((f"{'/'.join(key)} {n:,}" for key, n in by_number), most=10))
    if tally.older:
        details.append(
            f"older deployment: {counted(tally.older, 'match', 'matches')}, kept out of everything else"
        )
    return Finding(
        status=worst(*(part.status for part in parts if part.status is not None)),
        summary="; ".join([counted(tally.matches, "match", "matches"), *(part.text for part in parts)]),
        details=tuple(details),
        counts={"matches": tally.matches},
    )


def _judge_limit(limit: int, tally: MatchTally, grounds: Grounds) -> Part:
    said = f"limit {limit:,}"
    if tally.matches > limit:
        return Part(Status.FAIL, said)
    problems = uncovered(grounds.coverage, grounds.window, grounds.ruleset)
    if problems:
        return Part(Status.INCONCLUSIVE, f"{said}; inconclusive: {', '.join(problems)}")
    return Part(Status.PASS, said)


def _judge_baseline(rule: CountRule, tally: MatchTally, grounds: Grounds) -> Part:
    assert rule.baseline is not None
    if rule.per is None:
        return Part(Status.INCONCLUSIVE, "inconclusive: the rule names no runs to count per")
    before = grounds.baseline.get(rule.id) if grounds.baseline is not None else None
    runs_before = grounds.runs_before(rule.per)
    if not isinstance(before, MatchTally) or runs_before is None:
        if rule.limit is not None:
            return Part(None, NOT_GIVEN)
        return Part(Status.INCONCLUSIVE, f"inconclusive: {NOT_GIVEN}")
    now = Share(tally.matches, grounds.runs(rule.per).counts.judged)
    then = Share(before.matches, runs_before.counts.judged)
    if not now.whole or not then.whole:
        where = "in the baseline" if now.whole else "in the window"
        return Part(Status.INCONCLUSIVE, f"inconclusive: no run of {rule.per} has an outcome {where}")
    part = judge_difference(now, then, rule.baseline)
    return Part(
        part.status, f"{percent(now.value)} of {counted(int(now.whole), 'run')} of {rule.per}, {part.text}"
    )
