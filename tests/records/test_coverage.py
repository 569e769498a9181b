"""The account of what was read: the seconds that hold a record, and the buckets of a window that hold none."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatch.records.coverage import (
    Coverage,
    SourceReport,
    Timeline,
    Window,
    bucket_width,
    buckets,
    merged,
)
from tests.records.world import at

START = at("17:00:00")


def window(seconds: float) -> Window:
    return Window(START, START + timedelta(seconds=seconds), START + timedelta(seconds=seconds))


def timeline(*seconds: float) -> Timeline:
    made = Timeline()
    for second in seconds:
        made.add(START + timedelta(seconds=second))
    return made


@pytest.mark.parametrize(
    ("length", "width"),
    [
        (timedelta(seconds=10), timedelta(minutes=1)),
        (timedelta(minutes=6), timedelta(minutes=1)),
        (timedelta(minutes=30), timedelta(minutes=5)),
        (timedelta(hours=6), timedelta(hours=1)),
        (timedelta(days=7), timedelta(hours=1)),
    ],
)
def test_a_bucket_is_a_sixth_of_the_window_from_one_minute_to_one_hour(
    length: timedelta, width: timedelta
) -> None:
    assert bucket_width(Window(START, START + length, START + length)) == width


def test_empty_buckets_are_found_and_neighbours_told_as_one_stretch() -> None:
    found = buckets(window(1800), timeline(10, 20, 299, 1500, 1800))
    assert (found.width, found.total, found.with_records) == (timedelta(minutes=5), 6, 2)
    assert found.gaps == ((at("17:05:00"), at("17:25:00")),)


def test_a_record_on_a_border_lies_in_the_bucket_that_begins_there() -> None:
    assert buckets(window(360), timeline(60)).gaps == (
        (at("17:00:00"), at("17:01:00")),
        (at("17:02:00"), at("17:06:00")),
    )


def test_the_last_bucket_holds_the_end_of_the_window_itself() -> None:
    assert buckets(window(360), timeline(360)).gaps == ((at("17:00:00"), at("17:05:00")),)


def test_a_window_of_one_moment_is_one_bucket() -> None:
    assert buckets(window(0), timeline(0)).with_records == 1
    assert buckets(window(0), timeline()).gaps == ((START, START),)


@given(st.sets(st.integers(0, 7200), max_size=30), st.integers(0, 7200), st.integers(0, 7200))
def test_a_timeline_knows_every_second(seconds: set[int], first: int, last: int) -> None:
    first, last = sorted((first, last))
    edges = (START + timedelta(seconds=first), START + timedelta(seconds=last))
    assert timeline(*seconds).any_between(*edges) == any(first <= second <= last for second in seconds)


@given(st.integers(1, 400_000), st.sets(st.integers(0, 400_000), max_size=20))
def test_every_record_lies_in_exactly_one_bucket(length: int, seconds: set[int]) -> None:
    inside = {second for second in seconds if second <= length}
    found = buckets(window(length), timeline(*inside))
    slots = {min(int(timedelta(seconds=s) / found.width), found.total - 1) for s in inside}
    assert found.with_records <= found.total
    assert found.with_records == pytest.approx(
        len(slots), abs=0 if found.width % timedelta(seconds=1) == timedelta() else 1
    )
    empty = sum((end - start for start, end in found.gaps), timedelta())
    assert empty <= timedelta(seconds=length)
    assert bool(found.gaps) == (found.with_records < found.total)


def test_timelines_of_several_sources_become_one_and_stay_as_they_are() -> None:
    one, two = timeline(1, 2), timeline(3, 4000)
    whole = merged([one, two])
    assert whole.hours == timeline(1, 2, 3, 4000).hours
    assert (one.hours, two.hours) == (timeline(1, 2).hours, timeline(3, 4000).hours)
    assert merged([]).hours == {}


def test_the_coverage_sums_its_sources_and_names_the_damaged_ones() -> None:
    good = SourceReport("a.log", lines=3, bytes=30, records=2, undated=1)
    cut = SourceReport("b.log", lines=4, bytes=40, records=3, truncated=True)
    bad = SourceReport("c.log", errors=["does not exist"])
    whole = Coverage((good, cut, bad), buckets(window(60), timeline()), None, None)
    assert (whole.lines, whole.bytes, whole.records, whole.undated) == (7, 70, 5, 1)
    assert whole.damaged == (cut, bad)


def test_a_window_is_closed() -> None:
    edges = window(60)
    moments: list[datetime] = [START, START + timedelta(seconds=60)]
    assert all(moment in edges for moment in moments)
    assert START - timedelta(microseconds=1) not in edges
    assert START + timedelta(seconds=60, microseconds=1) not in edges
