"""Every check, over every rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from logwatch.ruleset.lint import captures, patterns, proof
from logwatch.ruleset.lint.finding import Finding
from logwatch.ruleset.model import Rule, RuleSet

CHECKS: tuple[Callable[[Rule], Iterator[Finding]], ...] = (
    proof.unproven,
    proof.samples,
    proof.unshown,
    proof.unused_exposure,
    captures.keys,
    captures.labels,
    captures.numbers,
    patterns.unreachable,
    patterns.without_literal,
    patterns.catastrophic,
)


def lint(ruleset: RuleSet) -> list[Finding]:
    """Return what is wrong with the rules, in their order.

    Patterns are run against strings made to hurt them, each under the usual time budget, so that a rule set takes
    seconds and not milliseconds where patterns are bad.
    """
    return [finding for rule in ruleset.rules for check in CHECKS for finding in check(rule)]
