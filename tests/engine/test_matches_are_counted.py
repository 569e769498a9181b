"""What forbid, count, expect, ratio and measure count: records in the window, whatever the order of arrival."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logwatch.engine.aggregation import Aggregation
from logwatch.engine.attribution import Attribution, Bounds
from logwatch.engine.engine import Engine
from logwatch.engine.sums import LABEL_VALUES, OTHER, RatioSums
from logwatch.records.coverage import Window
from logwatch.records.record import Record
from logwatch.ruleset.condition import Captures, PatternTimeout
from logwatch.ruleset.model import Rule, RuleSet, Term, Unit

from .world import (
    Words,
    at,
    cited,
    count,
    events,
    expect,
    forbid,
    measure,
    pair,
    play,
    ratio,
    record,
    sequence,
    span,
)


def tally(rule: Rule, *lines: tuple[float, str], **window: Any) -> Any:
    return play(rule, events(*lines), **{"as_of": 1000, **window})[0]


def test_records_inside_the_closed_window_are_counted() -> None:
    lines = [(t, "bad") for t in (-0.001, 0, 50, 100, 100.001)]
    found = tally(forbid(), *lines, since=0, until=100)
    assert found.matches == 3
    assert (found.first, found.last) == (at(0), at(100))
    assert found.by_label == {}


def test_matches_are_records_and_not_occurrences() -> None:
    assert tally(forbid(), (0, "bad bad bad")).matches == 1


def test_labels_are_counted_apart_and_one_that_was_not_captured_is_empty() -> None:
    rule = count(pattern=Words("upload", ("order", "shop")), labels=("order", "shop"))
    found = tally(rule, (0, "upload 1 a"), (1, "upload 1 a"), (2, "upload 1 b"), (3, "upload 2"))
    assert found.by_label == {("1", "a"): 2, ("1", "b"): 1, ("2", ""): 1}


def test_labels_past_a_hundred_are_counted_as_other() -> None:
    lines = [(n, f"upload {n % 150}") for n in range(300)]
    found = tally(count(), *lines)
    assert (LABEL_VALUES, OTHER) == (100, "__other__")
    assert found.by_label == {**{(str(n),): 2 for n in range(100)}, ("__other__",): 100}
    assert found.matches == sum(found.by_label.values()) == 300


def test_expected_keys_are_counted_even_where_they_never_occur() -> None:
    rule = expect(key=("worker",), expected=("w1", "w2"), at_least=1)
    found = tally(rule, (0, "beat w1"), (1, "beat w1"), (2, "beat w3"), (3, "beat -"))
    assert found.matches == 4
    assert found.by_key == {"w1": 2, "w2": 0, "w3": 1, "": 1}


def test_keys_past_a_hundred_do_not_crowd_out_those_that_are_expected() -> None:
    rule = expect(key=("worker",), expected=("zz",))
    found = tally(rule, *((n, f"beat {n}") for n in range(200)), (300, "beat zz"))
    assert (found.by_key["zz"], found.by_key[OTHER], len(found.by_key)) == (1, 101, 101)


def test_the_longest_silence_includes_the_borders_of_the_window() -> None:
    window = {"since": 0, "until": 100}
    assert tally(expect(), **window).longest_gap == {"": (at(0), span(100))}
    assert tally(expect(), (60, "beat"), (70, "beat"), **window).longest_gap == {"": (at(0), span(60))}
    assert tally(expect(), (1, "beat"), (70, "beat"), **window).longest_gap == {"": (at(1), span(69))}
    assert tally(expect(), (1, "beat"), (40, "beat"), **window).longest_gap == {"": (at(40), span(60))}


def test_the_longest_silence_is_that_of_each_key() -> None:
    rule = expect(key=("worker",), expected=("w1", "w2"))
    found = tally(rule, (10, "beat w1"), (50, "beat w3"), (90, "beat w1"), since=0, until=100)
    assert found.longest_gap == {
        "w1": (at(10), span(80)),
        "w2": (at(0), span(100)),
        "w3": (at(0), span(50)),
    }


def test_where_no_rhythm_is_expected_no_silence_is_looked_for() -> None:
    assert tally(expect(every=None, at_least=1), (10, "beat")).longest_gap == {}


def test_milliseconds_are_measured_in_seconds() -> None:
    found = tally(measure(), (0, "took 1500"), (1, "took 250"), (2, "took 0"))
    assert list(found.values) == [0.0, 0.25, 1.5]
    assert list(tally(measure(unit=Unit.BYTES), (0, "took 1500")).values) == [1500.0]


@pytest.mark.parametrize("text", ["much", "", "1_000", "1,5", "nan", "inf", "-inf", "1e999", "0x10", "٣x"])
def test_a_capture_that_is_no_finite_number_is_counted_as_unreadable(text: str) -> None:
    found = tally(measure(), (0, f"took {text}"), (1, "took 2000"))
    assert (list(found.values), found.unreadable, found.matches) == ([2.0], 1, 2)


def test_a_ratio_is_one_sum_over_another() -> None:
    found = tally(ratio(), (0, "found 3"), (1, "drafts 4"), (2, "drafts 1"), (3, "found 1"), (4, "drafts 5"))
    assert (found.numerator, found.denominator, found.integral) == (4, 10, True)
    assert (found.numerator_records, found.denominator_records) == (2, 3)
    assert (found.first, found.last) == (at(0), at(4))


def test_a_side_without_a_sum_counts_records() -> None:
    rule = ratio(numerator=Term(Words("session")), denominator=Term(Words("drafts", ("n",)), "n"))
    found = tally(rule, (0, "session 17"), (1, "session"), (2, "drafts 2"))
    assert (found.numerator, found.denominator) == (2, 2)


def test_addends_that_are_no_integers_or_no_numbers_are_told() -> None:
    found = tally(ratio(), (0, "found 0.5"), (1, "drafts 2"), (2, "drafts many"))
    assert (found.numerator, found.denominator, found.integral, found.unreadable) == (0.5, 2, False, 1)


def test_a_sum_of_many_small_addends_is_exact() -> None:
    found = tally(ratio(), *((n / 10, "found 0.1") for n in range(5000)))
    assert found.numerator == pytest.approx(500, abs=1e-9)
    assert tally(ratio(), *((n / 10, "found 3") for n in range(5000))).numerator == 15000


def test_an_empty_window_is_nothing_over_nothing() -> None:
    found = tally(ratio())
    assert (found.numerator, found.denominator, found.first, found.evidence) == (0, 0, None, ())


@pytest.mark.parametrize("rule", [forbid(), count(), expect(), ratio(), measure()])
def test_what_another_deployment_logged_is_kept_apart(rule: Rule) -> None:
    words = ("bad", "upload 1", "beat", "found 1", "took 5")
    records = [
        record(3 * n + m, word, attributes={"deploymentId": name} if name else {})
        for n, word in enumerate(words)
        for m, name in enumerate(("old1234", "new1234", None))
    ]
    mine, _ = play(rule, records, as_of=60, names=frozenset({"new1234"}))
    everyone, _ = play(rule, records, as_of=60)
    assert (mine.older, everyone.older) == (1, 0)
    assert (len(mine.evidence), len(everyone.evidence)) == (2, 3)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_arrival_changes_no_number(seed: int) -> None:
    rules = RuleSet((forbid(), expect(), measure(), ratio(), sequence(key=())))
    lines = ["bad", "beat", "took 7", "took x", "found 2", "drafts 3.5", "one", "two", "skip-two", "three"]
    records = events(*((n * 7.5, lines[n % len(lines)]) for n in range(200)))
    shuffled = list(records)
    random.Random(seed).shuffle(shuffled)
    results = []
    for order in (records, shuffled):
        aggregation = Aggregation(rules, Attribution(Bounds(at(100), at(1300))))
        engine = Engine(rules, span(10), aggregations=(aggregation,))
        for one in order:
            engine.feed(one)
        results.append(aggregation.tallies(Window(at(100), at(1300), at(1400))))
    assert results[0] == results[1]


@pytest.mark.parametrize("backwards", [False, True])
def test_the_first_and_the_last_few_records_are_cited(backwards: bool) -> None:
    records = events(*((n, f"bad {n}") for n in range(30)))
    found, _ = play(forbid(), records[::-1] if backwards else records, as_of=60, advance=False)
    assert cited(found.evidence) == [f"bad {n}" for n in (0, 1, 2, 3, 4, 25, 26, 27, 28, 29)]
    assert {e.role for e in found.evidence} == {"match"}


def test_a_record_that_plays_two_roles_is_cited_once() -> None:
    rule = ratio(denominator=Term(Words("found")))
    for n, shown in ((1, [0]), (7, range(7)), (30, (0, 1, 2, 3, 4, 25, 26, 27, 28, 29))):
        found = tally(rule, *((i // 3, f"found {i}") for i in range(n)))
        assert cited(found.evidence) == [f"found {i}" for i in shown]


def test_citations_of_the_same_moment_are_those_of_the_first_places() -> None:
    records = [record(0, f"bad {n}", source, n) for n in range(9) for source in ("b.log", "a.log")]
    found, _ = play(forbid(), records, as_of=60)
    assert [(e.source, e.text) for e in found.evidence[:5]] == [("a.log", f"bad {n}") for n in range(5)]
    assert [(e.source, e.text) for e in found.evidence[5:]] == [("b.log", f"bad {n}") for n in range(4, 9)]


def test_runs_in_trouble_are_cited_with_their_ends_and_without_any_the_first_and_last_good_one() -> None:
    good = events(*((t, text) for n in range(9) for t, text in ((n, f"start {n}"), (n + 0.5, f"done {n}"))))
    fine, _ = play(pair(), good, as_of=10)
    assert cited(fine.evidence) == ["start 0", "done 0", "start 8", "done 8"]
    bad = [*good, *events((20, "start x"), (21, "fail x"), (22, "start lost"))]
    failing, _ = play(pair(), bad, as_of=5000)
    assert [(e.role, e.text) for e in failing.evidence] == [
        ("start", "start x"), ("end", "fail x"), ("start", "start lost"),
    ]  # fmt: skip


class Slow(Words):
    """Uses up its time budget on messages that say so."""

    def search(self, record: Record) -> Captures | None:
        if "slow" in record.message:
            raise PatternTimeout(self.word)
        return super().search(record)


def test_a_pattern_that_runs_out_of_time_is_counted_once_per_record_in_the_window() -> None:
    lines = [(-1, "bad slow"), (1, "bad slow"), (2, "bad"), (3, "bad slow"), (101, "bad slow")]
    found = tally(forbid(pattern=Slow("bad")), *lines, since=0, until=100)
    assert (found.pattern_timeouts, found.matches) == (2, 1)


def test_for_runs_it_counts_before_and_after_the_window_too() -> None:
    rule = replace(pair(), start=Slow("start"), outcomes={"completed": Slow("done"), "failed": Slow("fail")})
    lines = [(-1, "start slow"), (1, "start done fail slow"), (101, "done slow")]
    found = tally(rule, *lines, since=0, until=100)
    assert found.pattern_timeouts == 3


@given(st.lists(st.floats(-1e200, 1e200), max_size=20), st.randoms(use_true_random=False))
def test_the_sums_of_a_ratio_are_exact_in_whatever_order_and_parts_they_are_made(
    numbers: list[float], chance: random.Random
) -> None:
    shuffled = chance.sample(numbers, len(numbers))
    border = chance.randint(0, len(numbers))
    parts = [RatioSums(), RatioSums()]
    for n, number in enumerate(shuffled):
        parts[n < border].add("numerator", number)
    parts[0].include(parts[1])
    assert math.fsum(parts[0].totals["numerator"]) == math.fsum(numbers)
