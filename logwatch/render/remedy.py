"""What alerts have in common: what to do, and how much must have been seen before one speaks."""

from __future__ import annotations

from datetime import timedelta

from logwatch.render.annotations import Text
from logwatch.ruleset.model import Rule

MINUTE = timedelta(minutes=1)

LEAST_RUNS = 5
"""Runs below which no rate is judged, as `quick` assurance asks."""

RECENT = timedelta(minutes=15)
"""How long something that must not happen is alerted about; longer than an exporter takes to start again."""


def runbook(rule: Rule) -> Text:
    """Return what to do about `rule`."""
    return (f"Where the logs are, `logwatch check --since 30m --rule {rule.id}` shows the lines.",)
