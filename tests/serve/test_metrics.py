"""Metrics: there from the first scrape, moved by what they speak of, and as Prometheus wants them."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.openmetrics import exposition
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics

from logwatch import __version__
from logwatch.serve import names
from tests.serve.test_state import full_disk
from tests.serve.world import World, stamped

RULES = """
version: 1
rules:
  - id: job
    kind: pair
    title: Jobs end
    severity: critical
    start: 'job (?P<job>\\S+) started'
    outcomes:
      completed: 'job (?P<job>\\S+) done'
      failed: 'job (?P<job>\\S+) failed'
      skipped: 'job (?P<job>\\S+) had nothing to do'
    key: [job]
    timeout: 1m
    retry_within: 1m
    max_open: 3
  - id: replaced
    kind: pair
    title: The last one counts
    severity: warning
    start: 'shift (?P<shift>\\S+) begins'
    outcomes: {completed: 'shift (?P<shift>\\S+) ends'}
    key: [shift]
    timeout: 1m
    on_restart: replace
  - id: nameless
    kind: pair
    title: Some lines name no task
    severity: warning
    start: 'task(?: (?P<task>\\S+))? begins'
    outcomes: {completed: 'task (?P<task>\\S+) ends'}
    key: [task]
    timeout: 1m
  - id: oops
    kind: forbid
    title: Nothing goes wrong
    severity: critical
    pattern: 'oops in (?P<part>\\S+)'
    labels: [part]
    exposure: none
    samples: {match: ["oops in disk"]}
  - id: beat
    kind: expect
    title: Hearts beat
    severity: warning
    pattern: 'beat of (?P<heart>\\w+)'
    key: [heart]
    expected: [left, right]
    at_least: 1
  - id: steps
    kind: sequence
    title: Step by step
    severity: warning
    key: [id]
    steps:
      - {name: one, pattern: 'first (?P<id>\\d+)'}
      - {name: two, pattern: 'second (?P<id>\\d+)', skipped: 'nothing more for (?P<id>\\d+)', within: 30s}
  - id: attached
    kind: ratio
    title: Images found
    severity: warning
    numerator: {pattern: 'found (?P<n>\\d+) of', sum: n}
    denominator: {pattern: 'found \\d+ of (?P<m>\\d+)', sum: m}
  - id: latency
    kind: measure
    title: Quick
    severity: info
    pattern: 'took (?P<ms>\\d+)ms'
    value: ms
    unit: ms
  - id: size
    kind: measure
    title: Small
    severity: info
    pattern: 'wrote (?P<n>\\d+) bytes'
    value: n
    unit: bytes
  - id: queue
    kind: measure
    title: Short
    severity: info
    pattern: '(?P<n>\\d+) waiting'
    value: n
    unit: count
  - id: slow
    kind: count
    title: A pattern without end
    severity: info
    pattern: 'slow (?:a|aa)+$'
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, RULES)
    world.turn()
    yield world
    world.stop()


def file_of(world: World) -> str:
    return str(world.folder / "worker.log")


def log_and_settle(*texts: str) -> Callable[[World], None]:
    def happen(world: World) -> None:
        world.log(*texts)
        world.settle()

    return happen


def rotate(world: World) -> None:
    world.log("before")
    world.turn()
    (world.folder / "worker.log").rename(world.folder / "worker.log.1")
    world.log("after")
    world.settle()


def truncate(world: World) -> None:
    world.log("before", "before")
    world.turn()
    (world.folder / "worker.log").write_text("")
    world.log("x")
    world.settle()


def half_line(world: World) -> None:
    world.write("2026-03-01T12:00:00Z hal")
    world.turn()
    (world.folder / "worker.log").unlink()
    world.settle()


def hole(world: World) -> None:
    world.write("\0" * 9 + stamped(world.wall, "after a hole"))
    world.settle()


def lose(world: World) -> None:
    """Have a run open while a backlog is truncated away."""
    world.log("job 1 started")
    world.turn()
    world.write(stamped(world.wall, "x" * 1000) * 4000)
    world.now += 1
    world.exporter.turn(world.now, world.wall)  # reads the first MiB
    (world.folder / "worker.log").write_text("")
    world.settle()


def long_record(world: World) -> None:
    world.log(*("a line" for _ in range(1000)))
    world.write(stamped(world.wall, "begins") + "goes on\n" * 1001)
    world.settle()


def late(world: World) -> None:
    world.log("oops in disk")
    world.settle()
    world.write(stamped(world.wall - timedelta(seconds=90), "oops in disk"))
    world.settle()


def fail_to_store(world: World) -> None:
    with full_disk(world.folder / "state/state.db-wal"):
        world.log(*(f"job {n} started" for n in range(100)))
        world.turn()


