"""The watermark: the slowest active source says how far time has come; silence is measured on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from logwatch.live.watermark import Watermark
from logwatch.timespec import EARLIEST

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATENESS = timedelta(seconds=10)
NOTHING: frozenset[str] = frozenset()


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_the_slowest_active_source_holds_it_back() -> None:
    watermark = Watermark(LATENESS)
    watermark.hear("fast", after(60), now=0)
    watermark.hear("slow", after(20), now=0)
    assert watermark.at(0, after(60), NOTHING) == after(10)


def test_an_idle_source_does_not_stall_it() -> None:
    watermark = Watermark(LATENESS)
    watermark.hear("idle", after(0), now=0)
    watermark.hear("busy", after(15), now=15)
    assert watermark.at(15, after(15), NOTHING) == after(5)


def test_where_all_are_idle_time_passes_as_on_the_wall() -> None:
    watermark = Watermark(LATENESS)
    watermark.hear("a", after(0), now=0)
    assert watermark.at(10, after(10), NOTHING) == after(-10)
    assert watermark.at(11, after(11), NOTHING) == after(1)
    assert Watermark(LATENESS).at(0, NOON, NOTHING) == after(-10)


def test_a_source_with_more_to_read_is_never_idle() -> None:
    watermark = Watermark(LATENESS)
    watermark.hear("backlog", after(-3600), now=0)
    assert watermark.at(500, after(500), frozenset({"backlog"})) == after(-3610)


def test_a_source_of_which_nothing_is_known_yet_holds_back_everything() -> None:
    watermark = Watermark(LATENESS)
    watermark.hear("known", after(0), now=0)
    assert watermark.at(0, after(0), frozenset({"unknown"})) == EARLIEST


def test_a_source_that_shows_no_times_holds_back_nothing() -> None:
    watermark = Watermark(LATENESS)
    watermark.hear("timeless", None, now=0)
    assert watermark.at(0, after(0), frozenset({"timeless"})) == after(-10)


def test_it_never_falls_when_a_source_comes_that_is_behind() -> None:
    watermark = Watermark(LATENESS)
    watermark.hear("a", after(60), now=0)
    assert watermark.at(0, after(60), NOTHING) == after(50)
    watermark.hear("b", after(0), now=1)
    assert watermark.at(1, after(61), NOTHING) == after(50)


def test_a_clock_that_is_put_back_takes_it_along() -> None:
    watermark = Watermark(LATENESS)
    assert watermark.at(0, after(3600), NOTHING) == after(3590)
    assert watermark.at(1, after(1), NOTHING) == after(-9)
