"""Panels of rules that look at one record at a time: forbid, expect, measure, count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logwatch.render.dashboard.panels import NO_MATTER, NONE_IS_GOOD, Form, Panel, Query, Steps
from logwatch.render.dashboard.queries import RANGE, STEP, among, at, grown, quantile, rate
from logwatch.ruleset.model import ExpectRule, MeasureRule, Rule, Unit
from logwatch.serve import names

_UNITS = {
    Unit.SECONDS: (names.MEASURED_SECONDS, "s"),
    Unit.MILLISECONDS: (names.MEASURED_SECONDS, "s"),
    Unit.BYTES: (names.MEASURED_BYTES, "bytes"),
    Unit.COUNT: (names.MEASURED_VALUES, "short"),
}


def forbids(rules: Sequence[Rule]) -> Iterator[Panel]:
    """Yield what occurred that must not."""
    return _occurrences(rules, NONE_IS_GOOD)


def expects(rules: Sequence[Rule]) -> Iterator[Panel]:
    """Yield how often what must occur does."""
    query = Query(f"60 * {rate('rule', names.RULE_RECORDS, among('rule', rules))}", "{{rule}}")
    yield Panel("Matches a minute", Form.LINES, (query,), columns=16)
    if any(isinstance(rule, ExpectRule) and rule.expected for rule in rules):
        yield _parts("Matches by key", names.KEY, rules)


def measures(rules: Sequence[Rule]) -> Iterator[Panel]:
    """Yield quantiles, by unit."""
    units = dict.fromkeys(_UNITS[rule.unit] for rule in rules if isinstance(rule, MeasureRule))
    these = among("rule", rules)
    for histogram, unit in units:
        yield Panel(
            f"Median and 95th percentile ({unit})",
            Form.LINES,
            (
                Query(quantile(0.5, "rule", histogram, these), "{{rule}} median"),
                Query(quantile(0.95, "rule", histogram, these), "{{rule}} 95th percentile"),
            ),
            unit=unit,
        )


def counts(rules: Sequence[Rule]) -> Iterator[Panel]:
    """Yield how often, by label."""
    return _occurrences(rules, NO_MATTER)


def _occurrences(rules: Sequence[Rule], steps: Steps) -> Iterator[Panel]:
    these = among("rule", rules)
    yield Panel(
        "Matches, of all that is shown",
        Form.GAUGE,
        (Query(grown("rule", RANGE, names.RULE_RECORDS, these), "{{rule}}", now=True),),
        steps=steps,
    )
    yield Panel(
        "Matches",
        Form.LINES,
        (Query(grown("rule", STEP, names.RULE_RECORDS, these), "{{rule}}"),),
        bars=True,
    )
    for label in dict.fromkeys(names.metric_label(label) for rule in rules for label in rule.labels):
        yield _parts(f"By {label}", label, rules)


def _parts(title: str, label: str, rules: Sequence[Rule]) -> Panel:
    # not the increase: of a value that was never seen before, the series begins at 1
    matches = at(names.RULE_MATCHES, among("rule", rules), f'{label}!=""')
    return Panel(
        f"{title}, since counting began",
        Form.GAUGE,
        (Query(f"sum by (rule, {label}) ({matches})", f"{{{{rule}}}} {{{{{label}}}}}", now=True),),
    )
