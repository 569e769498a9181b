"""The dashboard of Grafana is whole: a row for each kind, panels side by side, texts that stay texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from logwatch.render.dashboard.grafana import grafana_dashboard
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.model import Kind, RuleSet
from logwatch.ruleset.shipped import shipped_rules

EVERY_KIND = Path(__file__).parent / "every_kind.yml"


def panels(ruleset: RuleSet) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(grafana_dashboard(ruleset, "logwatch"))["panels"]
    return found


def rows(ruleset: RuleSet) -> list[str]:
    return [panel["title"] for panel in panels(ruleset) if panel["type"] == "row"]


def test_the_dashboard_of_the_shipped_rules_is_this(golden: Callable[[str, str], None]) -> None:
    golden("shipped-dashboard.json", grafana_dashboard(shipped_rules(), "logwatch"))


def test_each_kind_that_has_rules_has_a_row_between_verdicts_and_sources() -> None:
    every = load_rules([EVERY_KIND])
    kinds = ["Must not occur", "Runs", "Steps in order", "Ratios", "Must occur", "Measured", "Counted"]
    assert rows(every) == ["Verdicts", *kinds, "Sources", "Exporter"]
    forbids = RuleSet(tuple(rule for rule in every.rules if rule.kind is Kind.FORBID))
    assert rows(forbids) == ["Verdicts", "Must not occur", "Sources", "Exporter"]


def test_panels_have_ids_of_their_own_and_none_lies_on_another() -> None:
    found = panels(load_rules([EVERY_KIND]))
    assert len({panel["id"] for panel in found}) == len(found)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in found)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) == 23


def test_titles_of_rules_are_shown_as_they_are_and_run_as_nothing() -> None:
    text = next(panel for panel in panels(load_rules([EVERY_KIND])) if panel["type"] == "text")
    content = text["options"]["content"]
    assert content.startswith("- `hostile` &#123;&#123; &#36;labels.job &#125;&#125;")
    assert not set("{}$<>[]*_|\\") & set(content)


def test_every_panel_asks_for_what_is_chosen_of_one_data_source() -> None:
    for panel in panels(load_rules([EVERY_KIND])):
        for target in panel.get("targets", []):
            assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            assert 'job=~"$job", instance=~"$instance"' in target["expr"]
