"""Baselines: counts of a good window, pinned and compared with."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logwatch.baselines import list_baselines, load_baseline, pin
from logwatch.engine.tally import MatchTally, RatioTally, RunCounts, RunTally
from logwatch.errors import ConfigError, UsageError
from logwatch.records.coverage import Window
from tests.cli.command import run

T0 = datetime(2025, 10, 4, 17, 0, tzinfo=UTC)
WINDOW = Window(T0, T0 + timedelta(hours=1), T0 + timedelta(hours=1))
TALLIES = {
    "runs": RunTally(counts=RunCounts(started=5, completed=4, failed=1)),
    "matches": MatchTally(matches=3, by_label={("a",): 3}),
    "ratio": RatioTally(numerator=40, denominator=50, numerator_records=9, denominator_records=9),
}


def test_counts_are_kept_and_read_back(tmp_path: Path) -> None:
    pin(tmp_path, "before", WINDOW, TALLIES, T0)
    found = load_baseline(tmp_path, "before")
    assert (found.since, found.until, found.pinned) == (WINDOW.since, WINDOW.until, T0)
    assert found.tallies["runs"] == TALLIES["runs"]
    assert found.tallies["ratio"] == TALLIES["ratio"]
    assert found.tallies["matches"] == MatchTally(matches=3)


def test_a_name_that_is_taken_is_replaced_only_on_request(tmp_path: Path) -> None:
    place = pin(tmp_path, "before", WINDOW, TALLIES, T0)
    with pytest.raises(UsageError) as told:
        pin(tmp_path, "before", WINDOW, {}, T0)
    assert (
        str(told.value)
        == f"baseline 'before' is pinned already, in {place}; give another name, or --replace it"
    )
    pin(tmp_path, "before", WINDOW, {}, T0, replace=True)
    assert load_baseline(tmp_path, "before").tallies == {}


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 65])
def test_a_name_is_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is no name for a baseline"):
        pin(tmp_path, name, WINDOW, TALLIES, T0)


def test_an_unknown_name_says_what_is_near_or_how_to_pin(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        load_baseline(tmp_path / "none", "before")
    assert str(told.value).endswith("; pin one with: logwatch baseline pin before --from TIME --to TIME")
    pin(tmp_path, "before", WINDOW, TALLIES, T0)
    with pytest.raises(UsageError, match="did you mean 'before'"):
        load_baseline(tmp_path, "befor")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 1}', b"\x00" * 50])
def test_a_file_that_is_no_baseline_is_said_with_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.json").write_bytes(content)
    with pytest.raises(ConfigError, match=r"bad\.json: is no baseline"):
        load_baseline(tmp_path, "bad")


def test_another_schema_is_refused(tmp_path: Path) -> None:
    place = pin(tmp_path, "before", WINDOW, TALLIES, T0)
    place.write_text(place.read_text().replace('"schema": 1', '"schema": 2'))
    with pytest.raises(ConfigError, match="has schema 2; this logwatch reads 1; pin it again"):
        load_baseline(tmp_path, "before")


def test_baselines_are_listed_the_oldest_first(tmp_path: Path) -> None:
    later = Window(T0 + timedelta(days=7), T0 + timedelta(days=8), T0 + timedelta(days=8))
    pin(tmp_path, "b", later, TALLIES, T0)
    pin(tmp_path, "z", WINDOW, TALLIES, T0)
    assert [found.name for found in list_baselines(tmp_path)] == ["z", "b"]
    assert list_baselines(tmp_path / "none") == ()


def images(directory: Path, name: str, found: int, runs: int) -> None:
    """A log of `runs` image jobs, each of ten drafts of which `found` got an image."""
    lines = []
    for n in range(runs):
        moment = T0 + timedelta(minutes=n)
        lines.append(f"{moment.isoformat()} - Processed: 10/10 drafts")
        lines.append(f"{moment.isoformat()} - Images found for: {found} products")
    (directory / name).write_text("\n".join(lines) + "\n")


def test_a_check_compares_with_what_was_pinned(tmp_path: Path) -> None:
    images(tmp_path, "before.log", 9, 60)
    images(tmp_path, "same.log", 9, 60)
    images(tmp_path, "worse.log", 8, 60)
    window = ["--from", "2025-10-04T17:00Z", "--to", "2025-10-04T18:00Z"]
    pinned = run("baseline", "pin", "before", "before.log", *window, directory=tmp_path)
    assert (pinned.code, pinned.out) == (0, "")
    assert pinned.err == (
        "before: 2025-10-04T17:00:00.000Z to 2025-10-04T18:00:00.000Z, 120 lines, "
        "pinned in logwatch-baselines/before.json\n"
    )
    rule = ["--rule", "image-attachment", "--baseline", "before"]
    same = run("check", "same.log", *rule, directory=tmp_path)
    worse = run("check", "worse.log", *rule, directory=tmp_path)
    assert (same.code, worse.code) == (0, 1), same.out + worse.out
    assert run("check", "same.log", "--baseline", "befor", directory=tmp_path).code == 2


def test_the_commands_show_what_is_pinned(tmp_path: Path) -> None:
    assert "no baseline is pinned" in run("baseline", "list", directory=tmp_path).err
    pin(tmp_path / "logwatch-baselines", "before", WINDOW, TALLIES, T0)
    listed = run("baseline", "list", directory=tmp_path)
    assert listed.out == "before  2025-10-04T17:00:00.000Z to 2025-10-04T18:00:00.000Z  1h\n"
    shown = run("baseline", "show", "before", directory=tmp_path)
    assert "runs     5 started, 4 completed, 1 failed\n" in shown.out
    assert "matches  3 matches\n" in shown.out
    assert "ratio    40 of 50\n" in shown.out
    assert json.loads(run("baseline", "show", "before", "--json", directory=tmp_path).out)["rules"][
        "ratio"
    ] == {
        "numerator": 40,
        "denominator": 50,
    }
    assert json.loads(run("baseline", "list", "--json", directory=tmp_path).out)[0]["name"] == "before"


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (("noon", "18:00"), "--from: 'noon' is not a time; "),
        (("17:00", "25:00"), "--to: '25:00' is not a time of day; "),
        (
            ("2025-10-04T18:00Z", "17:00"),
            "lies after --to 17:00 (2025-10-04T17:00:00.000Z); write --to with its date",
        ),
        (("2199-01-01", "2199-01-02"), "so the window is empty; give an earlier --from\n"),
    ],
)
def test_a_window_that_is_none_is_told_with_the_names_of_the_options(
    tmp_path: Path, window: tuple[str, str], said: str
) -> None:
    images(tmp_path, "before.log", 9, 60)
    begin, end = window
    refused = run("baseline", "pin", "b", "before.log", "--from", begin, "--to", end, directory=tmp_path)
    assert refused.code == 2
    assert said in refused.err


def test_a_single_line_is_no_lines(tmp_path: Path) -> None:
    (tmp_path / "one.log").write_text("2025-10-04T17:00:00Z x\n", encoding="utf-8")
    window = ["--from", "2025-10-04T17:00Z", "--to", "2025-10-04T18:00Z"]
    assert ", 1 line, pinned in" in run("baseline", "pin", "b", "one.log", *window, directory=tmp_path).err


def test_what_cannot_be_read_whole_is_not_pinned(tmp_path: Path) -> None:
    window = ["--from", "2025-10-04T17:00Z", "--to", "2025-10-04T18:00Z"]
    result = run("baseline", "pin", "before", "none.log", *window, directory=tmp_path)
    assert result.code == 3
    assert "none.log: does not exist" in result.err
    assert "nothing was pinned" in result.err
    images(tmp_path, "late.log", 9, 1)
    outside = ["--from", "2025-10-05T17:00Z", "--to", "2025-10-05T18:00Z"]
    assert run("baseline", "pin", "x", "late.log", *outside, directory=tmp_path).code == 3
    assert not (tmp_path / "logwatch-baselines").exists()
