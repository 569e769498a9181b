"""Aggregation of matches to the tallies of forbid, count, expect, measure and ratio.

Exact whatever the order of arrival; only which labels are counted apart is for those that come first.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import itemgetter
from typing import Any, Generic, Protocol, TypeVar

from logwatch.engine.attribution import Attribution
from logwatch.engine.match import Key, Match
from logwatch.engine.saved import restored, saved
from logwatch.engine.sums import CountSums, ExpectSums, MeasureSums, RatioSums, Sums, numbers
from logwatch.engine.tally import ExpectTally, MatchTally, MeasureTally, RatioTally, Tally
from logwatch.evidence import Evidence
from logwatch.records.coverage import Window
from logwatch.ruleset.model import ExpectRule, RatioRule

Made = TypeVar("Made", bound=Sums)


class Aggregator(Generic[Made]):
    """A tally in the making. All that it knows is in `sums`."""

    def __init__(self, attribution: Attribution, sums: Made) -> None:
        self._attribution = attribution
        self.sums = sums

    def timeout(self, moment: datetime | None) -> None:
        """Note that a pattern ran out of time on a record of that time (None: it has none)."""
        if moment is None or moment in self._attribution.bounds:
            self.sums.timeouts += 1

    def include(self, other: Aggregator[Made]) -> None:
        """Count what another one of the same rule counted."""
        self.sums.include(other.sums)

    def state(self) -> bytes:
        """Return all that it knows."""
        return saved(self.sums)

    def restore(self, state: bytes) -> None:
        """Know what another one knew, of the same rule."""
        self.sums = restored(type(self.sums), state)

    def _common(self) -> dict[str, Any]:
        sums = self.sums
        return {
            "first": sums.span.first,
            "last": sums.span.last,
            "evidence": sums.citations.all(),
            "pattern_timeouts": sums.timeouts,
            "older": sums.older,
        }


class Said(Protocol):
    """What a match says, wherever it was found."""

    @property
    def role(self) -> str: ...  # noqa: D102
    @property
    def key(self) -> Key | None: ...  # noqa: D102
    @property
    def labels(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def values(self) -> tuple[float, ...]: ...  # noqa: D102


class MatchAggregator(Aggregator[Made]):
    """Counts matches: those in the window, and of the judged deployment. `timed`: it needs to know when each was."""

    timed = False

    def match(self, match: Match) -> None:
        """Count one match, if it lies in the window."""
        time, attribution = match.time, self._attribution
        if time not in attribution.bounds:
            return
        if attribution.names and attribution.match_is_older(match):
            self.sums.older += 1
            return
        evidence = match.evidence
        self.cite(match.role, evidence)
        self.count(match, 1)
        if self.timed and evidence.time is not None:
            self.note(match, (time.timestamp(),))

    def count(self, said: Said, n: int) -> None:
        """Count `n` matches in the window that say the same."""
        raise NotImplementedError

    def cites(self, role: str, time: datetime) -> bool:
        """Whether a match of that time may be among the first that are cited."""
        return self.sums.citations.early(time)

    def cite(self, role: str, evidence: Evidence) -> None:
        """Offer the evidence of a match that is counted; of many, the first and the last few are enough."""
        sums = self.sums
        if evidence.time is not None:
            sums.span.add(evidence.time)
        sums.citations.add(evidence)

    def note(self, said: Said, times: Sequence[float]) -> None:
        """Note when matches were that are counted, in seconds of the epoch."""

    def tally(self, window: Window) -> Tally:
        """Return the tally."""
        raise NotImplementedError


Counted = TypeVar("Counted", bound=CountSums)


class _Counting(MatchAggregator[Counted]):
    def count(self, said: Said, n: int) -> None:
        sums = self.sums
        sums.matches += n
        if said.labels:
            sums.add_label(said.labels, n)

    def _counts(self) -> dict[str, Any]:
        return {**self._common(), "matches": self.sums.matches, "by_label": dict(self.sums.labels)}


class CountAggregator(_Counting[CountSums]):
    """forbid, count: how many records match, by label."""

    def __init__(self, attribution: Attribution) -> None:
        super().__init__(attribution, CountSums())

    def tally(self, window: Window) -> MatchTally:
        """Return the number of matches, by label, with the first and the last."""
        return MatchTally(**self._counts())


class ExpectAggregator(_Counting[ExpectSums]):
    """expect: matches per key, and the longest silence of each."""

    def __init__(self, attribution: Attribution, rule: ExpectRule) -> None:
        super().__init__(attribution, ExpectSums(by_key=Counter(dict.fromkeys(rule.expected, 0))))
        self._every = rule.every
        self.timed = rule.every is not None
        self._key = ""

    def count(self, said: Said, n: int) -> None:
        """Count them, by key."""
        super().count(said, n)
        self._key = self.sums.add_key("/".join(said.key or ()), n)

    def note(self, said: Said, times: Sequence[float]) -> None:
        """Note when matches of the key were that was counted last."""
        self.sums.times.setdefault(self._key, numbers()).extend(times)

    def tally(self, window: Window) -> ExpectTally:
        """Return the matches per key and, under `every`, the longest silences, the window's borders included."""
        keys = (self.sums.by_key or {"": 0}) if self._every is not None else {}
        gaps = {key: _longest_gap(self.sums.times.get(key, ()), window) for key in keys}
        return ExpectTally(**self._counts(), by_key=dict(self.sums.by_key), longest_gap=gaps)


