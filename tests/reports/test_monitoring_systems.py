"""Nagios and Prometheus."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from logwatch.evidence.escape import escape
from logwatch.reports import RenderOptions, exit_code, render
from logwatch.ruleset.model import Kind, Severity
from logwatch.verdict.verdict import Quantiles, Status, Verdict
from tests.reports.world import (
    HOSTILE,
    WINDOW,
    coverage,
    failing,
    healthy,
    hostile,
    incident,
    pair,
    rule,
    source,
    verdict,
)

PERFDATA = re.compile(r"'[^'=|]+'=-?\d+(\.\d+)?[a-zA-Z%]*(;[^; ]*){0,4}")


def nagios(judged: Verdict) -> tuple[str, list[str]]:
    text = render("nagios", judged, RenderOptions())
    assert text.count("\n") == 1
    assert text.count("|") == 1
    said, data = text.rstrip("\n").split(" | ")
    return said, re.findall(r"'[^']*'=\S+", data)


@pytest.mark.parametrize(
    ("judged", "code", "said"),
    [
        (verdict(rule()), 0, "LOGWATCH OK - 1 ok"),
        (healthy(), 1, "LOGWATCH WARNING - 2 ok; not deciding: 1 warning (workflow)"),
        (verdict(failing("x")), 2, "LOGWATCH CRITICAL - 1 failed (foreign-key-violation)"),
        (verdict(rule("a", Status.INCONCLUSIVE)), 3, "LOGWATCH UNKNOWN - 1 inconclusive (a)"),
        (
            verdict(rule(), rule("w", Status.FAIL, severity=Severity.WARNING), problems=("a.log: empty",)),
            3,
            "LOGWATCH UNKNOWN - 1 ok; a.log: empty; not deciding: 1 warning (w)",
        ),
    ],
)
def test_nagios_says_and_exits_with_the_states_of_its_world(judged: Verdict, code: int, said: str) -> None:
    assert nagios(judged)[0] == said
    assert exit_code(judged, nagios=True) == code


def test_everyone_else_gets_pass_fail_and_inconclusive() -> None:
    assert [exit_code(judged) for judged in (verdict(rule()), healthy(), incident())] == [0, 0, 1]
    assert exit_code(verdict(rule("a", Status.INCONCLUSIVE))) == 3


def test_nagios_performance_data_are_the_figures() -> None:
    judged = verdict(
        failing("a", "b"),
        pair("job"),
        rule("size", kind=Kind.MEASURE, quantiles=Quantiles("bytes", 1e15, 2.5e15, None, 3e15, 60)),
        rule("images", kind=Kind.RATIO, counts={"numerator": 1.5, "denominator": 4}),
    )
    assert nagios(judged)[1] == [
        "'foreign-key-violation matches'=2;;;0",
        "'job rate'=100%;;;0;100",
        "'job p50'=19.2s",
        "'size matches'=0;;;0",
        "'size p50'=1000000000000000B",
        "'size p95'=2500000000000000B",
        "'images numerator'=1.5;;;0",
        "'images denominator'=4;;;0",
        "'lines'=4435;;;0",
        "'records'=2295;;;0",
    ]


@pytest.mark.parametrize("judged", [incident(), healthy(), hostile()])
def test_nagios_performance_data_have_the_form_that_plugins_give(judged: Verdict) -> None:
    assert all(PERFDATA.fullmatch(one) for one in nagios(judged)[1])


def test_nagios_says_little_enough_for_old_transports_and_nothing_that_a_shell_obeys() -> None:
    said, _ = nagios(hostile())
    assert len(said) < 1024
    assert set("`~$&|'\"<>").isdisjoint(said)
    long = verdict(rule(), problems=(f"{'x' * 5000}.log: empty",))
    assert nagios(long)[0].endswith("x…")


# Prometheus


def samples(judged: Verdict) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Return value by labels by name, without the prefix."""
    found: dict[str, Any] = {}
    for family in text_string_to_metric_families(render("prometheus", judged, RenderOptions())):
        assert family.type == "gauge"
        name = family.name.removeprefix("logwatch_check_")
        found[name] = {tuple(sorted(sample.labels.items())): sample.value for sample in family.samples}
    return found


def by_rule(found: dict[tuple[tuple[str, str], ...], float]) -> dict[str, float]:
    return {dict(labels)["rule"]: value for labels, value in found.items()}


def test_prometheus_the_verdict_is_one_zero_or_minus_one() -> None:
    assert samples(incident())["verdict"] == {(): 0}
    assert samples(healthy())["verdict"] == {(): 1}
    assert samples(verdict(rule("a", Status.INCONCLUSIVE)))["verdict"] == {(): -1}


