"""Minutes: what was counted in them adds up to windows, whatever the cut, and takes bounded room."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatch.engine.aggregation import Aggregation
from logwatch.engine.attribution import Attribution, Bounds
from logwatch.engine.match import Match
from logwatch.engine.tally import MeasureTally
from logwatch.evidence import Evidence
from logwatch.live.minutes import MOST_VALUES, Minutes
from logwatch.live.ring import MINUTE
from logwatch.records.coverage import Window
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.model import RuleSet

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOURS = timedelta(hours=3)


def rules() -> RuleSet:
    with TemporaryDirectory() as folder:
        file = Path(folder, "rules.yml")
        file.write_text(
            "version: 1\nrules:\n"
            "  - {id: n, kind: count, title: N, severity: info, pattern: 'n (?P<of>\\S+)', labels: [of]}\n"
            "  - {id: m, kind: measure, title: M, severity: info, pattern: '(?P<v>\\d+)', value: v, unit: count}\n"
            "  - {id: r, kind: ratio, title: R, severity: info, numerator: {pattern: 'a (?P<x>\\d+)', sum: x},\n"
            "     denominator: {pattern: '(?P<x>\\d+)', sum: x}}\n"
        )
        return load_rules([file])


RULES = rules()


def match(rule: str, seconds: int, value: float, label: str) -> Match:
    time = NOON + timedelta(seconds=seconds)
    evidence = Evidence("a.log", seconds + 1, seconds, time, label, "match")
    role = "numerator" if rule == "r" else "match"
    labels = (label,) if rule == "n" else ()
    return Match(rule, role, time, "a.log", evidence, labels=labels, values=(value,))


matches = st.lists(
    st.builds(
        match,
        st.sampled_from(["n", "m", "r"]),
        st.integers(0, 3 * 3600 - 1),
        st.integers(0, 9).map(float),
        st.sampled_from("abc"),
    ),
    max_size=60,
)


@given(matches, st.integers(0, 179), st.integers(0, 179))
def test_minutes_add_up_to_what_one_aggregation_of_the_window_counts(
    found: list[Match], one: int, other: int
) -> None:
    since = NOON + min(one, other) * MINUTE
    until = NOON + (max(one, other) + 1) * MINUTE - timedelta(microseconds=1)
    window = Window(since, until, until)
    minutes, whole = Minutes(RULES, HOURS), Aggregation(RULES, Attribution(Bounds(since, until)))
    for counted in found:
        minutes.on_match(RULES[counted.rule], counted)
        whole.on_match(RULES[counted.rule], counted)
    assert minutes.tallies(window, ()) == whole.tallies(window)


def test_minutes_behind_the_longest_window_are_forgotten() -> None:
    minutes = Minutes(RULES, timedelta(minutes=10))
    for minute in range(30):
        minutes.on_match(RULES["n"], match("n", 60 * minute, 1, "a"))
        minutes.advance(NOON + minute * MINUTE)
    assert len(minutes._ring.minutes) == 11
    minutes.on_match(RULES["n"], match("n", 0, 1, "too late"))
    assert len(minutes._ring.minutes) == 11


def test_of_many_numbers_some_are_kept_that_tell_the_same() -> None:
    minutes = Minutes(RULES, HOURS)
    n = 3 * MOST_VALUES
    for value in range(n):
        minutes.on_match(RULES["m"], match("m", 0, float(value), ""))
    tally = minutes.tallies(Window(NOON, NOON + MINUTE, NOON + MINUTE), ())["m"]
    assert isinstance(tally, MeasureTally)
    assert tally.matches == n
    assert len(tally.values) <= MOST_VALUES
    assert len(tally.values) > MOST_VALUES / 2
    for share in (0.05, 0.5, 0.95):
        assert tally.values[int(len(tally.values) * share)] == pytest.approx(n * share, rel=0.01)
