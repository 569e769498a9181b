"""Every report, whole, as people and programs get it; `pytest --refresh-golden` writes them as they are now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from logwatch.reports import FORMATS, RenderOptions, render
from logwatch.reports.github_summary import github_summary
from logwatch.verdict.verdict import Verdict
from tests.reports.world import healthy, hostile, incident

WORLDS: dict[str, Callable[[], Verdict]] = {"incident": incident, "healthy": healthy, "hostile": hostile}
Golden = Callable[[str, str], None]


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", FORMATS)
def test_a_report_is_as_expected(name: str, world: str, golden: Golden) -> None:
    golden(f"{world}.{name}.txt", render(name, WORLDS[world](), RenderOptions()))


@pytest.mark.parametrize("world", WORLDS)
def test_the_summary_is_as_expected(world: str, golden: Golden) -> None:
    golden(f"{world}.summary.md", github_summary(WORLDS[world]()))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("narrow", RenderOptions(width=80)),
        ("color", RenderOptions(color=True)),
        ("verbose", RenderOptions(verbose=True)),
        ("old", RenderOptions(age=timedelta(days=44, hours=3))),
    ],
)
def test_the_text_for_people_is_as_expected(name: str, options: RenderOptions, golden: Golden) -> None:
    golden(f"incident.text.{name}.txt", render("text", incident(), options))
