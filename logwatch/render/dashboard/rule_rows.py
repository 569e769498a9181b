"""Rows of rules: their verdicts, then one row for each kind that the rule set has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from logwatch.render.dashboard.match_panels import counts, expects, forbids, measures
from logwatch.render.dashboard.panels import NONE_IS_GOOD, Form, Panel, Query, Row, literal
from logwatch.render.dashboard.queries import at
from logwatch.render.dashboard.run_panels import pairs, ratios, sequences
from logwatch.ruleset.model import Kind, Rule, RuleSet
from logwatch.serve import names

_VERDICTS = {1: ("pass", "green"), 0: ("fail", "red"), -1: ("inconclusive", "yellow")}
_ROWS: Mapping[Kind, tuple[str, Callable[[Sequence[Rule]], Iterator[Panel]]]] = {
    Kind.FORBID: ("Must not occur", forbids),
    Kind.PAIR: ("Runs", pairs),
    Kind.SEQUENCE: ("Steps in order", sequences),
    Kind.RATIO: ("Ratios", ratios),
    Kind.EXPECT: ("Must occur", expects),
    Kind.MEASURE: ("Measured", measures),
    Kind.COUNT: ("Counted", counts),
}


def verdicts_row() -> Row:
    """Return the row of verdicts, over the window that is chosen."""
    verdict = at(names.RULE_VERDICT, f'{names.WINDOW}=~"$window"')
    return Row(
        "Verdicts",
        (
            Panel(
                "Rules that fail",
                Form.STAT,
                (Query(f"count({verdict} == 0) or vector(0)", "fail", now=True),),
                columns=4,
                steps=NONE_IS_GOOD,
            ),
            Panel(
                "Verdicts over $window",
                Form.STATES,
                (Query(verdict, "{{rule}} {{instance}}"),),
                columns=20,
                says=_VERDICTS,
            ),
        ),
    )


def rule_rows(ruleset: RuleSet) -> Iterator[Row]:
    """Yield a row for each kind that has rules, with their titles."""
    for kind, (heading, panels) in _ROWS.items():
        rules = [rule for rule in ruleset.rules if rule.kind is kind]
        if rules:
            listed = "\n".join(f"- `{rule.id}` {literal(rule.title)}" for rule in rules)
            yield Row(heading, tuple(panels(rules)), listed)
