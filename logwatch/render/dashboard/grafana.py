"""The dashboard as a whole: how the rules stand, a row for each kind of rule, what is read, and by whom."""

from __future__ import annotations

import json

from logwatch.render.dashboard.exporter_rows import exporter_row, sources_row
from logwatch.render.dashboard.panels import Json, laid_out
from logwatch.render.dashboard.rule_rows import rule_rows, verdicts_row
from logwatch.ruleset.model import RuleSet
from logwatch.serve import names

_SCHEMA = 39
"""The version of Grafana's model that is written, that of Grafana 11; newer ones read it."""


def grafana_dashboard(ruleset: RuleSet, job: str) -> str:
    """Return the JSON of a dashboard, to be imported or provisioned. `job` is what it shows at first."""
    rows = [verdicts_row(), *rule_rows(ruleset), sources_row(), exporter_row()]
    info = names.BUILD_INFO
    dashboard: Json = {
        "uid": "logwatch",
        "title": "logwatch",
        "tags": ["logwatch"],
        "schemaVersion": _SCHEMA,
        "editable": True,
        "graphTooltip": 1,  # one crosshair over all panels
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "utc",
        "templating": {
            "list": [
                {
                    "name": "datasource",
                    "label": "Data source",
                    "type": "datasource",
                    "query": "prometheus",
                    "refresh": 1,
                },
                _variable("job", "Job", f"label_values({info}, job)", now=job),
                _variable(
                    "instance", "Instance", f'label_values({info}{{job=~"$job"}}, instance)', every=True
                ),
                _variable(
                    names.WINDOW,
                    "Window of verdicts",
                    f'label_values({names.RULE_VERDICT}{{job=~"$job"}}, {names.WINDOW})',
                ),
            ]
        },
        "panels": laid_out(rows),
    }
    return json.dumps(dashboard, indent=1, ensure_ascii=False) + "\n"


def _variable(name: str, label: str, query: str, *, now: str = "", every: bool = False) -> Json:
    current: Json = (
        {"text": "All", "value": "$__all"} if every else {"text": now, "value": now} if now else {}
    )
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "query": {"query": query, "refId": name},
        "definition": query,
        "refresh": 2,  # when the time range changes
        "sort": 1,
        "multi": every,
        "includeAll": every,
        "current": current,
    }
