"""Items of kind baseline: a share after the deployment against the same share in a window that was pinned before."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from logwatch.deploys import Deployment, add_marker
from tests.cli.command import run
from tests.verify.world import LIVE, RULES, minutes

IMAGES = r"""
  - id: images
    kind: ratio
    title: Products with images
    numerator: {pattern: 'found (?P<found>\d+)', sum: found}
    denominator: {pattern: 'of (?P<all>\d+)', sum: all}
    baseline: {worse: lower}
"""
CHECKLIST = """version: 1
title: Test
phases:
  - id: one
    due: 5m
    deadline: 10m
    items:
      - {id: as-before, kind: baseline, title: As many images as before, rules: [images], baseline: before}
"""
WEEK = timedelta(days=7)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(RULES + IMAGES)
    (tmp_path / "other.yml").write_text(RULES)
    (tmp_path / "checklist.yml").write_text(CHECKLIST)
    config = "version: 1\nsources: [worker.log]\nrules: [rules.yml]\nverify: {checklist: checklist.yml}\n"
    (tmp_path / "logwatch.yml").write_text(config)
    add_marker(tmp_path / "logwatch-deploys.jsonl", Deployment("d1", LIVE))
    return tmp_path


def products(folder: Path, found: int) -> None:
    """Log that a week ago 9 of 10 products had images, each of 40 times, and after the deployment `found` of 10."""
    lines = [
        f"{(begin + minutes(n / 8)).isoformat()} found {many} of 10"
        for begin, many in ((LIVE - WEEK, 9), (LIVE, found))
        for n in range(41)
    ]
    (folder / "worker.log").write_text("\n".join(lines) + "\n")


def pinned(folder: Path, *words: str) -> None:
    window = ("--from", "2025-10-04T17:00Z", "--to", "2025-10-04T17:05Z")
    assert run("baseline", "pin", "before", *window, *words, directory=folder).code == 0


def judged(folder: Path) -> tuple[str, str]:
    told = run("verify", "run", "--as-of", "2025-10-11T17:05Z", "-f", "json", directory=folder)
    [item] = json.loads(told.out)["phases"][0]["items"]
    return item["state"], item["summary"]


@pytest.mark.parametrize(("found", "state"), [(9, "done"), (10, "done"), (6, "failed")])
def test_a_share_is_compared_with_what_was_pinned(folder: Path, found: int, state: str) -> None:
    products(folder, found)
    pinned(folder)
    assert judged(folder)[0] == state


def test_what_was_never_pinned_is_no_baseline_to_pass_by(folder: Path) -> None:
    products(folder, 10)
    assert judged(folder) == (
        "due",
        "no baseline 'before' is pinned in logwatch-baselines; "
        "pin one with: logwatch baseline pin before --from TIME --to TIME; until 2025-10-11 17:10:00 UTC",
    )


def test_a_baseline_of_other_rules_says_that_it_is_to_be_pinned_again(folder: Path) -> None:
    products(folder, 10)
    pinned(folder, "--rules", "other.yml")
    assert judged(folder) == (
        "due",
        "baseline 'before' knows nothing of images; pin it again: "
        "logwatch baseline pin before --from TIME --to TIME; until 2025-10-11 17:10:00 UTC",
    )
