"""Windows in long files are found by bisection: the rest is not read, and it comes to the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logwatch.records import parts, seeking
from logwatch.records.reading import ReadOptions, SourceReader
from logwatch.records.record import Record
from logwatch.sources.discover import discover
from logwatch.sources.source import Block, Source
from tests.records.world import NOW, MemorySource, small_heads

BEGIN = datetime(2025, 10, 11, 17, 0, tzinfo=UTC)
ALL = 1 << 60
LATENESS = timedelta(seconds=10)


@dataclass
class Seekable(MemorySource):
    """A source in memory that can be read from anywhere; `taken` says which bytes were."""

    taken: set[int] = field(default_factory=set)

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        end = len(self.data) if stop is None else min(stop, len(self.data))
        for begin in range(start, end, 500):
            data = self.data[begin : min(begin + 500, end)]
            self.taken.update(range(begin, begin + len(data)))
            yield Block(begin, data)


@pytest.fixture(autouse=True)
def small() -> Iterator[None]:
    with small_heads(), patch.object(seeking, "_NEAR", 300), patch.object(seeking, "_CHUNK", 200):
        yield


def read(source: Source, worth: int, **options: Any) -> tuple[list[Record], SourceReader]:
    with patch.object(seeking, "WORTH_SEEKING", worth):
        reader = SourceReader(
            source, ReadOptions(**{"zone": UTC, "now": NOW, "lateness": LATENESS, **options}), None
        )
        return list(reader), reader


def found(records: list[Record]) -> list[tuple[object, ...]]:
    return [(r.offset, r.line, r.lines, r.time, r.message, r.inherited) for r in records]


FORMATS = {
    "iso": lambda moment, text: f"{moment.isoformat(timespec='milliseconds')} {text}",
    "epoch": lambda moment, text: f"{int(moment.timestamp() * 1000)} {text}",
    "syslog": lambda moment, text: f"{moment:%b %d %H:%M:%S} {text}",
    "json": lambda moment, text: f'{{"time": "{moment.isoformat()}", "msg": "{text}"}}',
    "logfmt": lambda moment, text: f'time={moment.isoformat()} msg="{text}"',
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.sampled_from(sorted(FORMATS)),
    steps=st.lists(st.integers(0, 30), min_size=60, max_size=200),
    straggling=st.lists(st.integers(0, 4), min_size=60, max_size=60),
    window=st.tuples(st.integers(-60, 3000), st.integers(0, 600)),
    continued=st.booleans(),
)
def test_what_lies_in_the_window_is_the_same_as_when_all_is_read(
    shape: str, steps: list[int], straggling: list[int], window: tuple[int, int], continued: bool
) -> None:
    moment, lines = BEGIN, []
    for n, step in enumerate(steps):
        moment += timedelta(seconds=step)
        line = FORMATS[shape](moment - timedelta(seconds=straggling[n % 60] if n > 10 else 0), f"record {n}")
        lines += [
            line,
            *(["  goes on"] * (n % 3) if continued and shape in {"iso", "epoch", "syslog"} else []),
        ]
    data = "\n".join([*lines, ""]).encode()
    since = BEGIN + timedelta(seconds=window[0])
    until = since + timedelta(seconds=window[1])
    for end in (until, None):
        asked = {"since": since, "until": end, "read_from": since, "read_to": until}
        sought, by_seeking = read(Seekable(data), 0, **asked)
        all_read, by_reading = read(Seekable(data), ALL, **asked)
        assert found(sought) == found(all_read)
        assert by_seeking.report == by_reading.report
        assert by_seeking.account.timeline.hours == by_reading.account.timeline.hours
        assert by_seeking.account.earliest == by_reading.account.earliest
        assert by_seeking.account.latest == by_reading.account.latest


def ordered(count: int) -> bytes:
    moments = (BEGIN + timedelta(seconds=n) for n in range(count))
    return "".join(f"{FORMATS['iso'](m, 'record')}\n" for m in moments).encode()


def test_what_is_read_does_not_grow_with_the_file() -> None:
    read_of = []
    for count in (20_000, 80_000):
        source = Seekable(ordered(count))
        since = BEGIN + timedelta(seconds=count - 100)
        records, _ = read(source, 0, since=since, read_from=since)
        assert len(records) == 100
        counted = 20_000 * len(source.data) // count  # its lines are counted, so that evidence has a number
        with patch.object(parts, "COUNTED", 0):
            source.taken.clear()
            read(source, 0, since=since, read_from=since)
        read_of.append(len(source.taken))
        assert counted > 2 * len(source.taken)
    assert read_of[1] < 1.2 * read_of[0]


def test_a_file_that_contradicts_itself_is_read_whole() -> None:
    data = ordered(2000)
    twice = data + data
    since = BEGIN + timedelta(seconds=1900)
    records, reader = read(Seekable(twice), 0, since=since, read_from=since)
    assert (len(records), reader.report.lines) == (200, 200)


def test_lines_past_a_long_stretch_have_no_number() -> None:
    data, since = ordered(2000), BEGIN + timedelta(seconds=1990)
    with patch.object(parts, "COUNTED", 100):
        records, _ = read(Seekable(data), 0, since=since, read_from=since)
    assert [(r.line, r.offset % (len(data) // 2000)) for r in records] == [(0, 0)] * 10
    records, _ = read(Seekable(data), 0, since=since, read_from=since)
    assert [r.line for r in records] == [*range(1991, 2001)]


def test_holes_are_passed_over(tmp_path: Path) -> None:
    """Twenty gigabytes that were never written: reading them would take seconds."""
    data = ordered(4000)
    path = tmp_path / "worker.log"
    with path.open("wb") as file:
        file.write(data[: len(data) // 2])
        file.seek(20 << 30)
        file.write(data[len(data) // 2 :])
    if path.stat().st_blocks * 512 > 1 << 30:
        pytest.skip("this file system has no holes")
    (source,) = discover([str(path)], stdin=None)
    since = BEGIN + timedelta(seconds=3000)
    records, reader = read(source, 0, since=since, read_from=since)
    assert (len(records), reader.account.latest) == (1000, BEGIN + timedelta(seconds=3999))
    assert source.consumed < 2 << 20
