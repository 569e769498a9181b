"""Records through the engine into a verdict: what the judges are given is what the engine makes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from logwatch.engine.aggregation import Aggregation
from logwatch.engine.attribution import Attribution, Bounds
from logwatch.engine.engine import Engine
from logwatch.ruleset.model import Rule, RuleSet
from logwatch.verdict.judge import judge
from logwatch.verdict.verdict import Assurance, Status, Verdict
from tests.engine.world import events
from tests.verdict.world import COVERED, MINUTE, WINDOW, count, expect, forbid, pair, ratio, sequence, words

RULES: tuple[Rule, ...] = (
    forbid(pattern=words("error")),
    expect(pattern=words("start"), at_least=1),
    pair(),
    sequence(),
    ratio(),
    count(pattern=words("upload")),
)


LATENESS = timedelta(seconds=10)


def check(lines: Iterable[tuple[float, str]], rules: tuple[Rule, ...] = RULES) -> Verdict:
    """The verdict on lines at seconds after the window's beginning."""
    ruleset = RuleSet(rules)
    aggregation = Aggregation(ruleset, Attribution(Bounds(WINDOW.since, WINDOW.until)))
    engine = Engine(ruleset, LATENESS, aggregations=(aggregation,))
    for record in events(*lines):
        engine.feed(record)
    engine.finish(WINDOW.as_of)
    tallies = aggregation.tallies(WINDOW)
    return judge(ruleset, tallies, COVERED, WINDOW, assurance=Assurance.QUICK, proven=lambda rule: True)


def jobs(n: int, end: str) -> list[tuple[float, str]]:
    return [line for k in range(n) for line in ((60.0 * k, f"start {k}"), (60.0 * k + 30, f"{end} {k}"))]


def test_clean_runs_pass_and_rule_out_what_was_forbidden() -> None:
    found = check(jobs(9, "done"), (pair(), forbid(pattern=words("error"))))
    assert found.status is Status.PASS
    assert [rule.summary for rule in found.rules] == [
        "9/9 completed, 100 %; rules out below 71.7 %",
        "0 in 9 runs: below 28.3 % at 95 %",
    ]
    assert found.rules[0].details == ("durations of 9 completed runs: p50 30s, max 30s",)


def test_a_match_fails_with_its_place_and_what_completed_since() -> None:
    lines = sorted([*jobs(9, "done"), (200.0, "error 7")])
    found = check(lines, (pair(), forbid(pattern=words("error"))))
    assert found.status is Status.FAIL
    assert found.reasons == ("no-error: 1 match at 17:03:20Z; 6 runs of job completed since",)
    assert [evidence.text for evidence in found.rules[1].evidence] == ["error 7"]


def test_runs_in_flight_at_the_edge_are_no_failures() -> None:
    lines = [*jobs(9, "done"), (1790.0, "start late")]
    found = check(lines, (pair(timeout=4 * MINUTE),)).rules[0]
    assert (found.status, found.summary) == (
        Status.PASS,
        "9/9 completed, 100 %; rules out below 71.7 %",
    )
    assert found.details[:2] == ("beside the rate: 1 in flight", "oldest in flight: 10s")


LINES = st.tuples(
    st.integers(0, 1800).map(float),
    st.tuples(
        st.sampled_from(["start", "done", "fail", "error", "one", "two", "upload", "found", "drafts"]),
        st.integers(0, 9).map(str),
    ).map(" ".join),
)


@given(st.lists(LINES, max_size=60).map(sorted))
def test_every_verdict_is_whole_and_never_passes_on_nothing(lines: list[tuple[float, str]]) -> None:
    found = check(lines)
    assert [rule.id for rule in found.rules] == [rule.id for rule in RULES]
    assert found.status in {Status.PASS, Status.FAIL, Status.INCONCLUSIVE}
    assert bool(found.reasons) == (found.status is not Status.PASS)
    for rule in found.rules:
        assert rule.summary
        assert "\n" not in rule.summary
        if rule.rate is not None:
            assert 0.0 <= rule.rate.lower <= rule.rate.value <= rule.rate.upper <= 1.0
        if rule.rate is None and rule.id == "job":
            assert rule.status is not Status.PASS


@given(st.lists(LINES, max_size=60).map(sorted))
def test_one_error_fails_whatever_else_was_logged(lines: list[tuple[float, str]]) -> None:
    assert check(sorted([*lines, (900.0, "error 1")])).status is Status.FAIL
