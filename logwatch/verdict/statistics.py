"""Bounds at one-sided 95 %, and how many runs a statement needs. Exact where an exact method exists.

Proportions: Clopper and Pearson (1934). Differences of proportions: Newcombe (1998), method 10; of
frequencies: the conditional binomial test. Quantiles: order statistics (Conover, "Practical Nonparametric
Statistics", 3.2). Shares are of 1, not percentages.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import Protocol

import msgspec

from logwatch.verdict.binomial import beta_quantile, binomial_cdf, binomial_tail

ALPHA = 0.05
"""The share of cases in which a one-sided bound may be wrong."""
_Z = 1.6448536269514722  # the normal distribution's 95 % quantile


def lower_bound(successes: int, n: int) -> float:
    """Return the Clopper-Pearson lower bound of a share, `successes` of `n` seen; 0 where none was."""
    if successes <= 0:
        return 0.0
    if successes >= n:
        return float(ALPHA ** (1.0 / n))
    return beta_quantile(ALPHA, successes, n - successes + 1)


def upper_bound(successes: int, n: int) -> float:
    """Return the Clopper-Pearson upper bound of a share, `successes` of `n` seen; 1 if all were."""
    if successes >= n:
        return 1.0
    if successes <= 0:
        return zero_events_bound(n)
    # the lower bound of the failures is exact where few failed: better than a bound next to 1
    return 1.0 - lower_bound(n - successes, n)


def zero_events_bound(n: int) -> float:
    """Return the upper bound of a rate of which none was seen in `n` trials: 1 - 0.05^(1/n); 1 for n = 0."""
    return -math.expm1(math.log(ALPHA) / n) if n > 0 else 1.0


def more_clean_runs(successes: int, n: int, required: float) -> int | None:
    """Return how many more runs, all successful, lift the lower bound to `required`; 0: it is there already.

    At least one run there must be. None where no number does (`required` is 1 or more). From nothing it takes
    5 for 0.5, 14 for 0.8, 59 for 0.95.
    """
    if required >= 1.0:
        return None
    if required <= 0.0:
        return 0 if n else 1

    def decided(more: int) -> bool:
        return successes + more > 0 and binomial_tail(successes + more, n + more, required) <= ALPHA

    if decided(0):
        return 0
    many = 1
    while not decided(many):
        many *= 2
    return bisect_left(range(many), True, key=decided)


def exposure_needed(p: float) -> int:
    """Return in how many runs what happens in a share `p` of them shows itself at least once, at 95 %.

    ceil(ln 0.05 / ln(1 - p)), at least 1. Raises `ValueError` for p <= 0: no number of runs shows what never
    happens.
    """
    if p <= 0.0:
        raise ValueError("a rate of zero needs no end of runs")
    if p >= 1.0:
        return 1
    # rounded first: the last digit of a logarithm must not cost a run
    return max(1, math.ceil(round(math.log(ALPHA) / math.log1p(-p), 9)))


def quantile_ranks(n: int, q: float) -> tuple[int | None, int | None]:
    """Return the ranks (from 1) of the order statistics that bound the `q` quantile of `n` values from below
    and from above, each at 95 %; None where there are too few values for a bound on that side.
    """
    lower = bisect_left(range(n), True, key=lambda rank: binomial_cdf(rank, n, q) > ALPHA)
    upper = 1 + bisect_left(range(n), True, key=lambda rank: binomial_cdf(rank, n, q) >= 1.0 - ALPHA)
    return (lower or None, upper if upper <= n else None)


def values_needed(q: float) -> int:
    """Return from how many values on the `q` quantile has an upper bound: 5 for the median, 59 for p95."""
    return math.ceil(math.log(ALPHA) / math.log(q))


class Ascending(Protocol):
    """Values in ascending order: a list, an array, or what stands for one."""

    def __len__(self) -> int: ...
    def __getitem__(self, at: int, /) -> float: ...


def observed_quantile(values: Ascending, q: float) -> float:
    """Return the `q` quantile of `values` (ascending, not empty), interpolated linearly between neighbours.

    Hyndman and Fan (1996), type 7. Infinite values count as larger than every other.
    """
    place = q * (len(values) - 1)
    at = math.floor(place)
    share = place - at
    if share == 0.0 or values[at] in {values[at + 1], -math.inf}:
        return values[at]
    return values[at] + share * (values[at + 1] - values[at])


class Difference(msgspec.Struct, frozen=True):
    """A difference of two shares or frequencies with its one-sided 95 % bounds."""

    value: float
    lower: float
    upper: float


def difference(after: int, n_after: int, before: int, n_before: int) -> Difference:
    """Return `after` of `n_after` less `before` of `n_before`, with Newcombe's bounds; both n > 0."""
    p1, low1, high1 = _wilson(after, n_after)
    p2, low2, high2 = _wilson(before, n_before)
    value = p1 - p2
    return Difference(
        value,
        max(-1.0, value - math.hypot(p1 - low1, high2 - p2)),
        min(1.0, value + math.hypot(high1 - p1, p2 - low2)),
    )


def frequency_difference(after: int, n_after: int, before: int, n_before: int) -> Difference:
    """Return how much more often something happened: `after` times in `n_after` runs, less `before` in
    `n_before`; both n > 0.

    Conditional binomial test (Przyborowski and Wilenski, 1940): of all that happened, the share that happened
    after has exact bounds, and each share is one difference of frequencies. A bound excludes 0 exactly where
    the test finds a change.
    """
    total = after + before

    def at(share: float) -> float:
        return total * (share / n_after - (1.0 - share) / n_before)

    return Difference(
        after / n_after - before / n_before, at(lower_bound(after, total)), at(upper_bound(after, total))
    )


def _wilson(k: int, n: int) -> tuple[float, float, float]:
    """Return the share and the bounds of its score interval."""
    p, square = k / n, _Z * _Z
    middle = (p + square / (2 * n)) / (1 + square / n)
    half = _Z / (1 + square / n) * math.sqrt(p * (1 - p) / n + square / (4 * n * n))
    return p, max(0.0, middle - half), min(1.0, middle + half)
