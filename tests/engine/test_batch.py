"""The batch driver: real files in, tallies and the account of what was read out."""

from __future__ import annotations

import gzip
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logwatch.engine.batch import Answer, Question, scan
from logwatch.records.coverage import Window
from logwatch.records.reading import ReadOptions
from logwatch.ruleset.conditions import MessageMatches
from logwatch.ruleset.model import OnRestart, RuleSet, Step, Term
from logwatch.ruleset.patterns import compile_pattern
from logwatch.ruleset.prefilter import prefilter
from logwatch.sources.discover import discover
from logwatch.sources.files import FileSource, Share
from logwatch.sources.source import Source

from .world import Recorder, at, expect, forbid, measure, pair, ratio, sequence, span

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def text(pattern: str) -> MessageMatches:
    return MessageMatches(compile_pattern(pattern))


JOB = pair(
    start=text(r"job (?P<job>\S*) starts"),
    outcomes={"completed": text(r"job (?P<job>\S*) ends"), "failed": text(r"job (?P<job>\S*) fails")},
    enqueued=text(r"job (?P<job>\S+) waits"),
)
BAD = forbid(pattern=text(r"very bad(?: (?P<stage>\w+))?"), labels=("stage",))
RULES = RuleSet(
    (
        JOB,
        replace(JOB, id="keyless", key=(), enqueued=None),
        replace(JOB, id="separate", on_restart=OnRestart.SEPARATE),
        replace(JOB, id="crowded", max_open=2),
        sequence(
            steps=(
                Step("starts", text(r"job (?P<job>\S+) starts"), None),
                Step("works", text(r"job (?P<job>\S+) works"), span(60)),
                Step("ends", text(r"job (?P<job>\S+) ends"), span(60)),
            ),
            never=text(r"job (?P<job>\S+) fails"),
        ),
        sequence(
            id="funnel",
            key=(),
            steps=(
                Step("starts", text(r"job \S+ starts"), None),
                Step("ends", text(r"job \S+ ends"), span(60)),
            ),
            never=None,
        ),
        BAD,
        expect(pattern=text("heartbeat")),
        measure(pattern=text(r"ends after (?P<ms>\w+)ms")),
        ratio(
            numerator=Term(text(r"images: (?P<n>\d+)"), "n"),
            denominator=Term(text(r"drafts: (?P<n>\d+)"), "n"),
        ),
    )
)


def line(seconds: float, message: str) -> str:
    return f"{at(seconds).isoformat(timespec='milliseconds').replace('+00:00', 'Z')} [info] {message}"


def write(path: Path, *lines: tuple[float, str] | str) -> str:
    texts = (one if isinstance(one, str) else line(*one) for one in lines)
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return str(path)


def ask(
    sources: Sequence[str] | Sequence[Source],
    *,
    rules: RuleSet = RULES,
    since: float | None = None,
    until: float | None = None,
    as_of: float | None = None,
    filtered: bool = True,
    observer: Recorder | None = None,
    **options: Any,
) -> Answer:
    found = [
        s for name in sources for s in (discover([name], stdin=None) if isinstance(name, str) else [name])
    ]
    moments = (None if moment is None else at(moment) for moment in (since, until, as_of))
    return scan(
        found,
        rules,
        Question(*moments, **{k: options.pop(k) for k in list(options) if k == "deployment"}),
        ReadOptions(zone=UTC, now=NOW, **options),
        wanted=prefilter(rules) if filtered else None,
        observer=observer,
    )


def counts(answer: Answer, rule_id: str = "job") -> Any:
    tally: Any = answer.tallies[rule_id]
    return {name: n for name in tally.counts.__struct_fields__ if (n := getattr(tally.counts, name))}


# Section 5, number 1: as_of and the watermark.


def test_1_without_any_bound_the_window_is_all_that_was_read_and_as_of_the_last_record(
    tmp_path: Path,
) -> None:
    name = write(tmp_path / "a.log", (0, "job 1 starts"), (10, "job 1 ends"), (300, "noise"))
    answer = ask([name])
    assert answer.window == Window(at(0), at(300), at(300))
    assert counts(answer) == {"started": 1, "completed": 1, "attempts": 1}
    assert (answer.coverage.earliest, answer.coverage.latest) == (at(0), at(300))


def test_1_as_of_decides_what_is_still_in_flight(tmp_path: Path) -> None:
    name = write(tmp_path / "a.log", (0, "job 1 starts"), (10, "noise"))
    assert counts(ask([name]))["in_flight"] == 1
    assert counts(ask([name], as_of=239))["in_flight"] == 1
    assert counts(ask([name], as_of=240))["timed_out"] == 1


