"""Can each pattern be searched for fast, and does it come to an end?"""

from __future__ import annotations

from collections.abc import Iterator

from logwatch.ruleset.condition import Condition, PatternTimeout
from logwatch.ruleset.conditions import AllOf, AnyOf, FieldMatches, MessageMatches, Not
from logwatch.ruleset.lint.attacks import has_nested_repeats, long_attacks, short_attacks
from logwatch.ruleset.lint.finding import Finding, error, warning
from logwatch.ruleset.model import Rule
from logwatch.ruleset.parts import conditions_of
from logwatch.ruleset.patterns import Pattern
from logwatch.yamlfiles.nodes import shown

_REMEDY = r"let repeats not overlap, begin them at a fixed text or \b, or bound them ({0,200})"


def without_literal(rule: Rule) -> Iterator[Finding]:
    """Conditions that require no literal: every source falls back to the plain path."""
    for name, condition in conditions_of(rule).items():
        if condition.literals is None:
            yield warning(
                rule,
                "literal",
                f"'{name}' requires no literal text: the scan falls back to the plain path, line by line",
                "give it three or more fixed characters outside (?i), or add such a pattern with all:",
            )


def catastrophic(rule: Rule) -> Iterator[Finding]:
    """Patterns that a hostile line brings to their time budget."""
    for name, condition in conditions_of(rule).items():
        for pattern in _patterns(condition):
            what = f"'{name}' ({shown(pattern.source)})"
            if _hangs(pattern, short_attacks(pattern)):
                yield error(rule, "catastrophic", f"{what} uses up its time budget on a short line", _REMEDY)
            elif _hangs(pattern, long_attacks(pattern)):
                yield warning(rule, "catastrophic", f"{what} uses up its time budget on a long line", _REMEDY)
            elif has_nested_repeats(pattern):
                message = f"{what} repeats a repeat, which can take exponential time"
                yield warning(rule, "catastrophic", message, _REMEDY)


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
