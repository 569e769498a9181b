"""Sums: what tallies in the making hold. Those of two windows add up to those of both."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from logwatch.engine.samples import Citations, Span

if TYPE_CHECKING:
    Numbers = array[float]
else:
    Numbers = array  # cannot be subscripted where state is restored by its types

LABEL_VALUES = 100
"""Combinations of label values that a rule counts apart; the rest is counted as OTHER."""
OTHER = "__other__"
_EXACT = 2.0**53
"""Up to which every integer is a number."""


def numbers() -> Numbers:
    """Return an empty series."""
    return array("d")


class Sums(msgspec.Struct):
    """What every rule's tally in the making holds."""

    timeouts: int = 0
    older: int = 0
    span: Span = msgspec.field(default_factory=Span)
    citations: Citations = msgspec.field(default_factory=Citations)

    def cited(self) -> Iterator[Citations]:
        """Yield all citations."""
        yield self.citations

    def include(self, other: Sums) -> None:
        """Add what `other`, of the same kind, holds; it stays as it is."""
        self.timeouts += other.timeouts
        self.older += other.older
        self.span.include(other.span)
        self.citations.include(other.citations)


class CountSums(Sums):
    """Records that match."""

    matches: int = 0
    labels: Counter[tuple[str, ...]] = msgspec.field(default_factory=Counter)

    def add_label(self, labels: tuple[str, ...], n: int = 1) -> None:
        """Count `labels`, apart if there is room."""
        known = labels in self.labels or len(self.labels) < LABEL_VALUES
        self.labels[labels if known else (OTHER,) * len(labels)] += n

    def include(self, other: Sums) -> None:
        """Add what `other` holds."""
        assert isinstance(other, CountSums)
        Sums.include(self, other)
        self.matches += other.matches
        for labels, n in other.labels.items():
            self.add_label(labels, n)


class ExpectSums(CountSums):
    """Records per key; their times only where silence matters."""

    by_key: Counter[str] = msgspec.field(default_factory=Counter)
    times: dict[str, Numbers] = msgspec.field(default_factory=dict)

    def add_key(self, key: str, n: int = 1) -> str:
        """Count `key`, apart if there is room; return the key under which it is counted."""
        if key not in self.by_key and len(self.by_key) >= LABEL_VALUES:
            key = OTHER
        self.by_key[key] += n
        return key

    def include(self, other: Sums) -> None:
        """Add what `other` holds."""
        assert isinstance(other, ExpectSums)
        CountSums.include(self, other)
        for key, n in other.by_key.items():
            known = self.add_key(key, n)
            if key in other.times:
                self.times.setdefault(known, numbers()).extend(other.times[key])


class MeasureSums(CountSums):
    """Captured numbers."""

    values: Numbers = msgspec.field(default_factory=numbers)
    unreadable: int = 0
    passed: int = 0
    stride: int = 1

    def add(self, values: Iterable[float], most: int | None) -> None:
        """Keep all values, or, where there are more than `most`, one in `stride` of them.

        Quantiles stay where they are, and are said with the confidence of what is kept.
        """
        for value in values:
            if self.passed % self.stride == 0:
                self.values.append(value)
            self.passed += 1
        if most is not None and len(self.values) > most:
            self.values = self.values[::2]
            self.stride *= 2

    def include(self, other: Sums) -> None:
        """Add what `other` holds."""
        assert isinstance(other, MeasureSums)
        CountSums.include(self, other)
        self.values.extend(other.values)
        self.unreadable += other.unreadable


class RatioSums(Sums):
    """What was captured on either side, by role: numbers of which the sum is exact, whatever came in which order
    (Shewchuk 1997, "Adaptive Precision Floating-Point Arithmetic"). They do not overlap, and so are few.
    """

    totals: dict[str, Numbers] = msgspec.field(
        default_factory=lambda: {"numerator": numbers(), "denominator": numbers()}
    )
    records: Counter[str] = msgspec.field(default_factory=Counter)
    integral: bool = True
    unreadable: int = 0

    def add(self, role: str, value: float) -> None:
        """Add a number to one side."""
        partial, kept = self.totals[role], 0
        for other in partial:
            small, large = (value, other) if abs(value) < abs(other) else (other, value)
            value = large + small
            lost = small - (value - large)
            if lost:
                partial[kept] = lost
                kept += 1
        del partial[kept:]
        partial.append(value)

    def add_many(self, role: str, value: float, n: int) -> None:
        """Add a number to one side `n` times."""
        product = value * n
        if abs(product) < _EXACT and value.is_integer():
            self.add(role, product)
            return
        for _ in range(n):
            self.add(role, value)

    def include(self, other: Sums) -> None:
        """Add what `other` holds."""
        assert isinstance(other, RatioSums)
        Sums.include(self, other)
        for role, values in other.totals.items():
            for value in values:
                self.add(role, value)
        self.records.update(other.records)
        self.integral = self.integral and other.integral
        self.unreadable += other.unreadable
