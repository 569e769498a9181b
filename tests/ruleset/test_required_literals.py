"""Required literals are sound: where a pattern matches a text, one of them is in it."""

from __future__ import annotations

import contextlib
import re

import pytest
import regex
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from logwatch.ruleset.literals import required_literals
from logwatch.ruleset.patterns import FLAGS, compile_pattern
from logwatch.ruleset.syntax import UnfamiliarError, parse


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        (r"Unknown workflow stage: (?P<stage>\S+)", {"Unknown workflow stage: "}),
        (r"(?:Starting|Completing) the workflow", {" the workflow"}),
        (r"job (?:added|removed)\b", {"added", "removed"}),
        (r"^(?:added|removed)$", {"added", "removed"}),
        (r"a(?P<b>bcd)e", {"abcde"}),
        (r"(?:abc)+de", {"abc"}),
        (r"(?:abcdef)?ghi", {"ghi"}),
        (r"error{2}s: disk", {"s: disk"}),
        (r"(?i:error) in background", {" in background"}),
        (r"(?-i:error) in x", {"error in x"}),
        (r"details: \{\n", {"details: {"}),
        (r"details: {\n", {"details: {"}),
        (r"one[ \]x]two.three", {"three"}),
        (r"(?x) one\ two  # what it means" + "\n three", {"one twothree"}),
        (r"caf\x65teria é latte", {"cafeteria "}),
        ('say "hello" to C:\\\\temp', {" to C:"}),
        (r"(?=lookahead)abc", {"abc"}),
        (r"(?P<q>x)abc(?P=q)", {"xabc"}),
        (r"(?#remark)abc", {"abc"}),
        (r"abc\p{L}", {"abc"}),
        (r"(?P<a>ab(?P<b>cd))(?P<c>ef|gh)", {"abcd"}),
    ],
)
def test_the_most_telling_literals_are_found(pattern: str, literals: set[str]) -> None:
    assert required_literals(pattern) == literals


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?i)unknown stage",
        r"\S+ (?P<ms>\d+)",
        r"abc|",
        r"abc|\d+",
        r"(?:abcdef)*",
        r"(?:abcdef){e<=1}",
        r"abc{1,i}",
        r"[[:alpha:]]abc",
        r"abc(?i)def",
        r"(?R)abc",
        r"abc\X",
        r"(?(1)abc|def)",
        "|".join(f"word{n}" for n in range(100)),
    ],
)
def test_where_it_cannot_be_told_there_are_none(pattern: str) -> None:
    assert required_literals(pattern) is None


ATOMS = st.sampled_from(
    ["abc", "de", "x", r"\d", r"\S", ".", "[ab]", "[^]]", r"\.", " ", r"\b", "^", "$", r"\n", "é", r"\x61"]
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{0,2}", "{1,}", "+?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
        inner.map(lambda part: f"(?P<g{abs(hash(part))}>{part})"),
        inner.map(lambda part: f"(?i:{part})"),
        inner.map(lambda part: f"{part}+"),
        inner.map(lambda part: f"(?={part})"),
    )


PATTERNS = st.recursive(ATOMS, _grown, max_leaves=8)


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], deadline=None)
@given(PATTERNS.map(lambda pattern: f"(?:{pattern})(?:abc|def)"), st.data())
def test_every_match_contains_one_of_the_literals(pattern: str, data: st.DataObject) -> None:
    literals = required_literals(pattern)
    assume(literals is not None)
    try:
        python = re.compile(pattern, re.MULTILINE)
        compiled = regex.compile(pattern, FLAGS)
    except (re.error, regex.error):
        assume(False)
    text = data.draw(st.from_regex(python))
    if compiled.search(text):
        assert literals is not None
        assert any(literal in text for literal in literals)


@settings(suppress_health_check=[HealthCheck.filter_too_much], deadline=None)
@given(
    st.text(alphabet="ab(){}[]|?*+\\.^$<>=:i-x,0129 Pde#!\n", max_size=25),
    st.text(alphabet="abide019 {}\n", max_size=30),
)
def test_no_pattern_of_any_form_is_misread(pattern: str, text: str) -> None:
    literals = required_literals(pattern)
    assume(literals is not None)
    try:
        found = compile_pattern(pattern).search(text)
    except ValueError:
        assume(False)
    assert found is None or any(literal in text for literal in literals or ())


@given(st.text(max_size=60))
def test_parsing_ends_for_every_text(pattern: str) -> None:
    with contextlib.suppress(UnfamiliarError):
        assert parse(pattern) is not None
