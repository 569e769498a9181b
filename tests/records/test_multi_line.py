"""A line that does not start a record continues the one before."""

from __future__ import annotations

import pytest

from tests.records.world import at, lines, read

ONE, TWO = "2025-10-11T17:29:32Z one", "2025-10-11T17:29:33Z two"


def test_a_stack_trace_continues_its_record() -> None:
    trace = ["Error: boom", "    at run (a.js:1:2)", "  [cause]: Error: inner", "      at x (b.js:3:4)"]
    found = read(lines(ONE, *trace, TWO))
    assert found.messages == ["\n".join(["one", *trace]), "two"]
    assert [(record.line, record.lines) for record in found.records] == [(1, 5), (6, 1)]


def test_an_object_dump_continues_to_its_closing_brace_at_column_zero() -> None:
    dump = ["  workflowId: 'w1',", "  stage: undefined,", "  nested: {", "    a: 1", "  }", "}"]
    found = read(lines("2025-10-11T17:29:32Z [info] Job details: {", *dump, TWO))
    assert found.messages == ["\n".join(["Job details: {", *dump]), "two"]


def test_an_error_text_wrapped_to_the_next_line_continues_its_record() -> None:
    found = read(
        lines("2025-10-11T17:29:32Z ERROR in job 1 after 0ms: ", "Unknown workflow stage: undefined", TWO)
    )
    assert found.messages == ["ERROR in job 1 after 0ms: \nUnknown workflow stage: undefined", "two"]


def test_a_time_behind_an_indentation_or_inside_a_line_begins_nothing() -> None:
    found = read(lines(ONE, "  2025-10-11T17:29:33Z indented", "at 2025-10-11T17:29:33Z", TWO))
    assert len(found.records) == 2


def test_blank_lines_inside_a_record_belong_to_it_and_trailing_ones_do_not() -> None:
    found = read(lines(ONE, "", "  ", "more", "", "", TWO, "", ""))
    assert found.messages == ["one\n\n\nmore", "two"]
    assert [(record.line, record.lines) for record in found.records] == [(1, 4), (7, 1)]


def test_blank_lines_that_belong_to_no_record_are_still_counted_as_read() -> None:
    log = lines("", "", ONE, "", TWO, "", "")
    found = read(log)
    assert (found.report.lines, found.report.bytes) == (7, len(log))
    assert [record.line for record in found.records] == [3, 5]
    assert read("\n\n \n").report.lines == 3
    assert read("\n\n \n", since=at("17:00:00")).report.lines == 0


def test_lines_before_the_first_start_are_a_record_of_their_own() -> None:
    found = read(lines("    at b (b.js:1)", "}", ONE))
    assert found.messages == ["    at b (b.js:1)\n}", "one"]
    assert [record.inherited for record in found.records] == [True, False]


def test_a_record_is_closed_after_1000_lines_and_counted_as_truncated() -> None:
    found = read(lines(ONE, *(f"  line {n}" for n in range(1500)), TWO))
    assert [record.lines for record in found.records] == [1000, 501, 1]
    assert [record.truncated for record in found.records] == [True, False, False]
    assert [record.inherited for record in found.records] == [False, True, False]
    assert found.records[1].message.startswith("  line 999\n")
    assert found.report.truncated
    assert found.report.notes == ["holds 1 record longer than 1,000 lines or 1 MiB, cut there"]


def test_a_record_of_exactly_1000_lines_is_whole() -> None:
    found = read(lines(ONE, *(f"  line {n}" for n in range(999)), TWO))
    assert [(record.lines, record.truncated) for record in found.records] == [(1000, False), (1, False)]
    assert not found.report.truncated


def test_a_record_is_closed_after_1_mib() -> None:
    found = read(lines(ONE, *("  " + "x" * 20_000 for _ in range(60)), TWO))
    assert [record.truncated for record in found.records] == [True, False, False]
    assert all(len(record.message) <= 1 << 20 for record in found.records)
    assert sum(record.lines for record in found.records) == 62


def test_blank_lines_count_towards_the_bound() -> None:
    found = read(ONE + "\n" + "\n" * 1200 + "more\n" + TWO + "\n")
    assert found.messages == ["one", "more", "two"]
    assert found.report.lines == 1203


def test_the_bound_holds_in_every_format() -> None:
    found = read(
        '{"time":1760203772123,"msg":"x"}\n' * 200 + "text\n" * 1500 + '{"time":1760203773123,"msg":"y"}\n'
    )
    assert [record.lines for record in found.records] == [1] * 199 + [1000, 501, 1]


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\r\n"])
def test_the_last_line_counts_with_and_without_its_newline(end: str) -> None:
    found = read(f"{ONE}\n{TWO}{end}")
    assert found.messages == ["one", "two"]
    assert found.report.bytes == len(f"{ONE}\n{TWO}{end}")
