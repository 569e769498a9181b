"""Envelopes of container runtimes peel: parts join, streams keep apart, the inner time wins and the outer is kept."""

from __future__ import annotations

import json

import pytest

from tests.records.world import at, lines, read


def docker(log: str, clock: str = "17:29:32.5", stream: str = "stdout") -> str:
    return json.dumps({"log": log, "stream": stream, "time": f"2025-10-11T{clock}Z"}, ensure_ascii=False)


def cri(text: str, clock: str = "17:29:32.5", stream: str = "stdout", tag: str = "F") -> str:
    return f"2025-10-11T{clock}Z {stream} {tag} {text}"


def test_docker_peels_to_plain_text_dated_by_the_envelope() -> None:
    found = read(lines(docker("job done\n"), docker("low\n", "17:29:33.5", "stderr")))
    assert found.report.format == "docker+plain"
    assert found.messages == ["job done", "low"]
    assert found.times == [at("17:29:32.5"), at("17:29:33.5")]
    assert [record.inherited for record in found.records] == [False, False]
    assert [record.outer_time for record in found.records] == found.times
    assert [record.attributes["stream"] for record in found.records] == ["stdout", "stderr"]


def test_docker_around_text_with_a_time_the_inner_one_wins_and_the_outer_is_kept() -> None:
    found = read(docker("2025-10-11T17:29:31.123Z [error] job failed\n") + "\n")
    assert found.report.format == "docker+iso8601"
    assert (found.only.time, found.only.outer_time) == (at("17:29:31.123"), at("17:29:32.5"))
    assert (found.only.message, found.only.level) == ("job failed", "error")


def test_docker_attributes_are_kept_beside_the_records_own() -> None:
    inner = '{"time":1760203772123,"msg":"done","stream":"orders"}\n'
    line = json.dumps(
        {"log": inner, "stream": "stdout", "attrs": {"tag": "web"}, "time": "2025-10-11T17:29:32Z"}
    )
    found = dict(read(line + "\n").only.attributes)
    assert found == {"stream": "orders", "tag": "web", "time": 1760203772123, "msg": "done"}


def test_cri_around_json() -> None:
    found = read(
        lines(
            cri('{"level":50,"time":1760203771123,"msg":"failed\\nno stage"}'), cri('{"level":30,"msg":"x"}')
        )
    )
    assert found.report.format == "cri+json"
    assert found.messages == ["failed\nno stage", "x"]
    assert found.times == [at("17:29:31.123"), at("17:29:32.5")]
    assert [record.inherited for record in found.records] == [False, False]


def test_cri_around_syslog_takes_the_year_from_the_envelope() -> None:
    found = read(
        lines(
            "2025-01-01T00:00:01Z stdout F Dec 31 23:59:59 early",
            cri("Oct 11 17:29:31 web-1 worker[7]: job done"),
        ),
        reference=at("12:00:00", "2030-06-01"),
    )
    assert found.report.format == "cri+syslog"
    assert found.times == [at("23:59:59", "2024-12-31"), at("17:29:31")]
    assert (found.messages, found.records[1].attributes["app"]) == (["early", "job done"], "worker")


def test_times_of_day_in_an_envelope_take_its_date() -> None:
    found = read(
        lines(cri("[23:59:59.9] one", "23:59:59.95"), "2025-10-12T00:00:00.2Z stdout F [23:59:59.99] two")
        + lines("2025-10-13T08:00:00.2Z stdout F [08:00:00.1] three"),
        modified=at("00:00:00", "2026-01-01"),
    )
    assert found.report.format == "cri+clock"
    assert found.times == [at("23:59:59.9"), at("23:59:59.99"), at("08:00:00.1", "2025-10-13")]


def test_an_undated_line_inside_an_envelope_is_dated_by_it() -> None:
    found = read(lines(cri('{"msg":"x"}'), cri('{"time":1760203773123,"msg":"y"}', "17:29:40")))
    assert found.times == [at("17:29:32.5"), at("17:29:33.123")]
    assert found.report.undated == 0


def test_docker_parts_of_16_kib_are_joined() -> None:
    text = "2025-10-11T17:29:31Z " + "é" * 20_000 + " end"
    parts = [text[n : n + 16_384] for n in range(0, len(text), 16_384)]
    log = lines(*(docker(part, f"17:29:32.{n}") for n, part in enumerate(parts[:-1])))
    log += lines(docker(parts[-1] + "\n", "17:29:32.9"), docker("2025-10-11T17:29:33Z next\n"))
    found = read(log)
    assert found.messages == [text[21:], "next"]
    assert (found.records[0].lines, found.records[0].outer_time) == (len(parts), at("17:29:32"))
    assert not found.records[0].truncated


def test_cri_parts_are_joined_even_where_they_cut_a_character() -> None:
    text = "💥 job failed".encode()
    head = b"2025-10-11T17:29:32Z stderr P "
    log = head + text[:2] + b"\n" + head + text[2:7] + b"\n" + head.replace(b" P ", b" F ") + text[7:] + b"\n"
    found = read(log)
    assert (found.messages, found.only.lines, found.report.bytes) == (["💥 job failed"], 3, len(log))


