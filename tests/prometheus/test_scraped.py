"""Prometheus scrapes what was written: every count is what stands in the log, and alerts tell the incident."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import bcrypt
import pytest
import yaml

from tests.cli.command import run
from tests.prometheus.conftest import World
from tests.prometheus.processes import Serve, settled
from tests.serve.http.certificates import OPENSSL, signed

pytestmark = pytest.mark.slow

JOBS = ("incident", "healthy")
FAILED = r"PROCESSOR ERROR in background_image_processing job (\S+) after"
COMPLETED = r"Completed background_image_processing job (\S+) in"


def lines(pattern: str) -> Callable[[str], int]:
    return lambda log: sum(bool(re.search(pattern, line)) for line in log.splitlines())


def jobs(pattern: str, but: str = "$.") -> Callable[[str], int]:
    return lambda log: len(set(re.findall(pattern, log)) - set(re.findall(but, log)))


def total(pattern: str) -> Callable[[str], int]:
    return lambda log: sum(map(int, re.findall(pattern, log)))


COUNTED: dict[str, Callable[[str], int]] = {
    'rule_matching_records_total{rule="unknown-workflow-stage"}': lines("Unknown workflow stage"),
    'rule_matching_records_total{rule="foreign-key-violation"}': lines("(?i)foreign key constraint violat"),
    'rule_matches_total{rule="background-image-processor-error"}': lines(FAILED),
    'rule_matches_total{rule="manual-image-uploads"}': lines("Manual image upload"),
    'rule_matches_total{rule="stages-alive", key="ai_parsing"}': lines(
        "Processing job for stage: ai_parsing"
    ),
    'pair_started_total{pair="background-job"}': jobs(
        r"PROCESSOR TRIGGERED for background_image_processing job (\S+)"
    ),
    'pair_completed_total{pair="background-job"}': jobs(COMPLETED),
    'pair_duration_seconds_count{pair="background-job"}': jobs(COMPLETED),
    'pair_failed_total{pair="background-job"}': jobs(FAILED, but=COMPLETED),
    'pair_in_flight{pair="background-job"}': lines("$."),
    'sequence_steps_reached_total{step="queueing"}': lines("ASYNC MODE: Queueing"),
    'sequence_steps_reached_total{step="review-session"}': lines("Created image review session"),
    'ratio_numerator_total{ratio="image-attachment"}': total(r"Images found for: (\d+) products"),
    'ratio_denominator_total{ratio="image-attachment"}': total(r"Processed: (\d+)/\d+ drafts"),
    'measured_seconds_count{rule="parsing-time"}': lines(r"Completed ai_parsing job \S+ in \d+ms"),
    "lines_read_total": lines(""),
    "read_bytes_total": lambda log: len(log.encode("utf-8")),
    "parse_errors_total{reason='truncated'}": lines("$."),
}


@pytest.mark.parametrize("job", JOBS)
def test_every_count_is_what_stands_in_the_log(world: World, job: str) -> None:
    expected = {name: float(count(world.written[job])) for name, count in COUNTED.items()}

    def scraped() -> dict[str, float | None]:
        return {
            name: world.prometheus.value(f'sum(logwatch_{name} and on (instance) up{{job="{job}"}})')
            for name in COUNTED
        }

    assert settled(scraped, expected) == expected
    assert sum(expected.values()) > 10_000


def test_counters_tell_when_they_were_created(world: World) -> None:
    created = world.prometheus.query('{__name__=~"logwatch_(rule_matches|pair_completed)_created", stage=""}')
    assert len(created) > 2 * (14 + 4)
    assert all(world.begun < moment < time.time() for _, moment in created)


def test_limits_of_durations_are_bounds_so_that_alerts_on_them_are_exact(world: World) -> None:
    for bucket in (
        'logwatch_pair_duration_seconds_bucket{pair="workflow", le="36.0", job="healthy"}',
        'logwatch_measured_seconds_bucket{rule="parsing-time", le="600.0", job="healthy"}',
    ):
        assert world.prometheus.value(bucket), bucket


def test_prometheus_evaluates_every_rendered_rule(world: World) -> None:
    def pending() -> list[str]:
        rules = [rule for group in world.prometheus.ask("rules")["groups"] for rule in group["rules"]]
        assert len(rules) > 40
        assert [rule["lastError"] for rule in rules if "lastError" in rule] == []
        return [rule["name"] for rule in rules if rule["health"] != "ok"]

    assert settled(pending, []) == []


def firing(world: World, job: str) -> set[tuple[str, str]]:
    return {
        (alert["labels"]["alertname"], alert["labels"].get("rule", ""))
        for alert in world.prometheus.ask("alerts")["alerts"]
        if alert["labels"].get("job") == job and alert["state"] == "firing"
    }


def test_the_incident_fires_the_alerts_of_what_happened_and_health_fires_none(world: World) -> None:
    expected = {
        ("LogwatchForbiddenMatch", "unknown-workflow-stage"),
        ("LogwatchForbiddenMatch", "missing-stage-field"),
        ("LogwatchForbiddenMatch", "background-image-processor-error"),
        ("LogwatchForbiddenMatch", "foreign-key-violation"),
        ("LogwatchErrorBudgetBurn", "background-job"),
    }
    held = {("LogwatchRuleFails", "healthy-background-job")}  # fires two minutes later
    assert settled(lambda: firing(world, "incident") - held, expected) == expected
    assert firing(world, "healthy") == set()
    summaries = {
        alert["labels"].get("rule"): alert["annotations"]["summary"]
        for alert in world.prometheus.ask("alerts")["alerts"]
    }
    address = f"127.0.0.1:{world.exporters['incident'].port}"
    assert summaries["unknown-workflow-stage"] == (
        f"Job reached a worker with no known stage: 6 in 15m, on {address}"
    )


def asked(world: World, job: str) -> list[tuple[str, str, bool]]:
    """Return each query of the dashboard, with the panel's title and whether it asks for one moment."""
    made = run("render", "grafana-dashboard", directory=world.folder / job).out
    chosen = {
        "$__rate_interval": "1m",
        "$__range": "5m",
        "$job": job,
        "$instance": ".*",
        "$window": "30m",
    }
    found = []
    for panel in json.loads(made)["panels"]:
        for target in panel.get("targets", []):
            expr = target["expr"]
            for name, value in chosen.items():
                expr = expr.replace(name, value)
            found.append((f"{panel['title']}: {target['legendFormat']}", expr, target["instant"]))
    return found


