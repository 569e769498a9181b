"""PromQL of panels: what the chosen exporters export, over the time that is shown."""

from __future__ import annotations

from collections.abc import Iterable

from logwatch.ruleset.model import Rule

RANGE = "$__range"
"""All of the time that is shown."""
STEP = "$__rate_interval"
"""So much of it as a point of a line stands for, and never less than a few scrapes."""


def at(name: str, *matchers: str) -> str:
    """Return the series of `name` of the chosen exporters; `matchers` are further ones of PromQL."""
    chosen = ", ".join(('job=~"$job"', 'instance=~"$instance"', *matchers))
    return f"{name}{{{chosen}}}"


def grown(by: str, span: str, name: str, *matchers: str) -> str:
    """Return by how much a counter grew in `span`, summed by the labels `by`."""
    return f"sum by ({by}) (increase({at(name, *matchers)}[{span}]))"


def rate(by: str, name: str, *matchers: str) -> str:
    """Return how fast a counter grows, per second, summed by the labels `by`."""
    return f"sum by ({by}) (rate({at(name, *matchers)}[{STEP}]))"


def quantile(share: float, by: str, histogram: str, *matchers: str) -> str:
    """Return a quantile of a histogram, by the labels `by`."""
    buckets = f"sum by ({by}, le) (rate({at(f'{histogram}_bucket', *matchers)}[{STEP}]))"
    return f"histogram_quantile({share}, {buckets})"


def among(label: str, rules: Iterable[Rule]) -> str:
    """Return a matcher of series whose `label` is the id of one of the rules."""
    ids = "|".join(rule.id for rule in rules)
    return f'{label}=~"{ids}"'
