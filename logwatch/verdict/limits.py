"""Quantiles against their limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from logwatch.verdict.statistics import observed_quantile, quantile_ranks, values_needed
from logwatch.verdict.verdict import Quantiles, Status
from logwatch.verdict.wording import amount

MEDIAN = 0.5
P95 = 0.95
P99 = 0.99


@dataclass(frozen=True, slots=True)
class Sample:
    """Values in ascending order, and how many more are known only to lie `under` or `over` the limit."""

    values: Sequence[float]
    under: int = 0
    over: int = 0

    def __len__(self) -> int:
        return self.under + len(self.values) + self.over

    def __getitem__(self, at: int) -> float:
        if at < self.under:
            return -math.inf
        at -= self.under
        return self.values[at] if at < len(self.values) else math.inf


@dataclass(frozen=True, slots=True)
class Part:
    """One judged part of a rule. `status` None: too few values, decides nothing."""

    status: Status | None
    text: str


def judge_quantile(q: float, limit: float, sample: Sample, unit: str, *, quick: bool) -> Part:
    """Judge the `q` quantile of `sample` against `limit`, both in `unit`.

    Fails where its lower bound exceeds the limit, passes where its upper bound lies within it; `quick` lets
    the observed quantile pass. Below 5 values a median is inconclusive; below 59 a p95 decides nothing.
    """
    name = f"p{q * 100:.0f}"
    needed = values_needed(q)
    if len(sample) < needed:
        text = f"{name} not estimable (n = {len(sample)}, needs {needed})"
        return Part(None, text) if q != MEDIAN else Part(Status.INCONCLUSIVE, f"{text}: inconclusive")
    observed = observed_quantile(sample, q)
    low, high = (sample[rank - 1] if rank else None for rank in quantile_ranks(len(sample), q))
    assert low is not None, "5 values bound a median from both sides, 59 a p95"
    assert high is not None

    def figure(value: float) -> str:
        return f"over {amount(limit, unit)}" if value == math.inf else amount(value, unit)

    asked = f"limit {amount(limit, unit)}"
    if low > limit:
        return Part(Status.FAIL, f"{name} {figure(observed)} (at least {figure(low)}, {asked})")
    if high <= limit or (quick and observed <= limit):
        return Part(Status.PASS, f"{name} {figure(observed)} (at most {figure(high)}, {asked})")
    span = f"{figure(low)} to {figure(high)}" if high != math.inf else f"at least {figure(low)}"
    return Part(Status.INCONCLUSIVE, f"{name} {figure(observed)} ({span}, {asked}): inconclusive")


def quantiles(values: Sequence[float], unit: str) -> Quantiles | None:
    """Return the observed quantiles of `values` (ascending), None of nothing."""
    if not values:
        return None
    n = len(values)
    return Quantiles(
        unit=unit,
        p50=observed_quantile(values, MEDIAN),
        p95=observed_quantile(values, P95) if n >= values_needed(P95) else None,
        p99=observed_quantile(values, P99) if n >= values_needed(P99) else None,
        max=values[-1],
        n=n,
    )
