"""Records that say the same are looked at once, and what is plain is put together in bulk: nothing else comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from dataclasses import replace as copy_with
from datetime import UTC
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logwatch.engine import event_maker, meanings, sums, workers
from logwatch.engine.aggregate import MatchAggregator
from logwatch.engine.batch import Answer, Question, scan
from logwatch.engine.matcher import Matcher
from logwatch.engine.pairs import PairCorrelator
from logwatch.records import parts, reversal, seeking
from logwatch.records import reading as records
from logwatch.records.reading import ReadOptions
from logwatch.records.record import Record
from logwatch.records.scan import reading, uniform
from logwatch.ruleset.condition import Captures, PatternTimeout
from logwatch.ruleset.conditions import AllOf, AnyOf, FieldEquals, MessageMatches
from logwatch.ruleset.model import OnRestart, RuleSet, Step, Term
from logwatch.ruleset.patterns import compile_pattern
from logwatch.ruleset.prefilter import prefilter
from logwatch.sources.source import Block
from tests.records.world import NOW, at, small_heads

from .logs import Case, DivisibleSource, Log, cases
from .world import count, expect, forbid, measure, pair, ratio, sequence, span


def text(pattern: str) -> MessageMatches:
    return MessageMatches(compile_pattern(pattern))


def job(word: str) -> MessageMatches:
    return text(rf"job (?P<job>\S*) (?:\w+, )*{word}")


class Slow(MessageMatches):
    """Uses up its time budget on messages that say so."""

    def search(self, record: Record) -> Captures | None:
        if "slow" in record.message:
            raise PatternTimeout(self.pattern.source)
        return super().search(record)


OUTCOMES = {"completed": job("ends"), "failed": job("fails"), "skipped": job("skips")}
JOB = pair(
    start=job("starts"),
    outcomes=OUTCOMES,
    enqueued=job("waits"),
    timeout=span(20),
    retry_within=span(40),
)
TOOK = r"(?P<ms>\w[\w.]*)ms"
WALK = sequence(
    steps=(
        Step("starts", job("starts"), None),
        Step("works", job("works"), span(20), skipped=job("rests")),
        Step("ends", job("ends"), span(20), skipped=job("skips")),
    ),
    never=job("stops"),
)
RULES = RuleSet(
    (
        JOB,
        replace(JOB, id="replace", on_restart=OnRestart.REPLACE),
        replace(JOB, id="separate", on_restart=OnRestart.SEPARATE),
        replace(JOB, id="not-enqueued", enqueued=None),
        replace(JOB, id="never-revised", enqueued=None, retry_within=span(0)),
        replace(JOB, id="patient", enqueued=None, timeout=span(240), retry_within=span(600)),
        replace(JOB, id="hasty", enqueued=None, timeout=span(2), on_restart=OnRestart.REPLACE),
        replace(JOB, id="fifo", key=(), enqueued=None),
        replace(JOB, id="by-app", key=("job", "attributes.app")),
        replace(JOB, id="works", start=job("works"), outcomes={"completed": job("ends")}),
        replace(JOB, id="until-works", enqueued=None, outcomes={"completed": job("works")}),
        replace(JOB, id="one-by-one", outcomes={"completed": AnyOf((job("ends"), job("starts")))}),
        replace(JOB, id="slow", enqueued=None, start=Slow(job("starts").pattern)),
        WALK,
        replace(WALK, id="funnel", key=()),
        replace(WALK, id="lossy", key=(), never=None),
        forbid(id="bad", pattern=Slow(text("very bad").pattern)),
        forbid(id="bad-luck", pattern=text(r"very bad(?: slow)?(?: (?P<stage>\w+))?"), labels=("stage",)),
        forbid(id="errors", pattern=AllOf((text("luck"), FieldEquals("level", "error")))),
        count(id="jobs", pattern=text("job "), labels=()),
        count(id="by-job", pattern=text(r"job (?P<job>\S+)"), labels=("job", "attributes.app")),
        expect(id="beat", pattern=text("heartbeat"), every=span(5)),
        expect(id="ever", pattern=text("heartbeat"), every=None, at_least=1),
        expect(id="beats", pattern=text(r"heartbeat of (?P<worker>\w+)"), key=("worker",), expected=("w2", "w3")),
        expect(id="ends", pattern=job("ends"), key=("job",), every=None),
        measure(id="took", pattern=text(f"took {TOOK}")),
        measure(id="took-by-app", pattern=text(f"after {TOOK}"), labels=("attributes.app",)),
        ratio(
            id="sums",
            numerator=Term(text(r"images: (?P<n>[\w.]+)"), "n"),
            denominator=Term(text(r"drafts: (?P<n>[\w.]+)"), "n"),
        ),
        ratio(id="numbers", numerator=Term(job("ends")), denominator=Term(job("starts"))),
    )
)  # fmt: skip
CROWDED = RuleSet(
    (
        replace(JOB, max_open=2),
        replace(JOB, id="separate", enqueued=None, max_open=3, on_restart=OnRestart.SEPARATE),
        replace(JOB, id="fifo", key=(), enqueued=None, max_open=2),
        replace(WALK, max_open=2),
    )
)
COUNTED = {"bad", "errors", "jobs", "beat", "ever", "took", "sums", "numbers", "lossy"}
"""Rules of which every match may be counted in any order."""
ALL = 1 << 60


class Way(msgspec.Struct, frozen=True):
    """How a case is read: by blocks of that size, by a scan or line by line, in parts or not.

    `stretch` is how many matches are paired at once, `remembered` of how many texts it is known what they mean,
    `most_misses` how many blocks are tried in vain to be told by counting, and `dense` how many bytes may lie between
    hits that arrays hold.
    """

    block: int
    scanned: bool = True
    stretch: int = 20_000
    remembered: int = 4096
    most_misses: int = 4
    dense: int = 400
    parts: bool = False
    jobs: int = 1


@contextmanager
def patched(way: Way) -> Iterator[None]:
    worth = 0 if way.scanned else ALL
    with ExitStack() as stack:
        stack.enter_context(small_heads())
        for module, name, value in (
            (reading, "WORTH_A_SCAN", worth),
            (reading, "WORTH_ARRAYS", worth),
            (parts, "AT_ONCE", way.block),
            (uniform, "_MOST_MISSES", way.most_misses),
            (uniform, "_DENSE", way.dense),
            (meanings, "_REMEMBERED", way.remembered),
            (event_maker, "_STRETCH", way.stretch),
            (meanings, "_TOGETHER", 2),
            (sums, "LABEL_VALUES", 3),
            (parts, "WORTH_DIVIDING", 0),
            (seeking, "WORTH_SEEKING", 0 if way.parts else ALL),
            (workers, "SMALLEST", 300),
            (workers, "LARGEST", 2000),
        ):
            stack.enter_context(patch.object(module, name, value))
        yield


def ask(case: Case, way: Way, rules: RuleSet = RULES) -> Answer:
    with patched(way):
        return scan(
            [log.source(way.block) for log in case.logs],
            rules,
            Question(case.since, case.until, case.as_of, case.deployment),
            ReadOptions(zone=case.zone, now=NOW),
            wanted=prefilter(rules) if way.scanned else None,
            deployment_attribute="app",
            jobs=way.jobs,
        )


@contextmanager
def one_process() -> Iterator[None]:
    """Parts are read as another process would, in this one."""

    def submit(self: workers.Workers, *part: Any) -> Future[workers.PartRead]:
        future: Future[workers.PartRead] = Future()
        with patch.object(workers, "_begun", [(self._readers, self._maker)]):
            future.set_result(workers._read(*part))
        return future

    with patch.object(workers.Workers, "_submit", submit):
        yield


def assert_same(found: Answer, plain: Answer) -> None:
    for rule_id, tally in plain.tallies.items():
        assert (rule_id, found.tallies[rule_id]) == (rule_id, tally)
    assert found == plain


def assert_agrees(case: Case, *ways: Way, rules: RuleSet = RULES) -> None:
    """A scan agrees with the plain path."""
    plain = ask(case, replace(ways[0], scanned=False, jobs=1), rules)
    for way in ways:
        assert_same(ask(case, way, rules), plain)


WAYS = st.builds(
    Way,
    block=st.sampled_from((150, 600, 2000, 9000)),
    stretch=st.sampled_from((5, 20, 20_000)),
    remembered=st.sampled_from((2, 4096)),
    dense=st.sampled_from((0, 400)),
)


@pytest.mark.slow
@settings(max_examples=120)
@given(case=cases(), way=WAYS)
def test_a_scan_answers_what_reading_line_by_line_does(case: Case, way: Way) -> None:
    assert_agrees(case, way, replace(way, most_misses=0))


@pytest.mark.slow
@settings(max_examples=50)
@given(case=cases(), way=WAYS)
def test_so_it_does_where_rules_have_little_room(case: Case, way: Way) -> None:
    assert_agrees(case, way, rules=CROWDED)


@pytest.mark.slow
@settings(max_examples=60)
@given(case=cases(), way=WAYS)
def test_so_does_one_that_reads_parts(case: Case, way: Way) -> None:
    with one_process():
        assert_agrees(case, replace(way, parts=True), replace(way, parts=True, jobs=3))


@settings(max_examples=60)
@given(case=cases(st.just(True)), way=WAYS)
def test_so_does_one_that_reads_parts_last_first(case: Case, way: Way) -> None:
    with one_process():
        assert_agrees(case, replace(way, parts=True), replace(way, parts=True, jobs=3))


@pytest.mark.slow
@settings(max_examples=25)
@given(case=cases(), way=WAYS)
def test_so_do_several_processes(case: Case, way: Way) -> None:
    assert_agrees(case, replace(way, parts=True, jobs=3))


NEWEST_FIRST = [f"2025-10-11T17:29:{n:02d}.{n * 7 % 10}00Z job {n // 3} ends" for n in range(59, 0, -1)]
AS_JSON = [f'{{"ts":{1760203700 - n},"msg":"job {n // 3} ends"}}' for n in range(60)]
ENDS_TWICE = ("2025-10-11T17:29:30.500Z job 7 ends",) * 9
SILENT = ("  goes on, very bad luck",) * 90


@pytest.mark.parametrize(
    "lines",
    [
        NEWEST_FIRST,
        ["\ufeff" + NEWEST_FIRST[0], *NEWEST_FIRST[1:]],
        ["", " ", *NEWEST_FIRST],
        ["\0", NEWEST_FIRST[0] + "!" * 150, *NEWEST_FIRST[1:]],
        ["very bad luck", *NEWEST_FIRST],
        [*('{"msg":"very bad luck"}',) * 5, *AS_JSON],
        [*NEWEST_FIRST[:30], *ENDS_TWICE, *NEWEST_FIRST[30:]],
        [*NEWEST_FIRST[:30], *SILENT, *NEWEST_FIRST[30:]],
        [*NEWEST_FIRST[:30], "", "", *NEWEST_FIRST[30:], "", ""],
        [*NEWEST_FIRST[:30], "x\0y", "\0" * 900, *NEWEST_FIRST[30:]],
        [*NEWEST_FIRST[30:], *NEWEST_FIRST[:30]],
        [*NEWEST_FIRST[:30], *NEWEST_FIRST[:29:-1]],
        [*NEWEST_FIRST, "2025-10-11T17:28:0"],
    ],
    ids=[
        "usual",
        "mark",
        "blank",
        "blank-nul",
        "undated",
        "json",
        "one-moment",
        "silent",
        "gaps",
        "nuls",
        "twice",
        "turns",
        "truncated",
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("at_once", [ALL, 300], ids=["held", "through a file"])
def test_a_log_that_is_newest_first_is_read_from_its_end(lines: list[str], end: str, at_once: int) -> None:
    case = Case((Log("a.log", ((end or "\n").join(lines) + end).encode()),))
    with (
        one_process(),
        patch.object(records, "MOST_HELD", at_once),
        patch.object(seeking, "_FARTHEST", 2000),
    ):
        for block in (150, 600, 9000):
            assert_agrees(case, Way(block, parts=True), Way(block, parts=True, jobs=3))


def test_a_part_that_cannot_be_turned_is_told_by_whichever_process() -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    case = Case((Log("a.log", "\n".join(NEWEST_FIRST).encode()),))
    with one_process(), patch.object(records, "MOST_HELD", 0), patch.object(reversal, "_BATCH_RECORDS", 3):
        for jobs in (1, 3):
            with patch("tempfile.TemporaryFile", full):
                (report,) = ask(case, Way(600, parts=True, jobs=jobs)).coverage.sources
            assert report.truncated
            assert report.errors == [
                "needs a temporary copy to be read backwards: no space left on device; "
                "set TMPDIR to a directory with room for it"
            ]


@dataclass
class Overwritten(DivisibleSource):
    """A source of which nothing can be read once it is gone."""

    gone: bool = False

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        if self.gone:
            self.health.report("was overwritten", truncated=True)
        else:
            yield from super().blocks(start, stop)


@pytest.mark.parametrize("jobs", [1, 3])
def test_runs_that_were_open_when_a_newest_first_log_was_overwritten_are_in_a_gap(jobs: int) -> None:
    said = [(n, f"job {n} starts") for n in range(40)] + [(n + 15, f"job {n} ends") for n in range(40)]
    lines = [f"2025-10-11T17:29:{n:02d}Z {word}" for n, word in sorted(said, reverse=True)]
    source, last_first = Overwritten("\n".join([*lines, ""]).encode(), block=300), parts.Parts.last_first

    def overwritten_meanwhile(*asked: Any) -> Iterator[parts.Part]:
        for n, part in enumerate(last_first(*asked)):
            source.gone = source.gone or n == 4
            yield part

    way = Way(300, parts=True, jobs=jobs)
    with one_process(), patched(way), patch.object(parts.Parts, "last_first", overwritten_meanwhile):
        answer = scan(
            [source],
            RuleSet((JOB,)),
            Question(as_of=NOW),
            ReadOptions(zone=UTC, now=NOW),
            wanted=prefilter(RULES),
            jobs=jobs,
        )
    assert answer.coverage.sources[0].order == "newest_first"
    tally: Any = answer.tallies["job"]
    assert tally.counts.completed > 0
    assert tally.counts.unknown_gap > 0
    assert tally.counts.timed_out == 0


_SAID_OF_JOB = re.compile(rb"job (\S+) (starts|ends|fails|skips|waits)")


def phrased(case: Case) -> Case:
    """Return the case with keys at the ends of what is said, so that many texts begin with one phrase."""
    logs = (
        copy_with(log, data=_SAID_OF_JOB.sub(rb"background worker says \2 of job \1", log.data))
        for log in case.logs
    )
    return copy_with(case, logs=tuple(logs))


def said(word: str) -> MessageMatches:
    return text(rf"worker says {word} of job (?P<job>\S+)")


SAID = replace(JOB, start=said("starts"), outcomes={"completed": said("ends"), "failed": said("fails")})
PHRASED = RuleSet(
    (
        replace(SAID, enqueued=said("waits")),
        replace(SAID, id="separate", enqueued=None, on_restart=OnRestart.SEPARATE),
        replace(SAID, id="replace", enqueued=None, on_restart=OnRestart.REPLACE),
        replace(SAID, id="fifo", key=(), enqueued=None),
        replace(SAID, id="crowded", enqueued=None, max_open=2),
        count(id="starts", pattern=said("starts"), labels=()),
    )
)


@pytest.mark.slow
@settings(max_examples=200)
@given(case=cases(), way=WAYS)
def test_so_it_does_where_many_texts_begin_with_one_phrase(case: Case, way: Way) -> None:
    assert_agrees(phrased(case), way, rules=PHRASED)


@pytest.mark.slow
@settings(max_examples=100)
@given(case=cases(), way=WAYS)
def test_so_do_parts_where_many_texts_begin_with_one_phrase(case: Case, way: Way) -> None:
    with one_process():
        assert_agrees(phrased(case), replace(way, parts=True, jobs=3), rules=PHRASED)


BEGINS = [f"2025-10-11T17:29:0{n}Z begins" for n in (0, 0, 1, 1, 2, 3, 3)]


def log_of(*lines: str, name: str = "a.log") -> Log:
    """Return a log whose head is read line by line before these lines come."""
    return Log(name, "\n".join([*BEGINS, *lines, ""]).encode())


NAMED = {
    "more runs are open than may be": (
        "2025-10-11T17:29:06Z job n0 starts",
        "2025-10-11T17:29:06Z job n1 starts",
        "2025-10-11T17:29:06Z job n2 starts",
        "2025-10-11T17:29:09Z job n1 ends",
        "2025-10-11T17:29:46Z job n9 ends",
    ),
    "a start comes far too late for its end": (
        "2025-10-11T17:29:09Z job n6 ends",
        "2025-10-11T17:29:19Z job n9 starts",
        "2025-10-11T17:29:22Z job n9 ends",
        "2025-10-11T17:29:35Z job n10 ends",
        "2025-10-11T17:29:06Z job n6 starts",
    ),
}


@pytest.mark.parametrize("lines", NAMED.values(), ids=list(NAMED))
@pytest.mark.parametrize("rules", [RULES, CROWDED], ids=["roomy", "crowded"])
@pytest.mark.parametrize("block", [150, 9000])
def test_runs_that_look_plain_and_are_not_come_to_the_same(
    lines: tuple[str, ...], rules: RuleSet, block: int
) -> None:
    assert_agrees(Case((log_of(*lines),)), Way(block), Way(block, stretch=2), rules=rules)


def test_runs_of_a_part_do_not_overtake_what_comes_late_in_it() -> None:
    lines = (
        "2025-10-11T17:29:09Z job 1 ends",
        *["2025-10-11T17:29:12Z nothing"] * 20,
        "2025-10-11T17:29:13Z job 2 ends",
        "2025-10-11T17:29:06Z job 1 starts",
        "2025-10-11T17:29:23Z job 3 starts",
        "2025-10-11T17:29:26Z job 3 ends",
        "2025-10-11T17:29:37Z job 4 ends",
    )
    with one_process():
        assert_agrees(Case((log_of(*lines),)), Way(9000, parts=True, jobs=3))


@pytest.mark.parametrize("line", [0, 5, 8, 20])
def test_nul_bytes_are_counted_wherever_a_part_begins(line: int) -> None:
    lines = [f"2025-10-11T17:29:{n:02d}Z begins" + ("\0" if n == line else "") for n in range(30)]
    with one_process():
        assert_agrees(Case((Log("a.log", "\n".join([*lines, ""]).encode()),)), Way(150, parts=True, jobs=3))


@pytest.mark.parametrize("width", range(0, 100, 10))
def test_blank_lines_are_counted_wherever_a_part_begins(width: int) -> None:
    lines = [f"2025-10-11T17:29:{n:02d}Z begins{'!' * width}" for n in range(30)]
    log = Log("a.log", "\n".join([*lines[:4], *[""] * 1005, *lines[4:], ""]).encode())
    with one_process():
        assert_agrees(Case((log,)), Way(150, parts=True, jobs=3))


@pytest.mark.parametrize("step", [1, -1], ids=["oldest-first", "newest-first"])
def test_more_blank_lines_than_a_record_takes_are_counted_in_a_window(step: int) -> None:
    lines = [f"2025-10-11T17:29:{n:02d}Z job {n} ends" for n in range(60)][::step]
    log = Log("a.log", "\n".join([*lines[:20], *[""] * 1100, *lines[20:], ""]).encode())
    with one_process():
        assert_agrees(
            Case((log,), since=at("17:29:01"), until=at("17:29:58")),
            Way(150, parts=True),
            Way(150, parts=True, jobs=3),
        )


@pytest.mark.parametrize("name", ["level", "attributes.level", "msg", "message", "attributes.app"])
@pytest.mark.parametrize("block", [150, 9000])
def test_rules_may_look_at_any_field_of_json_lines(name: str, block: int) -> None:
    rules = RuleSet((forbid(pattern=AllOf((text("very bad"), FieldEquals(name, "error")))),))
    shape = (
        '{{"time":"2025-10-11T17:29:{:02d}Z","level":"{}","app":"error","message":"very bad","msg":"error"}}'
    )
    lines = [shape.format(n, level) for n, level in enumerate(("info", "error", "warn") * 9)]
    case = Case((Log("a.log", "\n".join([*lines, ""]).encode()),))
    assert_agrees(case, Way(block), rules=rules)


def called(method: str, kind: type, case: Case, way: Way, rules: RuleSet) -> int:
    """Return how often a method is called while a case is read."""
    with patch.object(kind, method, autospec=True, side_effect=getattr(kind, method)) as watched:
        ask(case, way, rules)
    return watched.call_count


EVEN = (
    "2025-10-11T17:{m:02d}:{s:02d}.123Z {said}",
    "[2025-10-11 17:{m:02d}:{s:02d}] [info] {said}",
    "Oct 11 17:{m:02d}:{s:02d} web app[7]: {said}",
    "1760203{n:03d} {said}",
    '{{"time":"2025-10-11T17:{m:02d}:{s:02d}Z","level":"info","msg":"{said}"}}',
)


TELL_ALONE = EVEN[:2] + EVEN[3:]
"""Those whose times do not depend on the lines before."""


def even(shape: str, *said: str, step: int = 1) -> Case:
    """Return a log of lines that say this, a second after each other; the last first, if `step` is -1."""
    lines = [shape.format(m=n // 60, s=n % 60, n=n, said=one) for n, one in enumerate(said)]
    return Case((Log("a.log", "\n".join([*lines[::step], ""]).encode()),))


@pytest.mark.parametrize(
    ("shape", "step"), [*((shape, 1) for shape in EVEN), *((shape, -1) for shape in TELL_ALONE)]
)
@pytest.mark.parametrize("most_misses", [4, 0])
def test_of_records_that_say_the_same_few_are_looked_at(shape: str, most_misses: int, step: int) -> None:
    case = even(shape, *("very bad luck", "heartbeat of w1", "nothing", "images: 3") * 200, step=step)
    way = Way(2000, most_misses=most_misses, parts=True)
    rules = RuleSet(tuple(rule for rule in RULES.rules if rule.id in COUNTED))
    assert_agrees(case, way, replace(way, dense=0), rules=rules)
    assert called("meaning", Matcher, case, way, rules) < 20
    assert called("event", Matcher, case, way, rules) < 20
    assert called("match", MatchAggregator, case, way, rules) < 60


@pytest.mark.parametrize("shape", TELL_ALONE)
@pytest.mark.parametrize("step", [1, -1], ids=["oldest-first", "newest-first"])
def test_most_plain_runs_are_fed_at_once(shape: str, step: int) -> None:
    jobs = ((f"job {n} starts", f"job {n} works", f"job {n} ends", f"job {n} ends") for n in range(200))
    case = even(shape, *(said for job in jobs for said in job), step=step)
    rules = RuleSet((JOB, replace(JOB, id="separate", on_restart=OnRestart.SEPARATE)))
    way = Way(2000, parts=True)
    assert_agrees(case, way, rules=rules)
    assert called("feed", PairCorrelator, case, replace(way, scanned=False), rules) == 200 * 3 * 2
    assert called("feed", PairCorrelator, case, way, rules) < 200
    assert called("feed", PairCorrelator, case, replace(way, stretch=100), rules) < 600


HASTY = replace(JOB, enqueued=None, timeout=span(3), retry_within=span(0), on_restart=OnRestart.REPLACE)


@pytest.mark.parametrize("stretch", [5, 20_000])
def test_an_end_that_comes_too_late_is_said_again_as_long_as_that_was_remembered(stretch: int) -> None:
    lines = (
        *["2025-10-11T17:29:05Z nothing"] * 20,
        "2025-10-11T17:29:06Z job 1 starts",
        "2025-10-11T17:29:07Z job 1 ends",
        "2025-10-11T17:29:20Z job 2 starts",
        "2025-10-11T17:29:21Z job 2 ends",
        "2025-10-11T17:29:32Z job 3 starts",
        *["2025-10-11T17:29:32Z nothing"] * 20,
        "2025-10-11T17:29:08Z job 1 ends",
    )
    assert_agrees(Case((log_of(*lines),)), Way(150, stretch=stretch), rules=RuleSet((HASTY,)))


@pytest.mark.parametrize("block", [150, 9000])
def test_numbers_that_are_equal_and_read_otherwise_are_told_apart(block: int) -> None:
    rule = count(id="by-app", pattern=text("very bad"), labels=("attributes.app",))
    line = '{{"time":"2025-10-11T17:29:{:02d}Z","app":{},"msg":"very bad"}}\n'
    lines = [line.format(n, "-0.0" if n % 2 else "0.0") for n in range(10, 40)]
    assert_agrees(Case((Log("a.log", "".join(lines).encode()),)), Way(block), rules=RuleSet((rule,)))


@pytest.mark.parametrize("others", [1, 2, 5])
def test_what_is_a_head_up_to_a_nul_byte_begins_no_part(others: int) -> None:
    lines = []
    for n in range(60):
        lines.append(f"2025-10-11T17:29:{n:02d}Z job {n} starts\n")
        lines += [f"2025-10-11T17:29:{n:02d}Z\0job {n} ends\n"] * others
    log = Log("a.log", "".join(lines).encode())
    with one_process():
        assert_agrees(Case((log,)), Way(150, parts=True, jobs=3), Way(150, parts=True))


@pytest.mark.parametrize("shape", EVEN)
@pytest.mark.parametrize(
    ("pattern", "step"),
    [
        (r"(?-m:^)background worker takes job \d+$", 1),
        (r"background worker takes job \d+(?-m:$)", -1),
    ],
)
def test_anchors_of_a_whole_message_hold_in_each(shape: str, pattern: str, step: int) -> None:
    said = [f"background worker takes job {x}{n}" for n in range(200) for x in ("x", "")][::step]
    rules = RuleSet((count(pattern=text(pattern), labels=()),))
    assert_agrees(even(shape, *["begins"] * 7, *said, "ends", "ends"), Way(2000), rules=rules)


TURNS = {
    "ends take turns": ("06 starts", "07 starts", "08 ends", "09 fails", "10 starts", "11 skips"),
    "an end has no start": ("06 ends", "07 starts", "08 ends", "09 ends"),
    "a start never ends": ("06 starts", "20 starts", "27 ends", "28 ends"),
    "an end comes in the last moment": ("06 starts", "26 ends", "27 starts", "47 ends"),
    "an end comes too late": ("06 starts", "27 ends", "28 starts", "29 ends"),
    "all starts are too old": ("06 starts", "07 starts", "08 starts", "40 ends", "41 ends", "42 starts", "43 ends"),
    "many starts wait": ("06 starts", "07 starts", "08 starts", "09 ends", "10 ends", "11 ends"),
    "starts and ends share a moment": ("06 starts", "06 ends", "06 ends", "06 starts", "06 ends"),
    "the order is not that of time": ("08 ends", "06 starts", "07 starts", "12 starts", "09 ends", "11 fails"),
    "one comes too late to be put in order": ("06 starts", "30 starts", "07 ends", "31 ends", "08 ends", "45 ends"),
}  # fmt: skip


@pytest.mark.parametrize("said", TURNS.values(), ids=list(TURNS))
@pytest.mark.parametrize("most", [2, 50_000])
def test_runs_without_a_key_come_to_the_same(said: tuple[str, ...], most: int) -> None:
    rules = RuleSet((replace(JOB, id="fifo", key=(), enqueued=None, max_open=most),))
    lines = (f"2025-10-11T17:29:{one[:2]}Z job {n} {one[3:]}" for n, one in enumerate(said))
    case = Case((log_of(*lines, *["2025-10-11T17:29:58Z job 0 starts"] * 3),))
    with one_process():
        assert_agrees(
            case, Way(9000), Way(150), Way(9000, stretch=2), Way(150, parts=True, jobs=3), rules=rules
        )


@pytest.mark.parametrize("shape", TELL_ALONE)
def test_most_runs_without_a_key_are_put_together_at_once(shape: str) -> None:
    jobs = ((f"job {n} starts", f"job {n} works", f"job {n} ends") for n in range(300))
    case = even(shape, *["begins"] * 7, *(one for said in jobs for one in said), "ends", "ends")
    rules = RuleSet((replace(JOB, id="fifo", key=(), enqueued=None),))
    assert_agrees(case, Way(2000), rules=rules)
    assert called("_take", PairCorrelator, case, Way(2000, scanned=False), rules) == 300 * 2
    assert called("_take", PairCorrelator, case, Way(2000), rules) < 200


def test_of_runs_that_begin_at_once_the_one_is_cited_that_stands_first() -> None:
    lines = [f"2025-10-11T17:29:{n}Z job 9 works" for n in (58, 57, 57, 56, 55)]
    lines += ["2025-10-11T17:29:36Z job 9 starts"]
    lines += [f"2025-10-11T17:29:09Z job {n} ends" for n in range(4)]
    lines += [f"2025-10-11T17:29:06Z job {n} starts" for n in range(4)]
    log = Log("a.log", "\n".join([*lines, ""]).encode())
    with one_process():
        assert_agrees(Case((log,)), Way(2000, parts=True), Way(2000, parts=True, jobs=3))


def test_records_of_an_hour_that_clocks_show_twice_are_counted_once() -> None:
    lines = [f"2025-10-26T02:30:{n:02d} job {n} starts" for n in range(60)]
    case = Case((Log("a.log", "\n".join([*lines, ""]).encode()),), zone=ZoneInfo("Europe/Berlin"))
    with one_process():
        assert_same(ask(case, Way(150, parts=True, jobs=3)), ask(case, Way(150)))
