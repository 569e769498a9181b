"""A match: what one record means to one rule. An event: all that one record means, and its place in time."""

from __future__ import annotations

from datetime import datetime

import msgspec

from logwatch.evidence import Evidence

Key = tuple[str, ...]
"""The values of a rule's key; what correlates the records of one run."""


class Match(msgspec.Struct, frozen=True, gc=False):
    """One record that plays a role in one rule.

    `role` is `match` (forbid, expect, count, measure), `start`, `enqueued` or an outcome (pair), a step's
    name, `never` or `skipped:STEP` (sequence), `numerator` or `denominator` (ratio). `key` is None where the
    rule has no key or a part of it was not captured (the rule tells which). `values` are the captured numbers
    (ratio, measure), in the rule's unit; NaN for a capture that is no number. `labels` are in the rule's
    order; a label not captured is the empty string. `deployment` is the record's deployment id, where records
    carry one.
    """

    rule: str
    role: str
    time: datetime
    source: str
    evidence: Evidence
    key: Key | None = None
    labels: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    deployment: str | None = None

    @property
    def dated(self) -> bool:
        """Whether `time` is something that was read, and not merely assumed."""
        return self.evidence.time is not None


class Event(msgspec.Struct, frozen=True, gc=False):
    """One record that concerns at least one rule: its place in the order of time, and its matches.

    `time` is None where the source carries no time at all. `timeouts` names the rules of which a pattern used
    up its time budget on the record.
    """

    time: datetime | None
    source: str
    ordinal: int
    matches: tuple[Match, ...]
    timeouts: tuple[str, ...] = ()
