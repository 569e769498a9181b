"""A citation holds the beginning of a record, whatever the record holds."""

from __future__ import annotations

import pytest

from logwatch.evidence import LONGEST_TEXT, shown
from logwatch.evidence.redact import redact

SECRET = "AKIA" + "IOSFODNN7EXAMPLE"


def test_a_long_record_is_cut_and_says_so() -> None:
    assert shown("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT
    assert shown("x" * (LONGEST_TEXT + 1)) == "x" * (LONGEST_TEXT - 1) + "…"


def test_what_redaction_makes_longer_is_cut_as_well() -> None:
    found = shown(("x" * (LONGEST_TEXT - 14)) + " password=a b")
    assert len(found) == LONGEST_TEXT
    assert found.endswith("password=[re…")


def test_a_secret_at_the_cut_does_not_show() -> None:
    for before in range(LONGEST_TEXT - len(SECRET) - 2, LONGEST_TEXT + 2):
        assert "AKIA" not in shown("x" * before + " " + SECRET + " y")


def test_a_megabyte_costs_no_more_than_its_beginning() -> None:
    tail = (SECRET + " ") * 50_000
    short, long = "error " * 1000, "error " * 1000 + tail
    assert shown(long) == shown(short)


@pytest.mark.parametrize("half", ["", "\ud83d"])
def test_halves_of_characters_hide_no_secret(half: str) -> None:
    assert redact(f"{half}key {SECRET}") == f"{half}key [redacted aws-key]"
