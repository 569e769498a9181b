"""The page for people: what it says, and in which order."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from logwatch.serve.http.page.chart import HEIGHT, Axis, Chart, axis_of, chart
from logwatch.serve.http.page.render import status_page
from logwatch.serve.http.page.view import page
from logwatch.serve.snapshot import Point, Snapshot, StreamState

from .world import FIVE, NOW, STREAMS, T0, at, hostile, loaded, snapshot


def words(html: str) -> str:
    """All that is to be read on the page, in its order."""

    class Words(HTMLParser):
        said = ""

        def handle_data(self, data: str) -> None:
            self.said += data

    parser = Words()
    parser.feed(html)
    return re.sub(r"\s+", " ", parser.said)


def shown(state: Snapshot, window: str | None = None, now: object = NOW) -> str:
    return words(status_page(state, window, now))  # type: ignore[arg-type]


def test_the_verdict_comes_first_and_then_what_wants_a_look() -> None:
    said = shown(snapshot())
    order = [
        "FAIL · logwatch",
        "fail",
        "1 failed (foreign-key-violation)",
        "30m fail",
        "24h pass",
        "Wants a look",
    ]
    order += ["failed foreign-key-violation", "inconclusive background-image-run", "inconclusive heartbeat"]
    order += [
        "warning healthy-background-job",
        "In order",
        "ok unknown-workflow-stage",
        "info manual-image-uploads",
    ]
    order += ["Logs that are followed", "/var/log/worker/old.log"]
    places = [said.find(phrase) for phrase in order]
    assert -1 not in places
    assert places == sorted(places)


def test_a_rule_says_its_rate_its_bounds_and_its_last_failures() -> None:
    said = shown(snapshot())
    assert "75.0 % of 4 runs; between 24.9 % and 98.7 %, each at 95 %; target 99 %" in said
    assert "worker.log:19 17:35:19Z end ❌ Background image processing failed: timeout" in said
    assert "worker.log:3 17:35:03Z ❌ Create product image failed with non-retryable error:" in said
    assert "… 17 more worker.log:6 17:35:06Z" in said
    assert "by constraint: ProductImage_productDraftId_fkey 21, |<b>x</b> 1" in said


def test_another_window_can_be_chosen() -> None:
    said = shown(snapshot(), "24h")
    assert said.strip().startswith("PASS · logwatch")
    assert "2 ok; not deciding: 1 warning (workflow)" in said
    html = status_page(snapshot(), "24h", NOW)
    assert re.search(r'<a href="\?window=24h"[^>]* aria-current="page">', html)
    assert not re.search(r'<a href="\?window=30m"[^>]* aria-current', html)


def test_logs_in_trouble_come_first_and_those_behind_next() -> None:
    inputs = page(snapshot(), None, NOW).inputs
    assert [(one.name.rpartition("/")[2], one.lag, one.last_event, one.trouble) for one in inputs] == [
        ("old.log", "not read", "no event yet", "cannot be opened (Permission denied)"),
        ("api.log", "42.5s behind, 88,213 bytes unread", "last event 54s ago", ""),
        ("worker.log", "up to date", "last event 5s ago", ""),
    ]


def test_of_thousands_of_logs_the_worst_are_shown() -> None:
    many = tuple(StreamState(f"{n}.log", "plain", n, n, float(n), at(0)) for n in range(2000))
    whole = page(snapshot(streams=(*many, *STREAMS)), None, NOW)
    assert [one.name for one in whole.inputs[:2]] == ["/var/log/worker/old.log", "1999.log"]
    assert (len(whole.inputs), whole.more_inputs) == (50, 1953)


@pytest.mark.parametrize(
    ("state", "now", "said"),
    [
        (snapshot(), NOW + timedelta(minutes=3), "This is old: nothing was read or judged for 3m1s."),
        (
            snapshot(loaded=loaded("a.yml:1: x; b.yml:2: y")),
            NOW,
            "The configuration was not reloaded at 2025-10-11 16:35:00 UTC; what was loaded before stays in "
            "force. a.yml:1: x; b.yml:2: y",
        ),
        (
            snapshot(ready=False),
            NOW,
            "Still reading what was written before the start; what is said here may change.",
        ),
        (Snapshot(at=at(1804), loaded=loaded()), NOW, "nothing has been judged since the start"),
    ],
)
def test_what_the_reader_must_know_before_believing_it_is_said(
    state: Snapshot, now: object, said: str
) -> None:
    assert said in shown(state, now=now)
    assert said not in shown(snapshot())


def test_nothing_of_a_log_becomes_markup_or_drives_text() -> None:
    html = status_page(hostile(), None, NOW)
    for tried in ("<script>", "<img", "<h1>PASS", "<style", "<b>title", "<b>gone", "<i>22"):
        assert tried not in html
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufffe\U000e0041\ud800]", html
    )
    assert r"\x1b[2J\x1b]0;owned\x07\x9b31m red" in html


def points(*pairs: tuple[int, int]) -> list[Point]:
    return [Point(T0 + n * FIVE, FIVE, good, bad) for n, (good, bad) in enumerate(pairs)]


def drawn(*found: Point, slots: int = 3) -> Chart:
    one = chart(found, Axis(T0, T0 + slots * FIVE))
    assert one is not None
    return one


def test_good_bars_stand_on_the_line_and_bad_ones_hang_from_it() -> None:
    one = drawn(*points((10, 0), (0, 0), (5, 2)))
    assert (one.width, one.goods, one.bads, one.line) == (3, 15, 2, HEIGHT * 0.7)
    assert one.good == "M0.12 0.0h0.76v28.0h-0.76zM2.12 14.0h0.76v14.0h-0.76z"
    assert one.bad == "M2.12 28.0h0.76v12.0h-0.76z"


def test_one_failure_among_thousands_is_still_to_be_seen() -> None:
    assert drawn(*points((5000, 1), (5000, 900))).bad.startswith("M0.12 28.0h0.76v3.0h")


@pytest.mark.parametrize(("pair", "line"), [((3, 0), HEIGHT), ((0, 3), 0.0), ((0, 0), HEIGHT)])
def test_a_side_without_bars_takes_no_room(pair: tuple[int, int], line: float) -> None:
    assert drawn(*points(pair)).line == line


def test_bars_stand_at_their_time_where_nothing_was_counted_in_between() -> None:
    first, second = points((1, 0), (1, 0))
    late = drawn(first, replace(second, start=T0 + 9.5 * FIVE), slots=10)
    assert (late.width, late.good.count("M")) == (10, 2)
    assert "M9.62" in late.good
    assert chart([], Axis(T0, T0 + FIVE)) is None


def test_all_charts_show_the_same_time_and_name_the_day_where_there_are_two() -> None:
    assert axis_of(snapshot()) == Axis(at(1800) - timedelta(hours=6), at(1800))
    assert axis_of(snapshot(at=at(1700))) == Axis(at(1800) - timedelta(hours=6), at(1700))
    assert axis_of(snapshot(history={})) == Axis(T0, at(1800))
    assert axis_of(Snapshot(at=T0, loaded=loaded())) is None
    assert Axis(T0, at(1800)).ends == ("17:35", "18:05")
    assert Axis(T0 - timedelta(days=1), T0).ends == ("10 Oct 17:35", "11 Oct 17:35")


def luminance(color: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_has_contrast_in_the_light_and_in_the_dark() -> None:
    css = (files("logwatch.serve.http.page") / "page.css").read_text()
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    )
    for colors in (light, light | dark):
        for text in ("ink", "soft", "fail", "pass", "inconclusive", "none"):
            for ground in ("ground", "card", "log"):
                assert contrast(colors[text], colors[ground]) >= 4.5, (text, ground)
        for graphic in ("bad", "soft"):
            assert contrast(colors[graphic], colors["card"]) >= 3, graphic
    bands = re.findall(r"\.verdict[.\w]* \{[^}]*background: (#[0-9a-f]{6})", css)
    assert len(bands) == 4
    for band in bands:
        assert contrast(band, "#ffffff") >= 4.5, band
