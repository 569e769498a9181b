"""Do a rule's samples prove it, and does a forbid say what its silence is worth?"""

from __future__ import annotations

from collections.abc import Iterator

from logwatch.ruleset.condition import PatternTimeout
from logwatch.ruleset.lint.finding import Finding, error, warning
from logwatch.ruleset.model import (
    NO_EXPOSURE,
    BaselineObjective,
    CountRule,
    ForbidRule,
    OnRestart,
    PairRule,
    RateObjective,
    RatioRule,
    Rule,
)
from logwatch.ruleset.parts import conditions_of
from logwatch.ruleset.samples import matched_by
from logwatch.yamlfiles.nodes import shown


def unproven(rule: Rule) -> Iterator[Finding]:
    """A forbid that names no exposure or has no samples can never pass."""
    if isinstance(rule, ForbidRule):
        if rule.exposure is None:
            yield error(
                rule,
                "unproven",
                "says nothing of exposure, so that its silence never passes",
                "write exposure: and the pair rule whose runs could cause it, or exposure: none",
            )
        if not rule.samples.match:
            yield error(
                rule,
                "unproven",
                "has no sample that matches, so that its silence never passes",
                "add a line that it must find under samples: match:",
            )
    elif not rule.samples.match:
        yield warning(
            rule, "unproven", "has no samples", "add the lines that it must find under samples: match:"
        )


def samples(rule: Rule) -> Iterator[Finding]:
    """Samples under `match` that no pattern matches, samples under `no_match` that one does."""
    for text in rule.samples.match:
        found = _matched(rule, text)
        if found == ():
            yield error(
                rule,
                "samples",
                f"no pattern matches the sample '{shown(text)}'",
                "mend the pattern or the sample",
            )
        elif found is None:
            yield _timed_out(rule, text)
    for text in rule.samples.no_match:
        found = _matched(rule, text)
        if found:
            yield error(
                rule,
                "samples",
                f"'{found[0]}' matches the sample '{shown(text)}', which is under no_match",
                "narrow the pattern or move the sample",
            )
        elif found is None:
            yield _timed_out(rule, text)


def unshown(rule: Rule) -> Iterator[Finding]:
    """Patterns of a rule with several that no sample shows at work."""
    names = conditions_of(rule)
    if not rule.samples.match or len(names) == 1:
        return
    seen = {name for text in rule.samples.match for name in _matched(rule, text) or ()}
    for name in names:
        if name not in seen:
            yield warning(rule, "unshown", f"no sample shows '{name}'", "add a line that it must find")


def unused(rule: Rule) -> Iterator[Finding]:
    """Fields that change nothing: figures of exposure where no runs are counted, `enqueued` without a key."""
    for name, reason, remedy in _unused(rule):
        yield warning(rule, "unused", f"'{name}' changes nothing {reason}", remedy)


def _unused(rule: Rule) -> Iterator[tuple[str, str, str]]:
    match rule:
        case ForbidRule() if rule.exposure in {None, NO_EXPOSURE}:
            for name, value in (("prior", rule.prior), ("reject", rule.reject)):
                if value is not None:
                    yield name, "where no runs are counted", "name a rule as exposure, or remove it"
        case CountRule() if rule.per is not None and rule.baseline is None:
            yield "per", "without a baseline", "add baseline, or remove it"
        case CountRule() if rule.baseline is not None and rule.per is None:
            yield "baseline", "without runs to compare per", "add per and a pair rule, or remove it"
        case PairRule() if not rule.key:
            if rule.enqueued is not None:
                yield "enqueued", "where runs have no key", "add key, or remove it"
            if rule.on_restart is not OnRestart.RETRY:
                yield "on_restart", "where runs have no key", "add key, or remove it"
        case PairRule() if rule.enqueued is not None and rule.on_restart is OnRestart.SEPARATE:
            yield "enqueued", "where every start is a run of its own", "remove it"


def contradictions(rule: Rule) -> Iterator[Finding]:
    """An absolute limit that fails one way beside a baseline that fails the other way: no change is welcome."""
    match rule:
        case CountRule(limit=int(), baseline=BaselineObjective(worse="lower")):
            limit, way, other = "limit", "rises", "falls"
        case RatioRule(floor=RateObjective(), baseline=BaselineObjective(worse="higher")):
            limit, way, other = "floor", "falls", "rises"
        case _:
            return
    yield warning(
        rule,
        "contradiction",
        f"'{limit}' fails when the figure {way}, 'baseline' when it {other}",
        "turn 'worse' round, or remove one of them",
    )


def _matched(rule: Rule, text: str) -> tuple[str, ...] | None:
    try:
        return matched_by(rule, text)
    except PatternTimeout:
        return None


def _timed_out(rule: Rule, text: str) -> Finding:
    return error(
        rule,
        "samples",
        f"a pattern uses up its time budget on the sample '{shown(text)}'",
        "simplify the pattern",
    )
