"""Can each pattern be reached, or does another one take all that it would find?"""

from __future__ import annotations

from collections.abc import Iterator

from logwatch.ruleset.condition import Condition, PatternTimeout
from logwatch.ruleset.conditions import AllOf, AnyOf, MessageMatches, Not
from logwatch.ruleset.lint.finding import Finding, error, warning
from logwatch.ruleset.model import PairRule, Rule, SequenceRule
from logwatch.ruleset.parts import conditions_of
from logwatch.ruleset.samples import matched_by


def twins(rule: Rule) -> Iterator[Finding]:
    """Parts of a rule with the very same pattern: a record would be both."""
    if not isinstance(rule, (PairRule, SequenceRule)):
        return
    # The same line may end the run of a key at any of its steps: only the next one counts.
    skips = (
        {f"{s.name} skipped" for s in rule.steps} if isinstance(rule, SequenceRule) and rule.key else set()
    )
    parts = list(conditions_of(rule).items())
    for n, (name, condition) in enumerate(parts):
        twin = next((other for other, earlier in parts[:n] if earlier == condition), None)
        if twin is not None and not {name, twin} <= skips:
            yield error(
                rule,
                "unreachable",
                f"'{name}' has the same pattern as '{twin}'",
                "a record must tell them apart; change one of them",
            )


def shadowed_outcomes(rule: Rule) -> Iterator[Finding]:
    """Outcomes that an earlier one leaves nothing, by what the patterns say or by the samples."""
    if not isinstance(rule, PairRule):
        return
    outcomes = list(rule.outcomes.items())
    for n, (name, condition) in enumerate(outcomes):
        if any(earlier == condition for _, earlier in outcomes[:n]):
            continue  # a twin
        taker = next((other for other, earlier in outcomes[:n] if covers(earlier, condition)), None)
        if taker is not None:
            yield error(
                rule,
                "unreachable",
                f"'{taker}' comes first and takes all that '{name}' would match",
                "narrow it, or put it after",
            )
        elif (taker := _taker_of_samples(rule, name)) is not None:
            yield error(
                rule,
                "unreachable",
                f"'{taker}' comes first and takes every sample of '{name}'",
                "narrow it, or put it after",
            )


def idle_alternatives(rule: Rule) -> Iterator[Finding]:
    """Alternatives of `any:` that an earlier one makes needless."""
    for name, condition in conditions_of(rule).items():
        for several in _alternatives(condition):
            for n, part in enumerate(several.parts):
                taker = next(
                    (m for m, earlier in enumerate(several.parts[:n]) if covers(earlier, part)), None
                )
                if taker is not None:
                    message = f"alternative {taker + 1} takes all that alternative {n + 1} would match"
                    yield warning(rule, "unreachable", f"'{name}' any: {message}", "remove one of them")


def covers(wide: Condition, narrow: Condition) -> bool:
    """Whether `wide` holds for every record that `narrow` holds for; False where that cannot be told."""
    if wide == narrow:
        return True
    if isinstance(narrow, AnyOf):
        return all(covers(wide, part) for part in narrow.parts)
    if isinstance(narrow, AllOf) and any(covers(wide, part) for part in narrow.parts):
        return True
    match wide:
        case AnyOf(parts):
            return any(covers(part, narrow) for part in parts)
        case AllOf(parts):
            return all(covers(part, narrow) for part in parts)
        case MessageMatches(pattern):
            text, required = pattern.plain_text, narrow.literals
            return text is not None and bool(required) and all(text in literal for literal in required or ())
    return False


def _taker_of_samples(rule: PairRule, name: str) -> str | None:
    """Return the outcome that takes the first sample of `name`, if none of its samples is left to it."""
    takers = []
    for text in rule.samples.match:
        try:
            matched = [part for part in matched_by(rule, text) if part in rule.outcomes]
        except PatternTimeout:
            continue
        if name in matched:
            takers.append(matched[0])
    return takers[0] if takers and name not in takers else None


def _alternatives(condition: Condition) -> Iterator[AnyOf]:
    match condition:
        case AnyOf(parts):
            yield condition
            for part in parts:
                yield from _alternatives(part)
        case AllOf(parts):
            for part in parts:
                yield from _alternatives(part)
        case Not(part):
            yield from _alternatives(part)
