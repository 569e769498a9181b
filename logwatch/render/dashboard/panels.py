"""Panels of Grafana, and how they are laid out.

Plain dictionaries, and not grafana-foundation-sdk: dashboards are rendered where logwatch runs, and four forms of
panels are less than a dependency of every user that covers all of Grafana.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Json = dict[str, object]

WIDTH = 24
"""Columns of Grafana's grid."""
_HEIGHT = 8
_DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}
Steps = tuple[tuple[float | None, str], ...]
"""Colours of values, each from a limit on (None: from the least)."""
NO_MATTER: Steps = ((None, "blue"),)
NONE_IS_GOOD: Steps = ((None, "green"), (0.5, "red"))
"""Steps of what should not happen; an increase is no whole number."""
ALL_IS_GOOD: Steps = ((None, "red"), (0.9, "orange"), (0.99, "green"))
"""Steps of shares that should be whole."""


class Form(StrEnum):
    """How a panel shows its queries; the value is Grafana's name of the plug-in."""

    LINES = "timeseries"
    STAT = "stat"
    GAUGE = "bargauge"
    STATES = "state-timeline"


@dataclass(frozen=True, slots=True)
class Query:
    """One query. `legend` names its series, with `{{label}}` for labels; `now`: only the value at the end."""

    expr: str
    legend: str
    now: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. `unit` is one of Grafana's; `columns` is its share of the grid.

    `bars`: counts, stacked. `says` shows values as words, each with its colour.
    """

    title: str
    form: Form
    queries: tuple[Query, ...]
    unit: str = "short"
    columns: int = 8
    bars: bool = False
    steps: Steps = NO_MATTER
    says: Mapping[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one heading. `text` is Markdown above them; empty: none."""

    title: str
    panels: tuple[Panel, ...]
    text: str = ""


def laid_out(rows: Iterable[Row]) -> list[Json]:
    """Return the panels of all rows, with their places and ids, from the top down."""
    placed: list[Json] = []
    y = 0
    for row in rows:
        placed.append(
            {"type": "row", "title": row.title, "collapsed": False, "gridPos": _place(0, y, WIDTH, 1)}
        )
        y += 1
        if row.text:
            height = min(10, 2 + row.text.count("\n"))
            placed.append({**_text(row.text), "gridPos": _place(0, y, WIDTH, height)})
            y += height
        x = 0
        for panel in row.panels:
            if x + panel.columns > WIDTH:
                x, y = 0, y + _HEIGHT
            placed.append({**_panel(panel), "gridPos": _place(x, y, panel.columns, _HEIGHT)})
            x += panel.columns
        y += _HEIGHT
    return [{"id": number, **panel} for number, panel in enumerate(placed, 1)]


def literal(text: str) -> str:
    """Return `text` as Markdown that shows it as it is, and as no variable of Grafana."""
    return "".join(char if char.isalnum() or char in " .,:;-()'" else f"&#{ord(char)};" for char in text)


def _place(x: int, y: int, width: int, height: int) -> Json:
    return {"x": x, "y": y, "w": width, "h": height}


def _text(markdown: str) -> Json:
    options = {"mode": "markdown", "content": markdown}
    return {"type": "text", "title": "", "transparent": True, "options": options}


def _panel(panel: Panel) -> Json:
    defaults: Json = {
        "unit": panel.unit,
        "color": {"mode": "palette-classic" if panel.form is Form.LINES else "thresholds"},
        "thresholds": {
            "mode": "absolute",
            "steps": [{"value": value, "color": color} for value, color in panel.steps],
        },
    }
    if panel.form is Form.LINES:
        defaults |= {"min": 0, "custom": _BARS if panel.bars else _LINES}
    if panel.says:
        options = {str(value): {"text": text, "color": color} for value, (text, color) in panel.says.items()}
        defaults["mappings"] = [{"type": "value", "options": options}]
    return {
        "type": panel.form.value,
        "title": panel.title,
        "datasource": _DATASOURCE,
        "targets": [_target(query, place) for place, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": _OPTIONS[panel.form],
    }


def _target(query: Query, place: int) -> Json:
    return {
        "refId": chr(ord("A") + place),
        "datasource": _DATASOURCE,
        "expr": query.expr,
        "legendFormat": query.legend,
        "instant": query.now,
        "range": not query.now,
    }


_LINES: Json = {"drawStyle": "line", "fillOpacity": 10, "spanNulls": True}
_BARS: Json = {"drawStyle": "bars", "fillOpacity": 80, "stacking": {"mode": "normal"}}
_LAST: Json = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_OPTIONS: Mapping[Form, Json] = {
    Form.LINES: {
        "legend": {"displayMode": "list", "placement": "bottom"},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    Form.STAT: {
        "reduceOptions": _LAST,
        "colorMode": "value",
        "graphMode": "none",
        "textMode": "value_and_name",
    },
    Form.GAUGE: {"reduceOptions": _LAST, "orientation": "horizontal", "displayMode": "basic"},
    Form.STATES: {"showValue": "never", "mergeValues": True, "rowHeight": 0.8},
}
