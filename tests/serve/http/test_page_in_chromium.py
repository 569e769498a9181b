"""The page in a real browser: hostile log text does nothing, and it is readable wherever it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from .chromium import CHROMIUM, Browser, browser
from .world import StillExporter, hostile, serving, snapshot

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as one:
        yield one


def own(url: str, asked: list[str]) -> bool:
    return all(one.startswith(url) for one in asked)


def test_hostile_text_neither_runs_nor_draws_nor_asks_elsewhere(chromium: Browser) -> None:
    with serving(StillExporter(hostile())) as served:
        chromium.look(1280)
        chromium.open(f"{served.url}/")
        assert chromium.run("typeof window.owned") == "undefined"
        assert own(served.url, chromium.asked)
        assert chromium.complaints == []
        assert chromium.run("document.querySelectorAll('img, iframe, style, script:not([src])').length") == 0
        assert chromium.run("[...document.querySelectorAll('h1')].map((one) => one.textContent)") == ["fail"]
        text = chromium.run("document.body.textContent")
        assert "<img src=x onerror='window.owned = 1'>" in text
        assert r"\u202egnp.exe \u2066 hidden\u2069 \u200bzero \U000e0041tags" in text
        # what is stacked up in one line does not reach into the next
        assert chromium.run("getComputedStyle(document.querySelector('.evidence pre')).overflow") == "hidden"


def test_markup_that_came_through_could_not_run_either(chromium: Browser) -> None:
    tries = (
        "<img src=x onerror='window.owned = 1'>",
        "<svg onload='window.owned = 1'></svg>",
        "<a id=trap href='javascript:window.owned = 1'>x</a>",
        "<iframe src='data:text/html,<script>parent.owned = 1</script>'></iframe>",
    )
    with serving() as served:
        chromium.look(1280)
        chromium.open(f"{served.url}/")
        for markup in tries:
            chromium.run(f"document.body.insertAdjacentHTML('beforeend', {markup!r})")
        chromium.run("document.getElementById('trap').click()")
        chromium.run("new Promise((done) => setTimeout(done, 200))")
        assert chromium.run("typeof window.owned") == "undefined"
        assert any("Content Security Policy" in one for one in chromium.complaints)
        chromium.run("fetch('http://127.0.0.1:9/?stolen').catch(() => 0)")
        assert any("connect-src" in one or "127.0.0.1:9" in one for one in chromium.complaints)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_cut_off_at_any_width(chromium: Browser, tmp_path: Path, width: int, dark: bool) -> None:
    for state in (snapshot(), hostile()):
        with serving(StillExporter(state)) as served:
            chromium.look(width, dark=dark)
            chromium.open(f"{served.url}/")
            assert chromium.run("document.documentElement.scrollWidth") == width
            beyond = "[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > "
            assert chromium.run(f"{beyond}innerWidth + 1).map((one) => one.outerHTML.slice(0, 80))") == []
            ground = chromium.run("getComputedStyle(document.body).backgroundColor")
            assert (ground == "rgb(14, 17, 22)") is dark
            # the verdict is the largest thing on it, and seen without scrolling
            h1 = chromium.run(
                "(({top, bottom}) => ({top, bottom}))(document.querySelector('h1').getBoundingClientRect())"
            )
            assert 0 <= h1["top"] < h1["bottom"] < 300
            chromium.picture(tmp_path / "page.png")


def test_fingers_hit_the_windows(chromium: Browser) -> None:
    with serving() as served:
        chromium.look(360)
        chromium.open(f"{served.url}/")
        heights = chromium.run(
            "[...document.querySelectorAll('nav a')].map((one) => one.getBoundingClientRect().height)"
        )
        assert len(heights) == 2
        assert min(heights) >= 44


def test_everything_has_a_name_for_those_who_hear_it(chromium: Browser) -> None:
    with serving() as served:
        chromium.look(1280)
        chromium.open(f"{served.url}/")
        nodes = chromium.call("Accessibility.getFullAXTree")["nodes"]
        named = [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node.get("ignored") and "role" in node
        ]
        assert ("heading", "FAIL") in named
        assert ("heading", "foreign-key-violation") in named
        assert ("navigation", "Window") in named
        assert ("link", "30m fail") in named
        assert ("image", "965 good, 1 bad from 12:05 to 18:05") in named
        assert all(name for role, name in named if role in {"heading", "link", "image", "navigation"})


def test_the_page_updates_itself_and_leaves_what_was_opened_open(chromium: Browser) -> None:
    exporter = StillExporter()
    opened = "document.querySelector('details[open]')?.id"
    with serving(exporter) as served:
        chromium.look(1280)
        chromium.open(f"{served.url}/")
        chromium.run("document.querySelector('#rule-background-job summary').click()")
        chromium.run("document.querySelector('#rule-background-job summary').focus()")
        assert chromium.run(opened) == "rule-background-job"
        healed = {"30m": exporter.snapshot.verdicts["24h"]}
        exporter.snapshot = replace(exporter.snapshot, verdicts=healed)
        chromium.run("refresh()")
        assert chromium.run("[document.title, document.querySelector('h1').textContent]") == [
            "PASS · logwatch",
            "pass",
        ]
        assert "pass.svg" in chromium.run("document.querySelector('link[rel=icon]').href")
        assert chromium.run(opened) == "rule-background-job"
        assert chromium.run("document.activeElement.closest('details').id") == "rule-background-job"
        assert chromium.run("document.getElementById('spoken').textContent").startswith("pass: 2 ok")
        assert chromium.run("document.getElementById('silence').hidden") is True
    chromium.run("refresh()")
    assert chromium.run("document.getElementById('silence').hidden") is False
    assert "No answer from logwatch since" in chromium.run("document.getElementById('silence').textContent")


def test_without_javascript_the_page_is_whole_and_reloads_itself(chromium: Browser) -> None:
    with serving() as served:
        chromium.look(1280, script=False)
        chromium.open(f"{served.url}/?window=24h")
        root = chromium.call("DOM.getDocument", depth=-1)["root"]["nodeId"]

        def found(selector: str) -> str:
            node = chromium.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
            return str(chromium.call("DOM.getOuterHTML", nodeId=node)["outerHTML"])

        assert found("noscript meta") == '<meta http-equiv="refresh" content="60">'
        assert found("h1").endswith("pass</h1>")
        assert "background-job" in found("main")
        chromium.look(1280)
