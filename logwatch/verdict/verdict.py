"""The verdict: what `judge` returns and every report renders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from logwatch.evidence import Evidence
from logwatch.records.coverage import Coverage, Window
from logwatch.ruleset.model import Kind, Severity


class Status(StrEnum):
    """Three values, never two; `info` is for rules that are given nothing to be judged by."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    INFO = "info"


class Assurance(StrEnum):
    """How much a pass must rule out."""

    QUICK = "quick"
    STANDARD = "standard"
    STRICT = "strict"

    @property
    def reject(self) -> float:
        """R: a pass rules out that success is below this."""
        return {"quick": 0.5, "standard": 0.8, "strict": 0.95}[self.value]


class Rate(msgspec.Struct, frozen=True):
    """A success rate with its one-sided 95 % Clopper-Pearson bounds; shares of 1."""

    value: float
    lower: float
    upper: float
    n: int
    target: float
    reject: float


class Quantiles(msgspec.Struct, frozen=True):
    """Quantiles of what was measured, in `unit` (`s`, `bytes`, `count`).

    P95 is None below 59 values, p99 below 299.
    """

    unit: str
    p50: float
    p95: float | None
    p99: float | None
    max: float
    n: int


class Exposure(msgspec.Struct, frozen=True):
    """How often a forbidden thing could have happened.

    `n` runs of `rule` where `required` are needed; with none seen its rate is below `upper` at 95 %.
    """

    rule: str
    n: int
    required: int
    upper: float


class LabelCount(msgspec.Struct, frozen=True):
    """How many matches carry these label values."""

    labels: Mapping[str, str]
    n: int


Counts = Mapping[str, int | float | Mapping[str, int]]


class RuleVerdict(msgspec.Struct, frozen=True):
    """One rule's verdict with its proof. `summary` is one line: the figure and its bound. `details` are
    further lines for people, `older` is the line on what belongs to an older deployment.

    `decides` says whether it had a say in the verdict of the whole. Fields that a kind does not have are None
    or empty.
    """

    id: str
    kind: Kind
    title: str
    severity: Severity
    decides: bool
    status: Status
    summary: str
    details: tuple[str, ...] = ()
    older: str = ""
    counts: Counts | None = None
    rate: Rate | None = None
    first_attempt_rate: float | None = None
    quantiles: Quantiles | None = None
    exposure: Exposure | None = None
    by_label: tuple[LabelCount, ...] = ()
    first: datetime | None = None
    last: datetime | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """All that is said besides the summary."""
        return (*self.details, self.older) if self.older else self.details


class Verdict(msgspec.Struct, frozen=True):
    """One verdict over one window. `reasons` are sentences that say why it is no pass; `notes` what the
    reader should know besides.

    `deployment` names the deployment whose window it is, where one was asked for.
    """

    status: Status
    assurance: Assurance
    window: Window
    coverage: Coverage
    rules: tuple[RuleVerdict, ...]
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    deployment: str | None = None
