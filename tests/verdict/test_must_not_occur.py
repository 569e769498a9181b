"""Any match fails; silence passes only with coverage, a proven detector and exposure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatch.engine.tally import Tally
from logwatch.records.coverage import Coverage, Timeline, Window, bucket_width, buckets
from logwatch.ruleset.model import Rule, Samples
from logwatch.verdict.verdict import Assurance, Exposure, LabelCount, Status
from tests.verdict.world import (
    MINUTE,
    T0,
    at,
    beats,
    coverage,
    expect,
    forbid,
    judged,
    matches,
    pair,
    runs,
    silence,
    source,
    verdict,
)


def test_any_match_fails_however_many_runs_went_well() -> None:
    found = judged(forbid(), matches(1), *silence(10_000))
    assert found.status is Status.FAIL
    assert found.counts == {"matches": 1}


def test_a_fail_needs_neither_coverage_nor_exposure_nor_samples() -> None:
    rule = forbid(exposure=None, samples=Samples())
    found = judged(rule, matches(1), read=coverage(source(truncated=True), earliest=at(20)), proven=False)
    assert (found.status, found.summary) == (Status.FAIL, "1 match at 17:05:00Z")


def test_the_line_gives_the_first_and_the_last_match_and_the_runs_completed_since() -> None:
    ends = [at(minute).timestamp() for minute in (4, 9, 10, 11, 12, 29)]
    found = judged(forbid(), matches(3), *silence(6, ends=ends))
    assert found.summary == "3 matches, first 17:05:00Z, last 17:10:00Z; 3 runs of job completed since"
    assert (found.first, found.last) == (at(5), at(10))


def test_a_single_match_has_one_time() -> None:
    found = judged(forbid(), matches(1, first=at(5), last=at(5)), *silence(0))
    assert found.summary == "1 match at 17:05:00Z; 0 runs of job completed since"


def test_matches_without_a_time_fail_and_nobody_says_when_they_were() -> None:
    found = judged(forbid(), matches(2, first=None, last=None), *silence(5))
    assert (found.status, found.summary) == (
        Status.FAIL,
        "2 matches, nobody knows when: the log carries no time",
    )


def test_times_carry_the_date_where_the_window_spans_days() -> None:
    window = Window(T0 - timedelta(days=1), at(30), at(30))
    found = judged(forbid(exposure="none"), matches(2), window=window)
    assert found.summary == "2 matches, first 2025-10-11T17:05:00Z, last 2025-10-11T17:10:00Z"


def test_the_line_prints_the_bound() -> None:
    found = judged(forbid(), matches(), *silence(183))
    assert (found.status, found.summary) == (Status.PASS, "0 in 183 runs: below 1.6 % at 95 %")
    assert found.details == (
        "183 runs of job, 5 needed; detector proven by its samples; 6 of 6 buckets with records",
    )
    assert found.exposure == Exposure("job", 183, 5, pytest.approx(1 - 0.05 ** (1 / 183)))


@pytest.mark.parametrize(
    ("assurance", "needed"), [(Assurance.QUICK, 5), (Assurance.STANDARD, 14), (Assurance.STRICT, 59)]
)
def test_exposure_takes_5_14_or_59_runs(assurance: Assurance, needed: int) -> None:
    assert judged(forbid(), matches(), *silence(needed), assurance=assurance).status is Status.PASS
    found = judged(forbid(), matches(), *silence(needed - 2), assurance=assurance)
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith(" at 95 %; 2 more runs would decide")
    assert found.exposure is not None
    assert (found.exposure.n, found.exposure.required) == (needed - 2, needed)


def test_exposure_counts_completed_failed_and_timed_out_runs() -> None:
    job = runs(3, 1, 1, skipped=9, in_flight=9, superseded=9, unknown_gap=9)
    found = judged(forbid(), matches(), (pair(), job))
    assert (found.status, found.summary) == (Status.PASS, "0 in 5 runs: below 45.1 % at 95 %")


def test_silence_where_nothing_could_have_happened_is_inconclusive() -> None:
    found = judged(forbid(), matches(), *silence(0))
    assert (found.status, found.summary) == (
        Status.INCONCLUSIVE,
        "0 matches, no run of job could have shown one; 5 runs would decide",
    )
    assert found.exposure == Exposure("job", 0, 5, 1.0)


def test_a_rate_before_that_is_lower_takes_more_runs() -> None:
    rule = forbid(prior=0.02)
    assert judged(rule, matches(), *silence(149)).status is Status.PASS
    assert judged(rule, matches(), *silence(148)).summary.endswith("; 1 more run would decide")


def test_a_rate_before_that_is_higher_than_what_the_assurance_rules_out_changes_nothing() -> None:
    assert judged(forbid(prior=0.9), matches(), *silence(5)).status is Status.PASS
    assert judged(forbid(prior=0.9), matches(), *silence(4)).status is Status.INCONCLUSIVE


def required(rule: Rule, before: Mapping[str, Tally]) -> int:
    found = judged(rule, matches(), *silence(5), baseline=before)
    assert found.exposure is not None
    return found.exposure.required


@pytest.mark.parametrize(
    ("before", "prior", "needed"),
    [
        ({"no-error": matches(2), "job": runs(40)}, None, 59),  # 5 % before
        (
            {"no-error": matches(2), "job": runs(40)},
            0.02,
            59,
        ),  # what was counted goes before what was written
        ({"no-error": matches(), "job": runs(40)}, 0.02, 149),  # a rate of zero is no rate
        ({"no-error": matches(), "job": runs(40)}, None, 5),
        ({"no-error": matches(3), "job": runs()}, None, 5),
        ({"no-error": matches(90), "job": runs(40)}, None, 5),
        ({"job": runs(40)}, 0.02, 149),
    ],
)
def test_the_rate_before_is_that_of_the_baseline_else_the_prior(
    before: Mapping[str, Tally], prior: float | None, needed: int
) -> None:
    assert required(forbid(prior=prior), before) == needed


def test_a_rules_own_reject_says_how_much_exposure_it_takes() -> None:
    found = judged(forbid(reject=0.9), matches(), *silence(29), assurance=Assurance.QUICK)
    assert (found.status, found.exposure and found.exposure.required) == (Status.PASS, 29)


def test_a_rule_that_asks_for_certainty_never_passes() -> None:
    assert judged(forbid(reject=1.0), matches(), *silence(100_000)).status is Status.INCONCLUSIVE


ALONE = forbid(exposure="none")


def test_exposure_none_says_that_coverage_alone_is_enough() -> None:
    found = judged(ALONE, matches())
    assert (found.status, found.summary) == (
        Status.PASS,
        "0 matches, 6 of 6 buckets with records; coverage alone decides",
    )
    assert found.exposure is None


def test_a_rule_that_names_no_exposure_never_passes() -> None:
    found = judged(forbid(exposure=None), matches())
    assert (found.status, found.summary) == (
        Status.INCONCLUSIVE,
        "0 matches, 6 of 6 buckets with records; but the rule names no exposure",
    )


def test_a_detector_that_its_own_samples_do_not_prove_never_passes() -> None:
    found = judged(ALONE, matches(), proven=False)
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith("; but the detector is unproven, the rule's own samples do not match")


def test_a_rule_without_samples_never_passes() -> None:
    found = judged(forbid(exposure="none", samples=Samples(no_match=("fine",))), matches())
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith("; but the detector is unproven, the rule has no samples")


@pytest.mark.parametrize("rule", [forbid(), ALONE])
@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (
            coverage(earliest=at(5) + timedelta(seconds=1)),
            "the log begins at 17:05:01Z, 5m1s into the window",
        ),
        (
            coverage(latest=at(25) - timedelta(seconds=1)),
            "the log ends at 17:24:59Z, 5m1s before the window does",
        ),
        (coverage(source(truncated=True)), "not read whole: worker.log"),
        (coverage(source(errors=["permission denied"])), "not read whole: worker.log"),
        (coverage(earliest=None), "no record in the window carries a time of its own"),
    ],
)
def test_silence_passes_only_in_a_window_that_is_covered(rule: Rule, read: Coverage, reason: str) -> None:
    found = judged(rule, matches(), *silence(60), read=read)
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith(f"; but {reason}")


@pytest.mark.parametrize(
    "read", [coverage(earliest=at(5)), coverage(latest=at(25)), coverage(earliest=at(-60), latest=at(60))]
)
def test_covered_is_a_record_within_a_bucket_of_either_end_or_beyond(read: Coverage) -> None:
    assert judged(ALONE, matches(), read=read).status is Status.PASS


@pytest.mark.parametrize(
    ("length", "width"),
    [
        (30 * MINUTE, 5 * MINUTE),
        (2 * MINUTE, MINUTE),
        (6 * MINUTE, MINUTE),
        (6 * 60 * MINUTE, 60 * MINUTE),
        (24 * 60 * MINUTE, 60 * MINUTE),
    ],
)
def test_a_bucket_is_a_sixth_of_the_window_within_a_minute_and_an_hour(
    length: timedelta, width: timedelta
) -> None:
    assert bucket_width(Window(T0, T0 + length, T0 + length)) == width


@given(st.timedeltas(timedelta(minutes=6), timedelta(hours=6)))
def test_up_to_six_hours_are_six_buckets(length: timedelta) -> None:
    assert buckets(Window(T0, T0 + length, T0 + length), Timeline()).total == 6


def test_buckets_are_anchored_at_since() -> None:
    timeline = Timeline()
    for minute in (3, 8, 14, 33):
        timeline.add(at(minute))
    found = buckets(Window(at(3), at(33), at(33)), timeline)
    assert (found.total, found.with_records) == (6, 4)
    assert found.gaps == ((at(18), at(28)),)


GAP = coverage(gaps=((at(10), at(20)),))
HEARTBEAT = (expect(every=5 * MINUTE), beats(9))


def test_empty_inner_buckets_are_printed_and_decide_nothing() -> None:
    found = verdict([(ALONE, matches())], read=GAP)
    assert found.status is Status.PASS
    assert found.rules[0].summary == "0 matches, 4 of 6 buckets with records; coverage alone decides"
    assert found.notes == ("2 of 6 buckets of 5m without a record: no record from 17:10:00Z to 17:20:00Z",)


def test_empty_inner_buckets_decide_where_a_heartbeat_rule_is_configured() -> None:
    found = judged(ALONE, matches(), HEARTBEAT, read=GAP)
    assert found.status is Status.INCONCLUSIVE
    assert found.summary.endswith("; but no record from 17:10:00Z to 17:20:00Z")


def test_a_number_that_is_expected_is_no_heartbeat() -> None:
    assert judged(ALONE, matches(), (expect(at_least=1), beats(9)), read=GAP).status is Status.PASS


@pytest.mark.parametrize("gap", [(at(0), at(5)), (at(25), at(30))])
def test_the_first_and_the_last_bucket_are_no_inner_ones(gap: tuple[datetime, datetime]) -> None:
    found = judged(ALONE, matches(), HEARTBEAT, read=coverage(gaps=(gap,)))
    assert found.status is Status.PASS


def test_matches_of_an_older_deployment_are_on_a_line_of_their_own_and_fail_nothing() -> None:
    found = judged(forbid(), matches(older=2), *silence(5))
    assert (found.status, found.counts) == (Status.PASS, {"matches": 0})
    assert found.older == "older deployment: 2 matches, kept out of everything else"


def test_matches_are_broken_down_by_label_the_most_frequent_first() -> None:
    found = judged(
        forbid(labels=("stage",)), matches(6, by_label={("b",): 1, ("c",): 1, ("a",): 4}), *silence(5)
    )
    assert found.by_label == (
        LabelCount({"stage": "a"}, 4),
        LabelCount({"stage": "b"}, 1),
        LabelCount({"stage": "c"}, 1),
    )


def test_an_exposure_without_runs_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^rule 'job' has no runs; the loader links only rules that do$"):
        judged(forbid(), matches(), (pair(), matches()))
