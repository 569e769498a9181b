"""The text report: what was judged first, a line a rule, proof under what failed, the verdict last."""

from __future__ import annotations

import re
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logwatch.records.coverage import Window
from logwatch.reports import RenderOptions, render
from logwatch.reports.columns import cells, cut, flow, wrap
from logwatch.ruleset.model import Kind, Severity
from logwatch.verdict.verdict import LabelCount, Status, Verdict
from tests.reports.world import (
    RUN_COUNTS,
    T0,
    WINDOW,
    coverage,
    evidence,
    failing,
    healthy,
    hostile,
    incident,
    pair,
    rule,
    source,
    verdict,
)


def lines(judged: Verdict, **options: Any) -> list[str]:
    return render("text", judged, RenderOptions(**options)).splitlines()


def test_the_first_line_says_what_was_judged() -> None:
    first, *_ = lines(verdict(rule(), deployment="d52dee0"), age=timedelta(days=44))
    assert first.split("   ") == [
        "2025-10-11 17:35:00 to 18:05:00 UTC",
        "last record 44d ago",
        "4,435 lines, 2,295 records",
        "6/6 buckets with records",
        "quick assurance",
        "deployment d52dee0",
    ]


def test_a_window_over_midnight_says_both_dates_and_a_later_as_of_is_said() -> None:
    until = T0 + timedelta(hours=10)
    judged = verdict(rule(), window=Window(T0, until, until + timedelta(minutes=5)))
    assert lines(judged)[0].startswith(
        "2025-10-11 17:35:00 to 2025-10-12 03:35:00 UTC   as of 2025-10-12T03:40:00Z   4,435 lines"
    )


def test_a_last_record_in_the_future_is_said_to_be() -> None:
    assert "   last record 5m ahead of the clock   " in lines(verdict(rule()), age=timedelta(minutes=-5))[0]


@pytest.mark.parametrize(
    ("status", "severity", "word"),
    [
        (Status.PASS, Severity.CRITICAL, "ok    "),
        (Status.FAIL, Severity.CRITICAL, "FAIL  "),
        (Status.INCONCLUSIVE, Severity.CRITICAL, "????  "),
        (Status.FAIL, Severity.WARNING, "warn  "),
        (Status.INCONCLUSIVE, Severity.WARNING, "????  "),
        (Status.FAIL, Severity.INFO, "info  "),
        (Status.INFO, Severity.WARNING, "info  "),
    ],
)
def test_the_word_says_what_a_rule_means_for_the_verdict(
    status: Status, severity: Severity, word: str
) -> None:
    told = lines(verdict(rule("some-rule", status, severity=severity)))
    assert told[1] == f"{word}some-rule  0 in 24 runs: below 11.7 % at 95 %"


def test_a_warning_rule_that_decides_fails() -> None:
    judged = verdict(replace(rule("workflow", Status.FAIL, severity=Severity.WARNING), decides=True))
    assert lines(judged)[1].startswith("FAIL  workflow")
    assert lines(judged)[-1] == "FAIL  1 failed (workflow)"


def test_figures_stand_in_one_column() -> None:
    told = lines(verdict(rule("a"), rule("much-longer-name"), rule("bc")))[1:4]
    assert {line.index("0 in 24 runs") for line in told} == {len("ok    much-longer-name  ")}


def test_the_last_line_is_the_verdict_with_its_counts() -> None:
    assert lines(verdict(rule("a"), rule("b")))[-1] == "PASS  2 ok"
    assert lines(healthy())[-1] == "PASS  2 ok; not deciding: 1 warning (workflow)"
    assert lines(incident())[-1] == (
        "FAIL  1 failed (foreign-key-violation), 1 inconclusive (background-image-run), 2 ok; "
        "old.log.gz: ends in the middle of a gzip member; "
        "not deciding: 1 inconclusive (heartbeat), 1 warning (healthy-background-job), 2 ok, 1 info"
    )


def test_many_failures_are_counted_and_the_first_are_named() -> None:
    judged = verdict(*(rule(f"r{n}", Status.FAIL) for n in range(8)))
    assert lines(judged)[-1] == "FAIL  8 failed (r0, r1, r2, r3, r4 and 3 more)"


def test_that_no_rule_decides_is_said_with_the_reason() -> None:
    why = "no rule decides: none of those judged is critical; --strict makes warnings decide"
    judged = verdict(rule("a", severity=Severity.WARNING), problems=(why,))
    assert lines(judged)[-2:] == [f"why   {why}", "INCONCLUSIVE  no rule decides; not deciding: 1 ok"]


