"""Every check, over every rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from logwatch.ruleset.lint import captures, patterns, proof, reach
from logwatch.ruleset.lint.finding import Finding
from logwatch.ruleset.model import Rule, RuleSet

CHECKS: tuple[Callable[[Rule], Iterator[Finding]], ...] = (
    proof.unproven,
    proof.samples,
    proof.unshown,
    proof.unused,
    proof.contradictions,
    captures.keys,
    captures.labels,
    captures.numbers,
    reach.twins,
    reach.shadowed_outcomes,
    reach.idle_alternatives,
    patterns.without_literal,
    patterns.catastrophic,
)


def lint(ruleset: RuleSet) -> list[Finding]:
    """Return what is wrong with the rules, in their order.

    Patterns are run against strings made to hurt them, each under the usual time budget: a set of bad ones
    takes seconds, a set of good ones milliseconds.
    """
    return [finding for rule in ruleset.rules for check in CHECKS for finding in check(rule)]
