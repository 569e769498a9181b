"""Do the patterns capture what keys, labels and sums take from them?"""

from __future__ import annotations

import math
from collections.abc import Iterator

from logwatch.ruleset.condition import Condition, PatternTimeout
from logwatch.ruleset.conditions import ATTRIBUTE_PREFIX, AllOf, AnyOf, FieldMatches, MessageMatches
from logwatch.ruleset.lint.finding import Finding, error, warning
from logwatch.ruleset.model import ExpectRule, MeasureRule, PairRule, RatioRule, Rule, SequenceRule
from logwatch.ruleset.parts import conditions_of
from logwatch.ruleset.samples import sample_record
from logwatch.yamlfiles.nodes import shown


def keys(rule: Rule) -> Iterator[Finding]:
    """Captures in `key` that not every pattern of the rule has: its records belong to no run."""
    if not isinstance(rule, (PairRule, SequenceRule, ExpectRule)):
        return
    for name in rule.key:
        if name.startswith(ATTRIBUTE_PREFIX):
            continue
        for part, condition in conditions_of(rule).items():
            if name not in _certain(condition):
                yield error(
                    rule,
                    "key",
                    f"'key' names '{name}', which '{part}' does not always capture",
                    f"write (?P<{name}>…) in it, or {ATTRIBUTE_PREFIX}{name} for an attribute",
                )


def labels(rule: Rule) -> Iterator[Finding]:
    """Labels that no pattern of the rule captures."""
    known = frozenset().union(*(c.captures for c in conditions_of(rule).values()))
    for name in rule.labels:
        if name not in known and not name.startswith(ATTRIBUTE_PREFIX):
            yield error(
                rule,
                "label",
                f"no pattern captures the label '{name}'",
                f"write (?P<{name}>…) in one, or {ATTRIBUTE_PREFIX}{name} for an attribute",
            )


def numbers(rule: Rule) -> Iterator[Finding]:
    """Captures that are summed or measured, and are no number in a sample, or are shown in none."""
    for part, condition, name in _summed(rule):
        texts = [text for sample in rule.samples.match for text in _captured(condition, sample, name)]
        wrong = next((text for text in texts if not _is_number(text)), None)
        if wrong is not None:
            yield error(
                rule,
                "number",
                f"'{part}' captures '{shown(wrong)}' as '{name}', which is no number",
                r"capture digits alone, such as (?P<n>\d+)",
            )
        elif not texts and rule.samples.match:
            yield warning(
                rule,
                "number",
                f"no sample shows a number captured as '{name}' by '{part}'",
                "add one to samples",
            )


def _certain(condition: Condition) -> frozenset[str]:
    """Return the names that are captured whichever alternative holds."""
    match condition:
        case MessageMatches(pattern) | FieldMatches(_, pattern):
            return pattern.certain_captures
        case AnyOf(parts):
            return frozenset.intersection(*map(_certain, parts))
        case AllOf(parts):
            return frozenset().union(*map(_certain, parts))
    return frozenset()


def _summed(rule: Rule) -> Iterator[tuple[str, Condition, str]]:
    if isinstance(rule, MeasureRule):
        yield "pattern", rule.pattern, rule.value
    if isinstance(rule, RatioRule):
        for part, term in (("numerator", rule.numerator), ("denominator", rule.denominator)):
            if term.sum is not None:
                yield part, term.pattern, term.sum


def _captured(condition: Condition, sample: str, name: str) -> list[str]:
    try:
        return [found.get(name, "") for found in condition.occurrences(sample_record(sample))]
    except PatternTimeout:
        return []


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