def test_1_late_ends_are_seen_up_to_as_of(tmp_path: Path) -> None:
    name = write(tmp_path / "a.log", (90, "job 1 starts"), (150, "job 1 ends"), (151, "job 2 starts"))
    seen = ask([name], since=0, until=100, as_of=200)
    assert counts(seen) == {"started": 1, "completed": 1, "attempts": 1}
    assert seen.window == Window(at(0), at(100), at(200))
    assert counts(ask([name], since=0, until=100, as_of=149)) == {"started": 1, "in_flight": 1, "attempts": 1}


def test_1_a_source_that_ends_early_keeps_nobody_elses_runs_open(tmp_path: Path) -> None:
    idle = write(tmp_path / "idle.log", (0, "job 1 starts"))
    busy = write(tmp_path / "busy.log", (1, "job 2 starts"), (1000, "job 3 starts"), (1001, "job 3 ends"))
    seen = Recorder()
    ask([idle, busy], rules=RuleSet((JOB,)), observer=seen)
    assert [(run.key[0], run.outcome.value) for run in seen.runs] == [
        ("1", "timed_out"), ("2", "timed_out"), ("3", "completed"),
    ]  # fmt: skip


# Number 2: the read range.


@pytest.mark.parametrize(("start", "known"), [(-600, True), (-600.001, False)])
def test_2_the_read_range_begins_the_longest_memory_of_any_rule_before_since(
    tmp_path: Path, start: float, known: bool
) -> None:
    name = write(
        tmp_path / "a.log",
        (start, "job 1 starts"),
        (-599, "job 1 fails"),
        (-10, "job 1 starts"),
        (5, "noise"),
    )
    seen = Recorder()
    ask([name], rules=RuleSet((JOB,)), since=0, as_of=9999, observer=seen)
    assert [len(run.starts) for run in seen.runs] == [2 if known else 1]


def test_2_what_lies_after_as_of_does_not_exist(tmp_path: Path) -> None:
    name = write(tmp_path / "a.log", (0, "job 1 starts"), (10, "job 1 ends"), (11, "very bad"))
    answer = ask([name], as_of=9)
    assert counts(answer) == {"started": 1, "in_flight": 1, "attempts": 1}
    assert answer.tallies["bad"].matches == 0


@pytest.mark.parametrize("since", [None, 0])
def test_2_what_lies_after_as_of_is_not_counted_in_a_window_that_ends_there(
    tmp_path: Path, since: float | None
) -> None:
    name = write(tmp_path / "a.log", (0, "noise"), (10, "noise"), (11, "noise"), (3600, "noise"))
    answer = ask([name], since=since, as_of=10)
    source = answer.coverage.sources[0]
    assert (source.lines, source.records, source.last) == (2, 2, at(10))


def test_2_records_without_a_time_count_as_of_any_moment_where_no_bound_is_given(tmp_path: Path) -> None:
    name = write(tmp_path / "a.log", "very bad", "noise")
    answer = ask([name], as_of=10)
    assert (answer.tallies["bad"].matches, answer.coverage.records) == (1, 2)
    assert not answer.coverage.damaged


def test_2_lateness_is_read_before_since_even_where_rules_remember_less(tmp_path: Path) -> None:
    rules = RuleSet((replace(JOB, timeout=span(2), retry_within=span(0)),))
    name = write(tmp_path / "a.log", (-8, "job 1 ends"), (1, "job 1 starts"), (500, "noise"))
    assert counts(ask([name], rules=rules, since=0)) == {
        "started": 1, "completed": 1, "attempts": 1, "skewed": 1,
    }  # fmt: skip


def test_a_window_that_begins_after_the_last_record_is_empty_and_not_upside_down(tmp_path: Path) -> None:
    name = write(tmp_path / "a.log", (0, "job 1 starts"))
    answer = ask([name], since=500)
    assert answer.window == Window(at(500), at(500), at(500))
    assert (counts(answer), answer.coverage.records) == ({}, 0)


# Number 3: what was lost.