def test_every_query_of_the_dashboard_finds_something(world: World) -> None:
    found = asked(world, "incident")
    assert len(found) > 50

    def empty() -> list[str]:
        now = time.time()
        answers: dict[str, list[Any]] = {}
        for title, expr, instant in found:
            if instant:
                answer = world.prometheus.ask("query", query=expr)
            else:
                span = {"start": str(now - 10), "end": str(now), "step": "5"}
                answer = world.prometheus.ask("query_range", query=expr, **span)
            answers[title] = answer["result"]
        return [title for title, result in answers.items() if not result]

    # nothing is in flight: every run has ended, or timed out
    assert settled(empty, ["Age of the oldest in flight: {{pair}}"]) == [
        "Age of the oldest in flight: {{pair}}"
    ]


def test_the_choices_of_the_dashboard_are_there(world: World) -> None:
    made = json.loads(run("render", "grafana-dashboard", directory=world.folder / "incident").out)
    for variable in made["templating"]["list"][1:]:
        series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["definition"]).groups()
        values = world.prometheus.ask(
            f"label/{label}/values", **{"match[]": series.replace("$job", "incident")}
        )
        assert values, variable


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_the_options_that_the_scrape_notes_are_what_tls_and_passwords_ask_for(world: World) -> None:
    place = world.folder / "guarded"
    place.mkdir()
    (place / "worker.log").touch()
    signed(place, "ca")
    for name in ("server", "prometheus"):
        signed(place, name, by="ca")
    hashed = bcrypt.hashpw(b"correct horse", bcrypt.gensalt(4)).decode()
    (place / "password").write_text("correct horse", encoding="utf-8")
    tls = {"cert_file": "server.crt", "key_file": "server.key", "client_ca_file": "ca.crt"}
    web = {
        "tls_server_config": {**tls, "client_auth_type": "RequireAndVerifyClientCert"},
        "basic_auth_users": {"prometheus": hashed},
    }
    (place / "web.yml").write_text(yaml.safe_dump(web), encoding="utf-8")
    with closing(Serve(place, 0, "worker.log", "--web.config.file", "web.yml")) as guarded:
        address = ("--web.listen-address", f"127.0.0.1:{guarded.port}", "--job", "guarded")
        made = re.sub(
            r"(?m)^    # (?!Where)", "    ", run("render", "scrape-config", *address, directory=place).out
        )
        for file, noted in {
            "ca.crt": "/etc/prometheus/logwatch-ca.pem",
            "prometheus.crt": "/etc/prometheus/logwatch.pem",
            "prometheus.key": "/etc/prometheus/logwatch.key",
            "password": "/etc/prometheus/logwatch.password",
        }.items():
            assert noted in made
            made = made.replace(noted, str(place / file))
        (scrape,) = yaml.safe_load(made.replace("logwatch.example.org", "127.0.0.1"))["scrape_configs"]
        file = world.folder / "prometheus.yml"
        config = yaml.safe_load(file.read_text(encoding="utf-8"))
        config["scrape_configs"].append({**scrape, "scrape_interval": "500ms"})
        file.write_text(yaml.safe_dump(config), encoding="utf-8")
        world.prometheus.reload()
        assert settled(lambda: world.prometheus.value('up{job="guarded"}'), 1) == 1, world.prometheus.said()


def test_killed_and_started_again_it_counts_on_and_nothing_twice(world: World) -> None:
    name = 'logwatch_rule_matching_records_total{job="incident", rule="unknown-workflow-stage"}'
    made = 'logwatch_rule_matching_records_created{job="incident", rule="unknown-workflow-stage"}'
    before, created = world.prometheus.value(name), world.prometheus.value(made)
    assert before
    killed = world.exporters["incident"]
    killed.close()
    with (world.folder / "incident" / "worker.log").open("a", encoding="utf-8") as log:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        log.write(f"{moment} [error] Unknown workflow stage: undefined\n")
    world.exporters["incident"] = Serve(world.folder / "incident", killed.port)
    assert settled(lambda: world.prometheus.value(name), before + 1) == before + 1
    assert world.prometheus.value(made) == created
    assert world.prometheus.value(f"resets({name}[5m])") == 0