def damage(world: World) -> None:
    world.log("x")
    world.turn()
    world.stop()
    (world.folder / "state/state.db").write_bytes(b"")
    world.start()
    world.turn()


def reload_bad_rules(world: World) -> None:
    world.rules = "version: 1\nrules: []\nrule: x\n"
    assert world.exporter.reload().problem is not None
    world.turn()


def read_part(world: World) -> None:
    world.write(stamped(world.wall - timedelta(seconds=30), "x" * 1000) * 2000)
    world.now += 1
    world.wall += timedelta(seconds=1)
    world.exporter.turn(world.now, world.wall)


JOB, FILE = {"pair": "job"}, {"input": "FILE"}
EVENTS: list[tuple[str, dict[str, str], Callable[[World], None], float]] = [
    (names.RULE_RECORDS, {"rule": "oops"}, log_and_settle("oops in disk", "oops in fan"), 2),
    (names.RULE_MATCHES, {"rule": "oops", "part": "fan"}, log_and_settle("oops in disk", "oops in fan"), 1),
    (names.RULE_MATCHES, {"rule": "beat", "key": "left"}, log_and_settle("beat of left"), 1),
    (names.RULE_RECORDS, {"rule": "beat"}, log_and_settle("beat of left", "beat of all"), 2),
    (names.REGEX_TIMEOUTS, {"rule": "slow"}, log_and_settle("slow " + "a" * 60 + "b"), 1),
    (names.LABEL_VALUES_DROPPED, {"rule": "oops"}, log_and_settle(*(f"oops in p{n}" for n in range(105))), 5),
    (names.PAIR_STARTED, JOB, log_and_settle("job 1 started"), 1),
    (names.PAIR_COMPLETED, JOB, log_and_settle("job 1 started", "job 1 done"), 1),
    (names.PAIR_FAILED, JOB, log_and_settle("job 1 started", "job 1 failed"), 1),
    (names.PAIR_SKIPPED, JOB, log_and_settle("job 1 started", "job 1 had nothing to do"), 1),
    (names.PAIR_TIMED_OUT, JOB, log_and_settle("job 1 started"), 1),
    (names.PAIR_SUPERSEDED, {"pair": "replaced"}, log_and_settle("shift 1 begins", "shift 1 begins"), 1),
    (names.PAIR_EVICTED, JOB, log_and_settle(*(f"job {n} started" for n in range(5))), 2),
    (names.PAIR_UNKNOWN_GAP, JOB, lose, 1),
    (names.PAIR_STRAYS, JOB | {"oddity": "orphan_end"}, log_and_settle("job 1 done"), 1),
    (
        names.PAIR_STRAYS,
        JOB | {"oddity": "duplicate_end"},
        log_and_settle("job 1 started", *["job 1 done"] * 2),
        1,
    ),
    (names.PAIR_STRAYS, {"pair": "nameless", "oddity": "unkeyed"}, log_and_settle("task begins"), 1),
    (f"{names.PAIR_DURATION}_count", JOB, log_and_settle("job 1 started", "job 1 done"), 1),
    (names.SEQUENCE_REACHED, {"sequence": "steps", "step": "two"}, log_and_settle("first 1", "second 1"), 1),
    (
        names.SEQUENCE_SKIPPED,
        {"sequence": "steps", "step": "two"},
        log_and_settle("first 1", "nothing more for 1"),
        1,
    ),
    (names.SEQUENCE_RUNS, {"sequence": "steps", "outcome": "timed_out"}, log_and_settle("first 1"), 1),
    (names.RATIO_NUMERATOR, {"ratio": "attached"}, log_and_settle("found 3 of 4", "found 1 of 2"), 4),
    (names.RATIO_DENOMINATOR, {"ratio": "attached"}, log_and_settle("found 3 of 4", "found 1 of 2"), 6),
    (f"{names.MEASURED_SECONDS}_sum", {"rule": "latency"}, log_and_settle("took 250ms", "took 500ms"), 0.75),
    (f"{names.MEASURED_BYTES}_sum", {"rule": "size"}, log_and_settle("wrote 10 bytes"), 10),
    (f"{names.MEASURED_VALUES}_sum", {"rule": "queue"}, log_and_settle("7 waiting"), 7),
    (names.LINES_READ, FILE, log_and_settle("a", "b"), 2),
    (names.READ_BYTES, FILE, log_and_settle("a"), 30),
    (names.PARSE_ERRORS, FILE | {"reason": "truncated"}, long_record, 1),
    (names.INPUT_ROTATIONS, FILE, rotate, 1),
    (names.INPUT_TRUNCATIONS, FILE, truncate, 1),
    (names.INPUT_GAPS, FILE, lose, 1),
    (names.INPUT_HALF_LINES, FILE, half_line, 1),
    (names.INPUT_NUL_BYTES, FILE, hole, 9),
    (names.LATE_EVENTS, {}, late, 1),
    (names.STATE_COMMIT_FAILURES, {}, fail_to_store, 1),
    (names.STATE_DAMAGED, {}, damage, 1),
    (names.CONFIG_RELOAD_SUCCESSFUL, {}, reload_bad_rules, 0),
    (names.BUILD_INFO, {"version": __version__}, World.turn, 1),
]


