"""Bounds, ranks and numbers of runs, against SciPy or by brute force. One-sided 95 % throughout."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from itertools import count, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from logwatch.verdict.binomial import beta_quantile, binomial_cdf, binomial_tail, incomplete_beta
from logwatch.verdict.statistics import (
    difference,
    exposure_needed,
    frequency_difference,
    lower_bound,
    more_clean_runs,
    observed_quantile,
    quantile_ranks,
    upper_bound,
    values_needed,
    zero_events_bound,
)

SHARES = st.floats(1e-6, 1 - 1e-6)


@st.composite
def part_of(draw: st.DrawFn, most: int = 10_000_000, least: int = 1) -> tuple[int, int]:
    """A number of successes and of trials, of every order of size, the ends as likely as the middle."""
    n = draw(st.integers(least, most) | st.integers(least, 200))
    few = st.integers(0, min(n, 3))
    return draw(st.integers(0, n) | few | few.map(lambda k: n - k)), n


@given(part_of(), SHARES)
def test_binomial_tails_are_those_of_scipy_up_to_ten_million_trials(part: tuple[int, int], p: float) -> None:
    k, n = part
    assert binomial_cdf(k, n, p) == pytest.approx(stats.binom.cdf(k, n, p), rel=1e-8, abs=1e-11)
    assert binomial_tail(k, n, p) == pytest.approx(stats.binom.sf(k - 1, n, p), rel=1e-8, abs=1e-11)


def test_binomial_tails_hold_at_their_ends() -> None:
    assert (binomial_cdf(-1, 5, 0.5), binomial_cdf(5, 5, 0.5)) == (0.0, 1.0)
    assert (binomial_tail(0, 5, 0.5), binomial_tail(6, 5, 0.5)) == (1.0, 0.0)
    assert (binomial_cdf(2, 5, 0.0), binomial_cdf(2, 5, 1.0)) == (1.0, 0.0)
    assert (incomplete_beta(2, 3, -0.1), incomplete_beta(2, 3, 1.1)) == (0.0, 1.0)


@given(SHARES, st.floats(1, 1e6), st.floats(1, 1e6))
def test_beta_quantiles_are_those_of_scipy(share: float, a: float, b: float) -> None:
    assert beta_quantile(share, a, b) == pytest.approx(stats.beta.ppf(share, a, b), rel=1e-8, abs=1e-300)


@given(part_of())
def test_clopper_pearson_bounds_are_those_of_scipy(part: tuple[int, int]) -> None:
    k, n = part
    exact = (
        stats.beta.ppf(0.05, k, n - k + 1) if k else 0.0,
        stats.beta.ppf(0.95, k + 1, n - k) if k < n else 1.0,
    )
    assert (lower_bound(k, n), upper_bound(k, n)) == pytest.approx(exact, rel=1e-9)


@given(part_of(most=2000))
def test_clopper_pearson_bounds_are_those_of_the_exact_test(part: tuple[int, int]) -> None:
    k, n = part
    interval = stats.binomtest(k, n).proportion_ci(confidence_level=0.90, method="exact")
    assert (lower_bound(k, n), upper_bound(k, n)) == pytest.approx((interval.low, interval.high), rel=1e-6)


@given(part_of())
def test_bounds_enclose_the_share_and_mirror_each_other(part: tuple[int, int]) -> None:
    k, n = part
    assert 0.0 <= lower_bound(k, n) <= k / n <= upper_bound(k, n) <= 1.0
    assert upper_bound(k, n) == pytest.approx(1.0 - lower_bound(n - k, n), abs=1e-12)


@given(st.integers(1, 10_000_000))
def test_none_of_n_is_below_one_minus_the_nth_root_of_a_twentieth(n: int) -> None:
    assert zero_events_bound(n) == pytest.approx(float(1 - Decimal("0.05") ** (1 / Decimal(n))), rel=1e-9)
    assert zero_events_bound(n) == upper_bound(0, n)


def test_none_of_nothing_rules_out_nothing() -> None:
    assert zero_events_bound(0) == 1.0


def test_five_fourteen_and_fifty_nine_clean_runs_are_the_three_assurances() -> None:
    assert [more_clean_runs(0, 0, reject) for reject in (0.5, 0.8, 0.95)] == [5, 14, 59]


def test_one_and_two_failures_take_ninety_three_and_a_hundred_and_twenty_four_runs_at_strict() -> None:
    assert more_clean_runs(0, 1, 0.95) == 93 - 1
    assert more_clean_runs(0, 2, 0.95) == 124 - 2


@given(part_of(most=400, least=0), st.floats(0.01, 0.99))
def test_more_clean_runs_is_the_smallest_number_that_lifts_the_bound(
    part: tuple[int, int], needed: float
) -> None:
    k, n = part

    def bound(more: int) -> float:
        successes = k + more
        return float(stats.beta.ppf(0.05, successes, n - k + 1)) if successes else 0.0

    found = more_clean_runs(k, n, needed)
    assert found is not None
    assert bound(found) >= needed - 1e-9
    if found:
        assert bound(found - 1) < needed + 1e-9


def test_no_number_of_clean_runs_makes_certainty() -> None:
    assert more_clean_runs(5, 5, 1.0) is None


def test_a_bound_of_zero_takes_one_run() -> None:
    assert (more_clean_runs(0, 0, 0.0), more_clean_runs(0, 3, 0.0)) == (1, 0)


@pytest.mark.parametrize(
    ("rate", "runs"), [(0.5, 5), (0.2, 14), (0.1, 29), (0.05, 59), (0.02, 149), (0.01, 299), (1.0, 1)]
)
def test_exposure_that_silence_needs_for_a_rate_before(rate: float, runs: int) -> None:
    assert exposure_needed(rate) == runs


@given(st.integers(1, 99_999).map(lambda n: n / 100_000))
def test_exposure_is_the_smallest_number_of_runs_that_shows_it_at_95_percent(p: float) -> None:
    needed = exposure_needed(p)
    with localcontext() as context:
        context.prec = 60
        missed = 1 - Decimal(repr(p))
        assert missed**needed <= Decimal("0.05")
        assert missed ** (needed - 1) > Decimal("0.05")


@pytest.mark.parametrize("reject", [0.5, 0.8, 0.95])
def test_exposure_for_what_an_assurance_rules_out_is_its_number_of_clean_runs(reject: float) -> None:
    assert exposure_needed(1.0 - reject) == more_clean_runs(0, 0, reject)


def test_no_number_of_runs_shows_what_never_happens() -> None:
    with pytest.raises(ValueError, match=r"^a rate of zero needs no end of runs$"):
        exposure_needed(0.0)


@pytest.mark.slow
@given(st.integers(2, 400) | st.just(0), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_order_statistic_ranks_are_the_tightest_that_hold_at_95_percent(n: int, q: float) -> None:
    # the r-th smallest is at or below the quantile if r values or more are, at or above it if r - 1 or fewer
    below = [r for r in range(1, n + 1) if stats.binom.sf(r - 1, n, q) >= 0.95]
    above = [r for r in range(1, n + 1) if stats.binom.cdf(r - 1, n, q) >= 0.95]
    assert quantile_ranks(n, q) == (max(below, default=None), min(above, default=None))


@pytest.mark.parametrize("n", [100_000, 10_000_000])
@pytest.mark.parametrize("q", [0.5, 0.95])
def test_order_statistic_ranks_hold_for_many_values(n: int, q: float) -> None:
    low, high = quantile_ranks(n, q)
    assert low is not None
    assert high is not None
    assert stats.binom.sf(low - 1, n, q) >= 0.95 > stats.binom.sf(low, n, q)
    assert stats.binom.cdf(high - 1, n, q) >= 0.95 > stats.binom.cdf(high - 2, n, q)


@pytest.mark.parametrize(("q", "needed"), [(0.5, 5), (0.9, 29), (0.95, 59), (0.99, 299)])
def test_a_quantile_has_an_upper_bound_from_so_many_values_on(q: float, needed: int) -> None:
    assert values_needed(q) == needed
    assert next(n for n in count(1) if quantile_ranks(n, q)[1] is not None) == needed


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50).map(sorted), st.floats(0, 1))
def test_observed_quantiles_are_those_of_numpy(values: list[float], q: float) -> None:
    assert observed_quantile(values, q) == pytest.approx(float(np.quantile(values, q)), rel=1e-9, abs=1e-9)


def test_an_observed_quantile_next_to_an_unknown_one_is_no_number_between_them() -> None:
    assert observed_quantile([1.0, 2.0, math.inf], 0.5) == 2.0
    assert observed_quantile([1.0, math.inf], 0.5) == math.inf
    assert observed_quantile([-math.inf, 1.0], 0.5) == -math.inf
    assert observed_quantile([math.inf, math.inf], 0.5) == math.inf


def newcombe(after: int, n_after: int, before: int, n_before: int) -> tuple[float, float]:
    """Method 10 of Newcombe (1998), from SciPy's Wilson intervals."""

    def wilson(k: int, n: int) -> tuple[float, float]:
        interval = stats.binomtest(k, n).proportion_ci(confidence_level=0.90, method="wilson")
        return interval.low, interval.high

    p1, p2 = after / n_after, before / n_before
    (l1, u1), (l2, u2) = wilson(after, n_after), wilson(before, n_before)
    return (
        p1 - p2 - math.sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2),
        p1 - p2 + math.sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2),
    )