def test_without_any_rule_there_is_still_a_verdict() -> None:
    assert (
        lines(verdict(problems=("no rule decides: none was judged",)))[-1] == "INCONCLUSIVE  no rule decides"
    )


def test_sources_with_errors_are_named_with_all_of_them() -> None:
    problems = ("a.log: does not exist", "b.log: empty")
    assert lines(verdict(rule(), problems=problems))[-3:] == [
        "why   a.log: does not exist",
        "why   b.log: empty",
        "INCONCLUSIVE  1 ok; a.log: does not exist and 1 more",
    ]


def test_a_source_that_was_read_in_an_unusual_way_and_its_notes_are_said() -> None:
    told = {"order": "newest_first", "encoding": "utf-8 read as cp1252", "notes": ["3 lines held NUL bytes"]}
    read = coverage(source("a.log", **told))
    assert lines(verdict(rule(), coverage=read))[2:5] == [
        "note  a.log: newest first, read from its end",
        "note  a.log: utf-8 read as cp1252",
        "note  a.log: 3 lines held NUL bytes",
    ]


def test_verbose_says_how_each_source_was_read() -> None:
    told = lines(
        verdict(rule(), coverage=coverage(source("a.log"), source("b.log", first=None))), verbose=True
    )
    assert (
        "note  a.log: iso8601, oldest first, utf-8, 4,435 lines, 2,295 records, 17:35:00Z to 18:05:00Z"
        in told
    )
    assert "note  b.log: iso8601, oldest first, utf-8, 4,435 lines, 2,295 records" in told


def test_a_failure_shows_the_first_and_last_lines_and_how_many_lie_between() -> None:
    judged = verdict(failing(*(f"error {n}" for n in range(10)), counts={"matches": 1234}, title=""))
    assert lines(judged)[2:-1] == [
        "      worker.log:1  17:35:01Z  error 0",
        "      worker.log:2  17:35:02Z  error 1",
        "      worker.log:3  17:35:03Z  error 2",
        "      … 1,229 more",
        "      worker.log:9  17:35:09Z  error 8",
        "      worker.log:10  17:35:10Z  error 9",
    ]


def test_verbose_shows_all_evidence_that_was_kept() -> None:
    judged = verdict(failing(*(f"error {n}" for n in range(10)), counts={"matches": 1234}, title=""))
    told = lines(judged, verbose=True)[2:13]
    assert [line.split()[-1] for line in told] == ["0", "1", "2", "3", "4", "more", "5", "6", "7", "8", "9"]
    assert told[5] == "      … 1,224 more"


def test_few_matches_are_all_shown() -> None:
    told = lines(verdict(failing("a", "b", "c", "d", "e", title="")))[2:-1]
    assert [line[-1] for line in told] == ["a", "b", "c", "d", "e"]


def test_log_text_of_several_lines_is_indented_behind_a_bar_and_shortened() -> None:
    text = "Error: it broke\r\n\n" + "\n".join(f"\tat step{n}" for n in range(8))
    assert lines(verdict(failing(text, title="")))[2:-1] == [
        "      worker.log:1  17:35:01Z  Error: it broke",
        "        |     at step0",
        "        |     at step1",
        "        |     at step2",
        "        | … 5 more lines",
    ]
    assert len(lines(verdict(failing(text, title="")), verbose=True)[2:-2]) == 9


def test_starts_and_ends_of_runs_stay_together() -> None:
    roles = [("start", n, f"start {n}") for n in range(7)]
    found = [evidence(text, n * 2, role) for role, n, text in roles]
    found = [one for start in found for one in (start, evidence("failed", start.line + 1, "end"))]
    counts = {**RUN_COUNTS, "started": 20, "completed": 11, "failed": 8, "timed_out": 1}
    judged = verdict(pair("job", Status.FAIL, evidence=tuple(found), counts=counts, title="", details=()))
    assert [line.split("Z  ")[-1].strip() for line in lines(judged)[2:-1]] == [
        *("start  start 0", "end  failed", "start  start 1", "end  failed", "start  start 2", "end  failed"),
        "… 4 more",
        *("start  start 5", "end  failed", "start  start 6", "end  failed"),
    ]


def test_runs_that_failed_are_listed_although_the_rule_passes() -> None:
    counts = {**RUN_COUNTS, "started": 99, "completed": 98, "failed": 1}
    found = (evidence("start job 7", 7, "start"), evidence("job 7 failed", 8, "end"))
    told = lines(verdict(pair("job", counts=counts, evidence=found)))
    assert "      worker.log:8  17:35:08Z  end  job 7 failed" in told


