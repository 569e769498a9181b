"""Do a rule's samples prove it, and does a forbid say what its silence is worth?"""

from __future__ import annotations

from collections.abc import Iterator

from logwatch.ruleset.condition import PatternTimeout
from logwatch.ruleset.lint.finding import Finding, error, warning
from logwatch.ruleset.model import NO_EXPOSURE, CountRule, ForbidRule, Rule
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


def unused_exposure(rule: Rule) -> Iterator[Finding]:
    """Figures of exposure that nothing uses, since the rule counts no runs."""
    if isinstance(rule, ForbidRule) and rule.exposure in {None, NO_EXPOSURE}:
        for name, value in (("prior", rule.prior), ("reject", rule.reject)):
            if value is not None:
                yield warning(
                    rule,
                    "unused-exposure",
                    f"'{name}' is unused without runs to count",
                    "name a rule as exposure",
                )
    if isinstance(rule, CountRule) and rule.per is not None and rule.baseline is None:
        yield warning(
            rule, "unused-exposure", "'per' is unused without a baseline", "add baseline: or remove per:"
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
