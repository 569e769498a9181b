"""From tallies to one verdict."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from logwatch.engine.tally import MatchTally, Tally
from logwatch.records.coverage import Coverage, Window
from logwatch.ruleset.model import ForbidRule, Kind, Rule, RuleSet, Severity
from logwatch.verdict.count import judge_count
from logwatch.verdict.expect import judge_expect
from logwatch.verdict.forbid import judge_forbid
from logwatch.verdict.grounds import Finding, Grounds
from logwatch.verdict.measure import judge_measure
from logwatch.verdict.older import older_deployment
from logwatch.verdict.ratio import judge_ratio
from logwatch.verdict.reading import doubts, notes, problems
from logwatch.verdict.runs import judge_runs
from logwatch.verdict.verdict import Assurance, LabelCount, RuleVerdict, Status, Verdict
from logwatch.verdict.wording import but, gave_up

Judge = Callable[[Rule, Tally, Grounds], Finding]

JUDGES: Mapping[Kind, Judge] = MappingProxyType(
    {
        Kind.FORBID: judge_forbid,
        Kind.EXPECT: judge_expect,
        Kind.PAIR: judge_runs,
        Kind.SEQUENCE: judge_runs,
        Kind.RATIO: judge_ratio,
        Kind.MEASURE: judge_measure,
        Kind.COUNT: judge_count,
    }
)
"""Who judges rules of which kind."""

_SEVERITIES = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)
_EXIT_CODES = {Status.PASS: 0, Status.FAIL: 1}
_INCONCLUSIVE_EXIT = 3


def judge(
    ruleset: RuleSet,
    tallies: Mapping[str, Tally],
    coverage: Coverage,
    window: Window,
    *,
    assurance: Assurance,
    strict: bool = False,
    only: Collection[str] = (),
    severity: Severity | None = None,
    baseline: Mapping[str, Tally] | None = None,
    deployment: str | None = None,
    proven: Callable[[ForbidRule], bool],
) -> Verdict:
    """Return the verdict on the window.

    `tallies` holds one tally per rule of `ruleset`, by id, judged or not: rules refer to each other's. `only`
    names the rules that are judged; they all decide, whatever their severity, and `severity` has no say then.
    Otherwise rules below `severity` are left out, critical ones decide, and `strict` makes warnings decide as
    well. `baseline` holds the tallies of a pinned window before. `proven` says whether all samples of a
    forbid that must match do match.
    """
    grounds = Grounds(ruleset, tallies, coverage, window, assurance, baseline, proven)
    judged = [rule for rule in ruleset.rules if _is_judged(rule, only, severity)]
    rules = tuple(_judge_rule(rule, grounds, may_decide=_may_decide(rule, only, strict)) for rule in judged)
    status, reasons = _decide(rules, problems(coverage))
    return Verdict(
        status=status,
        assurance=assurance,
        window=window,
        coverage=coverage,
        rules=rules,
        reasons=reasons,
        notes=notes(coverage, window),
        deployment=deployment,
    )


def exit_code(verdict: Verdict) -> int:
    """Return the exit code that tells the verdict: 0 pass, 1 fail, 3 inconclusive."""
    return _EXIT_CODES.get(verdict.status, _INCONCLUSIVE_EXIT)


def _is_judged(rule: Rule, only: Collection[str], severity: Severity | None) -> bool:
    if only:
        return rule.id in only
    return severity is None or _SEVERITIES.index(rule.severity) >= _SEVERITIES.index(severity)


def _may_decide(rule: Rule, only: Collection[str], strict: bool) -> bool:
    return bool(only) or rule.severity is Severity.CRITICAL or (strict and rule.severity is Severity.WARNING)


def _judge_rule(rule: Rule, grounds: Grounds, *, may_decide: bool) -> RuleVerdict:
    tally = grounds.tallies[rule.id]
    finding = JUDGES[rule.kind](rule, tally, grounds)
    status, summary, details = finding.status, finding.summary, finding.details
    lost = (gave_up(tally.pattern_timeouts),) if tally.pattern_timeouts else ()
    reasons = (*doubts(grounds.coverage), *lost)
    if status is Status.PASS and reasons:
        status, summary = Status.INCONCLUSIVE, but(summary, reasons)
    details = (*details, *(said for said in lost if said not in summary))
    return RuleVerdict(
        id=rule.id,
        kind=rule.kind,
        title=rule.title,
        severity=rule.severity,
        decides=may_decide and status is not Status.INFO,
        status=status,
        summary=summary,
        details=details,
        older=older_deployment(tally),
        counts=finding.counts,
        rate=finding.rate,
        first_attempt_rate=finding.first_attempt_rate,
        quantiles=finding.quantiles,
        exposure=finding.exposure,
        by_label=_by_label(rule, tally),
        first=tally.first,
        last=tally.last,
        evidence=tally.evidence,
    )


def _by_label(rule: Rule, tally: Tally) -> tuple[LabelCount, ...]:
    if not isinstance(tally, MatchTally):
        return ()
    by_number = sorted(tally.by_label.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        LabelCount(MappingProxyType(dict(zip(rule.labels, values, strict=True))), n)
        for values, n in by_number
    )


def _decide(rules: tuple[RuleVerdict, ...], problems: tuple[str, ...]) -> tuple[Status, tuple[str, ...]]:
    """One fail is a fail; else one inconclusive, or a source not read, is inconclusive; else pass."""
    deciding = [rule for rule in rules if rule.decides]
    failed = [f"{rule.id}: {rule.summary}" for rule in deciding if rule.status is Status.FAIL]
    unknown = [f"{rule.id}: {rule.summary}" for rule in deciding if rule.status is Status.INCONCLUSIVE]
    reasons = [*failed, *problems]
    if not deciding:
        reasons.append(_nobody_decides(rules))
    reasons += unknown
    if failed:
        return Status.FAIL, tuple(reasons)
    return (Status.INCONCLUSIVE if reasons else Status.PASS), tuple(reasons)


def _nobody_decides(rules: tuple[RuleVerdict, ...]) -> str:
    judged = [rule for rule in rules if rule.status is not Status.INFO]
    if not rules:
        return "no rule decides: none was judged"
    if not judged:
        return "no rule decides: none is given anything to be judged by"
    strict = "; --strict makes warnings decide" if any(r.severity is Severity.WARNING for r in judged) else ""
    return f"no rule decides: none of those judged is critical{strict}"
