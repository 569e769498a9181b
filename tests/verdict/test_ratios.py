"""Ratios against a floor, and against a pinned window before."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from logwatch.engine.tally import Tally
from logwatch.ruleset.model import BaselineObjective, RateObjective, Rule
from logwatch.verdict.baseline import Share, judge_shares
from logwatch.verdict.verdict import Assurance, RuleVerdict, Status
from tests.verdict.test_statistics_match_scipy import newcombe
from tests.verdict.world import coverage, judged, ratio, source, sums

FLOOR = ratio(floor=RateObjective(0.8))


def test_a_ratio_with_neither_floor_nor_baseline_is_info() -> None:
    found = judged(ratio(), sums(4, 5, numerator_records=1, denominator_records=2))
    assert (found.status, found.summary) == (Status.INFO, "4 of 5, 80.0 %")
    assert found.counts == {"numerator": 4, "denominator": 5}
    assert found.details == ("numerator from 1 record, denominator from 2 records",)


@pytest.mark.parametrize("rule", [FLOOR, ratio(floor=RateObjective(0.8), baseline=BaselineObjective())])
def test_zero_over_zero_is_inconclusive(rule: Rule) -> None:
    found = judged(rule, sums(0, 0), baseline={"images": sums(9, 10)})
    assert (found.status, found.summary) == (Status.INCONCLUSIVE, "0 of 0; the denominator is zero")
    assert found.rate is None


def test_something_over_zero_is_inconclusive_too() -> None:
    assert judged(FLOOR, sums(3, 0)).status is Status.INCONCLUSIVE
    assert judged(FLOOR, sums(3, -2)).summary == "3 of -2; the denominator is negative"


def test_a_floor_is_judged_by_clopper_pearson_as_a_rate_is() -> None:
    passing, failing = judged(FLOOR, sums(28, 30)), judged(FLOOR, sums(2, 20))
    assert (passing.status, passing.summary) == (Status.PASS, "28 of 30, 93.3 %; rules out below 80.5 %")
    assert (failing.status, failing.summary) == (
        Status.FAIL,
        "2 of 20, 10.0 %; at most 28.3 % at 95 %, target 80 %",
    )
    assert passing.rate is not None
    assert (passing.rate.lower, passing.rate.upper) == pytest.approx(
        (stats.beta.ppf(0.05, 28, 3), stats.beta.ppf(0.95, 29, 2))
    )


def test_a_floor_that_is_neither_kept_nor_missed_is_inconclusive() -> None:
    found = judged(FLOOR, sums(4, 5))
    assert (found.status, found.summary) == (
        Status.INCONCLUSIVE,
        "4 of 5, 80.0 %; rules out below 34.3 %, 80 % needed; 17 more, none of them a miss, would decide",
    )


@pytest.mark.parametrize("assurance", list(Assurance))
def test_a_ratio_of_integers_is_judged_by_the_assurance(assurance: Assurance) -> None:
    clean = {Assurance.QUICK: 5, Assurance.STANDARD: 14, Assurance.STRICT: 59}[assurance]
    assert judged(FLOOR, sums(clean, clean), assurance=assurance).status is Status.PASS
    assert judged(FLOOR, sums(clean - 1, clean - 1), assurance=assurance).status is Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("tally", "status", "summary"),
    [
        (sums(10, 5), Status.PASS, "10 of 5, 200.0 %; target 80 %, compared without bounds"),
        (
            sums(4.5, 5, integral=False),
            Status.PASS,
            "4.5 of 5, 90.0 %; target 80 %, compared without bounds",
        ),
        (
            sums(1.5, 5, integral=False),
            Status.FAIL,
            "1.5 of 5, 30.0 %; target 80 %, compared without bounds",
        ),
        (
            sums(4, 5, integral=False),
            Status.PASS,
            "4 of 5, 80.0 %; target 80 %, compared without bounds",
        ),
    ],
)
def test_a_ratio_that_is_no_proportion_is_compared_without_bounds(
    tally: Tally, status: Status, summary: str
) -> None:
    found = judged(FLOOR, tally)
    assert (found.status, found.summary, found.rate) == (status, summary, None)


@pytest.mark.parametrize("tally", [sums(100, 100, unreadable=1), sums(0, 100, unreadable=1)])
def test_a_ratio_with_an_addend_that_is_no_number_is_inconclusive(tally: Tally) -> None:
    found = judged(FLOOR, tally)
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith("; but 1 capture was no number")


def test_a_sum_that_is_no_number_any_more_is_inconclusive() -> None:
    found = judged(FLOOR, sums(float("inf"), 100.0))
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith("; but a sum is too large to tell")


def test_a_ratio_that_fails_beside_a_source_not_read_whole_is_inconclusive() -> None:
    found = judged(FLOOR, sums(0, 100), read=coverage(source(truncated=True)))
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith("; but what is missing may be in what could not be read")


def test_records_of_an_older_deployment_are_on_a_line_of_their_own() -> None:
    found = judged(FLOOR, sums(100, 100, older=4))
    assert found.older == "older deployment: 4 records, kept out of everything else"


COMPARED = ratio(baseline=BaselineObjective())


def images(now: Tally, before: Tally, rule: Rule = COMPARED) -> RuleVerdict:
    return judged(rule, now, baseline={rule.id: before})


def test_against_a_baseline_it_passes_if_the_lower_bound_is_within_five_points() -> None:
    found = images(sums(372, 400), sums(1488, 1600))
    assert (found.status, found.summary) == (
        Status.PASS,
        "372 of 400, 93.0 %; 93.0 % before: 0.0 points (-2.6 to +2.1 at 95 %), 5 tolerated",
    )


def test_it_fails_if_it_surely_fell_and_by_five_points_or_more() -> None:
    found = images(sums(331, 400), sums(1488, 1600))
    assert (found.status, found.summary) == (
        Status.FAIL,
        "331 of 400, 82.8 %; 93.0 % before: -10.3 points (-13.7 to -7.2 at 95 %), 5 tolerated",
    )


def test_a_fall_that_is_sure_and_small_is_no_fail() -> None:
    found = images(sums(8800, 10_000), sums(9200, 10_000))
    assert found.status is Status.PASS
    assert images(sums(352, 400), sums(9200, 10_000)).status is Status.INCONCLUSIVE


def test_a_fall_that_is_large_and_unsure_is_no_fail() -> None:
    found = images(sums(4, 5), sums(93, 100))
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith(", 5 tolerated: too few to tell")


def test_a_rise_where_lower_is_worse_passes() -> None:
    assert images(sums(99, 100), sums(50, 100)).status is Status.PASS


def test_the_margin_is_the_rules_own_where_it_gives_one() -> None:
    rule = ratio(baseline=BaselineObjective(margin=0.2))
    assert images(sums(331, 400), sums(1488, 1600), rule).status is Status.PASS
    assert images(sums(331, 400), sums(1488, 1600), rule).summary.endswith(", 20 tolerated")


@given(
    st.integers(0, 400),
    st.integers(0, 400),
    st.integers(0, 2000),
    st.integers(0, 2000),
    st.sampled_from(["lower", "higher"]),
)
def test_a_difference_is_judged_by_newcombes_bounds(
    hit: int, missed: int, hit_before: int, missed_before: int, worse: Literal["lower", "higher"]
) -> None:
    n, n_before = hit + missed, hit_before + missed_before
    if not n or not n_before:
        return
    lower, upper = newcombe(hit, n, hit_before, n_before)
    change = hit / n - hit_before / n_before
    if worse == "higher":
        lower, upper, change = -upper, -lower, -change
    part = judge_shares(Share(hit, n), Share(hit_before, n_before), BaselineObjective(worse=worse))
    if min(abs(lower + 0.05), abs(upper), abs(change + 0.05)) < 1e-9:
        return
    expected = Status.INCONCLUSIVE
    if lower >= -0.05:
        expected = Status.PASS
    elif upper < 0 and change <= -0.05:
        expected = Status.FAIL
    assert part.status is expected


def test_without_a_baseline_a_ratio_that_has_nothing_else_is_info() -> None:
    found = judged(COMPARED, sums(80, 100))
    assert (found.status, found.summary) == (
        Status.INFO,
        "80 of 100, 80.0 %; no baseline given to compare with",
    )
    assert judged(COMPARED, sums(0, 0)).status is Status.INFO


def test_without_a_baseline_the_floor_decides_alone() -> None:
    found = judged(ratio(floor=RateObjective(0.8), baseline=BaselineObjective()), sums(100, 100))
    assert (found.status, found.summary) == (
        Status.PASS,
        "100 of 100, 100 %; rules out below 97.0 %",
    )
    assert found.details[-1] == "no baseline given to compare with"


def test_a_baseline_of_nothing_is_inconclusive() -> None:
    found = images(sums(9, 10), sums(0, 0))
    assert (found.status, found.summary) == (
        Status.INCONCLUSIVE,
        "9 of 10, 90.0 %; the baseline's denominator is zero",
    )


def test_floor_and_baseline_are_two_parts_of_which_the_worse_decides() -> None:
    rule = ratio(floor=RateObjective(0.8), baseline=BaselineObjective())
    assert images(sums(90, 100), sums(1000, 1000), rule).status is Status.FAIL
    assert images(sums(50, 100), sums(500, 1000), rule).status is Status.FAIL
    assert images(sums(100, 100), sums(990, 1000), rule).status is Status.PASS


def test_ratios_that_are_no_proportions_are_compared_with_the_baseline_without_bounds() -> None:
    found = images(sums(3, 2), sums(9, 10))
    assert (found.status, found.summary) == (
        Status.PASS,
        "3 of 2, 150.0 %; 90.0 % before: +60.0 points (compared without bounds), 5 tolerated",
    )
    assert images(sums(11, 10), sums(13, 10)).status is Status.FAIL
    assert images(sums(128, 100), sums(130, 100)).status is Status.PASS