def test_parts_of_json_are_joined_before_the_format_is_looked_for() -> None:
    one = '{"level":30,"time":1760203771123,"msg":"' + "x" * 40 + '"}'
    log = lines(*(line for _ in range(5) for line in (cri(one[:30], tag="P"), cri(one[30:]))))
    found = read(log)
    assert (found.report.format, found.messages) == ("cri+json", ["x" * 40] * 5)


def test_parts_of_two_streams_do_not_mix() -> None:
    found = read(
        lines(
            cri("out 1, ", stream="stdout", tag="P"),
            cri("err 1, ", stream="stderr", tag="P"),
            cri("out 2", stream="stdout"),
            cri("err 2", stream="stderr"),
        )
    )
    assert found.messages == ["out 1, out 2", "err 1, err 2"]
    assert [(record.line, record.lines) for record in found.records] == [(1, 2), (2, 2)]


def test_continuation_lines_belong_to_their_own_stream() -> None:
    found = read(
        lines(
            cri("Error: boom", stream="stderr"),
            cri("job 1 {", stream="stdout"),
            cri("    at a (a.js:1)", stream="stderr"),
            cri("  id: 1", stream="stdout"),
            cri("}", stream="stdout"),
            cri("    at b (b.js:1)", stream="stderr"),
            cri("next", stream="stdout"),
        )
    )
    assert found.messages == [
        "Error: boom\n    at a (a.js:1)\n    at b (b.js:1)",
        "job 1 {\n  id: 1\n}",
        "next",
    ]
    assert [(record.line, record.lines) for record in found.records] == [(1, 3), (2, 3), (7, 1)]


def test_records_come_in_the_order_in_which_they_began() -> None:
    found = read(
        lines(cri("one", stream="stderr"), *(cri(f"out {n}") for n in range(5)), cri("two", stream="stderr"))
    )
    assert found.messages == ["one", *(f"out {n}" for n in range(5)), "two"]


def test_a_silent_stream_does_not_hold_back_the_others() -> None:
    quiet = cri("quiet", stream="stderr")
    later = [cri(f"out {n}", f"17:{30 + n:02}:00") for n in range(20)]
    found = read(lines(quiet, *later, cri("    at a (a.js:1)", "17:50:00", stream="stderr")))
    assert found.messages[:2] == ["quiet", "out 0"]
    assert found.messages[-1] == "    at a (a.js:1)"  # too late to belong to anything
    busy = lines(quiet, *(cri(f"out {n}") for n in range(1100)), cri("    at a (a.js:1)", stream="stderr"))
    assert read(busy).messages[-1] == "    at a (a.js:1)"


def test_a_part_that_is_never_finished_is_shown_and_marked() -> None:
    found = read(lines(cri("one"), cri("half a line", tag="P")))
    assert (found.messages, found.report.truncated) == (["one", "half a line"], True)
    assert (found.records[1].time, found.records[1].truncated) == (at("17:29:32.5"), True)


def test_lines_that_are_no_envelopes_are_records_of_their_own() -> None:
    found = read(lines(cri("one"), cri("two"), "5Z stdout F cut at rotation", cri("three", "17:29:40")))
    assert found.messages == ["one", "two", "5Z stdout F cut at rotation", "three"]
    assert (found.records[2].time, found.records[2].inherited) == (at("17:29:32.5"), True)


def test_empty_lines_of_a_container_belong_to_the_record_around_them() -> None:
    found = read(
        lines(cri("one {"), cri(""), "2025-10-11T17:29:32.5Z stdout F", cri("}"), cri(""), cri("two"))
    )
    assert found.messages == ["one {\n\n\n}", "two"]
    assert [record.lines for record in found.records] == [4, 1]


def test_colours_and_nuls_inside_an_envelope_are_stripped() -> None:
    found = read(lines(docker("\x1b[31merror\x1b[39m: no\x00 stage\n"), docker("fine\n")))
    assert found.messages == ["error: no stage", "fine"]


def test_windows_line_ends_inside_and_outside_an_envelope() -> None:
    found = read(docker("one\r\n") + "\r\n" + cri("no envelope here") + "\r\n" + docker("two\r\n") + "\r\n")
    assert found.report.format == "docker+plain"
    assert found.messages[0] == "one"


@pytest.mark.parametrize(
    "line",
    [
        '{"log":"x\\n","stream":"stdlog","time":"2025-10-11T17:29:32Z"}',
        '{"log":"x\\n","time":"2025-10-11T17:29:32Z"}',
        '{"log":5,"stream":"stdout","time":"2025-10-11T17:29:32Z"}',
    ],
)
def test_json_that_only_looks_like_docker_is_json(line: str) -> None:
    assert read(line + "\n").report.format == "json"


def test_an_invalid_byte_in_dockers_json_stays_visible() -> None:
    found = read(b'{"log":"bad \xff byte\\n","stream":"stdout","time":"2025-10-11T17:29:32Z"}\n')
    assert (found.report.format, found.messages) == ("docker+plain", ["bad \\xff byte"])


def test_an_envelope_can_be_asked_for() -> None:
    found = read(lines("no envelope", "none here", cri("one")), format="cri")
    assert (found.report.format, found.messages[-1]) == ("cri+plain", "one")
