"""One followed stream: records with their places, whatever the pieces, the silences and the restarts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from logwatch.live.stream import StreamFacts
from logwatch.records.record import Record
from tests.live.world import NOON, Source

LINE = "2026-03-01T12:00:{:02}Z line {}\n"


def lines(first: int, last: int) -> str:
    return "".join(LINE.format(n % 60, n) for n in range(first, last))


def messages(records: list[Record]) -> list[str]:
    return [record.message for record in records]


def test_the_last_record_is_complete_when_nothing_came_for_the_quiet_time() -> None:
    source = Source()
    assert source.write(lines(0, 2)) == []
    assert source.wait(4.9) == []
    assert messages(source.wait(0.1)) == ["line 0", "line 1"]
    assert source.wait(100) == []


def test_a_line_that_comes_in_time_continues_the_open_record() -> None:
    source = Source()
    source.write(lines(0, 1))
    source.wait(5)
    source.write(LINE.format(1, 1))
    source.write("  at worker.js:7\n", seconds=4)
    assert messages(source.wait(5)) == ["line 1\n  at worker.js:7"]


def test_the_format_of_a_busy_stream_is_decided_after_the_quiet_time() -> None:
    source = Source()
    seen: list[Record] = []
    for n in range(8):
        seen += source.write(LINE.format(n, n), seconds=1)
        seen += source.wait(0)
    assert len(seen) >= 5
    assert source.stream.format == "iso8601"


def test_a_first_guess_at_the_format_is_revised_when_there_is_more_to_go_by() -> None:
    source = Source()
    source.write("starting up\n")
    source.wait(5)
    assert source.stream.format == "plain"
    source.write(lines(0, 3), seconds=1)
    source.write(lines(3, 5), seconds=1)
    assert source.stream.format == "iso8601"
    assert messages(source.wait(5))[-1] == "line 4"


def test_a_stream_that_changes_its_format_is_looked_at_again() -> None:
    source = Source()
    source.write(lines(0, 1100))
    assert source.stream.facts.format == "iso8601"
    json = '{{"time":"2026-03-01T13:00:{:02}Z","msg":"json {}"}}\n'
    for part in range(5):
        source.write("".join(json.format(n % 60, n) for n in range(1000 * part, 1000 * part + 1000)))
    assert messages(source.wait(5))[-1] == "json 4999"
    assert source.stream.format == "json"


def test_places_are_those_in_the_file() -> None:
    source = Source()
    source.write(lines(0, 2), offset=1000)
    [first, second] = source.wait(5)
    assert (first.offset, first.line) == (1000, 1)
    assert (second.offset, second.line) == (1000 + len(LINE.format(0, 0)), 2)
    source.line = 1
    source.write(lines(2, 3), offset=0)
    [third] = source.wait(5)
    assert (third.source, third.offset, third.line) == ("/logs/worker.log", 0, 1)
    assert third.ordinal > second.ordinal > first.ordinal


def test_after_a_restart_what_was_open_is_read_again_and_nothing_is_counted_twice() -> None:
    source = Source()
    source.write(lines(0, 1100))
    begins = source.stream.begins
    assert begins == len(lines(0, 1099))
    facts = msgspec.msgpack.decode(msgspec.msgpack.encode(source.stream.facts), type=StreamFacts)
    assert (facts.format, facts.lines, facts.records) == ("iso8601", 1100, 1099)
    again = Source(facts, at=begins)
    again.write(LINE.format(1099 % 60, 1099))
    assert messages(again.wait(5)) == ["line 1099"]
    assert (again.stream.facts.lines, again.stream.facts.records) == (1100, 1100)


def test_a_record_without_a_time_inherits_one_even_across_a_restart() -> None:
    facts = StreamFacts(since=NOON, format="iso8601", last=NOON)
    source = Source(facts)
    source.write("no time of its own\n")
    [record] = source.wait(5)
    assert (record.time, record.inherited) == (NOON, True)


def test_first_records_without_a_time_wait_for_one_and_are_still_open_until_then() -> None:
    source = Source(StreamFacts(since=NOON, format="iso8601"))
    source.write("before all\n")
    assert source.stream.begins == 0
    source.write(lines(5, 6))
    assert [record.time for record in source.wait(5)] == [NOON + timedelta(seconds=5)] * 2


def test_times_of_day_follow_the_days() -> None:
    source = Source(StreamFacts(since=NOON, format="clock"))
    found = []
    for _ in range(3):
        found += source.write(f"{source.wall:%H:%M:%S} tick\n")
        found += source.wait(5)
        source.wait(86_395)
    assert [record.time for record in found] == [NOON + timedelta(days=n) for n in range(3)]


def test_an_old_file_is_dated_by_when_it_was_written() -> None:
    source = Source(written=datetime(2024, 5, 6, tzinfo=UTC))
    source.write("May  5 10:00:00 host worker: a\nMay  5 10:00:01 host worker: b\n")
    assert [record.time for record in source.wait(5)] == [
        datetime(2024, 5, 5, 10, 0, second, tzinfo=UTC) for second in range(2)
    ]


def test_records_of_the_day_after_tomorrow_are_passed_over_and_counted() -> None:
    source = Source()
    source.write(lines(0, 2) + "2026-03-03T12:00:00Z tomorrow\n" + lines(2, 3))
    assert messages(source.wait(5)) == ["line 0", "line 1", "line 2"]
    assert source.stream.facts.ahead == 1
    assert source.stream.facts.newest == NOON + timedelta(seconds=2)