@pytest.mark.parametrize(("name", "labels", "happen", "value"), EVENTS, ids=[event[0] for event in EVENTS])
def test_a_metric_tells_of_its_event(
    name: str, labels: dict[str, str], happen: Callable[[World], None], value: float, world: World
) -> None:
    own = {label: text.replace("FILE", file_of(world)) for label, text in labels.items()}
    before = world.value(name.removeprefix("logwatch_"), own)
    if (
        name not in {names.BUILD_INFO, names.CONFIG_RELOAD_SUCCESSFUL}
        and "part" not in own
        and "input" not in own
    ):
        assert before == 0  # there from the first scrape
    happen(world)
    assert world.value(name.removeprefix("logwatch_"), own) == value


def test_every_time_that_the_state_is_stored_is_counted_through_restarts(world: World) -> None:
    stored = world.value("state_commits_total")
    assert stored is not None
    for number in (1, 2):
        world.log(f"job {number} started")
        world.turn()
        assert world.value("state_commits_total") == stored + number
    world.restart()
    world.turn()  # both store what they begin with
    assert world.value("state_commits_total") == stored + 4


def test_an_end_after_the_deadline_is_counted_as_late_and_changes_nothing_else(world: World) -> None:
    world.log("job 1 started")
    for _ in range(10):
        world.turn(10.0)
    assert world.value("pair_timed_out_total", JOB) == 1
    world.log("job 1 done")
    world.settle()
    assert world.value("pair_late_completions_total", JOB) == 1
    assert world.value("pair_timed_out_total", JOB) == 1
    assert world.value("pair_completed_total", JOB) == 0


def test_runs_in_flight_are_gauges(world: World) -> None:
    world.log("job 1 started")
    started = world.wall
    world.turn(4)
    world.log("job 2 started")
    for _ in range(4):
        world.turn(6)
    assert world.value("pair_in_flight", JOB) == 2
    assert world.value("pair_oldest_start_timestamp_seconds", JOB) == started.timestamp()
    world.settle()
    assert world.value("pair_in_flight", JOB) == 0
    assert world.value("pair_oldest_start_timestamp_seconds", JOB) is None


def test_what_is_unread_and_how_far_reading_lags_are_gauges(world: World) -> None:
    read_part(world)
    own = {"input": file_of(world)}
    unread = world.value("input_unread_bytes", own)
    assert unread is not None
    assert unread > 900_000
    assert world.value("input_lag_seconds", own) == pytest.approx(31, abs=2)
    world.settle()
    assert world.value("input_unread_bytes", own) == 0
    assert world.value("input_lag_seconds", own) == 0


def test_a_source_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    world = World(tmp_path, RULES, names=["none.log"])
    world.turn()
    assert world.value("input_unreadable", {"input": str(tmp_path / "none.log")}) == 1
    world.log("x", name="none.log")
    world.turn()
    assert world.value("input_unreadable", {"input": str(tmp_path / "none.log")}) == 0
    world.stop()


def test_records_with_something_wrong_are_counted_by_what_it_is(world: World) -> None:
    world.log("x")
    tomorrow = stamped(world.wall + timedelta(days=2), "oops in tomorrow")
    world.write("no time\n" + stamped(world.wall, "x") + tomorrow, name="other.log")
    world.settle()
    for name, reason, n in (("worker", "ahead", 0), ("other", "ahead", 1), ("other", "undated", 1)):
        own = {"input": str(world.folder / f"{name}.log"), "reason": reason}
        assert world.value("parse_errors_total", own) == n
    assert world.value("rule_matching_records_total", {"rule": "oops"}) == 0  # tomorrow is not known yet


def test_times_are_those_of_events(world: World) -> None:
    at = world.wall
    world.log("x")
    world.settle()
    assert world.value("input_last_event_timestamp_seconds", {"input": file_of(world)}) == at.timestamp()
    assert world.value("watermark_timestamp_seconds") == (world.wall - timedelta(seconds=10)).timestamp()


