"""An alert, with the series that prove it: some on which it fires, some on which it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from logwatch.render.annotations import Text

DEFAULT_JOB = "logwatch"


@dataclass(frozen=True, slots=True)
class Watch:
    """How the exporter is watched. `job`: the name under which Prometheus scrapes it.

    `silent_after`: how long a log may be silent before somebody should look.
    """

    job: str = DEFAULT_JOB
    silent_after: timedelta = timedelta(minutes=15)

    @property
    def target(self) -> Mapping[str, str]:
        """The labels of one target, as the proofs of alerts have them."""
        return {"instance": "worker-1:9437", "job": self.job}


@dataclass(frozen=True, slots=True)
class Case:
    """Input of a proof, in the notation of promtool, one value a minute (`0+1x60`), and when to look.

    `labels` and `value` are those of the alert that fires; without meaning where none does.
    """

    says: str
    series: Mapping[str, str]
    at: timedelta
    labels: Mapping[str, str] = field(default_factory=dict)
    value: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alerting rule. `hold`: how long the expression must hold before it fires.

    `labels` are added to those that the expression leaves.
    """

    name: str
    expr: str
    severity: str
    summary: Text
    description: Text
    runbook: Text
    fires: tuple[Case, ...]
    quiet: tuple[Case, ...]
    hold: timedelta = timedelta()
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def annotations(self) -> Mapping[str, Text]:
        """The annotations that say something."""
        said = {"summary": self.summary, "description": self.description, "runbook": self.runbook}
        return {name: text for name, text in said.items() if any(text)}


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording rule."""

    record: str
    expr: str
