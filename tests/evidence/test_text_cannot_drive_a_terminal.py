"""Text from outside is shown, never obeyed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatch.evidence.escape import UNSAFE, escape


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x1b[2J\x1b[31mred", r"\x1b[2J\x1b[31mred"),
        ("\x9b31mred", r"\x9b31mred"),
        ("100 %\rok", r"100 %\rok"),
        ("one\ntwo\tthree", r"one\ntwo\tthree"),
        ("\x00\x08\x7f\x85", r"\x00\x08\x7f\x85"),
        ("exe.\u202etxt\u2066\u200f", r"exe.\u202etxt\u2066\u200f"),
        ("one\u2028two\u2029", r"one\u2028two\u2029"),
        ("in\u200bvisible\ufeff\xad", r"in\u200bvisible\ufeff\xad"),
        ("\U000e0041", r"\U000e0041"),
        ("\ufffe", r"\ufffe"),
    ],
)
def test_what_drives_a_terminal_or_hides_text_becomes_a_visible_escape(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "🖼️🔄 Processing 5 drafts",
        "👩\u200d💻 fixed it",
        "Grüße, 世界",
        "naïve café",
        r"C:\new\x1b",
        "no\u00a0break",
    ],
)
def test_text_that_is_only_text_stays_as_it_is(text: str) -> None:
    assert escape(text) == text


def test_a_file_name_that_is_not_utf8_shows_its_bytes() -> None:
    assert escape(b"caf\xe9.log".decode("utf-8", "surrogateescape")) == r"caf\xe9.log"
    assert escape("\ud83d alone") == r"\ud83d alone"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", r"\x3a:error::x"),
        ("  \u3000::add-mask::x", "  \u3000\\x3a:add-mask::x"),
        ("a ::error::x", "a ::error::x"),
        ("say ##[error]x", r"say \x23#[error]x"),
        ("###[group]x", r"#\x23#[group]x"),
        ("##vso[task.setvariable]x", r"\x23#vso[task.setvariable]x"),
        ("##teamcity[message]", r"\x23#teamcity[message]"),
        ("## heading, C# and #42", "## heading, C# and #42"),
    ],
)
def test_what_a_ci_runner_takes_for_a_command_is_defused(text: str, shown: str) -> None:
    assert escape(text) == shown


@given(st.text())
def test_nothing_unsafe_is_left(text: str) -> None:
    assert UNSAFE.search(escape(text)) is None
    assert escape(escape(text)) == escape(text)
    escape(text).encode("utf-8")
