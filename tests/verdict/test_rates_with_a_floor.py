"""A success rate against its floor: pass, fail, inconclusive, and what is in flight."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from logwatch.ruleset.model import QuantileLimits, RateObjective, Rule
from logwatch.verdict.floor import Floor
from logwatch.verdict.verdict import Assurance, Rate, Status
from tests.verdict.world import MINUTE, judged, pair, runs, sequence

QUICK, STANDARD, STRICT = Assurance
TWO_MINUTES = 120.0


@pytest.mark.parametrize(("assurance", "clean"), [(QUICK, 5), (STANDARD, 14), (STRICT, 59)])
def test_an_assurance_takes_5_14_or_59_clean_runs(assurance: Assurance, clean: int) -> None:
    assert judged(pair(), runs(clean), assurance=assurance).status is Status.PASS
    assert judged(pair(), runs(clean - 1), assurance=assurance).status is Status.INCONCLUSIVE


@pytest.mark.parametrize(("assurance", "reject"), [(QUICK, 0.5), (STANDARD, 0.8), (STRICT, 0.95)])
def test_an_assurance_is_the_success_that_a_pass_rules_out(assurance: Assurance, reject: float) -> None:
    rate = judged(pair(), runs(100), assurance=assurance).rate
    assert rate is not None
    assert rate.reject == assurance.reject == reject


@pytest.mark.parametrize("assurance", list(Assurance))
def test_a_rules_own_reject_pins_what_a_pass_rules_out(assurance: Assurance) -> None:
    rule = pair(objective=RateObjective(0.99, reject=0.9))
    assert judged(rule, runs(29), assurance=assurance).status is Status.PASS
    assert judged(rule, runs(28), assurance=assurance).status is Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("n", "summary"),
    [
        (5, "5/5 completed, 100 %; rules out below 54.9 %"),
        (59, "59/59 completed, 100 %; rules out below 95.0 %"),
        (1204, "1,204/1,204 completed, 100 %; rules out below 99.8 %"),
    ],
)
def test_a_pass_prints_what_it_rules_out(n: int, summary: str) -> None:
    found = judged(pair(), runs(n))
    assert (found.status, found.summary) == (Status.PASS, summary)


def test_the_target_is_99_percent_unless_the_rule_says() -> None:
    default, own = judged(pair(), runs(10)), judged(pair(objective=RateObjective(0.9)), runs(10))
    assert default.rate is not None
    assert own.rate is not None
    assert (default.rate.target, own.rate.target) == (0.99, 0.9)


def test_the_rate_carries_its_clopper_pearson_bounds() -> None:
    rate = judged(pair(), runs(57, 3, 1)).rate
    lower, upper = stats.beta.ppf(0.05, 57, 5), stats.beta.ppf(0.95, 58, 4)
    assert rate == Rate(57 / 61, pytest.approx(lower), pytest.approx(upper), 61, 0.99, 0.5)


def test_it_fails_where_the_upper_bound_is_below_the_target() -> None:
    found = judged(pair(), runs(57, 3, 1))
    assert found.status is Status.FAIL
    assert found.summary == (
        "57/61 completed, 93.4 % (3 failed, 1 timed out); at most 97.7 % at 95 %, target 99 %"
    )


def test_one_failure_in_a_few_runs_is_no_fail_yet() -> None:
    """One of five is far below 99 %, and yet one in twenty healthy systems shows it."""
    found = judged(pair(), runs(5, 1))
    assert found.status is Status.INCONCLUSIVE
    assert found.summary == (
        "5/6 completed, 83.3 % (1 failed); rules out below 41.8 %, 80 % needed; "
        "16 more clean runs would decide"
    )


def test_with_some_failures_a_pass_takes_a_lower_bound_of_80_percent_even_at_quick() -> None:
    assert judged(pair(), runs(20, 1)).status is Status.INCONCLUSIVE
    found = judged(pair(), runs(21, 1))
    assert (found.status, found.summary) == (
        Status.PASS,
        "21/22 completed, 95.5 % (1 failed); rules out below 80.2 %",
    )


def test_with_some_failures_a_pass_takes_a_lower_bound_of_95_percent_at_strict() -> None:
    assert judged(pair(), runs(92, 1), assurance=STRICT).status is Status.PASS
    assert judged(pair(), runs(91, 1), assurance=STRICT).status is Status.INCONCLUSIVE


def test_failures_are_counted_on_a_pass_too() -> None:
    found = judged(pair(), runs(200, 1, 1))
    assert (found.status, found.summary) == (
        Status.PASS,
        "200/202 completed, 99.0 % (1 failed, 1 timed out); rules out below 96.9 %",
    )


@pytest.mark.parametrize("assurance", list(Assurance))
def test_the_line_says_how_many_more_clean_runs_would_decide(assurance: Assurance) -> None:
    for completed in range(1, 4):
        found = judged(pair(), runs(completed), assurance=assurance)
        words = found.summary.rsplit("; ", 1)[1].split()
        more = int(words[0])
        assert words[-2:] == ["would", "decide"]
        assert judged(pair(), runs(completed + more), assurance=assurance).status is Status.PASS
        assert judged(pair(), runs(completed + more - 1), assurance=assurance).status is Status.INCONCLUSIVE


def test_what_is_ruled_out_is_told_from_what_is_needed() -> None:
    assert judged(pair(), runs(58), assurance=Assurance.STRICT).summary == (
        "58/58 completed, 100 %; rules out below 94.97 %, 95 % needed; 1 more clean run would decide"
    )


def test_a_run_that_was_not_judged_yet_is_called_for_too() -> None:
    assert judged(pair(), runs()).summary == "no run in the window; 5 clean runs would decide"
    assert judged(pair(), runs(skipped=3)).summary == (
        "none of 3 runs has an outcome that counts; 5 clean runs would decide"
    )


def test_a_certainty_that_is_asked_for_never_passes() -> None:
    found = judged(pair(objective=RateObjective(1.0, reject=1.0)), runs(100))
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith("100 % needed; no number of clean runs would decide")


@given(
    st.integers(0, 300),
    st.integers(0, 30),
    st.sampled_from([0.9, 0.99, 0.999]),
    st.sampled_from(list(Assurance)),
)
def test_the_three_regions_are_those_of_the_bounds(
    completed: int, failed: int, target: float, assurance: Assurance
) -> None:
    n = completed + failed
    status = Floor(target, assurance.reject).status(completed, n)
    if not n:
        assert status is Status.INCONCLUSIVE
        return
    lower = stats.beta.ppf(0.05, completed, failed + 1) if completed else 0.0
    upper = stats.beta.ppf(0.95, completed + 1, failed) if failed else 1.0
    needed = assurance.reject if not failed else max(assurance.reject, 0.8)
    expected = Status.FAIL if upper < target else Status.PASS if lower >= needed else Status.INCONCLUSIVE
    assert status is expected


@given(st.integers(0, 400), st.integers(0, 12), st.sampled_from(list(Assurance)))
def test_the_clean_runs_that_an_inconclusive_rate_asks_for_do_decide(
    completed: int, failed: int, assurance: Assurance
) -> None:
    floor, n = Floor(0.9, assurance.reject), completed + failed
    if floor.status(completed, n) is not Status.INCONCLUSIVE:
        return
    more = int(floor.missing(completed, n).split()[0].replace(",", ""))
    assert floor.status(completed + more, n + more) is Status.PASS
    assert floor.status(completed + more - 1, n + more - 1) is Status.INCONCLUSIVE


def test_in_flight_skipped_and_odd_runs_are_left_out_and_printed_beside() -> None:
    found = judged(
        pair(),
        runs(
            20,
            in_flight=2,
            in_flight_ages=[10, 70],
            skipped=3,
            superseded=1,
            orphan_end=2,
            duplicate_end=1,
            unkeyed=1,
            skewed=1,
        ),
    )
    assert (found.status, found.summary) == (Status.PASS, "20/20 completed, 100 %; rules out below 86.1 %")
    assert found.details == (
        "beside the rate: 2 in flight, 3 skipped, 1 superseded, 2 orphan ends, 1 duplicate end, "
        "1 unkeyed record, 1 skewed (its end was logged before its start)",
        "oldest in flight: 1m10s",
    )


def waiting(n: int, age: float) -> dict[str, Any]:
    return {"in_flight": n, "in_flight_ages": [age] * n}


def test_a_pass_that_old_runs_in_flight_could_turn_into_a_fail_is_inconclusive() -> None:
    found = judged(pair(), runs(10, **waiting(3, TWO_MINUTES + 1)))
    assert found.status is Status.INCONCLUSIVE
    assert found.summary == (
        "10/10 completed, 100 %; rules out below 74.1 %; "
        "but 3 runs in flight for more than 2m could make it a fail"
    )


def test_a_fail_that_old_runs_in_flight_could_turn_into_a_pass_is_inconclusive() -> None:
    found = judged(pair(), runs(10, 3, **waiting(400, TWO_MINUTES + 1)))
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith("; but 400 runs in flight for more than 2m could make it a pass")


def test_old_runs_in_flight_that_make_it_no_opposite_change_nothing() -> None:
    # one failure more makes 10 of 11: neither a pass nor a fail
    assert judged(pair(), runs(10, **waiting(1, TWO_MINUTES + 1))).status is Status.PASS
    assert judged(pair(), runs(10, 3, **waiting(5, TWO_MINUTES + 1))).status is Status.FAIL
    assert judged(pair(), runs(4, **waiting(50, TWO_MINUTES + 1))).status is Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("rule", "patience"),
    [
        (pair(timeout=4 * MINUTE), TWO_MINUTES),
        (pair(timeout=10 * MINUTE), 5 * 60.0),
        (pair(duration=QuantileLimits(p50=10.0)), TWO_MINUTES),
        (pair(duration=QuantileLimits(p95=60.0)), 60.0),
        (sequence(), 3 * 60.0),
    ],
)
def test_old_means_older_than_the_p95_limit_else_than_half_the_timeout(rule: Rule, patience: float) -> None:
    young = judged(rule, runs(10, durations=[1] * 10, **waiting(5, patience)))
    old = judged(rule, runs(10, durations=[1] * 10, **waiting(5, patience + 0.001)))
    assert (young.status, old.status) == (Status.PASS, Status.INCONCLUSIVE)


def test_timed_out_runs_are_failures() -> None:
    assert judged(pair(), runs(0, 0, 10)).status is Status.FAIL


def test_no_rate_exceeds_100_percent() -> None:
    rate = judged(pair(), runs(5, duplicate_end=5)).rate
    assert rate is not None
    assert (rate.value, rate.upper, rate.n) == (1.0, 1.0, 5)


def test_the_first_attempt_rate_is_shown_beside_the_final_one() -> None:
    found = judged(pair(), runs(10, attempts=13, first_attempts=(7, 10)))
    assert found.first_attempt_rate == 0.7
    assert found.details == ("first attempts: 7/10 completed, 70.0 %; 13 attempts in all",)
    assert found.summary == "10/10 completed, 100 %; rules out below 74.1 %"


def test_first_attempts_that_tell_nothing_new_are_not_repeated() -> None:
    found = judged(pair(), runs(10, first_attempts=(10, 10)))
    assert (found.first_attempt_rate, found.details) == (1.0, ())
    assert judged(pair(), runs(in_flight=1)).first_attempt_rate is None


def test_attempts_are_told_where_they_changed_nothing() -> None:
    found = judged(pair(), runs(0, 10, attempts=30, first_attempts=(0, 10)))
    assert found.details == ("first attempts: 0/10 completed, 0 %; 30 attempts in all",)


def test_the_counts_of_a_pair_have_the_names_of_the_contract() -> None:
    found = judged(pair(), runs(3, 2, 1, late=[4.0], approximate=True))
    assert found.counts == {
        "started": 6,
        "completed": 3,
        "failed": 2,
        "skipped": 0,
        "timed_out": 1,
        "in_flight": 0,
        "attempts": 6,
        "superseded": 0,
        "orphan_end": 0,
        "duplicate_end": 0,
        "unkeyed": 0,
        "evicted": 0,
        "skewed": 0,
        "unknown_gap": 0,
    }
    assert found.details == (
        "1 run ended after the deadline, up to 4s late",
        "approximate: paired without a key",
    )


def test_a_sequence_is_judged_by_the_share_that_reaches_the_end() -> None:
    found = judged(sequence(), runs(20, 0, 30, stopped_at={"one": 30}, steps={"one": 50, "two": 20}))
    assert found.status is Status.FAIL
    assert found.summary == "20/50 completed, 40.0 % (30 timed out); at most 52.6 % at 95 %, target 99 %"
    assert found.details == ("stopped at: one 30", "steps: one 50, two 20")
    assert found.counts is not None
    assert (found.counts["stopped_at"], found.counts["timed_out"]) == ({"one": 30}, 30)


def test_steps_that_nothing_reached_are_not_listed() -> None:
    found = judged(sequence(key=()), runs(steps={"one": 0, "two": 0}, approximate=True))
    assert (found.status, found.details) == (Status.INCONCLUSIVE, ())


def test_runs_of_an_older_deployment_are_on_a_line_of_their_own_and_never_in_the_rate() -> None:
    counts = runs(3, 17, 2).counts
    found = judged(pair(), runs(10, older=22, older_counts=counts))
    assert (found.status, found.rate and found.rate.n) == (Status.PASS, 10)
    assert found.remarks == (
        "older deployment: 22 runs (3 completed, 17 failed, 2 timed out), kept out of everything else",
    )


def test_records_of_an_older_deployment_in_a_funnel_are_called_records() -> None:
    found = judged(sequence(key=()), runs(10, older=1, steps={"one": 10, "two": 10}))
    assert found.older == "older deployment: 1 record, kept out of everything else"