def test_what_stands_beside_a_rate_is_said_even_on_a_pass_and_other_details_are_not() -> None:
    judged = verdict(
        pair("job", details=("beside the rate: 2 in flight",)), rule("no-error", details=("proof",))
    )
    assert "      beside the rate: 2 in flight" in lines(judged)
    assert "      proof" not in lines(judged)
    assert "      proof" in lines(judged, verbose=True)


def test_what_an_older_deployment_did_is_said_even_on_a_pass() -> None:
    line = "older deployment: 2 matches, kept out of everything else"
    judged = verdict(pair("job", details=(), older=line), rule("no-error", details=("proof",), older=line))
    assert lines(judged).count("      " + line) == 2


def test_evidence_of_no_trouble_is_shown_on_demand_only() -> None:
    judged = verdict(rule("seen", kind=Kind.EXPECT, evidence=(evidence("alive"),), counts={"matches": 1}))
    shown = "      worker.log:1  17:35:01Z  alive"
    assert shown not in lines(judged)
    assert shown in lines(judged, verbose=True)


def test_a_rule_that_does_not_pass_says_its_title_and_its_labels() -> None:
    labels = tuple(LabelCount({"stage": f"s{n}", "queue": "q" * (n > 0)}, 20 - n) for n in range(12))
    told = lines(verdict(failing("x", title="It broke", by_label=labels)))
    assert told[2:4] == [
        "      It broke",
        "      by stage, queue: s0/(none) 20, s1/q 19, s2/q 18, s3/q 17, s4/q 16, s5/q 15, s6/q 14, s7/q 13, "
        "s8/q 12, s9/q 11 and 2 more",
    ]


def test_a_citation_without_a_time_says_so() -> None:
    told = lines(verdict(failing("x", title="", evidence=(evidence("x", time=None),))))
    assert told[2] == "      worker.log:1  no time  x"


def test_a_long_place_gets_a_line_of_its_own_in_a_narrow_terminal() -> None:
    found = evidence("it broke", source="/var/log/worker/production/worker-console.log")
    told = lines(verdict(failing("x", title="", evidence=(found,))), width=80)
    assert told[-3:-1] == [
        "      /var/log/worker/production/worker-console.log:1  17:35:01Z",
        "        | it broke",
    ]


def test_color_is_on_words_alone_and_can_be_taken_off() -> None:
    colored = render("text", incident(), RenderOptions(color=True))
    assert "\x1b[1;31mFAIL\x1b[0m  foreign-key-violation" in colored
    assert "\x1b[32mok\x1b[0m    background-job" in colored
    assert "\n      worker.log:1  17:35:01Z  ❌" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render("text", incident(), RenderOptions())


@given(st.integers(60, 200))
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(cells, lines(incident(), width=width))) <= width


@given(st.integers(1, 200))
def test_no_figure_is_cut_however_narrow_the_terminal(width: int) -> None:
    judged = incident()
    told = lines(judged, width=width)
    words = " ".join(told).split()
    for one in judged.rules:
        assert set(one.summary.split()) <= set(words)
    assert not any(line.strip().startswith("%") for line in told)


@given(st.integers(1, 300))
def test_hostile_text_fits_as_well_as_its_words_do(width: int) -> None:
    assert lines(hostile(), width=width)[0].startswith("2025-10-11 17:35:00 to 18:05:00 UTC")


def test_columns_count_what_a_terminal_shows() -> None:
    assert [cells(text) for text in ("abc", "✅ ok", "世界", "e\u0301", "🖼️", "")] == [3, 5, 4, 1, 1, 0]
    assert cut("世界世界", 5) == "世界…"
    assert cut("世界", 4) == "世界"
    assert cut("abc", None) == "abc"
    assert wrap("a 1 % b", 5, "", "  ") == ["a 1 %", "  b"]
    assert wrap("", 5, "why  ", "") == ["why"]
    assert flow(["aa", "bb", "cc"], 7) == ["aa   bb", "  cc"]
    assert flow([], 7) == []


def test_a_window_is_told_in_utc_whatever_the_zone_it_comes_in() -> None:
    east = timezone(timedelta(hours=2))
    window = Window(*(edge.astimezone(east) for edge in (WINDOW.since, WINDOW.until, WINDOW.as_of)))
    assert lines(verdict(rule(), window=window))[0] == lines(verdict(rule()))[0]
