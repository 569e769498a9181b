"""Memory does not grow with the source, the line, the record or the nesting; what is cut is said."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from logwatch.records.lines import LONGEST_LINE
from logwatch.records.reading import ReadOptions, SourceReader
from logwatch.sources.source import Block
from tests.memory import PEAK
from tests.records.world import NOW, UTC, MemorySource, Reading, at, lines, read

ISO = b"2025-10-11T17:29:32Z "
MIB = 1 << 20


@dataclass
class MadeSource(MemorySource):
    """A source whose bytes are made while they are read: parts, each so many times."""

    parts: tuple[tuple[bytes, int], ...] = ()

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        offset = 0
        for part, times in self.parts:
            for _ in range(times):
                yield Block(offset, part)
                offset += len(part)


def made(*parts: tuple[bytes, int]) -> Reading:
    reader = SourceReader(MadeSource(b"", parts=parts), ReadOptions(zone=UTC, now=NOW), None)
    return Reading(list(reader), reader.report, reader)


X = b"x" * MIB


@pytest.mark.parametrize(
    ("before", "start", "end", "after"),
    [
        (ISO + b"before\n", ISO, b"\n", ISO + b"after\n"),
        (ISO + b"before\n", b"", b"\n", ISO + b"after\n"),
        (b"", ISO, b"\n", ISO + b"after\n"),
        (b"", b"", b"\n", ISO + b"after\n" + ISO + b"after\n"),
        (
            b'{"time":1760203772,"msg":"before"}\n',
            b'{"time":1760203772,"msg":"',
            b'"}\n',
            b'{"time":1760203773,"msg":"after"}\n',
        ),
    ],
)
def test_a_line_of_100_mib_is_one_truncated_record_and_the_next_line_is_whole(
    before: bytes, start: bytes, end: bytes, after: bytes
) -> None:
    found = made((before + start, 1), (X, 100), (end + after, 1))
    long = [record for record in found.records if record.truncated]
    assert len(long) == 1
    assert len(long[0].message) <= LONGEST_LINE
    assert set(found.messages[found.records.index(long[0]) + 1 :]) == {"after"}
    assert found.messages[: found.records.index(long[0])] == (["before"] if before else [])
    assert found.report.truncated
    assert found.report.bytes == len(before + start + end + after) + 100 * MIB
    assert found.report.format in {"iso8601", "json"}


def test_a_line_of_100_mib_at_the_end_and_without_newline_is_cut_too() -> None:
    found = made((ISO + b"one\n" + ISO, 1), (X, 100))
    assert [record.truncated for record in found.records] == [False, True]
    assert found.report.notes == ["holds 1 record longer than 1,000 lines or 1 MiB, cut there"]


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_line_is_cut_at_exactly_1_mib(more: int) -> None:
    for end in (b"\n", b""):
        found = read(b"x" * (LONGEST_LINE + more) + end)
        assert len(found.only.message) == min(LONGEST_LINE, LONGEST_LINE + more)
        assert found.only.truncated == (more > 0)


def test_an_enveloped_line_of_100_mib_in_parts_is_one_truncated_record() -> None:
    part = ISO.strip() + b" stdout P " + b"x" * 16_384 + b"\n"
    found = made((part, 6400), (ISO.strip() + b" stdout F end\n" + ISO.strip() + b" stdout F after\n", 1))
    assert [(record.truncated, record.lines) for record in found.records] == [(True, 6401), (False, 1)]
    assert (len(found.messages[0]), found.messages[1]) == (LONGEST_LINE, "after")


def test_a_part_that_never_ends_does_not_hold_back_the_other_stream() -> None:
    part = ISO.strip() + b" stderr P x\n"
    rest = b"".join(b"2025-10-11T17:%02d:00Z stdout F out %d\n" % (30 + n, n) for n in range(20))
    assert [record.message for record in made((part + rest, 1)).records][:2] == ["x", "out 0"]


def test_a_part_that_goes_on_for_ever_is_cut_once_5000_records_wait_for_its_end() -> None:
    turn = ISO.strip() + b" stdout F x\n" + ISO.strip() + b" stderr P y\n"
    found = made((turn, 12_000))
    joined = [record for record in found.records if record.message != "x"]
    assert [record.lines for record in joined] == [5002, 5002, 1996]
    assert all(record.truncated for record in joined)
    assert len(found.records) == 12_003


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":' * 50_000,
        b"[" * 100_000,
        b'{"time":1760203772,"msg":"' + b"\\" * 200_001 + b'"}',
        b'{"time":1760203772,"msg":"' + b"\\ud800" * 30_000 + b'"}',
        b'{"__REALTIME_TIMESTAMP":"1760203772000000","MESSAGE":' + b"[" * 900 + b"]" * 900 + b"}",
        b'time="' + b'\\"' * 200_000,
        b'time=2025-10-11T17:29:32Z msg="' + b'\\"' * 200_000 + b'"',
        b"k=v " * 200_000,
        b"<14>1 2025-10-11T17:29:32Z a b c d " + b'[a b="' * 100_000,
        b"<14>1 2025-10-11T17:29:32Z a b c d " + b'[a b="c"]' * 100_000,
        b"\x1b]" * 300_000,
        b"\x1b[0" * 300_000,
        b"2025-10-11T17:29:32Z " + "Ã©".encode() * 200_000,
        b"\xff" * 200_000,
        b" " * 500_000 + b"x",
        b"1" * 500_000,
        b"[" + b"17:29:32." + b"1" * 500_000,
    ],
    ids=lambda line: line[:24].decode("ascii", "replace"),
)
def test_hostile_lines_neither_crash_nor_hang(line: bytes) -> None:
    found = read(ISO + b"one\n" + line + b"\n" + ISO + b"two\n")
    assert found.report.bytes == len(line) + len(ISO + b"one\n") * 2 + 1
    for record in read(line).records:
        json.dumps([record.message, dict(record.attributes)])


def test_a_record_never_holds_more_than_its_bound_whatever_the_lines() -> None:
    found = read(lines(*("2025-10-11T17:29:32Z x" if n % 5000 == 0 else "\ty" * 300 for n in range(20_000))))
    assert max(record.lines for record in found.records) == 1000
    assert sum(record.lines for record in found.records) == found.report.lines == 20_000


_MEASURE = (
    PEAK
    + """