def test_prometheus_tells_each_rules_verdict_and_none_for_info() -> None:
    found = samples(incident())
    assert by_rule(found["rule_verdict"]) == {
        "unknown-workflow-stage": 1,
        "foreign-key-violation": 0,
        "background-job": 1,
        "background-image-run": -1,
        "healthy-background-job": 0,
        "image-attachment": 1,
        "heartbeat": -1,
        "response-time": 1,
    }
    assert (("rule", "heartbeat"), ("severity", "warning")) in found["rule_verdict"]
    assert by_rule(found["rule_decides"])["heartbeat"] == 0
    assert found["rules"] == {
        (("outcome", "failed"),): 1,
        (("outcome", "inconclusive"),): 2,
        (("outcome", "warning"),): 1,
        (("outcome", "ok"),): 4,
        (("outcome", "info"),): 1,
    }


def test_prometheus_tells_rates_bounds_exposure_and_counts() -> None:
    found = samples(incident())
    assert by_rule(found["rule_success_ratio"])["background-image-run"] == 0.75
    assert by_rule(found["rule_success_ratio_lower"])["background-image-run"] == 0.2486
    assert by_rule(found["rule_success_ratio_upper"])["background-image-run"] == 0.9873
    assert by_rule(found["rule_success_ratio_target"])["image-attachment"] == 0.9
    assert by_rule(found["rule_success_ratio_reject"])["image-attachment"] == 0.5
    assert by_rule(found["rule_first_attempt_success_ratio"])["background-job"] == 1
    assert by_rule(found["rule_exposure_runs"]) == {"unknown-workflow-stage": 24, "foreign-key-violation": 24}
    assert by_rule(found["rule_exposure_required_runs"])["unknown-workflow-stage"] == 5
    assert by_rule(found["rule_exposure_upper_ratio"])["unknown-workflow-stage"] == 0.1173
    assert by_rule(found["rule_matches"])["foreign-key-violation"] == 22
    assert by_rule(found["rule_numerator"]) == {"image-attachment": 45}
    assert found["rule_measured_seconds"][("figure", "p95"), ("rule", "response-time")] == 0.9
    assert "rule_measured_bytes" not in found


def test_prometheus_outcomes_of_runs_add_up_to_what_was_started() -> None:
    counts = {name: n for n, name in enumerate(pair().counts or {})}
    outcomes = (
        "completed",
        "failed",
        "skipped",
        "timed_out",
        "in_flight",
        "superseded",
        "evicted",
        "unknown_gap",
    )
    counts["started"] = sum(counts[name] for name in outcomes)
    found = samples(verdict(pair("job", counts=counts)))
    assert {dict(labels)["outcome"]: n for labels, n in found["rule_runs"].items()} == {
        name: counts[name] for name in outcomes
    }
    assert found["rule_started_runs"] == {(("rule", "job"),): sum(found["rule_runs"].values())}
    assert {dict(labels)["oddity"]: n for labels, n in found["rule_stray_records"].items()} == {
        name: counts[name] for name in ("orphan_end", "duplicate_end", "unkeyed")
    }
    assert (by_rule(found["rule_attempts"]), by_rule(found["rule_skewed_runs"])) == (
        {"job": counts["attempts"]},
        {"job": counts["skewed"]},
    )


def test_prometheus_tells_the_window_and_what_was_read() -> None:
    found = samples(incident())
    assert found["window_start_timestamp_seconds"] == {(): WINDOW.since.timestamp()}
    assert found["window_end_timestamp_seconds"] == found["as_of_timestamp_seconds"]
    told = {
        name: found[name][()]
        for name in ("lines", "records", "undated_records", "read_bytes", "buckets", "buckets_with_records")
    }
    assert told == {
        "lines": 4445,
        "records": 2305,
        "undated_records": 2,
        "read_bytes": 200_500,
        "buckets": 6,
        "buckets_with_records": 6,
    }
    assert (found["sources"], found["damaged_sources"]) == ({(): 2}, {(): 1})
    assert found["last_record_timestamp_seconds"] == {(): WINDOW.until.timestamp()}
    nothing = samples(verdict(rule(), coverage=coverage(source(first=None, last=None))))
    assert "last_record_timestamp_seconds" not in nothing


def test_prometheus_hostile_text_is_a_label_and_nothing_else() -> None:
    found = samples(hostile())
    assert found["info"] == {(("assurance", "quick"), ("deployment", escape(HOSTILE))): 1}


@pytest.mark.parametrize("judged", [incident(), healthy(), hostile()])
def test_prometheus_own_lint_finds_nothing(judged: Verdict) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool here (Debian package prometheus)")
    text = render("prometheus", judged, RenderOptions())
    done = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
