"""Texts that begin with one phrase are matched together, where that surely comes to the same."""

from __future__ import annotations

import pytest

from logwatch.engine.matcher import Matcher
from logwatch.engine.phrases import Phrases
from logwatch.ruleset.conditions import FieldMatches, MessageMatches
from logwatch.ruleset.model import RuleSet
from logwatch.ruleset.patterns import compile_pattern

from .world import count, forbid, pair, record, span

OPENING = 24
LEAD = b"[info] of the usual house: "


def text(pattern: str) -> MessageMatches:
    return MessageMatches(compile_pattern(pattern))


JOB = pair(
    start=text(r"job starts as (?P<job>\S+)"),
    outcomes={
        "completed": text(r"job ends as (?P<job>\S+)"),
        "failed": text(r"job ends as (?P<job>\S+) badly"),
    },
    enqueued=None,
    timeout=span(60),
)


def matched(rules: RuleSet, learned: str, *others: str) -> list[list[tuple[str, str, object]]] | None:
    """Return the parts that other texts play, told by what was learned of one; None: each must be looked at."""
    matcher = Matcher(rules)
    phrases = Phrases(matcher, OPENING)
    message = LEAD[7:].decode() + learned
    phrases.learn(LEAD + learned.encode(), message)
    texts = [LEAD + other.encode("utf-8", "surrogateescape") for other in others]
    phrase = phrases.of(texts[0])
    if phrase is None:
        return None
    found = phrases.matched(phrase, texts)
    if found is None:
        return None
    for n, other in enumerate(others):  # they are what each is by itself
        said = LEAD[7:].decode() + other
        assert found.messages[n] == said
        assert tuple(column.of(n) for column in found.columns) == matcher.meaning(record(0, said)).parts
    rows = range(len(others))
    return [[(c.part.rule, c.part.role, c.of(n).key) for c in found.columns] for n in rows]


def test_texts_with_a_phrase_are_told_apart_by_their_keys() -> None:
    found = matched(RuleSet((JOB,)), "job starts as 1", "job starts as 2", "job starts as ✅ 3")
    assert found == [[("job", "start", ("2",))], [("job", "start", ("✅",))]]


def test_a_key_that_is_a_secret_is_kept_as_one() -> None:
    found = matched(
        RuleSet((JOB,)), "job starts as 1", "job starts as ghp_0123456789abcdefghij", "job starts as 2"
    )
    assert found is not None
    assert found[1] == [("job", "start", ("2",))]
    assert "ghp_" not in str(found)


def test_of_a_long_key_the_beginning_is_kept() -> None:
    found = matched(RuleSet((JOB,)), "job starts as 1", "job starts as " + "x" * 300, "job starts as 2")
    assert found is not None
    assert found[1] == [("job", "start", ("2",))]
    assert "x" * 201 not in str(found)


@pytest.mark.parametrize(
    "others",
    [
        ("job starts as 2", "job starts as 3 and job ends as 4"),  # another literal behind the phrase
        ("job starts as 2", "job starts as 3, job starts as 4"),  # the same once more
        ("job starts as 2", "job starts as "),  # the pattern does not occur
        ("job starts as 2", "job starts as \x1b[1m3\x1b[0m"),  # colours are taken out first
        ("job starts as 2", "job starts as 3\r"),
        ("job starts as 2", "job starts as \udcff"),  # no UTF-8
    ],
)
def test_where_one_text_is_otherwise_each_is_looked_at(others: tuple[str, ...]) -> None:
    assert matched(RuleSet((JOB,)), "job starts as 1", *others) is None


def test_of_exclusive_roles_the_first_one_counts() -> None:
    found = matched(RuleSet((JOB,)), "job ends as 1 badly", "job ends as 2 badly", "job ends as 3 badly")
    assert found == [[("job", "completed", ("2",))], [("job", "completed", ("3",))]]


@pytest.mark.parametrize(
    "pattern",
    [
        r"job starts as\s+(?P<job>\w+)",  # may go on in the next line
        r"job starts as [^x]+",
        r"job starts as (?=1|2)",
        r"(?s)job starts as .",
        r"job starts as \S+\Z",
    ],
)
def test_patterns_that_could_see_other_lines_are_run_text_by_text(pattern: str) -> None:
    rules = RuleSet((forbid(pattern=text(pattern)),))
    assert matched(rules, "job starts as 1", "job starts as 2", "job starts as 2") is None


def test_patterns_that_stay_in_their_line_may_begin_and_end_with_it() -> None:
    rules = RuleSet((forbid(pattern=text(r"^of the usual house: job starts as \d+$")),))
    found = matched(rules, "job starts as 1", "job starts as 2", "job starts as 3")
    assert found == [[("bad", "match", None)], [("bad", "match", None)]]


@pytest.mark.parametrize(
    "rule",
    [
        count(pattern=text(r"job starts as (?P<order>\S+)")),  # labels are redacted by the whole text
        forbid(pattern=FieldMatches("level", compile_pattern("job starts as"))),
        pair(start=text("job starts as"), outcomes=JOB.outcomes, enqueued=None, key=("attributes.job",)),
    ],
)
def test_what_looks_at_more_than_the_message_has_no_phrase(rule: object) -> None:
    rules = RuleSet((rule,))  # type: ignore[arg-type]
    assert matched(rules, "job starts as 1", "job starts as 2", "job starts as 3") is None


def test_a_beginning_that_does_not_tell_the_level_is_no_phrase() -> None:
    phrases = Phrases(Matcher(RuleSet((JOB,))), OPENING)
    message = " " * 20 + "job starts as 1"
    phrases.learn(message.encode(), message)
    assert phrases.of(message.encode()) is None
    short = "job starts as 1"
    phrases.learn(b"[info] " + short.encode(), short)
    assert phrases.of(b"[info] " + short.encode()) is None
