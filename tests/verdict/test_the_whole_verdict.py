"""Three values, never two; which rules decide; and what is never a pass."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from logwatch.engine.tally import Tally
from logwatch.records.coverage import Coverage
from logwatch.ruleset.model import BaselineObjective, QuantileLimits, RateObjective, Rule, Severity
from logwatch.verdict.judge import exit_code
from logwatch.verdict.verdict import Status, Verdict
from tests.verdict.world import (
    MINUTE,
    T0,
    at,
    beats,
    count,
    coverage,
    expect,
    forbid,
    matches,
    measure,
    pair,
    ratio,
    runs,
    sequence,
    source,
    sums,
    values,
    verdict,
)

GOOD, BAD, FEW = runs(60), runs(0, 60), runs(3)
BASELINE = BaselineObjective(worse="higher")
LIMITS = QuantileLimits(p50=2.0, p95=3.0)


def test_the_values_are_pass_fail_inconclusive_and_info() -> None:
    assert [str(status) for status in Status] == ["pass", "fail", "inconclusive", "info"]


@pytest.mark.parametrize(
    ("tally", "status", "code"),
    [(GOOD, Status.PASS, 0), (BAD, Status.FAIL, 1), (FEW, Status.INCONCLUSIVE, 3)],
)
def test_exit_codes_tell_pass_fail_and_inconclusive(tally: Tally, status: Status, code: int) -> None:
    found = verdict([(pair(), tally)])
    assert (found.status, exit_code(found)) == (status, code)


@pytest.mark.parametrize(
    ("rule", "tally"),
    [(count(), matches(3)), (ratio(), sums(1, 2)), (ratio(), sums(0, 0)), (measure(), values(1, 2, 3))],
)
def test_a_rule_given_nothing_to_be_judged_by_is_info_and_decides_nothing(rule: Rule, tally: Tally) -> None:
    found = verdict([(rule, tally), (pair(), GOOD)])
    assert (found.rules[0].status, found.rules[0].decides) == (Status.INFO, False)
    assert found.status is Status.PASS


def test_of_critical_rules_one_fail_is_a_fail() -> None:
    found = verdict([(pair("a"), GOOD), (pair("b"), FEW), (pair("c"), BAD)])
    assert found.status is Status.FAIL
    assert [reason.split(":")[0] for reason in found.reasons] == ["c", "b"]


def test_without_a_fail_one_inconclusive_is_inconclusive() -> None:
    found = verdict([(pair("a"), GOOD), (pair("b"), FEW)])
    assert found.status is Status.INCONCLUSIVE
    assert found.reasons == (
        "b: 3/3 completed, 100 %; rules out below 36.8 %, 50 % needed; 2 more clean runs would decide",
    )


def test_else_it_is_a_pass_without_reasons() -> None:
    found = verdict([(pair("a"), GOOD), (pair("b"), GOOD)])
    assert (found.status, found.reasons) == (Status.PASS, ())


@pytest.mark.parametrize("tally", [BAD, FEW])
def test_a_warning_that_does_not_pass_is_shown_and_decides_nothing(tally: Tally) -> None:
    found = verdict([(pair(), GOOD), (pair("slow", severity=Severity.WARNING), tally)])
    assert found.status is Status.PASS
    assert found.rules[1].status is not Status.PASS
    assert [rule.decides for rule in found.rules] == [True, False]


@pytest.mark.parametrize(("tally", "status"), [(BAD, Status.FAIL), (FEW, Status.INCONCLUSIVE)])
def test_strict_makes_warnings_decide_inconclusive_included(tally: Tally, status: Status) -> None:
    found = verdict([(pair(), GOOD), (pair("slow", severity=Severity.WARNING), tally)], strict=True)
    assert found.status is status


def test_strict_leaves_info_rules_out() -> None:
    found = verdict([(pair(), GOOD), (pair("odd", severity=Severity.INFO), BAD)], strict=True)
    assert (found.status, found.rules[1].decides) == (Status.PASS, False)


@pytest.mark.parametrize("severity", list(Severity))
def test_rules_named_by_rule_decide_whatever_their_severity(severity: Severity) -> None:
    found = verdict([(pair(), GOOD), (pair("odd", severity=severity), BAD)], only=["odd"])
    assert [rule.id for rule in found.rules] == ["odd"]
    assert found.status is Status.FAIL


def test_a_named_rule_is_judged_although_its_severity_is_filtered_out() -> None:
    found = verdict([(pair("odd", severity=Severity.INFO), GOOD)], only=["odd"], severity=Severity.CRITICAL)
    assert found.status is Status.PASS


def test_a_rule_may_rest_on_one_that_is_not_judged() -> None:
    found = verdict([(forbid(), matches()), (pair(), GOOD)], only=["no-error"])
    assert (found.status, [rule.id for rule in found.rules]) == (Status.PASS, ["no-error"])


def test_rules_below_the_severity_asked_for_are_left_out() -> None:
    cases = [(pair(str(severity), severity=severity), GOOD) for severity in Severity]
    left = {severity: [rule.id for rule in verdict(cases, severity=severity).rules] for severity in Severity}
    assert left == {
        Severity.CRITICAL: ["critical"],
        Severity.WARNING: ["critical", "warning"],
        Severity.INFO: ["critical", "warning", "info"],
    }


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (verdict([]), "no rule decides: none was judged"),
        (
            verdict([(pair(severity=Severity.WARNING), GOOD)]),
            "no rule decides: none of those judged is critical; --strict makes warnings decide",
        ),
        (
            verdict([(count(), matches(3))]),
            "no rule decides: none is given anything to be judged by",
        ),
        (
            verdict([(pair(severity=Severity.INFO), GOOD)]),
            "no rule decides: none of those judged is critical",
        ),
        (
            verdict([(count(), matches(3))], only=["uploads"]),
            "no rule decides: none is given anything to be judged by",
        ),
    ],
)
def test_with_no_deciding_rule_the_verdict_is_inconclusive(found: Verdict, reason: str) -> None:
    assert (found.status, found.reasons) == (Status.INCONCLUSIVE, (reason,))


def test_a_rules_verdict_is_the_worst_of_its_judged_parts() -> None:
    rule = count(limit=5, per="job", baseline=BASELINE)
    before = {"uploads": matches(1), "job": runs(200)}
    within, over = (verdict([(rule, matches(n)), (pair(), runs(100))], baseline=before) for n in (5, 6))
    assert within.rules[0].summary.startswith("5 matches; limit 5; 5.0 % of 100 runs of job, 0.5 % before")
    assert within.rules[0].status is Status.INCONCLUSIVE
    assert over.rules[0].status is Status.FAIL


PASSING = [
    (forbid(), matches()),
    (forbid("alone", exposure="none"), matches()),
    (expect(at_least=1), beats(9)),
    (pair(), GOOD),
    (sequence(), GOOD),
    (ratio(floor=RateObjective(0.8)), sums(100, 100)),
    (measure(limits=LIMITS), values(*[1.0] * 60)),
    (count(limit=3), matches(1)),
]


def test_the_rules_of_the_next_tests_pass_where_all_is_well() -> None:
    assert {rule.status for rule in verdict(PASSING).rules} == {Status.PASS}


NOTHING: dict[str, Any] = {"lines": 0, "bytes": 0, "records": 0, "first": None, "last": None}


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (coverage(source(**NOTHING, format="unknown"), earliest=None), "worker.log: empty"),
        (coverage(source(**NOTHING), earliest=T0 - 9 * MINUTE), "no record lies in the window"),
        (
            coverage(source(undated=90), earliest=T0),
            "no record in the window carries a time of its own",
        ),
        (
            coverage(source(records=0), earliest=None),
            "no record in the window carries a time of its own",
        ),
        (coverage(source(truncated=True)), "worker.log: truncated, a part of it is missing"),
        (
            coverage(source(), source("old.log", **NOTHING, errors=["permission denied"])),
            "old.log: permission denied",
        ),
    ],
)
def test_nothing_read_nothing_dated_or_something_lost_is_never_a_pass(read: Coverage, reason: str) -> None:
    found = verdict(PASSING, read=read)
    assert found.status is Status.INCONCLUSIVE
    assert reason in found.reasons


def test_an_empty_file_beside_a_good_one_is_said_and_no_pass() -> None:
    found = verdict([(pair(), GOOD)], read=coverage(source(), source("b.log", **NOTHING, format="unknown")))
    assert (found.status, found.reasons) == (Status.INCONCLUSIVE, ("b.log: empty",))


def test_an_older_file_of_a_rotation_need_not_reach_into_the_window() -> None:
    assert (
        verdict([(pair(), GOOD)], read=coverage(source(), source("a.log.1", **NOTHING))).status is Status.PASS
    )


def test_no_source_is_never_a_pass() -> None:
    nothing = coverage(earliest=None)
    found = verdict(PASSING, read=type(nothing)((), nothing.buckets, None, None))
    assert (found.status, "nothing was read" in found.reasons) == (Status.INCONCLUSIVE, True)


def test_a_fail_stands_although_a_source_could_not_be_read() -> None:
    found = verdict([(forbid(), matches(1)), (pair(), GOOD)], read=coverage(source(errors=["gone"])))
    assert found.status is Status.FAIL
    assert found.reasons[:2] == (
        "no-error: 1 match at 17:05:00Z; 0 runs of job completed since",
        "worker.log: gone",
    )


@pytest.mark.parametrize(
    ("rule", "tally"),
    [
        (forbid(), matches()),
        (pair("other"), runs()),
        (pair("other"), runs(skipped=50, in_flight=9, superseded=3, orphan_end=4)),
        (sequence(), runs()),
        (ratio(floor=RateObjective(0.8)), sums(0, 0)),
        (measure(limits=LIMITS), values()),
    ],
)
def test_nothing_that_could_have_failed_is_never_a_pass(rule: Rule, tally: Tally) -> None:
    found = verdict([(rule, tally), (pair(), runs())])
    assert found.rules[0].status is Status.INCONCLUSIVE


def test_what_the_reader_should_know_besides_is_noted() -> None:
    gaps = ((at(5), at(15)),)
    found = verdict([(pair(), GOOD)], read=coverage(source(undated=10), gaps=gaps))
    assert found.status is Status.PASS
    assert found.notes == (
        "2 of 6 buckets of 5m without a record: no record from 17:05:00Z to 17:15:00Z",
        "10 of 90 records without a time of their own, dated by their neighbours",
    )


def test_the_buckets_of_a_long_window_are_counted_in_thousands() -> None:
    gaps = ((at(5), at(15)),)
    months = replace(coverage(gaps=gaps).buckets, total=3649, with_records=1)
    read = replace(coverage(), buckets=months)
    found = verdict([(pair(), GOOD)], read=read)
    assert found.notes[0].startswith("3,648 of 3,649 buckets of 5m without a record: ")


def test_the_verdict_names_its_window_assurance_and_deployment() -> None:
    found = verdict([(pair(), GOOD)], deployment="d52dee0")
    assert (found.deployment, found.assurance, found.window.since) == ("d52dee0", "quick", T0)
