"""Patterns: what would take unbounded memory is refused before it is compiled, what takes unbounded time is cut off."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatch.ruleset.condition import PatternTimeout
from logwatch.ruleset.patterns import BUDGET_SECONDS, BadPatternError, compile_pattern
from tests.ruleset.world import FORBID, refused, written

TOO_MUCH = (
    "repeats too much: counts may be at most 1,000, and all of them written out at most 10,000 elements; "
    "use + or * instead"
)


@pytest.mark.parametrize(
    "pattern",
    [
        "((a{1000}){1000}){100}",
        "a{1001}",
        "a{2,4000000000}",
        "(?:[a-z]{101}){100}",
        "(?:" + "ab*" * 1300 + "){1000}",
        "(?P<x>(?:ab){1000}|c){100}",
        r"(?:\X" + "ab*" * 1300 + "){1000}",
        r"(?:(?:\X{1000}){1000}){100}",
        "(?=(?:a{1000}){1000})b",
    ],
)
def test_repeats_that_multiply_are_refused_before_they_are_laid_out(pattern: str) -> None:
    with pytest.raises(BadPatternError) as caught:
        compile_pattern(pattern)
    assert str(caught.value) == TOO_MUCH


@pytest.mark.parametrize("pattern", [r"\d{1,19}", "a{1000}", "(?:[a-z]{100}){100}", r"\X{3} [a-z]{1,10}"])
def test_counts_that_people_write_are_fine(pattern: str) -> None:
    assert compile_pattern(pattern).source == pattern


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("job (", "is no regular expression: missing ) at position 5"),
        ("*", "is no regular expression: nothing to repeat at position 0"),
        ("[z-a]", "is no regular expression: bad character range at position 4"),
        (r"\L<words>", "is no regular expression: undefined named list at position 9"),
        ("(" * 2000, "is no regular expression that can be compiled; simplify it"),
        ("x" * 4097, "is longer than 4,096 characters; split it with any:"),
    ],
)
def test_what_is_no_pattern_is_said(pattern: str, message: str) -> None:
    with pytest.raises(BadPatternError) as caught:
        compile_pattern(pattern)
    assert str(caught.value) == message


@given(st.text(alphabet="ab(){}[]|?*+\\.^$<>=:P0129, pLX", max_size=40))
def test_every_text_is_a_pattern_or_is_refused(text: str) -> None:
    with contextlib.suppress(BadPatternError):
        assert compile_pattern(text).source == text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(a|aa)+$", "a" * 60 + "b"),
        (r"\s+$", " " * 100_000 + "x"),
        (r"(.*),(.*),(.*),(.*),(.*),(.*)x", "," * 4_000),
    ],
)
def test_a_call_that_would_never_end_is_cut_off(pattern: str, text: str) -> None:
    compiled = compile_pattern(pattern)
    with pytest.raises(PatternTimeout) as caught:
        compiled.search(text)
    assert caught.value.pattern == pattern
    with pytest.raises(PatternTimeout):
        list(compiled.occurrences(text))


def test_a_slow_caller_does_not_use_up_the_budget() -> None:
    found = compile_pattern(r"a(?P<n>\d)").occurrences("a1a2a3")
    assert next(found) == {"n": "1"}
    began = time.process_time()
    while time.process_time() - began < BUDGET_SECONDS + 0.05:
        pass
    assert [captures["n"] for captures in found] == ["2", "3"]


def test_busy_threads_do_not_use_up_the_budget() -> None:
    done = threading.Event()

    def spin() -> None:
        while not done.is_set():
            pass

    threads = [threading.Thread(target=spin, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        # Of `.*` it is not known that it ends with each line, so that the time is taken.
        pattern, text = compile_pattern(r"a.*(?P<n>\d)"), "a\n" * 500_000
        assert [pattern.search(text) for _ in range(5)] == [None] * 5
    finally:
        done.set()
        for thread in threads:
            thread.join()


def test_lines_are_searched_as_grep_searches_them() -> None:
    assert compile_pattern("^two$").search("one\ntwo\nthree") == {}
    assert compile_pattern("one.*three").search("one\ntwo three") is None
    assert compile_pattern("(?s)one.*three").search("one\ntwo three") == {}
    assert compile_pattern("Error").search("error") is None
    assert compile_pattern("(?i)Error").search("error") == {}


def test_a_group_that_took_no_part_is_not_captured() -> None:
    pattern = compile_pattern(r"stage(?:: (?P<stage>\S+))?")
    assert pattern.search("stage: x") == {"stage": "x"}
    assert pattern.search("stage") == {}
    assert pattern.captures == {"stage"}


@pytest.mark.parametrize(
    ("pattern", "certain"),
    [
        (r"(?P<a>x)(?P<b>y)?", {"a"}),
        (r"(?P<a>x)|y", set()),
        (r"(?P<a>x)|(?P<a>y)", {"a"}),
        (r"(?:(?P<a>x(?P<b>y)))+", {"a", "b"}),
        (r"(?:(?P<a>x))*z", set()),
        (r"(?=.*(?P<a>x))(?!(?P<b>y))z", {"a"}),
        (r"(?i:(?P<a>x))", {"a"}),
        (r"(?<a>x)\X", {"a"}),
    ],
)
def test_captures_that_every_match_has_are_told(pattern: str, certain: set[str]) -> None:
    assert compile_pattern(pattern).certain_captures == certain


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("abc", "abc"),
        (r"a\.b", "a.b"),
        ("(?:a)b", "ab"),
        ("ab?", None),
        ("(?i)ab", None),
        (r"a\d", None),
        ("a|b", None),
    ],
)
def test_a_pattern_that_is_a_plain_text_is_told(pattern: str, text: str | None) -> None:
    assert compile_pattern(pattern).plain_text == text


def test_a_pattern_that_hangs_on_nothing_is_refused_by_the_loader(tmp_path: Path) -> None:
    path = written(tmp_path, FORBID.replace("'fatal error'", r"'((a{1000}){1000}){100}'"))
    assert refused(path) == [f"rules.yml:7: rule 'no-error': 'pattern' {TOO_MUCH}"]
