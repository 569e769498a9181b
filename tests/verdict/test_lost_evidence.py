"""What was lost withholds a pass, and a fail where the fail could be made of what was lost."""

from __future__ import annotations

import pytest

from logwatch.engine.tally import Tally
from logwatch.ruleset.model import QuantileLimits, RateObjective, Rule
from logwatch.verdict.verdict import Status
from tests.verdict.world import (
    MINUTE,
    beats,
    count,
    coverage,
    expect,
    forbid,
    judged,
    matches,
    measure,
    pair,
    ratio,
    runs,
    sequence,
    silence,
    source,
    sums,
    values,
)

DAMAGED = coverage(source("a.log"), source("b.log", truncated=True))
LIMITS = QuantileLimits(p50=2.0)


@pytest.mark.parametrize(
    ("completed", "failed"), [(100, 0), (0, 100), (2, 0)], ids=["passing", "failing", "neither"]
)
def test_any_eviction_makes_the_rule_inconclusive(completed: int, failed: int) -> None:
    found = judged(pair(), runs(completed, failed, evicted=1))
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith("; but 1 run evicted, too many were open at once")


def test_runs_open_where_the_source_lost_data_make_a_pass_inconclusive() -> None:
    found = judged(pair(), runs(100, unknown_gap=2))
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith("; but 2 runs open where the source lost data")
    assert found.details == ("beside the rate: 2 open where the source lost data",)


def test_a_fail_stands_that_holds_even_if_all_that_was_lost_had_gone_well() -> None:
    assert judged(pair(), runs(10, 10, unknown_gap=2)).status is Status.FAIL


def test_a_fail_is_inconclusive_where_what_was_lost_could_have_prevented_it() -> None:
    found = judged(pair(), runs(10, 3, unknown_gap=200))
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith("; but 200 runs open where the source lost data")


def test_what_timed_out_may_have_ended_in_what_could_not_be_read() -> None:
    found = judged(pair(), runs(0, 0, 20), read=DAMAGED)
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith("; but the ends of what timed out may be in what could not be read")


def test_what_was_logged_as_failed_is_never_doubted() -> None:
    found = judged(pair(), runs(0, 20), read=DAMAGED)
    assert (found.status, found.summary) == (
        Status.FAIL,
        "0/20 completed, 0 % (20 failed); at most 13.9 % at 95 %, target 99 %",
    )


def test_durations_that_are_over_only_for_a_lost_end_are_doubted() -> None:
    rule = pair(duration=QuantileLimits(p50=36.0))
    late = runs(0, 0, 20)
    assert judged(rule, late, read=DAMAGED).status is Status.INCONCLUSIVE
    slow = runs(20, durations=[50.0] * 20)
    assert judged(rule, slow, read=DAMAGED).status is Status.FAIL


TIMED_OUT_PATTERN = "a pattern ran out of time on 1 record"


@pytest.mark.parametrize(
    ("rule", "tally"),
    [
        (forbid(), matches(pattern_timeouts=1)),
        (expect(at_least=1), beats(9, pattern_timeouts=1)),
        (pair("other"), runs(100, pattern_timeouts=1)),
        (sequence(), runs(100, pattern_timeouts=1)),
        (ratio(floor=RateObjective(0.8)), sums(100, 100, pattern_timeouts=1)),
        (measure(limits=LIMITS), values(*[1.0] * 9, pattern_timeouts=1)),
        (count(limit=3), matches(1, pattern_timeouts=1)),
    ],
)
def test_a_pattern_that_runs_out_of_time_makes_its_rule_inconclusive(rule: Rule, tally: Tally) -> None:
    found = judged(rule, tally, *silence(60))
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith(f"; but {TIMED_OUT_PATTERN}")


@pytest.mark.parametrize(
    ("rule", "tally"),
    [
        (forbid(), matches(3, pattern_timeouts=1)),
        (expect(at_least=9), beats(3, pattern_timeouts=1)),
        (pair("other"), runs(0, 100, pattern_timeouts=1)),
        (count(limit=1), matches(3, pattern_timeouts=1)),
    ],
)
def test_a_fail_that_one_record_could_not_have_prevented_stands(rule: Rule, tally: Tally) -> None:
    found = judged(rule, tally, *silence(60))
    assert found.status is Status.FAIL
    assert TIMED_OUT_PATTERN in found.details


@pytest.mark.parametrize(
    ("rule", "tally"),
    [
        (expect(at_least=4), beats(3, pattern_timeouts=1)),
        (expect(every=5 * MINUTE), beats(3, pattern_timeouts=1)),
        (pair("other"), runs(0, 0, 5, pattern_timeouts=5)),
        (ratio(floor=RateObjective(0.8)), sums(1, 100, pattern_timeouts=1)),
        (measure(limits=LIMITS), values(*[9.0] * 5, pattern_timeouts=1)),
    ],
)
def test_a_fail_that_those_records_could_have_prevented_is_inconclusive(rule: Rule, tally: Tally) -> None:
    found = judged(rule, tally, *silence(60))
    assert found.status is Status.INCONCLUSIVE
    assert "; but a pattern ran out of time on " in found.summary


def test_another_rules_pattern_that_runs_out_of_time_changes_nothing() -> None:
    assert judged(pair(), runs(60), (forbid(), matches(pattern_timeouts=1))).status is Status.PASS


def test_an_exposure_whose_pattern_ran_out_of_time_is_counted_as_it_was_seen() -> None:
    found = judged(forbid(), matches(), *silence(3, pattern_timeouts=9))
    assert found.summary == "0 in 3 runs: below 63.2 % at 95 %; 2 more runs would decide"


def test_the_number_of_records_given_up_on_is_said_once() -> None:
    found = judged(pair(), runs(2, pattern_timeouts=1))
    assert (found.summary.count(TIMED_OUT_PATTERN), found.details) == (1, ())
    found = judged(forbid(), matches(pattern_timeouts=1), *silence(1))
    assert (found.summary.count(TIMED_OUT_PATTERN), found.details) == (0, (TIMED_OUT_PATTERN,))
