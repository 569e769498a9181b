"""What a pair means, sentence by sentence (the numbers are those of the specification's section on pairs)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatch.engine.engine import Engine
from logwatch.engine.run import Oddity, Outcome, Run
from logwatch.engine.tally import RunCounts
from logwatch.ruleset.model import OnRestart, RuleSet

from .world import Recorder, Words, at, events, pair, play, record, span


def test_a_start_and_its_completion_are_one_completed_run() -> None:
    tally, seen = play(pair(), events((0, "start 1"), (30, "done 1")), as_of=60)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1)
    assert list(tally.durations) == [30.0]
    assert [e.role for e in tally.evidence] == ["start", "end"]
    assert seen.runs[0].duration == span(30)


def test_1_as_of_may_lie_after_until_so_that_late_ends_are_seen() -> None:
    records = events((90, "start 1"), (95, "start 2"), (150, "done 1"))
    tally, _ = play(pair(), records, as_of=200, since=0, until=100)
    assert tally.counts == RunCounts(started=2, completed=1, in_flight=1, attempts=2)
    assert list(tally.in_flight_ages) == [105.0]


def test_1_a_silent_source_does_not_keep_the_others_open() -> None:
    records = events((0, "start 1", "idle.log"), (0, "start 2", "busy.log"), (2000, "start 3", "busy.log"))
    tally, seen = play(pair(), records, as_of=2000)
    assert tally.counts == RunCounts(started=3, timed_out=2, in_flight=1, attempts=3)
    assert [run.key for run in seen.runs] == [("1",), ("2",), ("3",)]


def test_2_windows_are_closed_on_both_sides() -> None:
    records = events((0, "start 1"), (1, "done 1"), (100, "start 2"), (101, "done 2"), (101, "start 3"))
    tally, _ = play(pair(), records, as_of=500, since=0, until=100)
    assert (tally.counts.started, tally.counts.completed) == (2, 2)


def test_2_a_run_belongs_to_the_window_of_its_last_start_and_counts_the_attempts_inside() -> None:
    records = events(
        (0, "start 1"), (5, "fail 1"), (100, "start 1"), (105, "fail 1"), (200, "start 1"), (205, "done 1")
    )
    early, _ = play(pair(), records, as_of=1000, since=0, until=150)
    late, _ = play(pair(), records, as_of=1000, since=90, until=300)
    assert early.counts.started == 0
    assert (late.counts.started, late.counts.completed, late.counts.attempts) == (1, 1, 2)


def test_2_earlier_starts_are_context_only() -> None:
    records = events((-50, "start 1"), (5, "done 1"), (-40, "start 2"), (-30, "fail 2"), (10, "start 2"))
    tally, _ = play(pair(), sorted(records, key=lambda r: r.time), as_of=20, since=0)
    assert tally.counts == RunCounts(started=1, in_flight=1, attempts=1)
    assert (tally.first, tally.last) == (at(10), at(10))
    assert tally.first_attempts == (0, 0)


def test_3_outcomes_are_each_counted() -> None:
    records = events(
        (0, "start done"), (0, "start fail"), (0, "start skip"), (0, "start lost"), (0, "start -"),
        (1, "done done"), (1, "fail fail"), (1, "skip skip"), (2, "done done"), (3, "done nobody"),
        (900, "start young"),
    )  # fmt: skip
    tally, _ = play(pair(), records, as_of=1000)
    assert tally.counts == RunCounts(
        started=5, completed=1, failed=1, skipped=1, timed_out=1, in_flight=1, attempts=5,
        orphan_end=1, duplicate_end=1, unkeyed=1,
    )  # fmt: skip
    assert list(tally.in_flight_ages) == [100.0]


def test_3_success_is_completed_of_completed_failed_and_timed_out() -> None:
    counts = RunCounts(
        started=99, completed=3, failed=2, timed_out=1, skipped=5, in_flight=6, superseded=7, orphan_end=8,
        duplicate_end=9, unkeyed=10, evicted=11, skewed=12, unknown_gap=13,
    )  # fmt: skip
    assert counts.judged == 6


def test_3_a_start_without_its_key_is_unkeyed_and_an_end_without_it_an_orphan() -> None:
    tally, _ = play(pair(), events((0, "start -"), (1, "add -"), (2, "done -"), (3, "fail")), as_of=60)
    assert tally.counts == RunCounts(unkeyed=2, orphan_end=2)


def test_3_a_completion_logged_twice_is_one_completion_and_one_duplicate_end() -> None:
    tally, _ = play(pair(), events((0, "start 1"), (30, "done 1"), (30, "done 1")), as_of=60)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1, duplicate_end=1)


def test_3_an_end_after_the_keys_memory_is_an_orphan() -> None:
    remembered, _ = play(pair(), events((0, "start 1"), (1, "done 1"), (601, "done 1")), as_of=700)
    forgotten, _ = play(pair(), events((0, "start 1"), (1, "done 1"), (602, "done 1")), as_of=700)
    assert (remembered.counts.duplicate_end, remembered.counts.orphan_end) == (1, 0)
    assert (forgotten.counts.duplicate_end, forgotten.counts.orphan_end) == (0, 1)


def test_3_a_failed_key_is_remembered_as_long() -> None:
    rule = pair(timeout=span(1200))
    tally, _ = play(rule, events((0, "start 1"), (1, "fail 1"), (1201, "done 1")), as_of=2000)
    assert tally.counts == RunCounts(started=1, failed=1, attempts=1, duplicate_end=1)


def test_3_a_run_whose_source_lost_data_while_it_was_open_is_unknown() -> None:
    records = events((0, "start 1"), (5, "start 2", "b.log"))
    tally, _ = play(pair(), records, as_of=1000, lost={"a.log": (100, 9999)})
    assert (tally.counts.unknown_gap, tally.counts.timed_out) == (1, 1)


def test_3_a_run_that_timed_out_before_the_loss_did_time_out() -> None:
    tally, _ = play(pair(), events((0, "start 1")), as_of=1000, lost={"a.log": (241, 9999)})
    assert (tally.counts.unknown_gap, tally.counts.timed_out) == (0, 1)


def test_3_a_run_is_unknown_whoever_goes_on_logging_after_the_loss() -> None:
    records = events((0, "start 1", "a.log"), (5, "start 2", "b.log"), (2000, "start 3", "b.log"))
    tally, _ = play(pair(), records, as_of=2000, lost={"a.log": (100, 9999)})
    assert tally.counts == RunCounts(started=3, timed_out=1, in_flight=1, unknown_gap=1, attempts=3)


def test_3_a_loss_says_nothing_of_runs_whose_end_was_seen_or_that_began_after_it() -> None:
    records = events((0, "start 1"), (0, "start 2"), (30, "done 1"), (31, "fail 2"), (90, "start 3"))
    tally, _ = play(pair(), records, as_of=5000, lost={"a.log": (40, 80)})
    assert tally.counts == RunCounts(started=3, completed=1, failed=1, timed_out=1, attempts=3)


def test_3_two_losses_are_two() -> None:
    records = events((0, "start 1"), (1000, "start 2"), (2000, "start 3"))
    seen = Recorder()
    engine = Engine(RuleSet((pair(),)), span(10), observer=seen)
    for after, before in ((10, 20), (15, 30), (2010, 2020)):
        engine.lost("a.log", at(after), at(before))
    for one in records:
        engine.feed(one)
    engine.finish(at(5000))
    assert [run.outcome for run in seen.runs] == ["unknown_gap", "timed_out", "unknown_gap"]


@pytest.mark.parametrize(("end", "outcome"), [(240, Outcome.COMPLETED), (240.001, Outcome.TIMED_OUT)])
def test_4_exactly_at_the_deadline_is_in_time(end: float, outcome: Outcome) -> None:
    _, seen = play(pair(), events((0, "start 1"), (end, "done 1")), as_of=1000)
    assert [run.outcome for run in seen.runs] == [outcome]


def test_4_a_late_end_is_timed_out_and_says_by_how_much() -> None:
    tally, _ = play(pair(), events((0, "start 1"), (250, "done 1")), as_of=1000)
    assert tally.counts == RunCounts(started=1, timed_out=1, attempts=1)
    assert list(tally.late) == [10.0]


def test_4_the_deadline_is_the_last_start_plus_the_timeout() -> None:
    records = events((0, "start 1"), (200, "start 1"), (440, "done 1"))
    tally, seen = play(pair(), records, as_of=1000)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=2)
    assert seen.runs[0].deadline == at(440)


def test_4_an_outcome_after_the_deadline_is_timed_out_whatever_it_says() -> None:
    records = events((0, "start 1"), (250, "fail 1"), (0, "start 2"), (250, "skip 2"))
    tally, _ = play(pair(), sorted(records, key=lambda r: r.time), as_of=5000)
    assert tally.counts == RunCounts(started=2, timed_out=2, attempts=2)
    assert list(tally.late) == [10.0, 10.0]


def test_4_how_late_an_end_was_is_told_in_the_window_of_its_run() -> None:
    records = events((-100, "start 1"), (50, "start 2"), (700, "done 1"), (800, "done 2"))
    tally, _ = play(pair(), records, as_of=1000, since=0)
    assert tally.counts == RunCounts(started=1, timed_out=1, attempts=1)
    assert list(tally.late) == [800 - 50 - 240.0]


def test_4_the_end_of_a_run_that_timed_out_is_late_once_and_then_a_duplicate() -> None:
    records = events((0, "start 1"), (700, "done 1"), (701, "done 1"))
    tally, _ = play(pair(), records, as_of=1000)
    assert tally.counts == RunCounts(started=1, timed_out=1, attempts=1, duplicate_end=1)
    assert list(tally.late) == [460.0]


def test_4_a_late_end_is_no_longer_waited_for_once_its_key_has_a_new_run() -> None:
    records = events((0, "start 1"), (700, "start 1"), (710, "done 1"), (711, "done 1"))
    tally, _ = play(pair(), records, as_of=1000)
    assert tally.counts == RunCounts(started=2, completed=1, timed_out=1, attempts=2, duplicate_end=1)
    assert list(tally.late) == []


def test_4_an_attempt_that_ends_late_did_not_complete() -> None:
    tally, _ = play(pair(), events((0, "start 1"), (250, "done 1")), as_of=1000)
    assert tally.first_attempts == (0, 1)


def test_4_an_end_that_turns_up_after_the_books_were_closed_is_late_by_nothing() -> None:
    """A follower was told that time had passed, and a record of that time came all the same."""
    seen = Recorder()
    engine = Engine(RuleSet((pair(retry_within=span(0)),)), span(10), observer=seen)
    engine.feed(record(0, "start 1"))
    engine.advance(at(300))
    engine.feed(record(100, "done 1"))
    assert [stray.late_by for stray in seen.strays] == [span(0)]


def test_4_an_end_later_than_any_retry_is_still_known_as_late() -> None:
    tally, seen = play(pair(), events((0, "start 1"), (700, "done 1")), as_of=1000)
    assert tally.counts == RunCounts(started=1, timed_out=1, attempts=1)
    assert list(tally.late) == [460.0]
    assert [s.oddity for s in seen.strays] == [Oddity.LATE_END]


@pytest.mark.parametrize(("as_of", "outcome"), [(239.9, Outcome.IN_FLIGHT), (240, Outcome.TIMED_OUT)])
def test_3_a_run_is_in_flight_until_its_deadline(as_of: float, outcome: Outcome) -> None:
    _, seen = play(pair(), events((0, "start 1")), as_of=as_of)
    assert [run.outcome for run in seen.runs] == [outcome]


def test_5_three_failures_are_one_failed_run_with_three_attempts() -> None:
    records = events(
        *((t, f"{word} 1") for n in range(3) for t, word in ((n * 60, "start"), (n * 60 + 1, "fail")))
    )
    tally, _ = play(pair(), records, as_of=1000)
    assert tally.counts == RunCounts(started=1, failed=1, attempts=3)
    assert tally.first_attempts == (0, 1)


def test_5_two_failures_and_a_completion_are_one_completed_run() -> None:
    records = events(
        (0, "start 1"), (1, "fail 1"), (60, "start 1"), (61, "fail 1"), (120, "start 1"), (150, "done 1")
    )
    tally, _ = play(pair(), records, as_of=1000)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=3)
    assert tally.first_attempts == (0, 1)
    assert list(tally.durations) == [30.0]


def test_5_a_failed_run_never_times_out() -> None:
    tally, _ = play(pair(), events((0, "start 1"), (1, "fail 1")), as_of=100_000)
    assert tally.counts == RunCounts(started=1, failed=1, attempts=1)


@pytest.mark.parametrize(("restart", "runs"), [(601, 1), (601.001, 2)])
def test_5_a_failure_is_revised_only_within_retry_within(restart: float, runs: int) -> None:
    tally, _ = play(
        pair(),
        events((0, "start 1"), (1, "fail 1"), (restart, "start 1"), (restart + 1, "done 1")),
        as_of=2000,
    )
    assert tally.counts.started == runs
    assert tally.counts.completed == 1
    assert tally.counts.failed == runs - 1


@pytest.mark.parametrize(("restart", "runs"), [(600, 1), (600.001, 2)])
def test_5_past_retry_within_of_its_last_start_a_stalled_run_is_over(restart: float, runs: int) -> None:
    records = events((0, "start 1"), (restart, "start 1"), (restart + 1, "done 1"))
    tally, _ = play(pair(), records, as_of=2000)
    assert tally.counts == RunCounts(started=runs, completed=1, timed_out=runs - 1, attempts=2)


def test_5_a_failure_counts_from_the_moment_it_is_logged_and_a_later_start_revises_it() -> None:
    records = events((0, "start 1"), (1, "fail 1"), (60, "start 1"), (90, "done 1"))
    assert play(pair(), records[:2], as_of=2)[0].counts == RunCounts(started=1, failed=1, attempts=1)
    assert play(pair(), records[:3], as_of=60)[0].counts == RunCounts(started=1, in_flight=1, attempts=2)
    assert play(pair(), records, as_of=90)[0].counts == RunCounts(started=1, completed=1, attempts=2)


def test_5_a_late_failure_can_be_revised_too() -> None:
    records = events((0, "start 1"), (250, "fail 1"), (300, "start 1"), (310, "done 1"))
    tally, _ = play(pair(), records, as_of=1000)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=2)
    assert tally.first_attempts == (0, 1)


def test_5_the_first_attempt_rate_stands_beside_the_final_one() -> None:
    records = events(
        (0, "start 1"), (1, "fail 1"), (2, "start 1"), (3, "done 1"),
        (10, "start 2"), (11, "done 2"), (12, "start 3"), (13, "skip 3"), (900, "start 4"),
    )  # fmt: skip
    tally, _ = play(pair(), records, as_of=910)
    assert (tally.counts.completed, tally.counts.judged) == (2, 2)
    assert tally.first_attempts == (1, 2)


@pytest.mark.parametrize("end", ["done", "skip"])
def test_5_a_start_after_completed_or_skipped_is_a_new_run(end: str) -> None:
    tally, _ = play(pair(), events((0, "start 1"), (1, f"{end} 1"), (2, "start 1"), (3, "done 1")), as_of=60)
    assert tally.counts.started == 2


@pytest.mark.parametrize("first_announced", [True, False])
def test_5_a_start_after_an_enqueued_record_is_a_new_run(first_announced: bool) -> None:
    reused = events((0, "add 1"), (1, "start 1"), (2, "fail 1"), (4, "add 1"), (5, "start 1"), (6, "done 1"))
    tally, _ = play(pair(), reused[0 if first_announced else 1 :], as_of=60)
    assert tally.counts == RunCounts(started=2, completed=1, failed=1, attempts=2)


def test_5_an_open_run_whose_key_is_enqueued_anew_gets_no_later_end() -> None:
    records = events((0, "add 1"), (1, "start 1"), (100, "add 1"), (101, "start 1"), (102, "done 1"))
    tally, _ = play(pair(), records, as_of=1000)
    assert tally.counts == RunCounts(started=2, completed=1, timed_out=1, attempts=2)


@pytest.mark.parametrize(("enqueued", "runs"), [(10, 1), (10.001, 2)])
def test_5_an_enqueued_record_logged_just_after_the_start_belongs_to_that_start(
    enqueued: float, runs: int
) -> None:
    records = events((0, "start 1"), (enqueued, "add 1"), (20, "fail 1"), (60, "start 1"), (70, "done 1"))
    tally, _ = play(pair(), records, as_of=100)
    assert tally.counts == RunCounts(started=runs, completed=1, failed=runs - 1, attempts=2)


def test_5_only_one_enqueued_record_belongs_to_a_start() -> None:
    records = events((0, "start 1"), (1, "add 1"), (2, "add 1"), (3, "start 1"), (4, "done 1"))
    tally, _ = play(pair(), records, as_of=1000)
    assert tally.counts == RunCounts(started=2, completed=1, timed_out=1, attempts=2)


def test_5_an_enqueued_record_belongs_to_no_further_attempt() -> None:
    records = events(
        (0, "start 1"), (1, "fail 1"), (60, "start 1"), (61, "add 1"), (70, "start 1"), (71, "done 1")
    )
    tally, _ = play(pair(), records, as_of=1000)
    assert tally.counts == RunCounts(started=2, completed=1, timed_out=1, attempts=3)


def test_5_an_end_after_an_enqueued_record_is_that_of_the_run_before() -> None:
    records = events((0, "start 1"), (100, "add 1"), (110, "done 1"), (111, "start 1"), (113, "done 1"))
    tally, _ = play(pair(), records, as_of=200)
    assert tally.counts == RunCounts(started=2, completed=2, attempts=2)
    assert list(tally.durations) == [2.0, 110.0]


def test_5_an_end_that_waits_for_its_start_waits_no_longer_than_to_the_next_enqueued_record() -> None:
    records = events((0, "done 1"), (1, "add 1"), (2, "start 1"), (5, "done 1"))
    tally, _ = play(pair(), records, as_of=200)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1, orphan_end=1)


def test_5_separate_runs_do_not_care_what_was_enqueued() -> None:
    records = events(
        (0, "add 1"), (1, "start 1"), (30, "add 1"), (31, "start 1"), (32, "done 1"), (33, "done 1")
    )
    tally, _ = play(pair(on_restart=OnRestart.SEPARATE), records, as_of=200)
    assert tally.counts == RunCounts(started=2, completed=2, attempts=2)


def test_5_replace_supersedes_the_open_run() -> None:
    records = events((0, "start 1"), (10, "start 1"), (20, "done 1"))
    tally, _ = play(pair(on_restart=OnRestart.REPLACE), records, as_of=60)
    assert tally.counts == RunCounts(started=2, completed=1, superseded=1, attempts=2)


def test_5_replace_does_not_supersede_what_had_timed_out() -> None:
    records = events((0, "start 1"), (300, "start 1"), (320, "done 1"))
    tally, _ = play(pair(on_restart=OnRestart.REPLACE), records, as_of=400)
    assert tally.counts == RunCounts(started=2, completed=1, timed_out=1, attempts=2)


def test_5_separate_is_first_in_first_out() -> None:
    records = events((0, "start 1"), (10, "start 1"), (20, "done 1"), (50, "fail 1"))
    tally, seen = play(pair(on_restart=OnRestart.SEPARATE), records, as_of=60)
    assert tally.counts == RunCounts(started=2, completed=1, failed=1, attempts=2)
    assert {(r.started, r.ended) for r in seen.runs} == {(at(0), at(20)), (at(10), at(50))}


def test_5_a_restart_of_a_stalled_attempt_is_the_same_run() -> None:
    tally, _ = play(pair(), events((0, "start 1"), (300, "start 1"), (330, "done 1")), as_of=1000)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=2)
    assert tally.first_attempts == (0, 1)


def test_6_keys_hand_over_across_sources() -> None:
    tally, _ = play(pair(), events((0, "start 1", "a.log"), (30, "done 1", "b.log")), as_of=60)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1)


def test_6_keys_are_scoped_by_rule() -> None:
    rules = RuleSet((pair(id="a"), pair(id="b", start=Words("begin"), max_open=1)))
    seen = Recorder()
    engine = Engine(rules, span(10), observer=seen)
    for one in events((0, "start 1"), (1, "begin 2"), (2, "done 1"), (3, "done 2"), (4, "done 1")):
        engine.feed(one)
    engine.finish(at(60))
    found = [(f.rule, f.outcome if isinstance(f, Run) else f.oddity) for f in seen.found]
    assert found == [
        ("a", "completed"), ("b", "completed"), ("a", "duplicate_end"), ("b", "duplicate_end"),
        ("a", "orphan_end"), ("b", "orphan_end"),
    ]  # fmt: skip


def test_6_without_a_key_runs_pair_first_in_first_out_per_source() -> None:
    rule = pair(key=(), enqueued=None)
    records = events((0, "start"), (1, "start", "b.log"), (5, "done", "b.log"), (9, "fail"), (10, "done"))
    tally, seen = play(rule, records, as_of=60)
    assert tally.approximate
    assert tally.counts == RunCounts(started=2, completed=1, failed=1, attempts=2, orphan_end=1)
    assert {(r.start.source, r.outcome) for r in seen.runs} == {("b.log", "completed"), ("a.log", "failed")}


def test_6_without_a_key_a_lost_run_does_not_shift_the_ones_behind_it() -> None:
    rule = pair(key=(), enqueued=None)
    records = events((0, "start"), (300, "start"), (310, "done"), (320, "start"), (330, "done"))
    tally, _ = play(rule, records, as_of=1000)
    assert tally.counts == RunCounts(started=3, completed=2, timed_out=1, attempts=3)
    assert list(tally.durations) == [10.0, 10.0]


@pytest.mark.parametrize(("start", "skewed"), [(10, 1), (10.001, 0)])
def test_7_an_end_just_before_its_start_is_skewed_with_no_duration(start: float, skewed: int) -> None:
    tally, seen = play(pair(), events((0, "done 1"), (start, "start 1")), as_of=1000)
    assert tally.counts.skewed == skewed
    assert tally.counts.orphan_end == 1 - skewed
    assert tally.counts.completed == skewed
    assert all(run.duration is None or run.duration == span(0) for run in seen.runs)


def test_7_an_end_without_key_memory_waits_for_no_start_in_keyless_rules() -> None:
    rule = pair(key=(), enqueued=None)
    tally, _ = play(rule, events((0, "done"), (1, "start"), (2, "done")), as_of=60)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1, orphan_end=1)


def test_7_an_end_that_is_out_of_order_by_more_than_lateness_ends_nothing() -> None:
    """As where two logs were pasted one after the other: it never makes a negative duration."""
    tally, seen = play(pair(), events((3600, "start 1"), (0, "done 1")), as_of=3700, advance=False)
    assert tally.counts == RunCounts(started=1, in_flight=1, attempts=1, orphan_end=1)
    assert all(run.duration is None for run in seen.runs)


def test_7_a_log_that_jumps_back_is_paired_all_the_same() -> None:
    records = events((3600, "start 1"), (3610, "done 1"), (0, "start 2"), (30, "done 2"), (40, "start 3"))
    tally, _ = play(pair(), records, as_of=3700, advance=False)
    assert tally.counts == RunCounts(started=3, completed=2, timed_out=1, attempts=3)
    assert list(tally.durations) == [10.0, 30.0]


def test_7_a_second_end_before_its_start_is_a_duplicate() -> None:
    records = events((0, "done 1"), (1, "done 1"), (2, "start 1"))
    tally, _ = play(pair(), records, as_of=60)
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1, skewed=1, duplicate_end=1)


def test_7_ends_that_wait_for_their_start_are_told_even_where_they_are_too_many() -> None:
    records = events((0, "done 1"), (1, "done 2"), (2, "done 3"), (3, "start 3"), (4, "start 1"))
    tally, _ = play(pair(max_open=2), records, as_of=60)
    assert tally.counts == RunCounts(started=2, completed=1, in_flight=1, attempts=2, skewed=1, orphan_end=2)


def test_8_past_max_open_the_oldest_is_evicted() -> None:
    records = events(*((n, f"start {n}") for n in range(5)), (10, "done 4"), (11, "done 0"))
    tally, _ = play(pair(max_open=3), records, as_of=60)
    assert tally.counts.evicted == 2
    assert tally.counts.completed == 1
    assert tally.counts.orphan_end == 1


def test_8_runs_that_are_over_do_not_count_as_open() -> None:
    records = [r for n in range(50) for r in events((n, f"start {n}"), (n + 0.5, f"done {n}"))]
    tally, _ = play(pair(max_open=1), records, as_of=60)
    assert (tally.counts.evicted, tally.counts.completed) == (0, 50)


def test_8_whoever_was_evicted_is_forgotten_and_the_others_are_not() -> None:
    records = events(
        (0, "start 1"), (1, "start 2"), (2, "fail 2"), (3, "start 3"), (4, "start 2"), (5, "done 2"),
        (6, "start 1"), (7, "done 1"), (8, "done 3"),
    )  # fmt: skip
    tally, seen = play(pair(max_open=2), records, as_of=60)
    assert tally.counts == RunCounts(started=4, completed=3, evicted=1, attempts=5)
    assert (seen.runs[0].key, seen.runs[0].outcome) == (("1",), Outcome.EVICTED)


def test_8_eviction_takes_the_oldest_of_any_source_or_life() -> None:
    keyless = pair(key=(), enqueued=None, max_open=2)
    records = events(
        (0, "start", "a"), (1, "start", "b"), (2, "start", "b"), (3, "done", "b"), (4, "done", "a")
    )
    tally, seen = play(keyless, records, as_of=60)
    assert tally.counts == RunCounts(started=3, completed=1, in_flight=1, evicted=1, orphan_end=1, attempts=3)
    assert seen.runs[0].start.source == "a"
    detached = events((0, "add 1"), (1, "start 1"), (100, "add 1"), (101, "start 1"), (102, "done 1"))
    tally, _ = play(pair(max_open=1), detached, as_of=1000)
    assert tally.counts == RunCounts(started=2, completed=1, evicted=1, attempts=2)


def test_8_keys_are_remembered_up_to_max_open_of_them() -> None:
    ended = [r for n in range(5) for r in events((n, f"start {n}"), (n + 0.5, f"done {n}"))]
    tally, _ = play(pair(max_open=3), [*ended, *events((10, "done 0"), (11, "done 4"))], as_of=60)
    assert (tally.counts.orphan_end, tally.counts.duplicate_end) == (1, 1)


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize(
    "word", ["start {}", "done {}", "add {}", "start {0}\nfail {0}", "start 1", "fail 1"]
)
def test_8_whatever_a_log_says_what_is_held_of_it_is_bounded(word: str, keyed: bool) -> None:
    rule = pair(max_open=20) if keyed else pair(key=(), enqueued=None, max_open=20)
    engine = Engine(RuleSet((rule,)), span(10))
    sizes = []
    for n in range(2000):
        for part in word.format(n).split("\n"):
            engine.feed(record(n / 10, part))
        sizes.append(len(engine.state()))
    starts = 10 * n if word == "start 1" and keyed else 0  # the times of the attempts of one run
    assert max(sizes) < 30_000 + starts


def test_runs_of_an_older_deployment_are_kept_apart() -> None:
    rule = pair()
    records = [
        record(-50, "start old"),
        record(5, "fail old"),
        record(10, "start mine", attributes={"deploymentId": "dpl_new1234"}),
        record(11, "start other", attributes={"deploymentId": "dpl_old1234"}),
        record(12, "done mine"),
        record(13, "fail other"),
    ]
    tally, _ = play(rule, records, as_of=1000, since=0, names=frozenset({"new1234"}))
    assert tally.counts == RunCounts(started=1, completed=1, attempts=1)
    assert tally.older_counts == RunCounts(started=2, failed=2)


def test_without_a_judged_deployment_nothing_is_older() -> None:
    tally, _ = play(pair(), events((-50, "start 1"), (5, "fail 1")), as_of=1000, since=0)
    assert tally.older_counts == RunCounts()


WORDS = st.sampled_from(["start", "done", "fail", "skip", "add"])
SCRIPTS = st.lists(st.tuples(st.integers(0, 900), WORDS, st.sampled_from("123")), max_size=30)


@settings(max_examples=200)
@given(SCRIPTS, st.sampled_from(list(OnRestart)), st.booleans())
def test_every_start_is_an_attempt_of_one_run_and_every_run_has_one_outcome(
    script: list[tuple[int, str, str]], on_restart: OnRestart, keyed: bool
) -> None:
    """And, as 7 has it, no duration is negative, or the size of an epoch."""
    rule = pair(on_restart=on_restart) if keyed else pair(key=(), enqueued=None)
    records = events(*((t, f"{word} {key}") for t, word, key in sorted(script, key=lambda e: e[0])))
    tally, seen = play(rule, records, as_of=1000)
    counts = tally.counts
    assert counts.started == sum(
        (counts.completed, counts.failed, counts.skipped, counts.timed_out, counts.in_flight,
         counts.superseded, counts.evicted, counts.unknown_gap)
    )  # fmt: skip
    assert counts.attempts == sum(word == "start" for _, word, _ in script)
    assert all(run.duration is None or span(0) <= run.duration <= span(900) for run in seen.runs)


@settings(max_examples=200)
@given(SCRIPTS)
def test_every_end_is_accounted_for(script: list[tuple[int, str, str]]) -> None:
    records = events(*((t, f"{word} {key}") for t, word, key in sorted(script, key=lambda e: e[0])))
    _, seen = play(pair(on_restart=OnRestart.SEPARATE), records, as_of=1000)
    ends = sum(word in {"done", "fail", "skip"} for _, word, _ in script)
    assert ends == sum(run.end is not None for run in seen.runs) + len(seen.strays)
