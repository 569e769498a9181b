"""Counts against a limit, ratios against a floor, and either against a pinned window before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from logwatch.ruleset.model import BaselineObjective, RateObjective
from logwatch.verdict.baseline import Share, judge_frequencies, judge_shares
from logwatch.verdict.verdict import Assurance, RuleVerdict, Status
from tests.verdict.test_statistics_match_scipy import newcombe
from tests.verdict.world import at, count, coverage, judged, matches, pair, ratio, runs, source, sums


def test_a_count_with_neither_limit_nor_baseline_is_info() -> None:
    found = judged(count(), matches(1_204))
    assert (found.status, found.summary) == (Status.INFO, "1,204 matches")
    assert found.counts == {"matches": 1204}


@pytest.mark.parametrize(("n", "status"), [(0, Status.PASS), (5, Status.PASS), (6, Status.FAIL)])
def test_a_count_passes_up_to_its_limit(n: int, status: Status) -> None:
    found = judged(count(limit=5), matches(n))
    assert (found.status, found.summary) == (status, f"{n} matches; limit 5")


def test_a_count_within_its_limit_passes_only_where_the_window_is_covered() -> None:
    found = judged(count(limit=5), matches(2), read=coverage(latest=at(10)))
    assert (found.status, found.summary) == (
        Status.INCONCLUSIVE,
        "2 matches; limit 5; but the log ends at 17:10:00Z, 20m before the window does",
    )
    assert judged(count(limit=5), matches(6), read=coverage(latest=at(10))).status is Status.FAIL


def test_a_count_is_broken_down_by_label() -> None:
    by_label = {("web", "a"): 2, ("web", "b"): 1_000}
    found = judged(count(labels=("host", "kind")), matches(1_002, by_label=by_label, older=1))
    assert found.details == (
        "by label: web/b 1,000, web/a 2",
        "older deployment: 1 match, kept out of everything else",
    )


UPLOADS = count(per="job", baseline=BaselineObjective(worse="higher"))


def uploads(now: int, n: int, before: int, n_before: int, rule=UPLOADS) -> RuleVerdict:  # type: ignore[no-untyped-def]
    """Uploads by hand in `n` orders, against those before."""
    baseline = {rule.id: matches(before), "job": runs(n_before)}
    return judged(rule, matches(now), (pair(), runs(n)), baseline=baseline)


def test_without_a_baseline_a_count_per_run_is_info() -> None:
    found = judged(UPLOADS, matches(3), (pair(), runs(60)))
    assert (found.status, found.decides) == (Status.INFO, False)
    assert found.summary == "3 matches; no baseline given to compare with"


def test_more_uploads_per_order_than_before_fail() -> None:
    found = uploads(30, 100, 5, 100)
    assert (found.status, found.summary) == (
        Status.FAIL,
        "30 matches; 30.0 % of 100 runs of job, 5.0 % before: "
        "+25.0 points (+16.5 to +33.4 at 95 %), 5 tolerated",
    )


def test_no_more_uploads_per_order_than_before_pass() -> None:
    found = uploads(5, 400, 20, 1600)
    assert (found.status, found.summary) == (
        Status.PASS,
        "5 matches; 1.2 % of 400 runs of job, 1.2 % before: 0.0 points (-0.8 to +1.4 at 95 %), 5 tolerated",
    )


def test_too_few_orders_to_tell_are_inconclusive() -> None:
    found = uploads(1, 10, 5, 100)
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith(", 5 tolerated: too few to tell")


def test_more_uploads_than_orders_are_compared_by_the_conditional_binomial_test() -> None:
    found = uploads(250, 100, 120, 100)
    assert (found.status, found.summary) == (
        Status.FAIL,
        "250 matches; 2.5 per run of job (100 runs), 1.2 before: "
        "+1.3 (+0.987 to +1.6 at 95 %), 0.05 tolerated",
    )
    assert uploads(250, 100, 300, 100).status is Status.PASS
    assert uploads(12, 10, 120, 100).status is Status.INCONCLUSIVE


@given(st.integers(0, 300), st.integers(1, 100), st.integers(0, 300), st.integers(1, 100))
def test_more_than_orders_is_a_fail_only_where_the_exact_test_finds_more(
    now: int, n: int, before: int, n_before: int
) -> None:
    if now <= n and before <= n_before:
        return
    part = judge_frequencies(Share(now, n), Share(before, n_before), BaselineObjective(worse="higher"), "job")
    p = stats.binomtest(now, now + before, n / (n + n_before), alternative="greater").pvalue
    if part.status is Status.FAIL:
        assert p < 0.05 + 1e-9
        assert now / n - before / n_before >= 0.05 - 1e-9
    elif p < 0.05 - 1e-9 and now / n - before / n_before > 0.05 + 1e-9:
        pytest.fail(f"significant, relevant, and yet {part}")


@pytest.mark.parametrize(("n", "n_before", "where"), [(0, 9, "window"), (9, 0, "baseline"), (0, 0, "window")])
def test_a_count_per_run_of_nothing_is_inconclusive(n: int, n_before: int, where: str) -> None:
    found = uploads(3, n, 3, n_before)
    assert (found.status, found.summary) == (
        Status.INCONCLUSIVE,
        f"3 matches; no run of job has an outcome in the {where}",
    )


def test_a_baseline_without_the_runs_is_no_baseline_of_frequencies() -> None:
    found = judged(UPLOADS, matches(3), (pair(), runs(60)), baseline={"uploads": matches(1)})
    assert found.status is Status.INCONCLUSIVE
    assert found.summary == "3 matches; no run of job has an outcome in the baseline"


def test_a_count_that_names_no_runs_cannot_be_compared() -> None:
    rule = count(baseline=BaselineObjective())
    found = judged(rule, matches(3), baseline={rule.id: matches(1)})
    assert (found.status, found.summary) == (
        Status.INCONCLUSIVE,
        "3 matches; the rule names no runs to compare per, write per: and a rule",
    )


def test_limit_and_baseline_are_two_parts_of_which_the_worse_decides() -> None:
    rule = count(limit=50, per="job", baseline=BaselineObjective(worse="higher"))
    assert uploads(30, 100, 5, 100, rule).status is Status.FAIL
    assert uploads(51, 1000, 60, 1000, rule).status is Status.FAIL
    assert uploads(50, 1000, 60, 1000, rule).status is Status.PASS
    alone = judged(rule, matches(3), (pair(), runs(60)))
    assert (alone.status, alone.summary) == (
        Status.PASS,
        "3 matches; limit 50; no baseline given to compare with",
    )


def test_a_count_may_be_asked_not_to_fall() -> None:
    rule = count(per="job", baseline=BaselineObjective(worse="lower"))
    assert uploads(5, 100, 30, 100, rule).status is Status.FAIL
    assert uploads(30, 100, 5, 100, rule).status is Status.PASS


FLOOR = ratio(floor=RateObjective(0.8))


def test_a_ratio_with_neither_floor_nor_baseline_is_info() -> None:
    found = judged(ratio(), sums(4, 5, numerator_records=1, denominator_records=2))
    assert (found.status, found.summary) == (Status.INFO, "4 of 5, 80.0 %")
    assert found.counts == {"numerator": 4, "denominator": 5}
    assert found.details == ("numerator from 1 record, denominator from 2 records",)


@pytest.mark.parametrize("rule", [FLOOR, ratio(floor=RateObjective(0.8), baseline=BaselineObjective())])
def test_zero_over_zero_is_inconclusive(rule) -> None:  # type: ignore[no-untyped-def]
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
def test_a_ratio_that_is_no_proportion_is_compared_without_bounds(tally, status, summary: str) -> None:  # type: ignore[no-untyped-def]
    found = judged(FLOOR, tally)
    assert (found.status, found.summary, found.rate) == (status, summary, None)


@pytest.mark.parametrize("tally", [sums(100, 100, unreadable=1), sums(0, 100, unreadable=1)])
def test_a_ratio_with_an_addend_that_is_no_number_is_inconclusive(tally) -> None:  # type: ignore[no-untyped-def]
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
    assert found.details[-1] == "older deployment: 4 records, kept out of everything else"


COMPARED = ratio(baseline=BaselineObjective())


def images(now, before, rule=COMPARED) -> RuleVerdict:  # type: ignore[no-untyped-def]
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
    hit: int, missed: int, hit_before: int, missed_before: int, worse
) -> None:  # type: ignore[no-untyped-def]
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
        "100 of 100, 100 %; rules out below 97.0 %; no baseline given to compare with",
    )


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
