"""A match: what one record means to one rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from logwatch.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Match:
    """One record that plays a role in one rule.

    `role` is `match` (forbid, expect, count, measure), `start`, `enqueued` or an outcome (pair), a step's
    name, `never` or `skipped:STEP` (sequence), `numerator` or `denominator` (ratio). `key` is None where the
    rule has no key or a part of it was not captured (the rule tells which). `values` are the captured numbers
    (ratio, measure), in the rule's unit; NaN for a capture that is no number. `labels` are in the rule's
    order; a label not captured is the empty string. `deployment` is the record's deployment id, where records
    carry one.
    """

    role: str
    time: datetime
    source: str
    evidence: Evidence
    key: tuple[str, ...] | None = None
    labels: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    deployment: str | None = None
