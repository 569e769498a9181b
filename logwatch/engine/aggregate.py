"""Aggregation of matches.

To the tallies of forbid, count, expect, measure and ratio. Exact whatever the order of arrival.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from logwatch.engine.attribution import Attribution
from logwatch.engine.match import Match
from logwatch.engine.samples import Citations, Span
from logwatch.engine.tally import (
    ExpectTally,
    MatchTally,
    MeasureTally,
    RatioTally,
)
from logwatch.records.coverage import Window

LABEL_VALUES = 100
"""Combinations of label values that a rule counts apart; the rest is counted as OTHER."""
OTHER = "__other__"


class MatchAggregator:
    """forbid, count: how many records match, by label."""

    def __init__(self, attribution: Attribution) -> None:
        self._attribution = attribution
        self._span = Span()
        self._matches = self._older = 0
        self._labels: Counter[tuple[str, ...]] = Counter()
        self._citations = Citations()

    def match(self, match: Match) -> None:
        """Count one match, if it lies in the window."""
        if match.time not in self._attribution.bounds:
            return
        if self._attribution.match_is_older(match):
            self._older += 1
            return
        self._matches += 1
        self._span.add(match.time)
        self._citations.add(match.evidence)
        if match.labels:
            known = match.labels in self._labels or len(self._labels) < LABEL_VALUES
            self._labels[match.labels if known else (OTHER,) * len(match.labels)] += 1
        self._counted(match)

    def _counted(self, match: Match) -> None:
        """For kinds that keep more of a match."""

    def tally(self, window: Window, pattern_timeouts: int) -> MatchTally:
        """Return the number of matches, by label, with the first and the last."""
        return MatchTally(
            first=self._span.first,
            last=self._span.last,
            evidence=self._citations.all(),
            pattern_timeouts=pattern_timeouts,
            older=self._older,
            matches=self._matches,
            by_label=dict(self._labels),
        )


def _fields(tally: MatchTally) -> dict[str, Any]:
    return {field.name: getattr(tally, field.name) for field in fields(tally)}


class ExpectAggregator(MatchAggregator):
    """expect: matches per key, and the longest silence of each."""

    def __init__(self, attribution: Attribution, expected: tuple[str, ...]) -> None:
        super().__init__(attribution)
        self._by_key: Counter[str] = Counter(dict.fromkeys(expected, 0))
        self._spans: dict[str, Span] = {key: Span() for key in expected}
        self._gaps: dict[str, tuple[datetime, timedelta]] = {}

    def _counted(self, match: Match) -> None:
        key = "/".join(match.key or ())
        if key not in self._by_key and len(self._by_key) >= LABEL_VALUES:
            key = OTHER
        self._by_key[key] += 1
        span = self._spans.setdefault(key, Span())
        if span.last is not None:
            gap = match.time - span.last
            if key not in self._gaps or gap > self._gaps[key][1]:
                self._gaps[key] = (span.last, gap)
        span.add(match.time)

    def tally(self, window: Window, pattern_timeouts: int) -> ExpectTally:
        """Return the matches per key and the longest silences, the window's borders included."""
        if not self._spans:
            self._spans[""] = Span()
        gaps: dict[str, tuple[datetime, timedelta]] = {}
        for key, span in self._spans.items():
            stretches = [(window.since, (span.first or window.until) - window.since)]
            if key in self._gaps:
                stretches.append(self._gaps[key])
            if span.last is not None:
                stretches.append((span.last, window.until - span.last))
            gaps[key] = max(stretches, key=lambda stretch: stretch[1])
        base = super().tally(window, pattern_timeouts)
        return ExpectTally(**_fields(base), by_key=dict(self._by_key), longest_gap=gaps)


class MeasureAggregator(MatchAggregator):
    """measure: every captured number."""

    def __init__(self, attribution: Attribution) -> None:
        super().__init__(attribution)
        self._values = array("d")
        self._unreadable = 0

    def _counted(self, match: Match) -> None:
        readable = [value for value in match.values if not math.isnan(value)]
        self._unreadable += len(match.values) - len(readable)
        self._values.extend(readable)

    def tally(self, window: Window, pattern_timeouts: int) -> MeasureTally:
        """Return the numbers in ascending order."""
        base = super().tally(window, pattern_timeouts)
        values = array("d", sorted(self._values))
        return MeasureTally(**_fields(base), values=values, unreadable=self._unreadable)


class RatioAggregator:
    """ratio: two sums, or counts where a side captures nothing."""

    def __init__(self, attribution: Attribution, sums: dict[str, bool]) -> None:
        self._attribution = attribution
        self._sums = sums
        self._totals: dict[str, list[float]] = {role: [] for role in sums}
        self._records: Counter[str] = Counter()
        self._integral = True
        self._older = self._unreadable = 0
        self._span = Span()
        self._citations = Citations()

    def match(self, match: Match) -> None:
        """Add one match to its side, if it lies in the window."""
        if match.time not in self._attribution.bounds:
            return
        if self._attribution.match_is_older(match):
            self._older += 1
            return
        self._records[match.role] += 1
        self._span.add(match.time)
        self._citations.add(match.evidence)
        partial = self._totals[match.role]
        for value in match.values if self._sums[match.role] else (1.0,):
            if math.isnan(value):
                self._unreadable += 1
                continue
            self._integral = self._integral and value.is_integer()
            partial.append(value)
        if len(partial) > 1000:  # fsum over partial sums: exact enough at any length, small in memory
            partial[:] = [math.fsum(partial)]

    def tally(self, window: Window, pattern_timeouts: int) -> RatioTally:
        """Return both sums."""
        return RatioTally(
            first=self._span.first,
            last=self._span.last,
            evidence=self._citations.all(),
            pattern_timeouts=pattern_timeouts,
            older=self._older,
            numerator=math.fsum(self._totals["numerator"]),
            denominator=math.fsum(self._totals["denominator"]),
            integral=self._integral,
            numerator_records=self._records["numerator"],
            denominator_records=self._records["denominator"],
            unreadable=self._unreadable,
        )
