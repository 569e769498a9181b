"""Figures read the same wherever a line says them, and never say more than they know."""

from __future__ import annotations

import math
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatch.records.coverage import Window
from logwatch.verdict.wording import (
    against,
    amount,
    counted,
    gave_up,
    level,
    listed,
    moment,
    no_numbers,
    percent,
    points,
    signed,
)
from tests.verdict.world import T0, WINDOW, at


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.952, "95.2 %"),
        (0.5, "50.0 %"),
        (0.0162, "1.6 %"),
        (0.9999, "99.99 %"),
        (0.00002, "0.002 %"),
        (0.999999999, "99.9999999 %"),
        (1e-12, "0.0000000001 %"),
        (1e-30, "1.0e-28 %"),
        (2.0, "200.0 %"),
    ],
)
def test_a_share_is_a_percentage_with_one_decimal(share: float, text: str) -> None:
    assert percent(share) == text


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_only_none_and_all_are_said_to_be_0_and_100_percent(share: float) -> None:
    assert float(percent(share).removesuffix(" %")) not in {0.0, 100.0}


@pytest.mark.parametrize(
    ("share", "beside", "text"),
    [
        (0.94967, 0.95, "94.97 %"),
        (0.9899997, 0.99, "98.99997 %"),
        (0.94, 0.95, "94.0 %"),
        (0.1 + 0.2, 0.3, "30.0 %"),
        (18 / 20, 0.9, "90.0 %"),
        (1.0, 0.99, "100 %"),
    ],
)
def test_a_share_is_told_from_the_one_that_it_is_said_beside(share: float, beside: float, text: str) -> None:
    assert percent(share, beside=beside) == text


@pytest.mark.parametrize(
    ("value", "limit", "unit", "text"),
    [
        (3620, 3600, "s", "over 1h"),
        (3599.7, 3600, "s", "under 1h"),
        (3600, 3600, "s", "at most 1h"),
        (3665, 3600, "s", "at most 1h1m"),
        (1000.4, 1000, "bytes", "over 1,000 bytes"),
        (12_345.4, 12_345, "count", "over 12,345"),
        (math.inf, 36, "s", "over 36s"),
        (-math.inf, 36, "s", "under 36s"),
    ],
)
def test_a_measured_value_is_told_from_its_limit(value: float, limit: float, unit: str, text: str) -> None:
    assert against(value, limit, unit, "at most ") == text


def test_a_configured_share_is_said_as_it_was_written() -> None:
    assert [level(share) for share in (0.99, 0.995, 0.8, 1.0)] == ["99 %", "99.5 %", "80 %", "100 %"]


def test_differences_are_signed() -> None:
    assert [points(d) for d in (0.021, -0.1025, 0.0, -0.0001)] == ["+2.1", "-10.2", "0.0", "0.0"]
    assert [signed(d) for d in (0.25, -1.5, 0.0, -0.0)] == ["+0.25", "-1.5", "0", "0"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (29.4, "s", "29.4s"),
        (90.0, "s", "1m30s"),
        (0.35, "s", "350ms"),
        (1e12, "s", "1,000,000,000,000s"),
        (1024.0, "bytes", "1,024 bytes"),
        (12.0, "count", "12"),
        (2.3456, "count", "2.346"),
        (12_345.6, "bytes", "12,346 bytes"),
    ],
)
def test_an_amount_carries_its_unit(value: float, unit: str, text: str) -> None:
    assert amount(value, unit) == text


def test_numbers_agree_with_their_nouns() -> None:
    assert [counted(n, "run") for n in (0, 1, 1204)] == ["0 runs", "1 run", "1,204 runs"]
    assert [counted(n, "match", "matches") for n in (1, 2)] == ["1 match", "2 matches"]
    assert [no_numbers(n) for n in (1, 2)] == ["1 capture was no number", "2 captures were no number"]
    assert gave_up(1) == "a pattern ran out of time on 1 record"


def test_times_are_utc_and_carry_the_date_where_a_day_is_not_enough() -> None:
    here = T0.astimezone(timezone(timedelta(hours=2)))
    assert moment(here, WINDOW) == "17:00:00Z"
    assert moment(here, Window(T0 - timedelta(days=1), at(1), at(1))) == "2025-10-11T17:00:00Z"
    assert moment(T0 - timedelta(days=1), WINDOW) == "2025-10-10T17:00:00Z"


def test_a_long_list_says_how_much_is_left_out() -> None:
    assert listed("abcde") == "a, b, c, d, e"
    assert listed("abcdefg") == "a, b, c, d, e and 2 more"
