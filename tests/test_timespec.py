"""Time as people write it, and back."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatch.errors import UsageError
from logwatch.timespec import (
    clock_on,
    format_span,
    iso_millis,
    latest_past,
    looks_like_span,
    parse_clock,
    parse_date,
    parse_rfc3339,
    parse_span,
    parse_zone,
)

BERLIN = ZoneInfo("Europe/Berlin")


def exactly(text: str) -> str:
    return f"^{re.escape(text)}$"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90), ("30m", 1800), ("2h", 7200), ("1d", 86_400), ("1w", 604_800), ("250ms", 0.25),
        ("1h30m", 5400), ("1.5h", 5400), ("0s", 0), ("36525d", 36_525 * 86_400),
    ],
)  # fmt: skip
def test_a_span_is_numbers_with_units(text: str, seconds: float) -> None:
    assert parse_span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "30", "m", "-5m", "30 m", "5M", "1h 30m", "١m", "1e3s", "10min", "5m!"])
def test_what_is_no_span_is_told(text: str) -> None:
    with pytest.raises(
        ValueError, match=exactly(f"'{text}' is not a time span; write it like 90s, 30m, 2h, 1d or 1h30m")
    ):
        parse_span(text)


@pytest.mark.parametrize("text", ["36526d", "999999999w", "999999999w999999999w"])
def test_a_span_is_no_longer_than_a_century(text: str) -> None:
    with pytest.raises(ValueError, match=exactly(f"'{text}' is longer than 100 years")):
        parse_span(text)


@pytest.mark.parametrize(
    ("text", "spanlike"),
    [
        ("30m", True), ("1h30m", True), ("5M", True), ("10 min", True), ("5 parsecs", True),
        ("17:35", False), ("2025-10-11", False), ("20251011T1730Z", False), ("yesterday", False), ("-5m", False),
    ],
)  # fmt: skip
def test_what_is_meant_as_a_span_begins_with_a_figure_and_ends_with_a_unit(text: str, spanlike: bool) -> None:
    assert looks_like_span(text) is spanlike


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"), (0.35, "350ms"), (0.0004, "0ms"), (29.4, "29.4s"), (59.94, "59.9s"), (59.96, "1m"), (60, "1m"),
        (90, "1m30s"), (240, "4m"), (5400, "1h30m"), (3605, "1h"), (194_400, "2d6h"), (-90, "-1m30s"),
    ],
)  # fmt: skip
def test_a_span_is_shown_in_two_units_at_most(seconds: float, text: str) -> None:
    assert format_span(timedelta(seconds=seconds)) == text


@given(st.timedeltas(timedelta(minutes=1), timedelta(days=9000)))
def test_a_span_that_is_shown_can_be_read_again(span: timedelta) -> None:
    shown = parse_span(format_span(span))
    assert abs(shown - span) <= max(timedelta(seconds=1), span / 24)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-10-11T17:30:00Z", datetime(2025, 10, 11, 17, 30, tzinfo=UTC)),
        ("2025-10-11t17:30:00z", datetime(2025, 10, 11, 17, 30, tzinfo=UTC)),
        ("2025-10-11 17:30Z", datetime(2025, 10, 11, 17, 30, tzinfo=UTC)),
        ("20251011T1730Z", datetime(2025, 10, 11, 17, 30, tzinfo=UTC)),
        ("2025-10-11T19:30:00.250+02:00", datetime(2025, 10, 11, 17, 30, 0, 250_000, tzinfo=UTC)),
        ("2025-10-11T17:30", datetime(2025, 10, 11, 15, 30, tzinfo=UTC)),
        ("2025-10-11", datetime(2025, 10, 10, 22, 0, tzinfo=UTC)),
        ("1970-01-01T00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2199-12-31T23:59:59Z", datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_an_instant_without_an_offset_is_in_the_zone(text: str, moment: datetime) -> None:
    assert parse_rfc3339(text, BERLIN) == moment


@pytest.mark.parametrize(
    "text", ["", "now", "17:30", "2025-13-01", "2025-10-11T24:01", "-1", "1760203800", "2025"]
)
def test_what_is_no_instant_is_none(text: str) -> None:
    assert parse_rfc3339(text, UTC) is None


@pytest.mark.parametrize(
    "text",
    ["9999-12-31T23:59:59-12:00", "9999-01-01", "2200-01-01T00:00Z", "1969-12-31", "0001-01-01T00:00+14:00"],
)
def test_years_far_away_are_told(text: str) -> None:
    with pytest.raises(ValueError, match=exactly(f"'{text}' is outside the years 1970 to 2199")):
        parse_rfc3339(text, UTC)


@pytest.mark.parametrize(
    ("text", "clock"),
    [("17:35", time(17, 35)), ("7:05", time(7, 5)), ("00:00", time(0)), ("17:35:09", time(17, 35, 9))],
)
def test_a_time_of_day(text: str, clock: time) -> None:
    assert parse_clock(text) == clock


@pytest.mark.parametrize("text", ["24:00", "17:60", "23:59:60", "99:99"])
def test_a_time_that_no_clock_shows_is_told(text: str) -> None:
    with pytest.raises(
        ValueError, match=exactly(f"'{text}' is not a time of day; the clock goes from 00:00 to 23:59")
    ):
        parse_clock(text)


@pytest.mark.parametrize("text", ["30m", "17", "17:5", "5:35pm", "١٧:٣٥"])
def test_another_form_is_no_time_of_day(text: str) -> None:
    assert parse_clock(text) is None


def test_clocks_that_are_put_back_show_a_time_twice_and_put_forward_never() -> None:
    assert clock_on(date(2025, 10, 11), time(17, 35), BERLIN) == (datetime(2025, 10, 11, 15, 35, tzinfo=UTC),)
    assert clock_on(date(2025, 10, 26), time(2, 30), BERLIN) == (
        datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
        datetime(2025, 10, 26, 1, 30, tzinfo=UTC),
    )
    assert clock_on(date(2025, 3, 30), time(2, 30), BERLIN) == ()


@pytest.mark.parametrize(
    ("now", "clock", "moment"),
    [
        ("2025-10-11T18:00Z", "17:35", "2025-10-11T15:35Z"),
        ("2025-10-11T15:35Z", "17:35", "2025-10-11T15:35Z"),
        ("2025-10-11T15:34Z", "17:35", "2025-10-10T15:35Z"),
        ("2025-10-11T22:30Z", "23:00", "2025-10-11T21:00Z"),
        ("2025-10-26T01:45Z", "02:30", "2025-10-26T01:30Z"),
        ("2025-10-26T00:45Z", "02:30", "2025-10-26T00:30Z"),
        ("2025-03-30T12:00Z", "02:30", "2025-03-29T01:30Z"),
    ],
)
def test_the_latest_past_time_of_day(now: str, clock: str, moment: str) -> None:
    shown = parse_clock(clock)
    assert shown is not None
    assert latest_past(shown, datetime.fromisoformat(now), BERLIN) == datetime.fromisoformat(moment)


@given(st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)), st.times())
def test_the_latest_past_time_of_day_is_never_in_the_future_nor_two_days_ago(
    now: datetime, clock: time
) -> None:
    clock = clock.replace(microsecond=0, tzinfo=None)
    found = latest_past(clock, now, BERLIN)
    assert found <= now < found + timedelta(days=2, hours=1)
    assert found.astimezone(BERLIN).time() == clock


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("UTC", UTC), ("utc", UTC), ("z", UTC), ("Europe/Berlin", BERLIN),
        ("+02:00", timezone(timedelta(hours=2))), ("-0330", timezone(-timedelta(hours=3, minutes=30))),
    ],
)  # fmt: skip
def test_zones(text: str, zone: object) -> None:
    assert parse_zone(text) == zone


@pytest.mark.parametrize(
    "text", ["", "Mars", "../etc/passwd", "/etc/passwd", "+24:00", "+02:60", "a\0b", "x" * 300]
)
def test_what_is_no_zone_is_told(text: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_zone(text)
    assert str(told.value) == (
        f"--tz: '{text}' is not a time zone; write it like UTC, Europe/Berlin or +02:00"
    )


def test_dates() -> None:
    assert parse_date("2025-10-11") == date(2025, 10, 11)


@pytest.mark.parametrize("text", ["", "today", "2025-02-30", "9999-01-01", "1969-12-31", "11.10.2025"])
def test_what_is_no_date_is_told(text: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_date(text)
    assert str(told.value) == (
        f"--date: '{text}' is not a date; write it like 2025-10-11 (years 1970 to 2199)"
    )


def test_an_instant_is_shown_in_utc_with_milliseconds() -> None:
    moment = datetime(2025, 10, 11, 19, 29, 32, 1999, tzinfo=timezone(timedelta(hours=2)))
    assert iso_millis(moment) == "2025-10-11T17:29:32.001Z"
    assert iso_millis(datetime(1970, 1, 1, tzinfo=UTC)) == "1970-01-01T00:00:00.000Z"
