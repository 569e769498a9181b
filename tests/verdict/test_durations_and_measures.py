"""Durations of runs and captured numbers, by their quantiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from logwatch.ruleset.model import QuantileLimits, Unit
from logwatch.verdict.quantiles import Sample, judge_quantile
from logwatch.verdict.verdict import Assurance, Quantiles, RuleVerdict, Status
from tests.verdict.world import MINUTE, judged, measure, pair, runs, values

QUICK, STANDARD, STRICT = Assurance
P50, P95 = 0.5, 0.95


def timed(*seconds: float, **limits: float | None) -> RuleVerdict:
    """The verdict on runs that all completed, by the bounds alone."""
    return judged(
        pair(duration=QuantileLimits(**limits)),
        runs(len(seconds), durations=seconds),
        assurance=STRICT,
    )


def of(n: int, low: float, high: float) -> list[float]:
    """`n` values in even steps from `low` to `high`."""
    return [low + (high - low) * i / (n - 1) for i in range(n)]


def status(sample: list[float], q: float, limit: float, *, quick: bool = False) -> Status | None:
    return judge_quantile(q, limit, Sample(sorted(sample)), "s", quick=quick).status


def test_a_median_passes_if_its_upper_bound_is_within_the_limit() -> None:
    found = timed(*of(61, 20, 40), p50=36)
    assert (found.status, found.summary.split("; ", 2)[2]) == (
        Status.PASS,
        "p50 30s, at most 32.3s at 95 %, limit 36s",
    )


def test_a_median_fails_if_its_lower_bound_exceeds_the_limit() -> None:
    found = timed(*of(61, 35, 55), p50=36)
    assert (found.status, found.summary.split("; ", 2)[2]) == (
        Status.FAIL,
        "p50 45s, at least 42.7s at 95 %, limit 36s",
    )


def test_quantiles_that_are_hardly_beyond_their_limit_are_told_from_it() -> None:
    over, under = (timed(*[seconds] * 61, p50=120) for seconds in (120.4, 119.6))
    assert over.summary.endswith("; p50 over 2m, over 2m at 95 %, limit 2m")
    assert under.summary.endswith("; p50 under 2m, under 2m at 95 %, limit 2m")


def test_a_median_that_could_lie_on_either_side_is_inconclusive() -> None:
    found = timed(*of(61, 26, 46), p50=36)
    assert (found.status, found.summary.split("; ", 2)[2]) == (
        Status.INCONCLUSIVE,
        "p50 36s, limit 36s: too few to tell, 33.7s to 38.3s at 95 %",
    )


def test_at_quick_the_observed_median_of_five_values_is_enough() -> None:
    sample = [28.0, 29.0, 30.0, 37.0, 50.0]
    rule, tally = pair(duration=QuantileLimits(p50=36.0)), runs(5, durations=sample)
    found = judged(rule, tally, assurance=QUICK)
    assert (found.status, found.summary) == (
        Status.PASS,
        "5/5 completed, 100 %; rules out below 54.9 %; p50 30s observed, limit 36s (could be 50s)",
    )
    assert status(sample, P50, 36.0) is Status.INCONCLUSIVE
    assert status(sample, P50, 50.0) is Status.PASS


@pytest.mark.parametrize("quick", [True, False])
def test_a_median_of_four_values_is_inconclusive(quick: bool) -> None:
    part = judge_quantile(P50, 36.0, Sample([1.0] * 4), "s", quick=quick)
    assert (part.status, part.text) == (Status.INCONCLUSIVE, "p50 not estimable (n = 4, needs 5)")


def test_at_quick_an_observed_median_over_the_limit_is_no_pass_and_no_fail() -> None:
    assert status([28, 29, 37, 38, 50], P50, 36.0, quick=True) is Status.INCONCLUSIVE
    assert status([37, 38, 39, 40, 50], P50, 36.0, quick=True) is Status.FAIL


def test_p95_below_59_values_is_not_estimable_and_decides_nothing() -> None:
    found = judged(pair(duration=QuantileLimits(p95=1.0)), runs(58, durations=[9.0] * 58))
    assert found.status is Status.PASS
    assert found.summary.endswith("; p95 not estimable (n = 58, needs 59)")
    assert found.quantiles is not None
    assert found.quantiles.p95 is None


def test_p95_of_59_values_is_judged_by_the_largest() -> None:
    sample = [10.0] * 58
    assert status([*sample, 60.0], P95, 60.0) is Status.PASS
    assert status([*sample, 60.1], P95, 60.0) is Status.INCONCLUSIVE
    assert status([*sample, 60.1], P95, 60.0, quick=True) is Status.PASS


def test_p95_fails_if_its_lower_bound_exceeds_the_limit() -> None:
    """Of 100 values the 91st bounds p95 from below: nine over the limit are within it, ten are not."""
    assert status([10.0] * 91 + [70.0] * 9, P95, 60.0) is Status.INCONCLUSIVE
    assert status([10.0] * 90 + [70.0] * 10, P95, 60.0) is Status.FAIL


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=150),
    st.integers(0, 30),
    st.sampled_from([P50, P95]),
    st.booleans(),
)
def test_quantiles_are_judged_by_exact_tests_of_how_many_are_over_the_limit(
    sample: list[int], limit: int, q: float, quick: bool
) -> None:
    """A bound of an order statistic is the binomial test of the number beyond it."""
    n = len(sample)
    found = status([float(value) for value in sample], q, limit, quick=quick)
    if n < (5 if q == P50 else 59):
        assert found is (Status.INCONCLUSIVE if q == P50 else None)
        return
    within = sum(value <= limit for value in sample)
    over_for_sure = stats.binom.cdf(within, n, q) <= 0.05
    within_for_sure = within and stats.binom.cdf(within - 1, n, q) >= 0.95
    if over_for_sure:
        assert found is Status.FAIL
    elif within_for_sure:
        assert found is Status.PASS
    elif not quick:
        assert found is Status.INCONCLUSIVE
    else:
        assert found in {Status.PASS, Status.INCONCLUSIVE}


LIMITED = pair(duration=QuantileLimits(p50=36.0))


def test_runs_in_flight_for_longer_than_the_limit_count_as_over_it() -> None:
    """Half of the runs hang: the median of those that completed would look fast."""
    fast = {"durations": [10.0] * 20, "in_flight": 30}
    hanging = judged(LIMITED, runs(20, in_flight_ages=[37.0] * 30, **fast))
    young = judged(LIMITED, runs(20, in_flight_ages=[36.0] * 30, **fast))
    assert hanging.summary == (
        "20/20 completed, 100 %; rules out below 86.1 %; "
        "p50 over 36s, limit 36s: too few to tell, 10s to over 36s at 95 %"
    )
    assert (hanging.status, young.status) == (Status.INCONCLUSIVE, Status.PASS)


def test_enough_of_them_fail_the_median() -> None:
    found = judged(LIMITED, runs(20, durations=[10.0] * 20, in_flight=60, in_flight_ages=[37.0] * 60))
    assert (found.status, found.summary) == (
        Status.FAIL,
        "20/20 completed, 100 %; rules out below 86.1 %; p50 over 36s, limit 36s",
    )
    assert found.quantiles == Quantiles("s", 10.0, None, None, 10.0, 20)


def test_runs_that_timed_out_are_over_a_limit_that_is_no_longer_than_the_timeout() -> None:
    tally = runs(100, 0, 3, durations=[10.0] * 97 + [200.0] * 3)
    within = judged(pair(timeout=4 * MINUTE, duration=QuantileLimits(p95=240.0)), tally)
    longer = judged(pair(timeout=4 * MINUTE, duration=QuantileLimits(p95=241.0)), tally)
    assert within.summary.endswith("; p95 3m1s observed, limit 4m (could be over 4m)")
    assert longer.summary.endswith("; p95 10s, at most 3m20s at 95 %, limit 4m1s")


def test_no_run_at_all_is_said_once() -> None:
    found = judged(LIMITED, runs())
    assert found.summary == "no run in the window; 5 clean runs would decide"


def test_the_worst_of_rate_and_durations_is_the_rules_verdict() -> None:
    found = judged(LIMITED, runs(60, durations=[50.0] * 60))
    assert found.status is Status.FAIL
    assert judged(LIMITED, runs(0, 60)).status is Status.FAIL


def test_durations_are_printed_beside_a_rate_without_limits() -> None:
    found = judged(pair(), runs(60, durations=of(60, 10, 40)))
    assert found.details == ("durations of 60 completed runs: p50 25s, p95 38.5s, max 40s",)


def test_quantiles_are_those_of_what_completed() -> None:
    found = judged(pair(), runs(300, durations=of(300, 0, 299))).quantiles
    assert found == Quantiles("s", 149.5, pytest.approx(284.05), pytest.approx(296.01), 299.0, 300)
    assert judged(pair(), runs(0, 9)).quantiles is None


def test_a_measure_without_limits_is_info_and_prints_its_quantiles() -> None:
    found = judged(measure(unit=Unit.BYTES), values(100, 2000, 300))
    assert (found.status, found.summary) == (Status.INFO, "3 values: p50 300 bytes, max 2,000 bytes")
    assert (found.counts, found.quantiles) == (
        {"matches": 3},
        Quantiles("bytes", 300.0, None, None, 2000.0, 3),
    )


def test_a_measure_of_nothing_has_no_quantiles() -> None:
    found = judged(measure(), values())
    assert (found.status, found.summary, found.quantiles) == (Status.INFO, "no value", None)


def test_a_measure_is_judged_by_its_quantile_limits() -> None:
    rule = measure(limits=QuantileLimits(p50=1.0, p95=2.0))
    found = judged(rule, values(*[0.5] * 60))
    assert (found.status, found.summary) == (
        Status.PASS,
        "p50 500ms, at most 500ms at 95 %, limit 1s; p95 500ms, at most 500ms at 95 %, limit 2s",
    )
    assert found.details == ("60 values: p50 500ms, p95 500ms, max 500ms",)
    assert judged(rule, values(*[0.5] * 50, *[3.0] * 10)).status is Status.FAIL
    assert judged(rule, values(*[0.5] * 4)).status is Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("unit", "told"),
    [(Unit.MILLISECONDS, "s"), (Unit.SECONDS, "s"), (Unit.BYTES, "bytes"), (Unit.COUNT, "count")],
)
def test_milliseconds_are_told_in_seconds(unit: Unit, told: str) -> None:
    found = judged(measure(unit=unit), values(1.0)).quantiles
    assert found is not None
    assert found.unit == told


def test_a_measure_that_lists_only_p95_decides_nothing_below_59_values() -> None:
    found = judged(measure(limits=QuantileLimits(p95=2.0)), values(*[3.0] * 58))
    assert (found.status, found.summary) == (Status.INFO, "p95 not estimable (n = 58, needs 59)")


def test_captures_that_are_no_number_could_lie_on_either_side_of_the_limit() -> None:
    rule = measure(limits=QuantileLimits(p50=1.0))
    few = judged(rule, values(*[0.5] * 60, unreadable=5))
    assert (few.status, few.details[-1]) == (Status.PASS, "5 captures were no number")
    many = judged(rule, values(*[0.5] * 60, unreadable=61))
    assert (many.status, many.summary) == (
        Status.INCONCLUSIVE,
        "p50 500ms, at most 500ms at 95 %, limit 1s; but 61 captures were no number",
    )
    over = judged(rule, values(*[1.5] * 60, unreadable=61))
    assert over.status is Status.INCONCLUSIVE


def test_a_measures_matches_of_an_older_deployment_are_on_a_line_of_their_own() -> None:
    found = judged(measure(), values(1.0, older=1))
    assert found.older == "older deployment: 1 match, kept out of everything else"
