"""Counts against a limit, and against how often it happened per run before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from logwatch.ruleset.model import BaselineObjective, Rule
from logwatch.verdict.baseline import Share, judge_frequencies
from logwatch.verdict.verdict import RuleVerdict, Status
from tests.verdict.world import at, count, coverage, judged, matches, pair, runs


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
    by_label = {("web", ""): 2, ("web", "b"): 1_000}
    found = judged(count(labels=("host", "kind")), matches(1_002, by_label=by_label, older=1))
    assert found.remarks == (
        "by label: web/b 1,000, web/(none) 2",
        "older deployment: 1 match, kept out of everything else",
    )


UPLOADS = count(per="job", baseline=BaselineObjective(worse="higher"))


def uploads(now: int, n: int, before: int, n_before: int, rule: Rule = UPLOADS) -> RuleVerdict:
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
    assert (alone.status, alone.summary) == (Status.PASS, "3 matches; limit 50")
    assert alone.details == ("no baseline given to compare with",)


def test_a_count_may_be_asked_not_to_fall() -> None:
    rule = count(per="job", baseline=BaselineObjective(worse="lower"))
    assert uploads(5, 100, 30, 100, rule).status is Status.FAIL
    assert uploads(30, 100, 5, 100, rule).status is Status.PASS
