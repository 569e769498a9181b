"""From the words of the command line to a window of event time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from logwatch.errors import UsageError
from logwatch.windows import AskedWindow, parse_instant, resolve

NOW = datetime(2025, 10, 11, 18, 0, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2025-10-{text}:00+00:00" if len(text) == 8 else text)


def ask(
    since: str | None = None,
    until: str | None = None,
    as_of: str | None = None,
    *,
    zone: str = "UTC",
    whole: bool = False,
    now: datetime = NOW,
) -> AskedWindow:
    return resolve(since, until, as_of, zone=ZoneInfo(zone), now=now, whole=whole)


def refused(*words: str | None, zone: str = "UTC") -> str:
    with pytest.raises(UsageError) as told:
        ask(*words, zone=zone)
    return str(told.value)


def test_configured_sources_are_asked_about_the_last_half_hour() -> None:
    assert ask() == AskedWindow(utc("11T17:30"), None, NOW, frozen=False)


def test_named_files_are_asked_about_as_a_whole_as_of_their_last_record() -> None:
    assert ask(whole=True) == AskedWindow(None, None, None, frozen=False)


def test_as_of_is_as_of_else_until_else_now() -> None:
    assert ask("1h", "17:35", "17:50").as_of == utc("11T17:50")
    assert ask("17:00", "17:35").as_of == utc("11T17:35")
    assert ask("17:00").as_of == NOW
    assert ask(until="17:35", whole=True) == AskedWindow(None, utc("11T17:35"), utc("11T17:35"), frozen=True)
    assert ask(as_of="17:35", whole=True) == AskedWindow(None, None, utc("11T17:35"), frozen=True)


def test_as_of_that_was_given_does_not_move_with_the_clock() -> None:
    assert [ask("1h", *words).frozen for words in ((None, None), ("17:35", None), (None, "17:35"))] == [
        False, True, True,
    ]  # fmt: skip


def test_an_until_that_is_still_to_come_is_no_moment_to_judge_from() -> None:
    """Or a job that started a minute ago would have timed out by then."""
    asked = ask("17:30", "18:30")
    assert asked == AskedWindow(utc("11T17:30"), utc("11T18:30"), NOW, frozen=False)
    assert ask("30m", "2025-10-11T18:30Z").since == utc("11T17:30")


@pytest.mark.parametrize(
    ("since", "moment"),
    [
        ("30m", "11T17:30"), ("2h", "11T16:00"), ("1d", "10T18:00"), ("17:35", "11T17:35"), ("18:00", "11T18:00"),
        ("18:01", "10T18:01"), ("2025-10-11T17:00Z", "11T17:00"), ("2025-10-11T19:00+02:00", "11T17:00"),
        ("2025-10-11", "11T00:00"), ("90w", "2024-01-20T18:00:00+00:00"), ("0s", "11T18:00"),
    ],
)  # fmt: skip
def test_forms_of_since(since: str, moment: str) -> None:
    assert ask(since).since == utc(moment)


def test_spans_count_back_from_as_of() -> None:
    assert ask("30m", "17:35").since == utc("11T17:05")
    assert ask("30m", "17:35", "17:50").since == utc("11T17:20")
    assert ask("30m", None, "17:50").since == utc("11T17:20")
    assert ask(None, "17:35").since == utc("11T17:05")
    assert ask("1h", "10m") == AskedWindow(utc("11T16:50"), utc("11T17:50"), utc("11T17:50"), frozen=True)


def test_a_span_reaches_back_no_further_than_1970() -> None:
    assert ask("36500d").since == datetime(1970, 1, 1, tzinfo=UTC)


def test_a_time_of_day_is_in_the_zone() -> None:
    asked = ask("19:00", "19:35", zone="Europe/Berlin")
    assert (asked.since, asked.until) == (utc("11T17:00"), utc("11T17:35"))


def test_a_time_of_day_for_until_is_on_the_date_of_since() -> None:
    asked = ask("2025-10-09T17:00Z", "17:35")
    assert asked == AskedWindow(utc("09T17:00"), utc("09T17:35"), utc("09T17:35"), frozen=True)


def test_a_time_of_day_for_since_is_the_latest_past_one_as_of_until() -> None:
    assert ask("17:00", "2025-10-09T17:35Z").since == utc("09T17:00")
    assert ask("17:00", "2025-10-09T16:35Z").since == utc("08T17:00")
    assert ask("17:00", None, "2025-10-09T17:35Z").since == utc("09T17:00")


def test_the_hour_that_clocks_show_twice_is_taken_so_that_until_follows_since() -> None:
    now = datetime(2025, 10, 26, 12, 0, tzinfo=UTC)
    asked = ask("2025-10-26T00:45Z", "02:30", zone="Europe/Berlin", now=now)
    assert asked.until == datetime(2025, 10, 26, 1, 30, tzinfo=UTC)


def test_the_hour_that_clocks_leave_out_is_told() -> None:
    told = refused("2025-03-30T00:00Z", "02:30", zone="Europe/Berlin")
    assert told == "--until: no clock showed 02:30 on 2025-03-30; it was put forward"


def test_a_window_may_be_a_single_moment() -> None:
    assert ask("17:35", "17:35").since == ask("17:35", "17:35").until == utc("11T17:35")


def test_since_after_until() -> None:
    assert refused("2025-10-11T17:35Z", "2025-10-11T17:00Z") == (
        "--since 2025-10-11T17:35Z (2025-10-11T17:35:00.000Z) lies after "
        "--until 2025-10-11T17:00Z (2025-10-11T17:00:00.000Z); swap them"
    )
    assert refused("23:50", "00:10") == (
        "--since 23:50 (2025-10-10T23:50:00.000Z) lies after "
        "--until 00:10 (2025-10-10T00:10:00.000Z); write --until with its date"
    )


def test_since_in_the_future() -> None:
    assert refused("2025-10-12T00:00Z") == (
        "--since 2025-10-12T00:00Z (2025-10-12T00:00:00.000Z) lies after 2025-10-11T18:00:00.000Z, "
        "so the window is empty; give an earlier --since, or a later --as-of"
    )
    assert refused("2025-10-12T00:00Z", "2025-10-13T00:00Z") == refused("2025-10-12T00:00Z")
    assert refused("2025-10-11T17:40Z", None, "17:35").startswith(
        "--since 2025-10-11T17:40Z (2025-10-11T17:40:00.000Z) lies after 2025-10-11T17:35:00.000Z, "
    )


def test_as_of_before_until() -> None:
    assert refused("17:00", "17:35", "17:30") == (
        "--until 17:35 (2025-10-11T17:35:00.000Z) lies after --as-of 17:30 (2025-10-11T17:30:00.000Z): "
        "nothing is known of that time yet; give an earlier --until or a later --as-of"
    )


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("24:00", "'24:00' is not a time of day; the clock goes from 00:00 to 23:59"),
        ("9999-12-31T00:00Z", "'9999-12-31T00:00Z' is outside the years 1970 to 2199"),
        ("1969-12-31T23:59:59Z", "'1969-12-31T23:59:59Z' is outside the years 1970 to 2199"),
        ("5 parsecs", "'5 parsecs' is not a time span; write it like 90s, 30m, 2h, 1d or 1h30m"),
        ("40000d", "'40000d' is longer than 100 years"),
        *(
            (
                text,
                f"'{text}' is not a time; write it like 30m, 2h, 1d, 17:35, 2025-10-11T17:30Z "
                "or 2025-10-11T19:30:00+02:00",
            )
            for text in ("-1", "-62135596800", "1760203800", "yesterday", "", "2025-02-30", "NaN")
        ),
    ],
)
def test_what_is_no_time_is_told_with_the_name_of_its_option(position: int, text: str, said: str) -> None:
    words: list[str | None] = ["17:00", "17:10", None]
    words[position] = text
    assert refused(*words) == f"{('--since', '--until', '--as-of')[position]}: {said}"


def test_an_instant_for_another_option() -> None:
    assert parse_instant("--at", "5m", UTC, NOW) == NOW - timedelta(minutes=5)
    with pytest.raises(UsageError, match=r"^--at: '24:00' is not a time of day"):
        parse_instant("--at", "24:00", UTC, NOW)
