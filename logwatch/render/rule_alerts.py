"""Alerts of rules: each kind by what it says. Pairs, which say most, have a module of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from math import ceil, sqrt

from logwatch.evidence.escape import escape
from logwatch.render.alert import Alert, Case, Watch
from logwatch.render.annotations import Label, Value
from logwatch.render.pair_alerts import pair_alerts
from logwatch.render.promql import duration, number, quoted, series
from logwatch.render.recordings import RATIO_DENOMINATOR, RATIO_VALUE, RATIO_WINDOW
from logwatch.render.remedy import LEAST_RUNS, MINUTE, RECENT, runbook
from logwatch.ruleset.model import (
    CountRule,
    ExpectRule,
    ForbidRule,
    MeasureRule,
    PairRule,
    RatioRule,
    Rule,
    RuleSet,
    SequenceRule,
)
from logwatch.serve import names
from logwatch.verdict.wording import level

_SHORTEST_SILENCE = timedelta(minutes=2)  # a few scrapes
_Z95 = 1.6449  # of the normal distribution, one-sided 95 %


def rule_alerts(ruleset: RuleSet, watch: Watch) -> Iterator[Alert]:
    """Yield the alerts of every rule, in the order of the rules. Rules that judge nothing have none."""
    for rule in ruleset.rules:
        match rule:
            case ForbidRule():
                yield _occurred(rule, watch)
            case PairRule():
                yield from pair_alerts(rule, watch)
            case ExpectRule(every=timedelta() as every):
                yield _silent(rule, every, watch)
                if rule.at_least is not None:
                    yield _failing(rule, watch)
            case RatioRule(floor=floor) if floor is not None:
                yield _below(rule, floor.target, watch)
            case _ if _judged(rule):
                yield _failing(rule, watch)


def _judged(rule: Rule) -> bool:
    """Whether logwatch judges the rule by what PromQL cannot: exact quantiles, baselines, lost steps."""
    match rule:
        case ExpectRule() | SequenceRule():
            return True
        case CountRule():
            return rule.limit is not None or rule.baseline is not None
        case MeasureRule():
            return rule.limits is not None
        case RatioRule():
            return rule.baseline is not None
    return False


def _occurred(rule: ForbidRule, watch: Watch) -> Alert:
    at = {"rule": rule.id, **watch.target}
    total = series(names.RULE_RECORDS, at)
    return Alert(
        name="LogwatchForbiddenMatch",
        expr=f"increase({series(names.RULE_RECORDS, {'rule': rule.id})}[{duration(RECENT)}]) > 0",
        severity=rule.severity,
        labels={"rule": rule.id},
        summary=(f"{rule.title}: ", Value.COUNT, f" in {duration(RECENT)}, on ", Label("instance")),
        description=(rule.description,),
        runbook=runbook(rule),
        fires=(
            Case("the first match ever", {total: "0x4 1x20"}, 6 * MINUTE, at, 1),
            Case("one match more", {total: "7x20 8x20"}, 22 * MINUTE, at, 1),
        ),
        quiet=(
            Case("an exporter that is back with its counters", {total: "7x9 _x20 7x20"}, 31 * MINUTE),
            Case("a match of long ago", {total: "0x5 7x40"}, 25 * MINUTE),
        ),
    )


def _silent(rule: ExpectRule, every: timedelta, watch: Watch) -> Alert:
    window = max(every, _SHORTEST_SILENCE)
    key = {names.KEY: rule.expected[0]} if rule.expected else {}
    at = {"rule": rule.id, **key, **watch.target}
    metric = names.RULE_MATCHES if key else names.RULE_RECORDS
    matches = series(metric, {"rule": rule.id})
    if key:
        keys = "|".join(re.escape(escape(one)) for one in rule.expected)  # labels are escaped as well
        matches = f'{metric}{{rule="{rule.id}", {names.KEY}=~{quoted(keys)}}}'
    counter, minutes = series(metric, at), ceil(window / MINUTE) + 5
    started = f"_x{minutes - window // MINUTE // 2} 0x{minutes}"
    return Alert(
        name="LogwatchExpectedSilent",
        # what has not been watched for so long is not known to be silent
        expr=f"increase({matches}[{duration(window)}]) == 0\nand {matches} offset {duration(window)}",
        severity=rule.severity,
        labels={"rule": rule.id},
        summary=(
            f"{rule.title}: nothing in {duration(window)}",
            *((" for ", Label(names.KEY)) if key else ()),
            ", on ",
            Label("instance"),
        ),
        description=(rule.description,),
        runbook=runbook(rule),
        fires=(Case("silence", {counter: f"5x{minutes}"}, minutes * MINUTE, at),),
        quiet=(
            Case("a match every minute", {counter: f"0+1x{minutes}"}, minutes * MINUTE),
            Case("an exporter that has just started", {counter: started}, minutes * MINUTE),
        ),
    )


def _below(rule: RatioRule, target: float, watch: Watch) -> Alert:
    """The ratio is so far below its floor that chance does not explain it.

    The score test of a proportion (Wilson 1927), one-sided at 95 %: the bound that `check` prints is exact, but
    not to be had in PromQL. What is no proportion is held to the same margin, which shrinks as more is counted.
    """
    at = {names.RATIO: rule.id}
    below, value = (series(name, at) for name in (RATIO_DENOMINATOR, RATIO_VALUE))
    margin, hold = round(_Z95 * sqrt(target * (1 - target)), 4), 5 * MINUTE
    labels = {**at, "job": watch.job}
    numerator, denominator = (
        series(name, at, watch.target) for name in (names.RATIO_NUMERATOR, names.RATIO_DENOMINATOR)
    )
    late = RATIO_WINDOW + 2 * hold

    def sums(above: str, below: str) -> dict[str, str]:
        return {numerator: above, denominator: below}

    return Alert(
        name="LogwatchRatioBelowFloor",
        expr=f"{value} < {number(target)} - {number(margin)} / sqrt({below})\nand {below} >= {LEAST_RUNS}",
        severity=rule.severity,
        hold=hold,
        labels={"rule": rule.id},
        summary=(f"{rule.title}: ", Value.PERCENT, f" in {duration(RATIO_WINDOW)}, target {level(target)}"),
        description=(rule.description,),
        runbook=runbook(rule),
        fires=(
            Case(
                "a tenth of the target", sums(f"0+{number(target)}x90", "0+10x90"), late, labels, target / 10
            ),
        ),
        quiet=(
            Case("the target, exactly", sums(f"0+{number(10 * target)}x90", "0+10x90"), late),
            Case("too few to tell", sums("0x90", f"0x60 {LEAST_RUNS - 1}x30"), late),
            Case("nothing is counted", sums("3x90", "4x90"), late),
        ),
    )


def _failing(rule: Rule, watch: Watch) -> Alert:
    at = {"rule": rule.id, names.WINDOW: "30m", **watch.target}
    verdict, hold = series(names.RULE_VERDICT, at), 2 * MINUTE
    return Alert(
        name="LogwatchRuleFails",
        expr=f"{series(names.RULE_VERDICT, {'rule': rule.id})} == 0",
        severity=rule.severity,
        hold=hold,
        labels={"rule": rule.id},
        summary=(f"{rule.title}: fails over ", Label(names.WINDOW), ", on ", Label("instance")),
        description=(rule.description,),
        runbook=runbook(rule),
        fires=(Case("the verdict is fail", {verdict: "1x2 0x8"}, 8 * MINUTE, at),),
        quiet=(Case("the verdict is pass, then inconclusive", {verdict: "1x4 -1x8"}, 8 * MINUTE),),
    )
