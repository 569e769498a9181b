"""Alerts of Prometheus are valid, fire on what they are for, and keep quiet otherwise; by promtool, for any rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from logwatch.render.alert import Watch
from logwatch.render.prometheus import RULE_FILE, prometheus_alerts, prometheus_tests
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.model import PairRule, RateObjective, RuleSet
from logwatch.ruleset.shipped import shipped_rules
from tests.render.promtool import needs_promtool, promtool

EVERY_KIND = Path(__file__).parent / "every_kind.yml"
WATCH = Watch(job="logwatch", silent_after=timedelta(minutes=15))
TESTS = "logwatch-tests.yml"


def every_kind() -> RuleSet:
    return load_rules([EVERY_KIND])


def alerts_of(ruleset: RuleSet) -> list[dict[str, Any]]:
    groups = yaml.safe_load(prometheus_alerts(ruleset, WATCH))["groups"]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def rendered(folder: Path, ruleset: RuleSet, watch: Watch = WATCH) -> Path:
    (folder / RULE_FILE).write_text(prometheus_alerts(ruleset, watch), encoding="utf-8")
    (folder / TESTS).write_text(prometheus_tests(ruleset, watch), encoding="utf-8")
    return folder


def test_the_alerts_of_the_shipped_rules_are_these(golden: Callable[[str, str], None]) -> None:
    golden("shipped-alerts.yml", prometheus_alerts(shipped_rules(), WATCH))
    golden("shipped-tests.yml", prometheus_tests(shipped_rules(), WATCH))


def test_every_rule_that_judges_has_its_alerts_and_no_other_rule_has() -> None:
    found: dict[str, set[str]] = {}
    for alert in alerts_of(every_kind()):
        found.setdefault(alert["labels"].get("rule", ""), set()).add(alert["alert"])
    pair = {"LogwatchErrorBudgetBurn", "LogwatchRunStuck", "LogwatchRunTimedOut"}
    assert {rule: found[rule] for rule in found if rule} == {
        "hostile": {"LogwatchForbiddenMatch"},
        "beat": {"LogwatchExpectedSilent", "LogwatchRuleFails"},
        "beat-of-each": {"LogwatchExpectedSilent"},
        "strict": pair | {"LogwatchMedianSlow", "LogwatchTailSlow"},
        "lenient": pair,
        "funnel": {"LogwatchRuleFails"},
        "share": {"LogwatchRatioBelowFloor"},
        "compared": {"LogwatchRuleFails"},
        "latency": {"LogwatchRuleFails"},
        "few": {"LogwatchRuleFails"},
    }


def test_severities_are_those_of_the_rules() -> None:
    severities = {
        (alert["alert"], alert["labels"]["rule"]): alert["labels"]["severity"]
        for alert in alerts_of(every_kind())
        if "rule" in alert["labels"]
    }
    assert severities["LogwatchErrorBudgetBurn", "strict"] == "critical"
    assert severities["LogwatchExpectedSilent", "beat-of-each"] == "warning"
    assert severities["LogwatchErrorBudgetBurn", "lenient"] == "info"
    # one run that never ended is no reason to wake anybody
    assert severities["LogwatchRunTimedOut", "strict"] == "warning"


@pytest.mark.parametrize(
    ("target", "fast", "slow"),
    [
        (0.99, (0.144, 7), (0.06, 17)),
        (0.9999, (0.00144, 695), (0.0006, 1667)),
        (0.95, (0.5, 5), (0.25, 5)),  # a burn of 14.4 would take 72 % errors, one of 6 takes 30 %
        (0.6, (0.5, 5), (0.4, 5)),
        (0.2, (0.8, 5), (0.8, 5)),
    ],
)
def test_budgets_burn_too_fast_at_shares_that_exist_and_never_for_one_error_alone(
    target: float, fast: tuple[float, int], slow: tuple[float, int]
) -> None:
    rule = every_kind()["strict"]
    assert isinstance(rule, PairRule)
    ruleset = RuleSet((replace(rule, objective=RateObjective(target)),))
    expr = alerts_of(ruleset)[0]["expr"]
    shares = [float(share) for share in re.findall(r"} > (\S+)", expr)]
    floors = [int(floor) for floor in re.findall(r"} >= (\d+)", expr)]
    assert shares == [fast[0], fast[0], slow[0], slow[0]]
    assert floors == [fast[1], slow[1]]


@needs_promtool
@pytest.mark.slow
def test_promtool_takes_the_alerts_and_passes_their_tests(tmp_path: Path) -> None:
    rendered(tmp_path, RuleSet((*shipped_rules().rules, *every_kind().rules)))
    code, said = promtool("check", "rules", RULE_FILE, directory=tmp_path)
    assert code == 0, said
    assert "duplicate" not in said
    code, said = promtool("test", "rules", TESTS, directory=tmp_path)
    assert code == 0, said


@needs_promtool
@pytest.mark.slow
def test_no_test_passes_when_alerts_fire_on_the_contrary(tmp_path: Path) -> None:
    kinds = every_kind()
    ruleset = RuleSet(tuple(kinds[rule] for rule in ("hostile", "beat", "strict", "funnel")))
    rendered(tmp_path, ruleset)
    document = yaml.safe_load((tmp_path / RULE_FILE).read_text(encoding="utf-8"))
    for rule in (rule for group in document["groups"] for rule in group["rules"] if "alert" in rule):
        rule["expr"] = f"vector(1) unless on () ({rule['expr']})"
        rule.pop("for", None)
    (tmp_path / RULE_FILE).write_text(yaml.safe_dump(document), encoding="utf-8")
    _, said = promtool("test", "rules", TESTS, directory=tmp_path)
    tests = yaml.safe_load((tmp_path / TESTS).read_text(encoding="utf-8"))["tests"]
    assert [test["name"] for test in tests if f"name: {test['name']}," not in said] == []


@needs_promtool
def test_rules_without_pairs_and_ratios_have_nothing_recorded_and_options_are_heeded(tmp_path: Path) -> None:
    ruleset = RuleSet((every_kind()["beat"],))
    rendered(tmp_path, ruleset, Watch(job="other", silent_after=timedelta(hours=2)))
    text = (tmp_path / RULE_FILE).read_text(encoding="utf-8")
    assert "- record:" not in text
    assert 'up{job="other"} == 0' in text
    assert "> 7200" in text
    code, said = promtool("test", "rules", TESTS, directory=tmp_path)
    assert code == 0, said
