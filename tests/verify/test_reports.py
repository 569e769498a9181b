"""The board in every format: for people, for programs, for CI; what a log says drives none of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from logwatch.reports.options import RenderOptions
from logwatch.verdict.verdict import Status
from logwatch.verify.board import Board, board_of
from logwatch.verify.checklist import Checklist, Item, Phase, Severity
from logwatch.verify.events import Advised, AnyEvent, ClockMoved, Finished, Looked, Signed, Skipped, Told
from logwatch.verify.reports import FORMATS, live, render
from logwatch.verify.reports.text import line
from logwatch.verify.work import Result, passed, unknown
from tests.verify.test_the_board import item
from tests.verify.test_the_ledger import STARTED
from tests.verify.world import LIVE, minutes

HOSTILE = "::error::<b>no</b> | `x` \\x1b[31m \\u202e"


def titled(name: str, title: str, *times: float, **more: object) -> Item:
    return replace(item(name, *times, **more), title=title)


CHECKLIST = Checklist(
    "After a deployment",
    (
        Phase(
            "immediate",
            "Immediate (5 minutes)",
            (
                titled("live", "It is live", 0, 5),
                titled("no-boom", "Nothing explodes", 5, 15),
                titled("rate", "Jobs end", 5, 15),
                replace(titled("slow", "Not too slow", 5, 15), severity=Severity.WARNING),
            ),
        ),
        Phase(
            "short-term",
            "Short-term (30 minutes)",
            (
                titled("looked", "Somebody looked <at> it", 5, 30, by_hand=True),
                titled("other", "Something else", 5, 30),
                titled("after", "What comes after", 5, 30, after=("rate",)),
                titled("asked", "What is asked again", 10, 30),
            ),
        ),
        Phase("long-term", "Long-term (24 hours)", (titled("day", "A day later", 1440, 1500),)),
    ),
)

FAIL = Result(
    Status.FAIL, "3 matches", ("a detail",), (f"worker.log:3  17:05:01Z  {HOSTILE}", "  | second line")
)


def at(number: float) -> datetime:
    return LIVE + minutes(number)


EVENTS: tuple[AnyEvent, ...] = (
    STARTED,
    Finished(at=at(1), item="live", result=passed("READY, PROMOTED")),
    ClockMoved(at=at(3), before=at(-60), slept=10.0),
    Finished(at=at(6), item="no-boom", result=FAIL),
    Advised(at=at(6), rollback="vercel rollback dpl_0"),
    Told(at=at(6), subject="no-boom failed", fault="a webhook did not take the message"),
    Finished(at=at(15), item="rate", result=unknown("2 of 5 runs", "3 more would decide")),
    Finished(at=at(15), item="slow", result=Result(Status.FAIL, "p50 60s, limit 36s")),
    Signed(at=at(16), item="looked", by="Ada", note="all images are there", evidence="https://x/1"),
    Skipped(at=at(17), item="other", by="Bob", reason="no traffic on Saturdays"),
    Looked(at=at(18), item="asked", result=unknown("nothing yet")),
)


def board(*, well: bool = False) -> Board:
    events = (
        tuple(e for e in EVENTS if getattr(e, "item", "") not in {"no-boom", "rate", "slow"})
        if well
        else EVENTS
    )
    if well:
        events += tuple(
            Finished(at=at(6), item=name, result=passed("fine"))
            for name in ("no-boom", "rate", "slow", "after", "asked", "day")
        )
    return board_of(CHECKLIST, 2, events, at(20))


PLAIN = RenderOptions()


@pytest.mark.parametrize("name", FORMATS)
def test_a_board_looks_as_expected(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"board.{name}.txt", render(name, board(), PLAIN))


def test_text_is_coloured_and_fits_the_terminal(golden: Callable[[str, str], None]) -> None:
    golden(
        "board.text.narrow.txt", render("text", board(), RenderOptions(color=True, width=60, verbose=True))
    )


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_lets_a_log_drive_what_shows_it(name: str) -> None:
    text = render(name, board(), PLAIN)
    assert "\x1b" not in text
    assert "\u202e" not in text
    told = [one for one in text.splitlines() if one.lstrip().startswith("::")]
    assert all(one.startswith(("::error title=", "::warning title=")) for one in told)


def test_json_says_everything_that_a_program_needs() -> None:
    told = json.loads(render("json", board(), PLAIN))
    assert (told["schema"], told["verdict"], told["finished"], told["exit_code"]) == (1, "fail", False, 1)
    assert told["rollback"] == "vercel rollback dpl_0"
    assert told["deployment"] == {"id": "d1", "commit": None, "promoted_at": "2025-10-11T17:00:00.000Z"}
    items = {one["id"]: one for phase in told["phases"] for one in phase["items"]}
    assert items["looked"]["signed"] == {
        "at": "2025-10-11T17:16:00.000Z",
        "by": "Ada",
        "note": "all images are there",
        "evidence": "https://x/1",
    }
    assert items["other"]["skipped"]["reason"] == "no traffic on Saturdays"
    assert items["no-boom"]["result"]["evidence"] == list(FAIL.evidence)
    assert (items["after"]["state"], items["after"]["waits_for"]) == ("blocked", ["rate"])


def test_an_open_board_has_no_verdict() -> None:
    open_ = board_of(CHECKLIST, 1, EVENTS[:2], at(2))
    told = json.loads(render("json", open_, PLAIN))
    assert (told["verdict"], told["finished"], told["exit_code"]) == (None, False, 4)
    last = render("text", open_, PLAIN).splitlines()[-1]
    assert last == "NOT FINISHED  1 done, 8 waiting; next: no-boom in 3m, at 2025-10-11 17:05:00 UTC"


def test_junit_is_red_exactly_where_the_verdict_is() -> None:
    root = ET.fromstring(render("junit", board(), PLAIN))
    cases = {case.attrib["name"]: case for case in root.iter("testcase")}
    kinds = {name: [child.tag for child in case if child.tag != "system-out"] for name, case in cases.items()}
    assert kinds == {
        "live": [],
        "no-boom": ["failure"],
        "rate": ["error"],
        "slow": ["skipped"],
        "looked": [],
        "other": ["skipped"],
        "after": ["error"],
        "asked": ["skipped"],
        "day": ["skipped"],
    }
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["errors"], root.attrib["skipped"]) == (
        "9", "1", "2", "4"
    )  # fmt: skip
    green = ET.fromstring(render("junit", board(well=True), PLAIN))
    assert (green.attrib["failures"], green.attrib["errors"]) == ("0", "0")


def test_annotations_tell_the_worst_first() -> None:
    lines = render("github", board(), PLAIN).splitlines()
    titles = [one.partition(" title=")[2].partition("::")[0] for one in lines if one.startswith("::")]
    assert titles == ["no-boom%3A failed", "rate%3A inconclusive", "after%3A blocked", "slow%3A warning"]
    assert [one.partition(" ")[0] for one in lines[:4]] == ["::error", "::error", "::error", "::warning"]


def test_markdown_is_nothing_but_text_and_tables() -> None:
    text = render("markdown", board(), PLAIN)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inline = [token.content for token in tokens if token.type == "inline"]
    assert "Somebody looked &#60;at&#62; it" in text
    assert not any("<b>" in content for content in inline)
    assert sum(token.type == "table_open" for token in tokens) == 3


def test_the_live_board_fits_its_terminal() -> None:
    for height, width in ((50, 200), (10, 60), (3, 30)):
        lines = live(board(), RenderOptions(width=width), height)
        assert len(lines) <= height
        assert all(len(one) <= width for one in lines)
        assert lines[-1].startswith("FAIL  ")
    assert "[####] Immediate (5 minutes)" in live(board(), RenderOptions(width=200), 50)


def test_a_line_of_a_log_says_one_item() -> None:
    found = board()
    assert line(found["looked"], found) == (
        "sign  looked   signed by Ada, 2025-10-11 17:16:00 UTC: all images are there"
    )
    assert line(found["day"], found) == "wait  day      due in 23h40m"
    assert timedelta(hours=23, minutes=40) == found["day"].due - found.now  # type: ignore[operator]
