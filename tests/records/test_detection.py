"""What a source is in: the majority of its first records decides, and people can overrule it."""

from __future__ import annotations

import pytest

from logwatch.records.dating import Calendar
from logwatch.records.formats import format_names
from logwatch.records.parser import RecordParser
from logwatch.sources.source import Health
from tests.records.world import NOW, UTC, at, lines, read

ISO = "2025-10-11T17:29:32Z one"


def test_the_majority_of_the_first_records_decides() -> None:
    json = '{"time":1760203772,"msg":"x"}'
    assert read(lines(*[ISO] * 3, *[json] * 2)).report.format == "iso8601"
    assert read(lines(*[ISO] * 2, *[json] * 3)).report.format == "json"


def test_what_is_not_in_the_source_s_format_continues_its_records() -> None:
    found = read(lines(*[ISO] * 3, "17:29:33 two"))
    assert found.messages[-1] == "one\n17:29:33 two"


@pytest.mark.parametrize("name", format_names())
def test_every_format_can_be_asked_for(name: str) -> None:
    found = read(lines(ISO, ISO), format=name)
    assert found.report.format.partition("+")[0] == name


def test_a_format_that_is_asked_for_overrules_what_would_be_found() -> None:
    found = read(lines("Oct 11 17:29:32 a", *[ISO] * 9), format="syslog")
    assert (found.report.format, len(found.records)) == ("syslog", 1)


def test_the_names_of_formats() -> None:
    assert format_names() == (
        *("docker", "cri", "json", "rfc5424", "iso8601", "syslog", "logfmt", "epoch", "clock", "plain"),
    )


def test_long_stack_traces_do_not_hide_the_format() -> None:
    trace = ["    at x (a.js:1)"] * 400
    assert read(lines(ISO, *trace, ISO, *trace)).report.format == "iso8601"


def test_text_wrapped_to_many_lines_does_not_hide_the_format() -> None:
    assert (
        read(lines(*(line for _ in range(10) for line in (ISO, *["wrapped"] * 40)))).report.format
        == "iso8601"
    )


def test_a_date_here_and_there_does_not_make_a_dated_log() -> None:
    found = read(lines(*["a job"] * 300, ISO, *["a job"] * 300))
    assert (found.report.format, len(found.records)) == ("plain", 601)


def test_a_source_that_could_not_be_read_has_no_format() -> None:
    found = read(b"", health=Health(["does not exist"]))
    assert (found.report.format, found.report.errors) == ("unknown", ["does not exist"])


def test_what_the_source_says_of_its_health_is_in_the_report() -> None:
    health = Health(["shrank while it was read"], truncated=True)
    found = read(lines(ISO), health=health)
    assert (found.report.truncated, found.report.errors) == (True, ["shrank while it was read"])


def parser() -> RecordParser:
    return RecordParser(lambda: Calendar(UTC, NOW))


@pytest.mark.parametrize(
    "log",
    [
        lines(*(f"2025-10-11T17:29:{n:02}Z job {n} {{\n  n: {n}\n}}\n" for n in range(9))),
        lines(*(f'{{"time":{1760203772 + n},"msg":"job {n}"}}\nmore\n' for n in range(9))),
        lines(*(f"Oct 11 17:29:{n:02}\njob {n}\n\n" for n in range(9))),
        lines(*(f"17:29:{n:02} job {n}" for n in range(9))),
        lines(
            *(
                f"2025-10-11T17:29:{n:02}Z stdout F job {n} {{\n2025-10-11T17:29:{n:02}Z stdout F }}"
                for n in range(9)
            )
        ),
    ],
)
def test_another_parser_takes_over_where_the_first_open_record_begins(log: str) -> None:
    data = log.encode()
    whole = parser()
    expected = [(d.offset, d.time, d.text) for d in (*whole.feed(data), *whole.close())]
    for cut in range(len(data)):
        first = parser()
        first.resume(whole.format, whole.codec)
        done = list(first.feed(data[:cut]))
        start = first.begins
        second = parser()
        second.resume(first.format, first.codec)
        if done and done[-1].time is not None:
            second.calendar.resume(done[-1].time)
        rest = [*second.feed(data[start:]), *second.close()]
        found = [(d.offset, d.time, d.text) for d in done] + [
            (d.offset + start, d.time, d.text) for d in rest
        ]
        assert found == expected


def test_an_unknown_format_cannot_be_taken_over() -> None:
    for name in ("unknown", "docker", "docker+", "tar+json", ""):
        with pytest.raises(ValueError, match="no format is called"):
            parser().resume(name, None)


def test_a_record_is_open_until_the_next_begins_or_the_source_is_closed() -> None:
    asked = RecordParser(lambda: Calendar(UTC, NOW), "iso8601")
    asked.resume("iso8601", None)
    assert list(asked.feed(f"{ISO}\n".encode())) == []
    assert asked.begins == 0
    assert [draft.text for draft in asked.close()] == ["one"]
    assert [draft.text for draft in asked.feed(f"{ISO}\n".encode())] == []
    assert asked.begins == len(ISO) + 1


def test_followed_sources_are_dated_near_the_time_of_reading() -> None:
    calendar = Calendar(UTC, at("12:00:00", "2025-10-11"))
    asked = RecordParser(lambda: calendar, "syslog")
    asked.resume("syslog", None)
    first = [*asked.feed(b"Oct 11 11:00:00 a\n"), *asked.close()]
    calendar.live(at("12:00:00", "2026-03-01"), after_silence=True)
    later = [*asked.feed(b"Mar  1 11:59:00 b\n"), *asked.close()]
    assert [draft.time for draft in (*first, *later)] == [at("11:00:00"), at("11:59:00", "2026-03-01")]
