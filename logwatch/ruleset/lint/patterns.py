"""Can each pattern be reached, be searched for fast, and come to an end?"""

from __future__ import annotations

from collections.abc import Iterator

from logwatch.ruleset.condition import Condition, PatternTimeout
from logwatch.ruleset.conditions import AllOf, AnyOf, FieldMatches, MessageMatches, Not
from logwatch.ruleset.lint.attacks import exponential_attacks, has_nested_repeats, polynomial_attacks
from logwatch.ruleset.lint.finding import Finding, error, warning
from logwatch.ruleset.model import PairRule, Rule, SequenceRule
from logwatch.ruleset.parts import conditions_of
from logwatch.ruleset.patterns import Pattern
from logwatch.ruleset.samples import matched_by
from logwatch.yamlfiles.nodes import shown


def unreachable(rule: Rule) -> Iterator[Finding]:
    """Conditions that are those of another part of the rule, and outcomes whose samples an earlier one takes."""
    if not isinstance(rule, (PairRule, SequenceRule)):
        return
    parts = list(conditions_of(rule).items())
    for n, (name, condition) in enumerate(parts):
        twin = next((earlier for earlier, other in parts[:n] if other == condition), None)
        if twin is not None:
            yield error(
                rule,
                "unreachable",
                f"'{name}' has the same pattern as '{twin}'",
                "a record must tell them apart; change one of them",
            )
    if isinstance(rule, PairRule):
        yield from _shadowed(rule)


def without_literal(rule: Rule) -> Iterator[Finding]:
    """Conditions that require no literal: the scan has to look at every line."""
    for name, condition in conditions_of(rule).items():
        if condition.literals is None:
            yield warning(
                rule,
                "literal",
                f"'{name}' requires no literal text, so that no line can be skipped in the scan",
                "put three or more fixed characters into it, outside (?i), or use all: with a pattern that has some",
            )


def catastrophic(rule: Rule) -> Iterator[Finding]:
    """Patterns that a hostile line brings to their time budget."""
    for name, condition in conditions_of(rule).items():
        for pattern in _patterns(condition):
            remedy = "let repeats not overlap, bound them ({0,200}), or make them possessive (++)"
            what = f"'{name}' ({shown(pattern.source)})"
            if _hangs(pattern, exponential_attacks(pattern)):
                message = f"{what} takes exponential time: a short line uses up its time budget"
                yield error(rule, "catastrophic", message, remedy)
            elif _hangs(pattern, polynomial_attacks(pattern)):
                yield warning(rule, "catastrophic", f"{what} uses up its time budget on a long line", remedy)
            elif has_nested_repeats(pattern):
                message = f"{what} repeats a repeat, which can take exponential time"
                yield warning(rule, "catastrophic", message, remedy)


def _shadowed(rule: PairRule) -> Iterator[Finding]:
    shown_by: dict[str, list[str]] = {name: [] for name in rule.outcomes}
    for text in rule.samples.match:
        try:
            matched = [name for name in matched_by(rule, text) if name in rule.outcomes]
        except PatternTimeout:
            continue
        for name in matched:
            shown_by[name].append(matched[0])
    for name, takers in shown_by.items():
        if takers and name not in takers:
            yield error(
                rule,
                "unreachable",
                f"'{takers[0]}' comes first and takes every sample of '{name}'",
                "narrow it, or put it after",
            )


def _patterns(condition: Condition) -> Iterator[Pattern]:
    match condition:
        case MessageMatches(pattern) | FieldMatches(_, pattern):
            yield pattern
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _patterns(part)
        case Not(part):
            yield from _patterns(part)


def _hangs(pattern: Pattern, attacks: Iterator[str]) -> bool:
    try:
        for text in attacks:
            pattern.search(text)
    except PatternTimeout:
        return True
    return False
