"""A citation holds the beginning of a record, whatever the record holds."""

from __future__ import annotations

from datetime import UTC, datetime

from logwatch.evidence import cite
from logwatch.evidence.cite import LONGEST_TEXT
from logwatch.records.record import Record

SECRET = "AKIA" + "IOSFODNN7EXAMPLE"
TIME = datetime(2025, 10, 11, 17, 29, 32, tzinfo=UTC)


def record(message: str, original: str | None = None) -> Record:
    return Record("b.log", 7, 70, 8, 1, TIME, message, original=original)


def test_a_citation_says_where_when_and_what() -> None:
    found = cite(record("job 1 failed"), "end")
    assert (found.source, found.line, found.offset, found.time) == ("b.log", 8, 70, TIME)
    assert (found.text, found.role) == ("job 1 failed", "end")


def test_a_citation_shows_the_text_as_it_stood_where_that_differs() -> None:
    assert cite(record("✅ done", original="âœ… done")).text == "âœ… done"


def test_a_long_record_is_cut_and_says_so() -> None:
    assert cite(record("x" * LONGEST_TEXT)).text == "x" * LONGEST_TEXT
    assert cite(record("x" * (LONGEST_TEXT + 1))).text == "x" * (LONGEST_TEXT - 1) + "…"


def test_what_redaction_makes_longer_is_cut_as_well() -> None:
    found = cite(record(("x" * (LONGEST_TEXT - 14)) + " password=a b"))
    assert len(found.text) == LONGEST_TEXT
    assert found.text.endswith("password=[re…")


def test_a_secret_at_the_cut_does_not_show() -> None:
    for before in range(LONGEST_TEXT - len(SECRET) - 2, LONGEST_TEXT + 2):
        found = cite(record("x" * before + " " + SECRET + " y"))
        assert "AKIA" not in found.text


def test_a_megabyte_costs_no_more_than_its_beginning() -> None:
    tail = (SECRET + " ") * 50_000
    short, long = "error " * 1000, "error " * 1000 + tail
    assert cite(record(long)).text == cite(record(short)).text
