"""Quantiles against their limits."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from logwatch.ruleset.model import QuantileLimits
from logwatch.verdict.grounds import Part
from logwatch.verdict.statistics import observed_quantile, quantile_ranks, values_needed
from logwatch.verdict.verdict import Quantiles, Status
from logwatch.verdict.wording import against, amount

_MEDIAN, _P95, _P99 = 0.5, 0.95, 0.99


class Sample(msgspec.Struct, frozen=True):
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


def limited(limits: QuantileLimits | None) -> list[tuple[float, float]]:
    """Return the quantiles that are limited, each with its limit."""
    if limits is None:
        return []
    asked = ((_MEDIAN, limits.p50), (_P95, limits.p95))
    return [(q, limit) for q, limit in asked if limit is not None]


def judge_quantile(q: float, limit: float, sample: Sample, unit: str, *, quick: bool) -> Part:
    """Judge the `q` quantile of `sample` against `limit`, both in `unit`.

    Fails where its lower bound exceeds the limit, passes where its upper bound lies within it; `quick` lets
    the observed quantile pass. A median of fewer than 5 values is inconclusive; a p95 of fewer than 59
    decides nothing.
    """
    name, asked = f"p{q * 100:.0f}", f"limit {amount(limit, unit)}"
    needed = values_needed(q)
    if len(sample) < needed:
        status = Status.INCONCLUSIVE if q == _MEDIAN else None
        return Part(status, f"{name} not estimable (n = {len(sample)}, needs {needed})")
    observed = observed_quantile(sample, q)
    low, high = (sample[rank - 1] if rank else None for rank in quantile_ranks(len(sample), q))
    assert low is not None, "5 values bound a median from both sides, 59 a p95"
    assert high is not None

    def figure(value: float, bound: str = "") -> str:
        return against(value, limit, unit, bound)

    said = f"{name} {figure(observed)}"
    if low > limit:
        proof = "" if math.isinf(low) else f", {figure(low, 'at least ')} at 95 %"
        return Part(Status.FAIL, f"{said}{proof}, {asked}")
    if high <= limit:
        return Part(Status.PASS, f"{said}, {figure(high, 'at most ')} at 95 %, {asked}")
    if quick and observed <= limit:
        return Part(Status.PASS, f"{said} observed, {asked} (could be {figure(high)})")
    return Part(
        Status.INCONCLUSIVE, f"{said}, {asked}: too few to tell, {figure(low)} to {figure(high)} at 95 %"
    )


def quantiles(values: Sequence[float], unit: str) -> Quantiles | None:
    """Return the observed quantiles of `values` (ascending), None of nothing."""
    if not values:
        return None
    n = len(values)
    return Quantiles(
        unit=unit,
        p50=observed_quantile(values, _MEDIAN),
        p95=observed_quantile(values, _P95) if n >= values_needed(_P95) else None,
        p99=observed_quantile(values, _P99) if n >= values_needed(_P99) else None,
        max=values[-1],
        n=n,
    )


def figures(found: Quantiles) -> str:
    """Return the quantiles as a line says them: `p50 29.4s, p95 41s, max 52s`."""
    named = (("p50", found.p50), ("p95", found.p95), ("p99", found.p99), ("max", found.max))
    return ", ".join(f"{name} {amount(value, found.unit)}" for name, value in named if value is not None)