def test_3_runs_that_were_open_where_a_source_breaks_off_are_unknown(tmp_path: Path) -> None:
    whole = gzip.compress(
        "".join(line(n, f"job {n} starts") + "\n" for n in range(3000)).encode(), compresslevel=0
    )
    (tmp_path / "cut.log.gz").write_bytes(whole[: len(whole) // 2])
    other = write(tmp_path / "b.log", (0, "job b starts"), (5000, "noise"), (9000, "job c starts"))
    seen = Recorder()
    answer = ask([str(tmp_path / "cut.log.gz"), other], rules=RuleSet((JOB,)), observer=seen)
    [cut, _] = answer.coverage.sources
    assert cut.truncated
    assert cut.last is not None
    assert {run.key[0]: run.outcome.value for run in seen.runs} == {
        **{
            str(n): "unknown_gap" if at(n + 240) > cut.last else "timed_out"
            for n in range(counts(answer)["started"] - 2)
        },
        "b": "timed_out",
        "c": "in_flight",
    }
    assert counts(answer)["unknown_gap"] > 200


def test_3_newest_first_nothing_is_lost_of_runs_whose_start_was_read(tmp_path: Path) -> None:
    lines = [line(n, f"job {n} starts") for n in range(3000)][::-1]
    whole = gzip.compress("\n".join(lines).encode(), compresslevel=0)
    (tmp_path / "cut.log.gz").write_bytes(whole[: len(whole) // 2])
    answer = ask([str(tmp_path / "cut.log.gz")])
    assert answer.coverage.sources[0].order == "newest_first"
    assert answer.coverage.sources[0].truncated
    assert set(counts(answer)) == {"started", "timed_out", "in_flight", "attempts"}


# Number 7: the order.


def test_7_records_out_of_order_by_no_more_than_lateness_are_put_in_order(tmp_path: Path) -> None:
    name = write(
        tmp_path / "a.log", (9, "job 1 ends"), (0, "job 1 starts"), (20, "job 2 ends"), (15, "job 2 starts")
    )
    answer = ask([name])
    assert counts(answer) == {"started": 2, "completed": 2, "attempts": 2}
    assert list(answer.tallies["job"].durations) == [5.0, 9.0]


def test_7_how_late_is_asked_of_the_options(tmp_path: Path) -> None:
    late = ((50, "job 1 ends"), (70, "job 2 starts"), (90, "job 2 ends"), (45, "job 1 starts"))
    name = write(tmp_path / "a.log", *late)
    assert counts(ask([name], lateness=span(10)))["orphan_end"] == 1
    assert counts(ask([name], lateness=span(60))) == {"started": 2, "completed": 2, "attempts": 2}


def test_7_at_the_same_moment_the_name_of_the_source_and_the_place_in_it_decide(tmp_path: Path) -> None:
    first = write(tmp_path / "a.log", (5, "job 1 starts"), (5, "job 2 ends"), (5, "job 2 starts"))
    second = write(tmp_path / "b.log", (5, "job 1 ends"), (300, "noise"))
    for names in ([first, second], [second, first]):
        assert counts(ask(names)) == {"started": 2, "completed": 2, "attempts": 2, "skewed": 1}


def test_7_newest_first_the_order_is_that_after_reversal(tmp_path: Path) -> None:
    lines = [(n, f"job {n // 2} {'ends' if n % 2 else 'starts'}") for n in range(20)]
    same = [*lines, (20, "job x starts"), (20, "job x works"), (20, "job x ends")]
    answer = ask([write(tmp_path / "a.log", *same[::-1])])
    assert answer.coverage.sources[0].order == "newest_first"
    assert counts(answer) == {"started": 11, "completed": 11, "attempts": 11}


# Records without a time.


def test_records_without_any_time_count_where_all_time_counts(tmp_path: Path) -> None:
    name = write(
        tmp_path / "a.log", "job 1 starts", "job 2 starts", "job 1 ends", "very bad luck", "job 2 fails"
    )
    answer = ask([name])
    assert counts(answer) == {"started": 2, "completed": 1, "failed": 1, "attempts": 2}
    bad: Any = answer.tallies["bad"]
    assert (bad.matches, bad.first, bad.last) == (1, None, None)
    assert [e.time for e in bad.evidence] == [None]
    assert list(answer.tallies["job"].durations) == []
    assert answer.window == Window(NOW, NOW, NOW)


def test_records_without_any_time_never_time_out(tmp_path: Path) -> None:
    undated = write(tmp_path / "a.log", "job 1 starts", "job 2 starts", "job 2 ends")
    dated = write(tmp_path / "b.log", (0, "job 3 starts"), (10, "job 3 ends"), (900, "noise"))
    answer = ask([undated, dated])
    assert answer.window == Window(at(0), at(900), at(900))
    assert counts(answer) == {"started": 3, "completed": 2, "in_flight": 1, "attempts": 3}
    assert counts(answer, "funnel") == {"started": 3, "completed": 2, "in_flight": 1, "attempts": 3}
    assert (answer.tallies["job"].first, answer.tallies["job"].last) == (at(0), at(0))


def test_records_without_any_time_break_no_silence(tmp_path: Path) -> None:
    undated = write(tmp_path / "a.log", "heartbeat")
    dated = write(tmp_path / "b.log", (0, "noise"), (100, "noise"))
    beat: Any = ask([undated, dated]).tallies["beat"]
    assert (beat.matches, beat.longest_gap) == (1, {"": (at(0), span(100))})


def test_records_without_any_time_are_left_out_of_a_window(tmp_path: Path) -> None:
    name = write(tmp_path / "a.log", "job 1 starts", "very bad luck")
    answer = ask([name], since=0, until=100, as_of=100)
    assert (counts(answer), answer.tallies["bad"].matches) == ({}, 0)
    assert answer.coverage.sources[0].errors


# The account and the deployment.


def test_what_was_read_is_accounted_for_whether_it_was_wanted_or_not(tmp_path: Path) -> None:
    name = write(tmp_path / "a.log", *((n * 60, "noise") for n in range(60)), (3600, "very bad"))
    plain, filtered = (ask([name], filtered=f) for f in (False, True))
    assert plain == filtered
    assert (filtered.coverage.records, filtered.coverage.lines) == (61, 61)
    assert (filtered.coverage.buckets.total, filtered.coverage.buckets.with_records) == (6, 6)


def test_without_sources_there_is_an_empty_window_and_nothing_in_it() -> None:
    answer = ask([])
    assert answer.window == Window(NOW, NOW, NOW)
    assert (answer.coverage.records, answer.coverage.earliest, counts(answer)) == (0, None, {})


def test_runs_of_an_older_deployment_are_kept_apart_by_time_and_by_attribute(tmp_path: Path) -> None:
    def drained(seconds: float, message: str, deployment: str) -> str:
        time = int(at(seconds).timestamp() * 1000)
        return f'{{"timestamp": {time}, "deploymentId": "{deployment}", "message": "{message}"}}'

    name = write(
        tmp_path / "drain.ndjson",
        drained(-60, "job 1 starts", "dpl_old"), drained(5, "job 1 fails", "dpl_old"),
        drained(6, "job 2 starts", "dpl_old"), drained(7, "job 2 fails", "dpl_old"),
        drained(8, "job 3 starts", "dpl_new"), drained(9, "job 3 ends", "dpl_new"),
        drained(10, "very bad", "dpl_old"),
    )  # fmt: skip
    answer = ask([name], since=0, deployment=frozenset({"dpl_new", "d52dee0"}))
    assert counts(answer) == {"started": 1, "completed": 1, "attempts": 1}
    job: Any = answer.tallies["job"]
    assert (job.older, job.older_counts.failed) == (2, 2)
    assert (answer.tallies["bad"].matches, answer.tallies["bad"].older) == (0, 1)


# Whatever the chunks, the order of the files and what is read of them.

MESSAGES = st.one_of(
    st.tuples(
        st.sampled_from(
            ("job {} starts", "job {} works", "job {} ends after 70ms", "job {} fails", "job {} waits")
        ),
        st.sampled_from(("1", "2", "3", "☕")),
    ).map(lambda drawn: drawn[0].format(drawn[1])),
    st.sampled_from(
        (
            "noise",
            "very bad luck",
            "heartbeat",
            "images: 3\n   drafts: 4",
            "Error: very bad\n    at worker (a.js:1)\n\n    at main",
            "job  starts",
        )
    ),
)
FILES = st.lists(
    st.lists(st.tuples(st.integers(0, 900_000), MESSAGES), min_size=1, max_size=30), min_size=1, max_size=3
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    FILES,
    st.booleans(),
    st.lists(st.sampled_from((1, 2, 3, 7, 64, 1000)), min_size=3, max_size=3),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_same_numbers_whatever_the_chunks_the_order_of_the_files_and_what_is_skipped(
    tmp_path: Path,
    files: list[list[tuple[int, str]]],
    sorted_by_time: bool,
    sizes: list[int],
    windowed: bool,
    random: Any,
) -> None:
    sources = []
    for number, messages in enumerate(files):
        ordered = sorted(messages, key=lambda one: one[0]) if sorted_by_time else messages
        write(tmp_path / f"{number}.log", *((ms / 1000, message) for ms, message in ordered))
    for number in range(len(files)):
        [whole] = discover([str(tmp_path / f"{number}.log")], stdin=None)
        assert isinstance(whole, FileSource)
        sources.append(whole)
    window = {"since": 100, "until": 800, "as_of": 850} if windowed else {}
    plain = ask(sources, filtered=False, **window)
    cut = [replace(s, share=Share(block_size=size)) for s, size in zip(sources, sizes, strict=False)]
    random.shuffle(cut)
    again = ask(cut, **window)
    assert again.tallies == plain.tallies
    assert again.window == plain.window
    assert again.coverage.buckets == plain.coverage.buckets
    assert {s.name: s for s in again.coverage.sources} == {s.name: s for s in plain.coverage.sources}


def test_a_file_that_shrinks_is_told_and_what_was_read_is_counted(tmp_path: Path) -> None:
    name = write(tmp_path / "a.log", *((n, "very bad") for n in range(100)))
    [source] = discover([name], stdin=None)
    os.truncate(name, 2000)
    answer = ask([source])
    assert answer.coverage.sources[0].truncated
    assert 0 < answer.tallies["bad"].matches < 100
