"""The order of time: newest first read reversed by record, undated records dated by neighbours, sources merged."""

from __future__ import annotations

import gzip
import os
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatch.records import reversal
from logwatch.records.merge import merge
from logwatch.records.reading import ReadOptions, SourceReader
from logwatch.records.record import Record
from logwatch.records.scan.wanted import Wanted
from logwatch.sources.discover import discover
from tests.records.world import NOW, UTC, at, lines, read


def iso(second: int, text: str) -> str:
    return f"2025-10-11T17:{second // 60:02}:{second % 60:02}Z {text}"


def test_newest_first_is_read_reversed_by_record() -> None:
    found = read(lines(iso(3, "c {"), "  c: 1", "}", "", iso(2, "b"), "", iso(1, "a: "), "wrapped"))
    assert found.report.order == "newest_first"
    assert found.messages == ["a: \nwrapped", "b", "c {\n  c: 1\n}"]
    assert [record.line for record in found.records] == [7, 5, 1]
    assert [record.ordinal for record in found.records] == sorted(record.ordinal for record in found.records)


def test_records_of_one_second_are_reversed_too() -> None:
    found = read(lines(iso(2, "d"), iso(1, "c"), iso(1, "b"), iso(1, "a")))
    assert found.messages == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([1, 2, 3], "oldest_first"),
        ([3, 2, 1], "newest_first"),
        ([1, 1, 1], "oldest_first"),
        ([5], "oldest_first"),
        ([1, 3, 2, 4], "oldest_first"),
        ([4, 2, 3, 1], "newest_first"),
        ([1, 2, 1], "oldest_first"),  # as many steps forwards as backwards
        ([9, 9, 9, 9, 9, 9, 8], "newest_first"),  # only steps that are not zero have a say
    ],
)
def test_the_majority_of_steps_that_are_not_zero_decides(seconds: list[int], expected: str) -> None:
    assert read(lines(*(iso(s, str(s)) for s in seconds))).report.order == expected


def test_only_the_first_1000_dated_records_decide() -> None:
    head = [iso(n // 2, "x") for n in range(1000)]
    tail = [iso(3000 - n, "x") for n in range(2000)]
    assert read(lines(*head, *tail)).report.order == "oldest_first"
    assert read(lines(*head[:400], *tail)).report.order == "newest_first"


def test_an_empty_source_has_an_order_and_no_format() -> None:
    found = read("")
    assert (found.records, found.report.order, found.report.format) == ([], "oldest_first", "unknown")


def test_reversal_keeps_all_of_a_source_larger_than_its_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reversal, "_BATCH_RECORDS", 7)
    log = lines(*(iso(100 - n, f"job {n}\n  more") for n in range(100)))
    found = read(log)
    assert found.messages == [f"job {n}\n  more" for n in reversed(range(100))]
    assert (found.report.lines, found.report.bytes) == (200, len(log))


def test_reversal_keeps_attributes_and_wide_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reversal, "_BATCH_LENGTH", 100)
    log = lines(*(f'{{"time":{1760203772 - n},"msg":"{"x" * 30}","job":{n}}}' for n in range(20)))
    assert [record.attributes["job"] for record in read(log).records] == list(reversed(range(20)))


def test_a_full_disk_is_said_and_what_was_held_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reversal, "_BATCH_RECORDS", 3)
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    found = read(lines(*(iso(10 - n, str(n)) for n in range(10))))
    assert found.messages == ["2", "1", "0"]
    assert found.report.truncated
    assert found.report.errors == [
        "needs a temporary copy to be read backwards: no space left on device; "
        "set TMPDIR to a directory with room for it",
    ]


def test_pipes_and_compressed_files_are_read_reversed_too(tmp_path: Path) -> None:
    text = lines(*(iso(100 - n, str(n)) for n in range(100))).encode()
    (tmp_path / "a.log").write_bytes(text)
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(text))
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(text)
    with os.fdopen(reading, "rb") as stdin:
        sources = discover([str(tmp_path / "a.log"), str(tmp_path / "b.log.gz"), "-"], stdin=stdin)
        readers = [SourceReader(source, ReadOptions(zone=UTC, now=NOW), None) for source in sources]
        found = [[record.message for record in reader] for reader in readers]
    assert found == [[str(n) for n in reversed(range(100))]] * 3
    assert [reader.report.order for reader in readers] == ["newest_first"] * 3
    assert [reader.report.bytes for reader in readers] == [len(text)] * 3


