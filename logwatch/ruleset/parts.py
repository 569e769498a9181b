"""The conditions of a rule, whatever its kind, by the name that its file gives them."""

from __future__ import annotations

from logwatch.ruleset.condition import Condition
from logwatch.ruleset.model import PairRule, RatioRule, Rule, SequenceRule


def conditions_of(rule: Rule) -> dict[str, Condition]:
    """Return every condition of `rule`, in the order in which they are tried.

    Names are `pattern`, `start`, `enqueued` and the outcomes, `numerator` and `denominator`, or `never`, the
    steps' names and `STEP skipped`.
    """
    match rule:
        case PairRule():
            enqueued = {"enqueued": rule.enqueued} if rule.enqueued else {}
            return {**enqueued, "start": rule.start, **rule.outcomes}
        case SequenceRule():
            never = {"never": rule.never} if rule.never else {}
            steps = {step.name: step.pattern for step in rule.steps}
            skips = {f"{step.name} skipped": step.skipped for step in rule.steps if step.skipped}
            return {**never, **steps, **skips}
        case RatioRule():
            return {"numerator": rule.numerator.pattern, "denominator": rule.denominator.pattern}
    pattern: Condition = rule.pattern  # type: ignore[attr-defined]
    return {"pattern": pattern}