def test_verdicts_of_windows_are_gauges(world: World) -> None:
    world.log("oops in disk")
    world.settle()
    for window in ("30m", "24h"):
        assert world.value("rule_verdict", {"rule": "oops", "window": window}) == 0
        assert world.value("rule_verdict", {"rule": "job", "window": window}) == -1
        assert world.value("rule_verdict", {"rule": "slow", "window": window}) is None


def test_a_failure_is_counted_when_no_retry_can_revise_it(world: World) -> None:
    world.log("job 1 started", "job 1 failed")
    for _ in range(4):
        world.turn(8.0)
    assert world.value("pair_failed_total", JOB) == 0
    assert world.snapshot.verdicts["30m"].rules[0].counts is not None
    assert world.snapshot.verdicts["30m"].rules[0].counts["failed"] == 1
    world.log("job 1 started", "job 1 done")
    world.settle()
    assert world.value("pair_failed_total", JOB) == 0
    assert world.value("pair_completed_total", JOB) == 1
    assert world.value("pair_started_total", JOB) == 1


def test_exemplars_carry_the_job_id_under_openmetrics(world: World) -> None:
    world.log("job tuesday-7 started", "job tuesday-7 done")
    world.settle()
    text = exposition.generate_latest(world.exporter.registry).decode()
    found = {
        sample.name: sample.exemplar.labels
        for family in openmetrics(text)
        for sample in family.samples
        if sample.exemplar is not None
    }
    assert found["logwatch_pair_completed_total"] == {"job": "tuesday-7"}
    assert found["logwatch_pair_duration_seconds_bucket"] == {"job": "tuesday-7"}
    assert "tuesday-7" not in generate_latest(world.exporter.registry).decode()


def test_values_of_labels_are_safe_and_never_twice_the_same(world: World) -> None:
    world.log("oops in a\x1b]0;x\x07b", r"oops in a\x1b]0;x\x07b", 'oops in "quoted"')
    world.settle()
    text = generate_latest(world.exporter.registry).decode()
    assert "\x1b" not in text
    series = re.findall(r"^logwatch_rule_matches_total\{.*\}", text, re.MULTILINE)
    assert len(series) == len(set(series))
    assert any('part="\\"quoted\\""' in line for line in series)


def test_the_last_label_values_share_one_name(world: World) -> None:
    log_and_settle(*(f"oops in p{n}" for n in range(105)))(world)
    assert world.value("rule_matches_total", {"rule": "oops", "part": "__other__"}) == 5
    assert world.value("rule_matching_records_total", {"rule": "oops"}) == 105


def test_matches_by_label_add_up_to_all_of_them(world: World) -> None:
    log_and_settle("oops in disk", "oops in fan", "oops in disk", "beat of left", "beat of nobody")(world)
    for rule, matches in (("oops", 3), ("beat", 2)):
        parts = [
            value
            for (name, labels), value in world.scrape().samples.items()
            if name == "logwatch_rule_matches_total" and ("rule", rule) in labels
        ]
        assert sum(parts) == world.value("rule_matching_records_total", {"rule": rule}) == matches


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_nothing_to_say(world: World) -> None:
    log_and_settle("oops in disk", "beat of left", "first 1", "job 1 started", "job 1 done")(world)
    text = generate_latest(world.exporter.registry)
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_every_metric_that_is_named_is_exported(world: World) -> None:
    world.log("x", "job 1 started", "oops in disk")
    world.turn(10.0)
    world.turn(15.0)
    world.turn(15.0)
    exported = {name.removesuffix("_bucket") for name, _ in world.scrape().samples}
    named = {
        value for name, value in vars(names).items() if name.isupper() and str(value).startswith("logwatch_")
    }
    assert named - exported == set()


def test_scrapes_at_any_time_see_whole_states_that_never_go_back(world: World) -> None:
    over = threading.Event()
    wrong: list[str] = []
    scrapes = 0

    def scrape() -> None:
        nonlocal scrapes
        last = 0.0
        while not over.is_set():
            started = world.value("pair_started_total", JOB)
            done = world.value("pair_completed_total", JOB)
            if started is None or done is None or started < last:
                wrong.append(f"{last} {started} {done}")
            last = started or 0.0
            scrapes += 1

    thread = threading.Thread(target=scrape)
    thread.start()
    for number in range(30):
        world.log(f"job {number} started", f"job {number} done")
        world.turn(5.0)
        if number == 15:
            world.exporter.reload()
    over.set()
    thread.join()
    assert not wrong
    assert scrapes


def test_what_is_lost_is_said_and_counted(world: World) -> None:
    lose(world)
    [said] = world.said
    found = re.fullmatch(rf"{file_of(world)}: was truncated before ([\d,]+) bytes of it were read", said)
    assert found is not None
    assert world.value("input_gap_bytes_total", {"input": file_of(world)}) == int(found[1].replace(",", ""))
