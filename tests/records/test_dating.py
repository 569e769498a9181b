"""Years, dates and zones that lines do not name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from tests.records.world import at, lines, read

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_missing_year_puts_the_record_nearest_before_the_reference() -> None:
    late, early = at("12:00:00", "2026-11-23"), at("12:00:00", "2026-01-05")
    assert read("Dec 31 10:00:00 x\n", reference=late).only.time == at("10:00:00", "2025-12-31")
    assert read("Nov 22 10:00:00 x\n", reference=late).only.time == at("10:00:00", "2026-11-22")
    assert read("Dec 31 10:00:00 x\n", reference=early).only.time == at("10:00:00", "2025-12-31")


def test_a_yearless_record_is_never_more_than_a_day_after_the_reference() -> None:
    reference = at("12:00:00", "2026-11-23")
    assert read("Nov 24 12:00:00 x\n", reference=reference).only.time == at("12:00:00", "2026-11-24")
    assert read("Nov 24 12:00:01 x\n", reference=reference).only.time == at("12:00:01", "2025-11-24")


def test_the_year_is_carried_across_new_year() -> None:
    log = lines("Dec 30 10:00:00 a", "Dec 31 23:59:59 b", "Jan  1 00:00:00 c", "Jan  2 10:00:00 d")
    expected = [
        at("10:00:00", "2025-12-30"),
        at("23:59:59", "2025-12-31"),
        at("00:00:00", "2026-01-01"),
        at("10:00:00", "2026-01-02"),
    ]
    assert read(log, modified=at("10:00:05", "2026-01-02")).times == expected
    newest_first = read(
        "".join(reversed(log.splitlines(keepends=True))), modified=at("10:00:05", "2026-01-02")
    )
    assert newest_first.times == expected
    just_before = read(log[: log.index("Jan  2")], reference=at("23:59:30", "2025-12-31"))
    assert just_before.times == expected[:3]


def test_the_reference_is_as_of_then_the_mtime_then_now() -> None:
    line = "Mar  3 10:00:00 x\n"
    reference, modified, now = (at("12:00:00", f"20{year}-06-01") for year in (21, 22, 23))
    assert read(line, reference=reference, modified=modified, now=now).only.time == at(
        "10:00:00", "2021-03-03"
    )
    assert read(line, modified=modified, now=now).only.time == at("10:00:00", "2022-03-03")
    assert read(line, now=now).only.time == at("10:00:00", "2023-03-03")


def test_records_past_the_reference_are_not_dated_a_year_back() -> None:
    log = lines("Oct 11 17:00:00 a", "Oct 11 19:00:00 b", "Oct 14 10:00:00 c", "Dec  1 10:00:00 d")
    found = read(log, reference=at("18:00:00"), since=at("16:00:00"), until=at("18:00:00"))
    assert found.times == [at("17:00:00"), at("19:00:00"), at("19:00:00"), at("19:00:00")]
    assert found.report.records == 1
    assert found.report.notes == [
        "holds 2 records of more than a day after what is asked about, by their yearless times; "
        "dated like the record before"
    ]


def test_yearless_times_that_go_round_the_year_are_an_error() -> None:
    log = lines("Oct 14 10:00:00 a", "Oct 13 10:00:00 b", "Oct 11 17:00:00 c", "Oct 11 16:00:00 d")
    found = read(log, reference=at("18:00:00"))
    assert found.report.errors == [
        "holds yearless times that go round the year; cut it, or name its end with --as-of"
    ]


def test_a_clock_that_had_lost_its_date_does_not_move_the_others() -> None:
    found = read(
        lines("Oct 11 17:00:00 a", "Jan  1 00:00:12 boot", "Oct 11 17:00:09 b"), reference=at("18:00:00")
    )
    assert found.times == [at("17:00:00"), at("17:00:00"), at("17:00:09")]


@pytest.mark.parametrize(
    ("year", "leap"), [(2025, 2024), (2024, 2024), (2023, 2020), (1904, None), (2103, 2096)]
)
def test_february_29_lies_in_the_last_leap_year(year: int, leap: int | None) -> None:
    found = read("Feb 29 10:00:00 x\n", reference=datetime(year, 6, 1, tzinfo=UTC))
    assert found.only.time == (None if leap is None else at("10:00:00", f"{leap}-02-29"))


@pytest.mark.parametrize(
    "line", ["Feb 30 10:00:00 x", "Oct 11 24:00:00 x", "Oct 99 10:00:00 x", "Oct  0 10:00:00 x"]
)
def test_a_yearless_time_that_no_calendar_has_begins_a_record_without_one(line: str) -> None:
    found = read(lines("Oct 11 17:00:00 a", line, "Oct 11 17:00:09 b"), reference=at("18:00:00"))
    assert found.messages == ["a", "x", "b"]
    assert found.times == [at("17:00:00"), at("17:00:00"), at("17:00:09")]


def test_a_month_that_does_not_exist_begins_nothing() -> None:
    found = read(lines("Oct 11 17:00:00 a", "Foo 11 17:00:01 b"), reference=at("18:00:00"))
    assert found.messages == ["a\nFoo 11 17:00:01 b"]


def test_a_missing_zone_is_the_one_that_is_named() -> None:
    assert read("2025-10-11T19:29:32 x\n", zone=BERLIN).only.time == at("17:29:32")
    assert read("2025-10-11T19:29:32Z x\n", zone=BERLIN).only.time == at("19:29:32")
    assert read("Oct 11 19:29:32 x\n", zone=BERLIN, reference=at("18:00:00")).only.time == at("17:29:32")
    assert read("19:29:32 x\n", zone=BERLIN, day=date(2025, 10, 11)).only.time == at("17:29:32")
    assert read("2025-10-11T19:29:32 x\n").only.time == at("19:29:32")


def test_an_hour_that_clocks_showed_twice_is_the_first_and_noted() -> None:
    found = read(
        lines("2025-10-26T01:59:59 a", "2025-10-26T02:30:00 b", "2025-10-26T03:00:00 c"),
        zone=BERLIN,
        now=at("12:00:00", "2025-10-27"),
    )
    assert found.times == [
        at("23:59:59", "2025-10-25"),
        at("00:30:00", "2025-10-26"),
        at("02:00:00", "2025-10-26"),
    ]
    assert found.report.notes == ["holds 1 record of an hour that clocks showed twice; the first was taken"]


@pytest.mark.parametrize("line", ["Oct 26 02:30:00 x", "02:30:00 x"])
def test_folds_are_noted_once_whatever_was_missing(line: str) -> None:
    found = read(
        line + "\n", zone=BERLIN, reference=at("12:00:00", "2025-10-26"), now=at("12:00:00", "2025-10-26")
    )
    assert found.only.time == at("00:30:00", "2025-10-26")
    assert found.report.notes == ["holds 1 record of an hour that clocks showed twice; the first was taken"]


def test_an_hour_that_clocks_skipped_is_no_fold() -> None:
    found = read("2025-03-30T02:30:00 x\n", zone=BERLIN)
    assert (found.only.time, found.report.notes) == (at("01:30:00", "2025-03-30"), [])


def test_a_date_option_dates_times_of_day() -> None:
    found = read(
        lines("10:00:00 a", "23:59:59 b", "00:00:01 c"), day=date(2025, 3, 1), modified=at("12:00:00")
    )
    assert found.times == [
        at("10:00:00", "2025-03-01"),
        at("23:59:59", "2025-03-01"),
        at("00:00:01", "2025-03-02"),
    ]


def test_without_a_date_the_first_time_of_day_lies_before_the_mtime() -> None:
    assert read("10:00:00 a\n", modified=at("12:00:00")).only.time == at("10:00:00")
    assert read("14:00:00 a\n", modified=at("12:00:00")).only.time == at("14:00:00", "2025-10-10")


def test_the_mtime_dates_times_of_day_whatever_is_asked_about() -> None:
    found = read("10:00:00 a\n", modified=at("12:00:00"), reference=at("12:00:00", "2025-10-15"))
    assert found.only.time == at("10:00:00")


def test_a_pipe_has_no_mtime_and_is_dated_by_what_is_asked_about_then_by_now() -> None:
    assert read("10:00:00 a\n", reference=at("12:00:00", "2025-03-05")).only.time == at(
        "10:00:00", "2025-03-05"
    )
    assert read("10:00:00 a\n", now=at("09:00:00")).only.time == at("10:00:00", "2025-10-10")


def test_times_of_day_pass_midnight_in_both_directions() -> None:
    log = lines("23:59:58 a", "23:59:59 b", "00:00:00 c", "12:00:00 d", "23:00:00 e", "01:00:00 f")
    expected = [
        *(at(clock, "2025-10-09") for clock in ("23:59:58", "23:59:59")),
        *(at(clock, "2025-10-10") for clock in ("00:00:00", "12:00:00", "23:00:00")),
        at("01:00:00", "2025-10-11"),
    ]
    assert read(log, day=date(2025, 10, 9)).times == expected
    backwards = "".join(reversed(log.splitlines(keepends=True)))
    assert read(backwards, modified=at("01:00:30")).times == expected


def test_a_quiet_night_between_two_times_of_day_is_no_step_back() -> None:
    log = lines("10:00:00 a", "23:59:59 b", "14:00:00 c", "06:00:00 d")
    days = ("2025-10-09", "2025-10-09", "2025-10-10", "2025-10-11")
    clocks = ("10:00:00", "23:59:59", "14:00:00", "06:00:00")
    expected = [at(clock, day) for clock, day in zip(clocks, days, strict=True)]
    assert read(log, day=date(2025, 10, 9)).times == expected
    close = lines(*(f"06:00:0{n} e" for n in range(9, 0, -1)))
    backwards = close + "".join(reversed(log.splitlines(keepends=True)))
    assert read(backwards, modified=at("06:00:30")).times[:4] == expected


def test_a_small_step_back_in_times_of_day_is_no_midnight() -> None:
    found = read(lines("10:00:05 a", "10:00:03 b", "10:00:06 c"), day=date(2025, 10, 11))
    assert found.times == [at("10:00:05"), at("10:00:03"), at("10:00:06")]


def test_times_of_day_that_end_after_the_file_was_written_need_a_date() -> None:
    log = lines("01:00:00 a", "12:00:00 b", "23:00:00 c", "02:00:00 d")
    found = read(log, modified=at("02:00:10"))
    assert found.report.errors == [
        "passes midnight and shows times of day alone; say with --date on which day it begins",
    ]
    assert read(log, modified=at("02:00:10"), day=date(2025, 10, 10)).report.errors == []


def test_times_of_day_that_no_clock_shows_begin_records_without_one() -> None:
    found = read(lines("10:00:00 a", "24:00:00 b", "10:61:00 c", "10:00:01 d"), day=date(2025, 10, 11))
    assert found.messages == ["a", "b", "c", "d"]
    assert found.times == [at("10:00:00")] * 3 + [at("10:00:01")]


def test_records_dated_long_after_the_file_was_written_are_noted() -> None:
    found = read("2025-10-14T17:00:00Z x\n", modified=at("17:00:00"))
    assert found.report.notes == ["is dated up to 3d after it was last written"]
    assert read("2025-10-12T16:00:00Z x\n", modified=at("17:00:00")).report.notes == []


def test_dates_at_the_edges_of_calendars_do_not_crash() -> None:
    east, west = timezone(timedelta(hours=14)), timezone(timedelta(hours=-11))
    assert read("1970-01-01T00:00:00 x\n", zone=east).only.time is None
    assert read("2199-12-31T23:59:59 x\n", zone=west).only.time is None
    assert read("0001-01-01T00:00:00 x\n", zone=east).only.time is None
    assert read("9999-12-31T23:59:59 x\n", zone=west).only.time is None
    assert (
        read("Jan  1 00:00:00 x\n", reference=datetime(1970, 1, 1, tzinfo=UTC), zone=east).only.time is None
    )
    assert read("23:00:00 x\n", modified=datetime(1970, 1, 1, tzinfo=UTC)).only.time is None


def test_the_reference_may_lie_at_the_end_of_time() -> None:
    end = datetime(9999, 12, 31, 12, tzinfo=UTC)
    assert read("Oct 11 17:00:00 x\n", reference=end).only.time == at("17:00:00", "2199-10-11")
    assert read("17:00:00 x\n", modified=end).only.time is None