def test_undated_records_take_the_time_of_the_record_before() -> None:
    found = read(
        lines(
            *('{"msg":"a"}', '{"time":1760203772,"msg":"b"}', '{"msg":"c"}', '{"time":1760203773,"msg":"d"}')
        )
    )
    assert found.times == [at("17:29:32"), at("17:29:32"), at("17:29:32"), at("17:29:33")]
    assert [record.inherited for record in found.records] == [True, False, True, False]
    assert found.report.undated == 2


def test_where_no_time_comes_for_long_the_first_records_go_without() -> None:
    undated = ['{"msg":"x"}'] * 1500
    found = read(lines(*undated, '{"time":1760203772,"msg":"last"}'), format="json")
    assert found.times.count(None) == 1000
    assert found.report.undated == 1500


def test_records_outside_the_range_are_read_but_not_passed_on() -> None:
    log = lines(*(iso(n, str(n)) for n in range(60)))
    found = read(
        log, read_from=at("17:00:10"), since=at("17:00:20"), until=at("17:00:30"), read_to=at("17:00:40")
    )
    assert found.messages == [str(n) for n in range(10, 41)]
    assert (found.report.records, found.report.lines) == (11, 11)
    assert (found.report.first, found.report.last) == (at("17:00:20"), at("17:00:30"))
    assert (found.reader.account.earliest, found.reader.account.latest) == (at("17:00:00"), at("17:00:59"))
    assert found.report.bytes == len(lines(*(iso(n, str(n)) for n in range(20, 31))))


def test_what_is_not_wanted_is_counted_and_dropped() -> None:
    found = read(lines(*(iso(n, f"job {n}") for n in range(10))), wanted=Wanted(frozenset({"job 7"})))
    assert (found.messages, found.report.records) == (["job 7"], 10)
    assert found.records[0].ordinal == 7


def record(second: float, ordinal: int, source: str = "a", *, dated: bool = True) -> Record:
    time = at("17:00:00") + timedelta(seconds=second) if dated else None
    return Record(source, ordinal, 0, 1, 1, time, "")


def test_sources_merge_by_time_then_name_then_ordinal() -> None:
    a = [record(1, 0, "a"), record(2, 1, "a"), record(2, 2, "a")]
    b = [record(1, 0, "b"), record(2, 1, "b"), record(3, 2, "b")]
    merged = [(r.source, r.ordinal) for r in merge([b, a])]
    assert merged == [("a", 0), ("b", 0), ("a", 1), ("a", 2), ("b", 1), ("b", 2)]


def test_a_source_may_be_out_of_order_within_the_lateness() -> None:
    source = [record(s, n) for n, s in enumerate([0, 5, 3, 14, 4, 20])]
    assert [r.ordinal for r in merge([source], timedelta(seconds=10))] == [0, 2, 4, 1, 3, 5]


def test_records_later_than_the_lateness_are_passed_on() -> None:
    source = [record(s, n) for n, s in enumerate([0, 50, 100, 2, 150])]
    assert sorted(r.ordinal for r in merge([source], timedelta(seconds=10))) == [0, 1, 2, 3, 4]


def test_records_without_any_time_come_as_they_are() -> None:
    source = [record(0, n, dated=False) for n in range(3)]
    assert [r.ordinal for r in merge([source])] == [0, 1, 2]


def test_a_burst_of_one_moment_is_not_held_for_ever() -> None:
    pulled = 0

    def burst() -> object:
        nonlocal pulled
        for n in range(100_000):
            pulled += 1
            yield record(0, n)

    merged = merge([burst()])  # type: ignore[arg-type]
    assert [next(merged).ordinal for _ in range(3)] == [0, 1, 2]
    assert pulled < 25_000


@given(
    st.lists(st.lists(st.integers(0, 30), max_size=20), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_the_merge_is_the_same_whatever_the_order_of_the_files_given(
    seconds: list[list[int]], random: object
) -> None:
    sources = [
        [record(second, ordinal, f"{name}.log") for ordinal, second in enumerate(sorted(times))]
        for name, times in enumerate(seconds)
    ]
    shuffled = sources[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    merged = list(merge(sources))
    assert list(merge(shuffled)) == merged
    assert merged == sorted(merged, key=lambda r: (r.time, r.source, r.ordinal))
    assert len(merged) == sum(map(len, sources))
