"""Judges how often something is said, against a limit, a baseline, or both."""

from __future__ import annotations

from logwatch.engine.tally import MatchTally, Tally
from logwatch.ruleset.model import BaselineObjective, CountRule, Rule
from logwatch.verdict.baseline import NOT_GIVEN, Share, judge_frequencies, without_baseline
from logwatch.verdict.grounds import Finding, Grounds, Part, worst
from logwatch.verdict.reading import uncovered
from logwatch.verdict.verdict import Status
from logwatch.verdict.wording import NO_VALUE, but, counted, listed


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
        parts.append(_judge_baseline(rule, rule.baseline, tally, grounds))
    labels: tuple[str, ...] = ()
    if tally.by_label:
        by_number = sorted(tally.by_label.items(), key=lambda item: (-item[1], item[0]))
        labels = (
            "by label: "
            + listed(
                (f"{'/'.join(value or NO_VALUE for value in key)} {n:,}" for key, n in by_number), most=10
            ),
        )
    parts, details = without_baseline(parts, labels)
    matches = counted(tally.matches, "match", "matches")
    return Finding(
        status=worst(parts),
        summary="; ".join([matches, *(part.text for part in parts)]),
        details=details,
        counts={"matches": tally.matches},
    )


def _judge_limit(limit: int, tally: MatchTally, grounds: Grounds) -> Part:
    said = f"limit {limit:,}"
    if tally.matches > limit:
        return Part(Status.FAIL, said)
    reasons = uncovered(grounds.coverage, grounds.window, grounds.ruleset)
    return Part(Status.INCONCLUSIVE, but(said, reasons)) if reasons else Part(Status.PASS, said)


def _judge_baseline(
    rule: CountRule, objective: BaselineObjective, tally: MatchTally, grounds: Grounds
) -> Part:
    before = grounds.before(rule.id)
    if not isinstance(before, MatchTally):
        return NOT_GIVEN
    if rule.per is None:
        return Part(Status.INCONCLUSIVE, "the rule names no runs to compare per, write per: and a rule")
    runs_before = grounds.runs_before(rule.per)
    now = Share(tally.matches, grounds.runs(rule.per).counts.judged)
    then = Share(before.matches, runs_before.counts.judged if runs_before else 0)
    if not now.whole or not then.whole:
        where = "baseline" if now.whole else "window"
        return Part(Status.INCONCLUSIVE, f"no run of {rule.per} has an outcome in the {where}")
    return judge_frequencies(now, then, objective, rule.per)
