"""Several processes: what they find together is what one finds alone."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from msgspec.structs import replace

from logwatch.engine import sums, workers
from logwatch.engine.aggregation import Aggregation
from logwatch.engine.batch import Answer, Question, scan
from logwatch.records import parts, seeking
from logwatch.records.reading import ReadOptions
from logwatch.records.scan import reading as scan_reading
from logwatch.ruleset.model import RuleSet, Term
from logwatch.ruleset.prefilter import prefilter
from logwatch.sources.discover import discover
from logwatch.sources.watched import WatchedSource
from tests.engine.test_batch import JOB, NOW, RULES, text
from tests.records.world import small_heads

from .world import Recorder, at, count, expect, forbid, measure, ratio

KEYED = RuleSet((JOB, *RULES.rules[4:]))
COUNTED = RuleSet(
    (
        JOB,
        *RULES.rules[5:7],
        forbid(id="dull", pattern=text("job 1")),
        count(pattern=text(r"job (?P<n>\d+)"), labels=("n",)),
        expect(pattern=text(r"job (?P<n>\d+) waits"), key=("n",)),
        expect(id="quiet", pattern=text("luck")),
        measure(pattern=text(r"job (?P<ms>\d+)")),
        ratio(
            numerator=Term(text(r"job (?P<n>\d+) ends"), "n"), denominator=Term(text(r"job (?P<n>\d+)"), "n")
        ),
    )
)


@pytest.fixture(autouse=True)
def small() -> Iterator[None]:
    """Short logs are read in many parts."""
    with (
        small_heads(),
        patch.object(scan_reading, "WORTH_A_SCAN", 0),
        patch.object(scan_reading, "WORTH_ARRAYS", 0),
        patch.object(parts, "WORTH_DIVIDING", 0),
        patch.object(parts, "AT_ONCE", 300),
        patch.object(seeking, "WORTH_SEEKING", 0),
        patch.object(workers, "SMALLEST", 300),
        patch.object(workers, "LARGEST", 2000),
    ):
        yield


def write(path: Path, seed: int, shape: str) -> None:
    chance = random.Random(seed)
    moment, lines = at(0), []
    for n in range(400):
        moment += timedelta(seconds=chance.choice((0, 0.5, 1, 7, -2)))
        job = n // 10
        said = chance.choice(
            (f"job {job} starts", f"job {job} ends", f"job {job} waits", "very bad luck", "x", "y")
        )
        when = moment.isoformat(timespec="milliseconds")
        if shape == "json":
            lines.append(f'{{"time": "{when}", "msg": "✅ {said}"}}')
        else:
            more = ["  goes on", ""] * chance.choice((0, 0, 1)) + ["\x00hole"] * (chance.random() < 0.01)
            lines.append("\n".join([f"{when} ✅ {said}", *more]))
    path.write_text("\n".join(reversed(lines) if shape == "newest-first" else lines), encoding="utf-8")


def ask(
    paths: list[Path],
    jobs: int,
    since: float | None = None,
    rules: RuleSet = KEYED,
    observer: Recorder | None = None,
) -> Answer:
    return scan(
        discover(sorted(map(str, paths)), stdin=None),
        rules,
        Question(None if since is None else at(since), None, None if since is None else at(5000)),
        ReadOptions(zone=UTC, now=NOW),
        wanted=prefilter(rules),
        observer=observer,
        jobs=jobs,
    )


SHAPES = pytest.mark.parametrize(
    ("shape", "since"),
    [
        ("text", None),
        ("json", 500.0),
        pytest.param("text", 500.0, marks=pytest.mark.slow),
        pytest.param("json", None, marks=pytest.mark.slow),
        pytest.param("newest-first", None, marks=pytest.mark.slow),
        pytest.param("newest-first", 500.0, marks=pytest.mark.slow),
    ],
)


@SHAPES
def test_the_answer_does_not_depend_on_the_number_of_processes(
    tmp_path: Path, shape: str, since: float | None
) -> None:
    paths = [tmp_path / "a.log", tmp_path / "not-\udcff-text.log"]
    for n, path in enumerate(paths):
        write(path, n, shape)
    by_one, by_three = Recorder(), Recorder()
    alone = ask(paths, 1, since, observer=by_one)
    with patch.object(
        workers.Workers, "_submit", autospec=True, side_effect=workers.Workers._submit
    ) as submitted:
        together = ask(paths, 3, since, observer=by_three)
    assert submitted.call_count > 8
    assert together == alone
    assert (by_three.matches, by_three.runs) == (by_one.matches, by_one.runs)


@SHAPES
def test_what_is_counted_where_it_is_found_comes_to_the_same(
    tmp_path: Path, shape: str, since: float | None
) -> None:
    paths = [tmp_path / "a.log", tmp_path / "not-\udcff-text.log"]
    for n, path in enumerate(paths):
        write(path, n, shape)
    with patch.object(sums, "LABEL_VALUES", 7):
        alone = ask(paths, 1, since, COUNTED)
        with patch.object(Aggregation, "add", autospec=True, side_effect=Aggregation.add) as added:
            together = ask(paths, 3, since, COUNTED)
    assert added.call_count > 8
    assert together == alone


@pytest.mark.parametrize("shape", ["text", "newest-first"])
@pytest.mark.parametrize("by", [500, 5000])
def test_what_a_process_learns_of_a_source_is_told(tmp_path: Path, shape: str, by: int) -> None:
    path = tmp_path / "worker.log"
    write(path, 1, shape)
    (source,) = discover([str(path)], stdin=None)
    shrunk = replace(source, size=source.size + by)  # type: ignore[type-var, operator]
    answer = scan(
        [shrunk], KEYED, Question(), ReadOptions(zone=UTC, now=NOW), wanted=prefilter(KEYED), jobs=2
    )
    (report,) = answer.coverage.sources
    assert report.truncated
    assert "shrank" in report.errors[0]


SLOW = """
import os, sys, time
from datetime import UTC, datetime
from logwatch.engine.workers import Workers
from logwatch.records.reading import ReadOptions, SourceReader
from logwatch.sources.discover import discover

(source,) = discover([sys.argv[1]], stdin=None)
reader = SourceReader(source, ReadOptions(zone=UTC, now=datetime(2026, 1, 1, tzinfo=UTC)), None, divide=True)
list(reader.begun())
class Maker:
    counting = None
    def anew(self):
        return self
    def events(self, read):
        os.write(1, b"reading\\n")
        time.sleep(600)
list(Workers(2, [reader], Maker()).events(0))
"""


def test_processes_end_with_the_one_that_began_them(tmp_path: Path) -> None:
    path = tmp_path / "worker.log"
    path.write_bytes(b"2025-10-11T17:29:32.000Z [info] job 7 ends, and it was a long one\n" * 300_000)
    driver = subprocess.Popen([sys.executable, "-c", SLOW, str(path)], stdout=subprocess.PIPE)
    assert driver.stdout is not None
    assert driver.stdout.readline() == b"reading\n"
    driver.kill()
    driver.wait()
    driver.stdout.read()  # ends when nobody can write any more


def test_what_is_read_elsewhere_counts_as_progress(tmp_path: Path) -> None:
    path = tmp_path / "worker.log"
    write(path, 1, "json")
    (source,) = discover([str(path)], stdin=None)
    seen: list[int] = []
    watched = WatchedSource(source, lambda: seen.append(source.consumed))
    scan([watched], KEYED, Question(), ReadOptions(zone=UTC, now=NOW), wanted=prefilter(KEYED), jobs=2)
    assert seen[-1] >= path.stat().st_size
