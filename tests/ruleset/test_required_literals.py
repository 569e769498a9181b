"""Required literals are sound: where a pattern matches a text, one of them is in it."""

from __future__ import annotations

import contextlib
import re

import pytest
import regex
from hypothesis import HealthCheck, assume, event, given, settings
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


Example = tuple[str, str]
"""A pattern, and a text that it matches."""


def concatenated(parts: list[Example]) -> Example:
    return "".join(pattern for pattern, _ in parts), "".join(text for _, text in parts)


def one_of_several(parts: list[Example], chosen: int) -> Example:
    return f"(?:{'|'.join(pattern for pattern, _ in parts)})", parts[chosen % len(parts)][1]


def grown(inner: st.SearchStrategy[Example]) -> st.SearchStrategy[Example]:
    several = st.lists(inner, min_size=1, max_size=4)
    return st.one_of(
        several.map(concatenated),
        st.builds(one_of_several, several, st.integers(0, 3)),
        st.builds(
            lambda part, count: (f"(?:{part[0]}){count[0]}", part[1] * count[1]),
            inner,
            st.sampled_from(
                [
                    ("?", 0),
                    ("?", 1),
                    ("*", 0),
                    ("+", 2),
                    ("{2}", 2),
                    ("{0,2}", 0),
                    ("{1,}", 3),
                    ("+?", 1),
                    ("{0}", 0),
                ]
            ),
        ),
        inner.map(lambda part: (f"(?P<g>{part[0]})", part[1])),
        inner.map(lambda part: (f"(?i:{part[0]})", part[1].swapcase())),
        inner.map(lambda part: (f"(?i:x(?-i:{part[0]}))", f"X{part[1]}")),
        inner.map(lambda part: (f"(?={part[0]}){part[0]}", part[1])),
        inner.map(lambda part: (f"(?#a remark){part[0]}(?!$x)", part[1])),
    )


LETTERS = st.text(alphabet="abcXYZ 01:-_.(){}[]|*+?^$#\\/'\"<>&`é\n", min_size=1, max_size=6)
WORDS = st.sampled_from(["stage", "Error: ", "in job 1", "after", "(retry)"])
ELEMENTS = st.sampled_from(
    [
        (r"\d", "7"),
        (r"\S", "é"),
        (".", "x"),
        ("[ab]", "b"),
        ("[^]]", "a"),
        (r"\n", "\n"),
        (r"\x61", "a"),
        (r"\b", ""),
    ]
)
EXAMPLES = st.recursive(
    st.one_of(st.one_of(WORDS, LETTERS).map(lambda text: (re.escape(text), text)), ELEMENTS),
    grown,
    max_leaves=8,
)


@settings(max_examples=500)
@given(EXAMPLES, LETTERS, LETTERS)
def test_every_text_that_matches_contains_one_of_the_literals(
    example: Example, before: str, after: str
) -> None:
    pattern, text = example
    literals = required_literals(pattern)
    found = regex.compile(pattern, FLAGS).search(before + text + after)
    event(f"literals: {literals is not None}, found: {found is not None}")
    if literals is not None and found is not None:
        assert any(literal in found.group() for literal in literals)


@settings(suppress_health_check=[HealthCheck.filter_too_much])
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
