"""What a rule's verdict means for the whole, in words that all reports share."""

from __future__ import annotations

from enum import StrEnum

from logwatch.ruleset.model import Severity
from logwatch.verdict.verdict import RuleVerdict, Status, Verdict
from logwatch.verdict.wording import listed


class Outcome(StrEnum):
    """How a rule came out, worst first; the value is the word that counts it."""

    FAILED = "failed"
    """It fails, and that decides."""
    INCONCLUSIVE = "inconclusive"
    WARNING = "warning"
    """It fails, and that decides nothing."""
    OK = "ok"
    INFO = "info"
    """It is given nothing to be judged by, or is there for information."""


_NAMED = {Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.WARNING}


def outcome(rule: RuleVerdict) -> Outcome:
    """Return how the rule came out."""
    match rule.status:
        case Status.PASS:
            return Outcome.OK
        case Status.INCONCLUSIVE:
            return Outcome.INCONCLUSIVE
        case Status.FAIL if rule.decides:
            return Outcome.FAILED
        case Status.FAIL if rule.severity is not Severity.INFO:
            return Outcome.WARNING
        case _:
            return Outcome.INFO


def worst_first(verdict: Verdict) -> list[RuleVerdict]:
    """Return the rules that want a look, those that decide first; others are left out."""
    order = list(Outcome)
    wanting = [rule for rule in verdict.rules if outcome(rule) in _NAMED]
    return sorted(wanting, key=lambda rule: (not rule.decides, order.index(outcome(rule))))


def counts_of(rules: list[RuleVerdict]) -> str:
    """Return how many rules came out how: `1 failed (foreign-key-violation), 9 ok`."""
    said = []
    for kind in Outcome:
        ids = [rule.id for rule in rules if outcome(rule) is kind]
        if ids:
            names = f" ({listed(ids)})" if kind in _NAMED else ""
            said.append(f"{len(ids)} {_plural(kind, len(ids))}{names}")
    return ", ".join(said)


def _plural(kind: Outcome, n: int) -> str:
    return "warnings" if kind is Outcome.WARNING and n > 1 else kind.value


def sentence(verdict: Verdict) -> str:
    """Return the verdict in one sentence: how the rules that decide came out, what else keeps it from being a
    pass, how the others came out.
    """
    deciding = [rule for rule in verdict.rules if rule.decides]
    others = [rule for rule in verdict.rules if not rule.decides]
    said = [counts_of(deciding) or "no rule decides"]
    said += [listed(grounds(verdict), most=1)] if deciding and grounds(verdict) else []
    said += [f"not deciding: {counts_of(others)}"] if others else []
    return "; ".join(said)


def grounds(verdict: Verdict) -> tuple[str, ...]:
    """Return the reasons against a pass that are no rule's: what could not be read, that no rule decides."""
    of_rules = {f"{rule.id}: {rule.summary}" for rule in verdict.rules if rule.decides}
    return tuple(reason for reason in verdict.reasons if reason not in of_rules)
