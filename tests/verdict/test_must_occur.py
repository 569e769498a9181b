"""What must occur: so many times, or once in every so long; per expected key where listed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from logwatch.records.coverage import Coverage
from logwatch.verdict.verdict import Status
from tests.verdict.world import MINUTE, T0, at, beats, coverage, expect, judged, source

DAMAGED = coverage(source(truncated=True))


def test_fewer_than_at_least_fails() -> None:
    rule = expect(at_least=3)
    assert judged(rule, beats(3)).status is Status.PASS
    found = judged(rule, beats(2))
    assert (found.status, found.summary) == (Status.FAIL, "2 matches, at least 3 expected")
    assert found.counts == {"matches": 2}


def test_a_rule_that_says_neither_number_nor_silence_expects_one() -> None:
    assert judged(expect(), beats(1)).summary == "1 match, at least 1 expected"
    assert judged(expect(), beats(0)).status is Status.FAIL


KEYED = expect(at_least=2, key=("host",), expected=("a", "b", "c"))


def test_each_expected_key_must_occur_so_often() -> None:
    found = judged(KEYED, beats(9, by_key={"a": 2, "b": 3, "c": 4}))
    assert (found.status, found.summary) == (
        Status.PASS,
        "3 of 3 expected keys matched at least 2 times",
    )
    assert found.details == ("by key: a 2, b 3, c 4",)


def test_the_expected_keys_that_occur_too_rarely_are_named() -> None:
    found = judged(KEYED, beats(9, by_key={"a": 8, "b": 1, "c": 0}))
    assert (found.status, found.summary) == (
        Status.FAIL,
        "1 of 3 expected keys matched at least 2 times; too few: b (1), c (0)",
    )


def test_matches_of_keys_that_are_not_expected_stand_in_for_none() -> None:
    assert judged(KEYED, beats(50, by_key={"x": 50, "a": 0, "b": 0, "c": 0})).status is Status.FAIL


def silent(minutes: float, start: float = 10) -> dict[str, tuple[datetime, timedelta]]:
    return {"": (at(start), minutes * MINUTE)}


HEARTBEAT = expect(every=5 * MINUTE)


def test_a_silence_longer_than_every_fails() -> None:
    found = judged(HEARTBEAT, beats(9, longest_gap=silent(5.5)))
    assert (found.status, found.summary) == (
        Status.FAIL,
        "longest silence 5m30s from 17:10:00Z, at least one every 5m expected",
    )


def test_a_silence_that_is_hardly_longer_than_every_is_told_from_it() -> None:
    found = judged(expect(every=60 * MINUTE), beats(9, longest_gap=silent(60.3, start=0)))
    assert found.summary.startswith("longest silence over 1h from 17:00:00Z, at least one every 1h expected")


def test_a_silence_as_long_as_every_passes() -> None:
    found = judged(HEARTBEAT, beats(9, longest_gap=silent(5)))
    assert (found.status, found.summary) == (
        Status.PASS,
        "longest silence 5m from 17:10:00Z, at least one every 5m expected",
    )


def test_no_match_is_a_silence_as_long_as_the_window() -> None:
    found = judged(HEARTBEAT, beats(0))
    assert (found.status, found.summary) == (
        Status.FAIL,
        "longest silence 30m from 17:00:00Z, at least one every 5m expected",
    )


def test_the_longest_silence_of_each_expected_key_counts() -> None:
    rule = expect(every=5 * MINUTE, key=("host",), expected=("a", "b"))
    gaps = {"a": (at(0), 2 * MINUTE), "b": (at(3), 9 * MINUTE), "x": (at(0), 30 * MINUTE)}
    found = judged(rule, beats(9, by_key={"a": 5, "b": 3, "x": 1}, longest_gap=gaps))
    assert (found.status, found.summary) == (
        Status.FAIL,
        "longest silence 9m from 17:03:00Z of b, at least one every 5m expected",
    )


def test_number_and_silence_are_two_parts_of_which_the_worse_decides() -> None:
    rule = expect(at_least=5, every=5 * MINUTE)
    found = judged(rule, beats(9, longest_gap=silent(6)))
    assert (found.status, found.summary) == (
        Status.FAIL,
        "9 matches, at least 5 expected; longest silence 6m from 17:10:00Z, at least one every 5m expected",
    )
    assert judged(rule, beats(9, longest_gap=silent(4))).status is Status.PASS
    assert judged(rule, beats(4, longest_gap=silent(4))).status is Status.FAIL


def test_a_window_no_longer_than_every_cannot_tell() -> None:
    found = judged(expect(every=60 * MINUTE), beats(0))
    assert (found.status, found.summary) == (
        Status.INCONCLUSIVE,
        "longest silence 30m from 17:00:00Z, at least one every 1h expected; "
        "but the window is no longer than 1h",
    )
    assert judged(expect(every=60 * MINUTE), beats(1, longest_gap=silent(20))).status is Status.PASS


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (coverage(earliest=at(9)), "the log begins at 17:09:00Z, 9m into the window"),
        (DAMAGED, "a source could not be read whole"),
        (coverage(earliest=None), "no dated record was read"),
    ],
)
def test_what_may_have_been_there_all_the_same_is_inconclusive(read: Coverage, reason: str) -> None:
    found = judged(expect(at_least=3), beats(2), read=read)
    assert (found.status, found.summary) == (
        Status.INCONCLUSIVE,
        f"2 matches, at least 3 expected; but {reason}",
    )


def test_a_log_that_stops_is_no_excuse_for_what_was_not_logged() -> None:
    stopped = coverage(latest=at(12))
    assert judged(expect(at_least=3), beats(2), read=stopped).status is Status.FAIL
    assert judged(HEARTBEAT, beats(9, longest_gap=silent(18, 12)), read=stopped).status is Status.FAIL


def test_a_log_that_begins_late_excuses_only_the_silence_before_it() -> None:
    before_the_log = beats(9, longest_gap={"": (T0, 14 * MINUTE)})
    assert judged(HEARTBEAT, before_the_log, read=coverage(earliest=at(10))).status is Status.INCONCLUSIVE
    assert judged(HEARTBEAT, before_the_log, read=coverage(earliest=at(8))).status is Status.FAIL
    within_it = beats(9, longest_gap=silent(8, 20))
    assert judged(HEARTBEAT, within_it, read=coverage(earliest=at(10))).status is Status.FAIL


def test_matches_of_an_older_deployment_are_on_a_line_of_their_own() -> None:
    found = judged(expect(at_least=1), beats(0, older=3))
    assert (found.status, found.older) == (
        Status.FAIL,
        "older deployment: 3 matches, kept out of everything else",
    )
