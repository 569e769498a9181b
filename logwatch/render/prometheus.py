"""Rule files of Prometheus: alerts with what they need recorded, and the unit tests of promtool for them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

import yaml

from logwatch.render.alert import Alert, Case, Recording, Watch
from logwatch.render.annotations import expanded, template
from logwatch.render.exporter_alerts import exporter_alerts
from logwatch.render.promql import duration
from logwatch.render.recordings import recordings
from logwatch.render.rule_alerts import rule_alerts
from logwatch.ruleset.model import RuleSet

RULE_FILE = "logwatch-alerts.yml"
_MADE = "# Made by `logwatch render {command}` from the rules of logwatch: render it anew when they change.\n"

Yaml = Mapping[str, object]


def prometheus_alerts(ruleset: RuleSet, watch: Watch) -> str:
    """Return a rule file: what is recorded, the alerts of the rules, those of the exporter."""
    # one group, evaluated in order: what is recorded is there when the alerts ask for it
    judged = [*map(_recording, recordings(ruleset)), *(_alert(one) for one in rule_alerts(ruleset, watch))]
    groups = [
        {"name": "logwatch-rules", "rules": judged},
        {"name": "logwatch-exporter", "rules": [_alert(one) for one in exporter_alerts(watch)]},
    ]
    return _MADE.format(command="prometheus-alerts") + _yaml({"groups": groups})


def prometheus_tests(ruleset: RuleSet, watch: Watch, rule_file: str = RULE_FILE) -> str:
    """Return unit tests of those alerts for `promtool test rules`: on what each fires, and on what it does not.

    `rule_file` is where the alerts are, from the file of tests.
    """
    alerts = [*rule_alerts(ruleset, watch), *exporter_alerts(watch)]
    said = {"rule_files": [rule_file], "evaluation_interval": "1m", "tests": list(_tests(alerts))}
    return _MADE.format(command="prometheus-tests") + _yaml(said)


def _recording(recording: Recording) -> Yaml:
    return {"record": recording.record, "expr": recording.expr}


def _alert(alert: Alert) -> Yaml:
    return {
        "alert": alert.name,
        "expr": alert.expr,
        **({"for": duration(alert.hold)} if alert.hold else {}),
        "labels": {"severity": str(alert.severity), **alert.labels},
        "annotations": {name: template(text) for name, text in alert.annotations.items()},
    }


def _tests(alerts: Iterable[Alert]) -> Iterator[Yaml]:
    """Yield the tests; what alerts of one name have in common is one test, so that each must leave the others alone."""
    together: dict[tuple[str, str, timedelta], list[tuple[Alert, Case]]] = {}
    for alert in alerts:
        for says, cases in (("fires", alert.fires), ("is quiet", alert.quiet)):
            for case in cases:
                name = f"{alert.name} {says}: {case.says}"
                together.setdefault((name, alert.name, case.at), []).append((alert, case))
    for (name, alert_name, at), proofs in together.items():
        series = {series: values for _, case in proofs for series, values in case.series.items()}
        fired = [_fired(alert, case) for alert, case in proofs if case in alert.fires]
        yield {
            "name": name,
            "interval": "1m",
            "input_series": [{"series": name, "values": values} for name, values in series.items()],
            "alert_rule_test": [
                {"eval_time": duration(at), "alertname": alert_name, "exp_alerts": fired},
            ],
        }


def _fired(alert: Alert, case: Case) -> Yaml:
    labels = {"severity": str(alert.severity), **alert.labels, **case.labels}
    annotations = alert.annotations.items()
    return {
        "exp_labels": labels,
        "exp_annotations": {name: expanded(text, labels, case.value) for name, text in annotations},
    }


class _Dumper(yaml.SafeDumper):
    """Expressions of several lines as blocks, as people write them."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _yaml(document: Yaml) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=math.inf)