def _longest_gap(times: Iterable[float], window: Window) -> tuple[datetime, timedelta]:
    moments = (datetime.fromtimestamp(time, UTC) for time in sorted(times))
    gaps = ((start, end - start) for start, end in pairwise((window.since, *moments, window.until)))
    return max(gaps, key=itemgetter(1))


class MeasureAggregator(_Counting[MeasureSums]):
    """measure: every captured number, or `most_values` of them, spread over all."""

    def __init__(self, attribution: Attribution, most_values: int | None = None) -> None:
        super().__init__(attribution, MeasureSums())
        self._most_values = most_values

    def count(self, said: Said, n: int) -> None:
        """Count them, and keep their numbers."""
        super().count(said, n)
        readable = [value for value in said.values if not math.isnan(value)]
        self.sums.unreadable += (len(said.values) - len(readable)) * n
        self.sums.add(readable * n, self._most_values)

    def tally(self, window: Window) -> MeasureTally:
        """Return the numbers in ascending order."""
        values = array("d", sorted(self.sums.values))
        return MeasureTally(**self._counts(), values=values, unreadable=self.sums.unreadable)


class RatioAggregator(MatchAggregator[RatioSums]):
    """ratio: two sums, or counts where a side captures nothing."""

    def __init__(self, attribution: Attribution, rule: RatioRule) -> None:
        super().__init__(attribution, RatioSums())
        self._summed = {"numerator": rule.numerator.sum, "denominator": rule.denominator.sum}

    def count(self, said: Said, n: int) -> None:
        """Add their numbers, or as many as there are where the side captures none."""
        sums, role = self.sums, said.role
        sums.records[role] += n
        if not self._summed[role]:
            sums.add(role, float(n))
            return
        for value in said.values:
            if math.isnan(value):
                sums.unreadable += n
            else:
                sums.integral = sums.integral and value.is_integer()
                sums.add_many(role, value, n)

    def tally(self, window: Window) -> RatioTally:
        """Return both sums."""
        sums = self.sums
        return RatioTally(
            **self._common(),
            numerator=math.fsum(sums.totals["numerator"]),
            denominator=math.fsum(sums.totals["denominator"]),
            integral=sums.integral,
            numerator_records=sums.records["numerator"],
            denominator_records=sums.records["denominator"],
            unreadable=sums.unreadable,
        )
