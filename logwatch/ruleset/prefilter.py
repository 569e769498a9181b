"""The one place that decides which messages can matter at all, before any of them becomes a record."""

from __future__ import annotations

from logwatch.records.scan.wanted import Wanted
from logwatch.ruleset.conditions import ATTRIBUTE_PREFIX
from logwatch.ruleset.model import ExpectRule, PairRule, RuleSet, SequenceRule
from logwatch.ruleset.parts import conditions_of


def required_by(ruleset: RuleSet) -> frozenset[str] | None:
    """Return literals of which every message that matters to a rule contains at least one.

    None: some condition requires none, so that every message can matter. Literals that contain another one
    are left out.
    """
    literals: set[str] = set()
    for rule in ruleset.rules:
        for condition in conditions_of(rule).values():
            if condition.literals is None:
                return None
            literals |= condition.literals
    return frozenset(a for a in literals if not any(b in a for b in literals - {a}))


def attributes_of(ruleset: RuleSet) -> frozenset[str]:
    """Return the names of the attributes at which rules look, in conditions, keys and labels; `level` is the level."""
    names: set[str] = set()
    for rule in ruleset.rules:
        key = rule.key if isinstance(rule, (ExpectRule, PairRule, SequenceRule)) else ()
        names |= {name for name in (*key, *rule.labels) if name.startswith(ATTRIBUTE_PREFIX)}
        names = names.union(*(condition.fields for condition in conditions_of(rule).values()))
    return frozenset(name.removeprefix(ATTRIBUTE_PREFIX) for name in names)


def prefilter(ruleset: RuleSet) -> Wanted:
    """Return a test that is true for every message that some rule's condition holds for.

    It may be true for others; where a rule requires no literal it is true for all.
    """
    return Wanted(required_by(ruleset), attributes_of(ruleset))