import sys
from datetime import UTC, datetime
from logwatch.records.merge import merge
from logwatch.records.reading import ReadOptions, SourceReader
from logwatch.sources.discover import discover

before = peak()
options = ReadOptions(zone=UTC, now=datetime(2030, 1, 1, tzinfo=UTC))
readers = [SourceReader(source, options, None) for source in discover(sys.argv[1:], stdin=None)]
count = sum(1 for _ in merge(readers))
after = peak()
print(count, (after - before) // 1024)
"""
)


def measured(*paths: Path) -> tuple[int, int]:
    """Return the number of records in files, and the MiB that reading all of them took at most."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *map(str, paths)], capture_output=True, text=True, check=True
    )
    records, mib = done.stdout.split()
    return int(records), int(mib)


def fill(path: Path, mib: int, parts: list[bytes]) -> int:
    """Write about so many MiB of `parts`, again and again; return how many were written."""
    batch = b"".join(parts)
    times = mib * MIB // len(batch) + 1
    with path.open("wb") as file:
        for _ in range(times):
            file.write(batch)
    return times * len(parts)


def test_a_file_that_is_one_long_line_takes_little_memory(tmp_path: Path) -> None:
    fill(tmp_path / "a.log", 100, [b"x" * MIB])
    assert measured(tmp_path / "a.log")[1] < 60


def iso(n: int, text: str) -> bytes:
    return f"2025-10-11T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z {text}\n".encode()


@pytest.mark.slow
def test_100_mib_of_log_take_less_than_a_tenth_of_that(tmp_path: Path) -> None:
    fill(tmp_path / "a.log", 100, [iso(n, f"[info] ✅ job {n} done, and what it did") for n in range(80_000)])
    records, mib = measured(tmp_path / "a.log")
    assert records > 1_000_000
    assert mib < 60


SHAPES = {
    "newest first": [iso(80_000 - n, f"[info] ✅ job {n} done") for n in range(80_000)],
    "json": [
        json.dumps({"time": 1760203772 + n, "msg": f"job {n}", "n": n}).encode() + b"\n"
        for n in range(80_000)
    ],
    "one moment": [iso(0, "the same moment")],
    "plain": [b"no time at all\n"],
    "short": [b"x\n"],
    "undated json": [b'{"msg":"no time"}\n'],
    "time on its own line": [b"Oct 11 17:29:32\nmessage\n\n"],
    "endless": [iso(0, "x"), *(b"\tcontinued " + b"y" * 1000 + b"\n" for _ in range(5000))],
    "wide": [iso(n, "wide " + "z" * 100_000) for n in range(20)],
    "wide, newest first": [iso(900 - n, "wide " + "z" * 100_000) for n in range(900)],
    "blank": [b"\n"],
    "container": [b"2025-10-11T17:29:32Z stdout F x\n2025-10-11T17:29:32Z stderr P y\n"],
}


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_memory_does_not_grow_with_the_file(tmp_path: Path, shape: str) -> None:
    parts = SHAPES[shape]
    fill(tmp_path / "a.log", 80 if "wide" in shape else 10, parts)
    records, mib = measured(tmp_path / "a.log")
    assert mib < 80
    assert records > 0 or parts == [b"\n"]


def test_many_sources_are_merged_at_once(tmp_path: Path) -> None:
    for n in range(200):
        (tmp_path / f"{n:03}.log").write_bytes(b"".join(iso(s, f"file {n}") for s in range(n % 7 + 1)))
    records, mib = measured(tmp_path)
    assert records == sum(n % 7 + 1 for n in range(200))
    assert mib < 100


def test_the_time_of_a_cut_line_is_still_read() -> None:
    found = made((ISO, 1), (X, 2), (b"\n", 1))
    assert found.only.time == at("17:29:32")