@given(part_of(), part_of())
def test_differences_have_newcombes_bounds(after: tuple[int, int], before: tuple[int, int]) -> None:
    found = difference(*after, *before)
    assert (found.lower, found.upper) == pytest.approx(newcombe(*after, *before), abs=1e-9)
    assert -1.0 <= found.lower <= found.value <= found.upper <= 1.0


def test_published_differences() -> None:
    """The tool's own worked examples: as good as before, and ten points worse."""
    same, worse = difference(372, 400, 1488, 1600), difference(331, 400, 1488, 1600)
    assert (same.value, same.lower, same.upper) == pytest.approx((0.0, -0.026, 0.021), abs=5e-4)
    assert (worse.value, worse.lower, worse.upper) == pytest.approx((-0.1025, -0.137, -0.072), abs=5e-4)


FREQUENCIES = st.tuples(st.integers(0, 500), st.integers(1, 500))


@given(FREQUENCIES, FREQUENCIES)
def test_a_frequency_has_changed_where_the_conditional_binomial_test_says_so(
    after: tuple[int, int], before: tuple[int, int]
) -> None:
    k, total = after[0], after[0] + before[0]
    found = frequency_difference(*after, *before)
    assert found.lower <= found.value + 1e-12
    assert found.value <= found.upper + 1e-12
    if not total:
        return
    expected = after[1] / (after[1] + before[1])
    higher = stats.binomtest(k, total, expected, alternative="greater").pvalue
    lower = stats.binomtest(k, total, expected, alternative="less").pvalue
    if abs(higher - 0.05) > 1e-9:
        assert (found.lower > 0.0) == (higher < 0.05)
    if abs(lower - 0.05) > 1e-9:
        assert (found.upper < 0.0) == (lower < 0.05)


def test_frequencies_of_nothing_do_not_differ() -> None:
    found = frequency_difference(0, 10, 0, 20)
    assert (found.value, found.lower, found.upper) == (0.0, -0.0, 0.0)


@given(st.integers(1, 60))
def test_bounds_rise_with_the_successes(n: int) -> None:
    for bound in (lower_bound, upper_bound):
        assert all(low < high for low, high in pairwise(bound(k, n) for k in range(n + 1)))
