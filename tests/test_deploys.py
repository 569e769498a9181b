"""Deploy markers: when which deployment went live, and the window in which it was the live one."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from logwatch.deploys import Deployment, DeploymentWindow, add_marker, read_markers, window_of
from logwatch.errors import ConfigError, UsageError
from tests.cli.command import run

T0 = datetime(2025, 10, 11, 17, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


FIRST = Deployment("first", at(0), "4811ec9")
BAD = Deployment("bad", at(30), "e682860")
GOOD = Deployment("good", at(35), "d52dee0", "the job's structure")
FILE = Path("deploys.jsonl")


def refused(wanted: str, as_of: datetime, markers: tuple[Deployment, ...] = (FIRST, BAD, GOOD)) -> str:
    with pytest.raises(UsageError) as told:
        window_of(markers, wanted, FILE, as_of)
    return str(told.value)


def test_markers_come_back_in_the_order_of_their_times(tmp_path: Path) -> None:
    file = tmp_path / "made" / "on demand" / "deploys.jsonl"
    assert read_markers(file) == ()
    for marker in (GOOD, FIRST, BAD):
        add_marker(file, marker)
    assert read_markers(file) == (FIRST, BAD, GOOD)


def test_what_is_in_the_file_stays_and_one_line_is_added(tmp_path: Path) -> None:
    file = tmp_path / "deploys.jsonl"
    by_hand = '\n{"id": "first", "time": "2025-10-11T19:00:00+02:00", "commit": "4811ec9"}'
    file.write_text(by_hand)
    add_marker(file, GOOD)
    assert file.read_text() == (
        by_hand
        + '\n{"id":"good","time":"2025-10-11T17:35:00Z","commit":"d52dee0","note":"the job\'s structure"}\n'
    )
    assert read_markers(file) == (FIRST, GOOD)
    assert read_markers(file)[0].time.tzinfo is UTC


def test_an_id_is_given_once(tmp_path: Path) -> None:
    file = tmp_path / "deploys.jsonl"
    add_marker(file, FIRST)
    with pytest.raises(UsageError) as told:
        add_marker(file, Deployment("first", at(9)))
    assert str(told.value) == (
        "deployment 'first' is marked already, at 2025-10-11T17:00:00.000Z; give the new one another id"
    )
    assert len(file.read_text().splitlines()) == 1


def test_every_unreadable_line_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "deploys.jsonl"
    file.write_bytes(
        b'{"id": "fine", "time": "2025-10-11T17:00:00Z"}\n'
        b'{"id": "half\n'
        b'{"id": "a", "time": "2025-10-11T17:00:00"}\n'
        b'{"id": "a", "time": "9999-12-31T23:59:59-12:00"}\n'
        b'{"id": "a", "time": "2025-10-11T17:00:00Z", "comit": "x"}\n'
        b'{"id": "", "time": "2025-10-11T17:00:00Z"}\n'
        b"\xff\n" + b"[" * 100_000 + b"\n"
    )
    with pytest.raises(ConfigError) as told:
        read_markers(file)
    problems = [str(problem) for problem in told.value.problems]
    assert [problem.split(":")[1] for problem in problems] == ["2", "3", "4", "5", "6", "7", "8"]
    assert problems[1] == (
        f"{file}:3: the marker's time has no zone (Z or an offset at its end); mend or delete the line"
    )
    assert (
        problems[2]
        == f"{file}:4: the marker's time is outside the years 1970 to 2199; mend or delete the line"
    )
    assert problems[3] == (
        f"{file}:5: not a deploy marker: Object contains unknown field `comit`; mend or delete the line"
    )
    assert all(problem.endswith("; mend or delete the line") for problem in problems)
    with pytest.raises(ConfigError):
        add_marker(file, GOOD)


def test_what_is_no_file_is_told_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for place in (tmp_path, tmp_path / "fifo"):
        for touch in (lambda: read_markers(place), lambda: add_marker(place, GOOD)):  # noqa: B023
            with pytest.raises(ConfigError) as told:
                touch()
            assert str(told.value) == f"{place}: is not a regular file; name a file of deploy markers"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError) as told:
        add_marker(tmp_path / "file" / "deploys.jsonl", GOOD)
    assert (
        str(told.value)
        == f"{tmp_path}/file/deploys.jsonl: cannot be read (Not a directory); check its permissions"
    )
    with pytest.raises(ConfigError) as told:
        add_marker(Path("/proc/deploys.jsonl"), GOOD)
    assert str(told.value).startswith("/proc/deploys.jsonl: cannot be written (")


def test_the_last_deployment_is_the_live_one() -> None:
    assert window_of((FIRST, BAD, GOOD), "", FILE, at(60)) == DeploymentWindow(GOOD, None)


def test_a_deployment_was_live_until_the_next_one() -> None:
    assert window_of((FIRST, BAD, GOOD), "bad", FILE, at(60)) == DeploymentWindow(BAD, at(35))


def test_what_went_live_after_as_of_does_not_exist_yet() -> None:
    assert window_of((FIRST, BAD, GOOD), "", FILE, at(32)) == DeploymentWindow(BAD, None)
    assert window_of((FIRST, BAD, GOOD), "bad", FILE, at(30)) == DeploymentWindow(BAD, None)
    assert refused("good", at(32)) == refused("d52dee0", at(32))
    assert refused("good", at(32)) == (
        "deployment 'good' went live at 2025-10-11T17:35:00.000Z, after 2025-10-11T17:32:00.000Z: "
        "there is nothing to judge yet; name an earlier one, or a later --as-of"
    )
    assert refused("", at(-1)).startswith("deployment 'first' went live at ")


@pytest.mark.parametrize("wanted", ["d52dee0", "d52d", "D52DEE0", "good"])
def test_a_deployment_is_named_by_its_id_or_the_beginning_of_its_commit(wanted: str) -> None:
    assert window_of((FIRST, BAD, GOOD), wanted, FILE, at(60)).deployment is GOOD


def test_an_id_goes_before_a_commit_and_a_commit_means_its_last_deployment() -> None:
    named = Deployment("d52d", at(40), "ffffff0")
    again = Deployment("again", at(50), "d52dee0")
    assert window_of((GOOD, named, again), "d52d", FILE, at(60)).deployment is named
    assert window_of((GOOD, named, again), "d52dee0", FILE, at(60)).deployment is again


def test_a_commit_that_may_be_several_is_told() -> None:
    other = Deployment("other", at(40), "d52d111")
    assert refused("d52d", at(60), (GOOD, other)) == (
        "'d52d' may be the commit of any of good (d52dee0), other (d52d111); give more of it, or the id"
    )


def test_a_deployment_that_is_not_marked_is_told() -> None:
    assert refused("goot", at(60)) == "deployment 'goot' is not marked in deploys.jsonl; did you mean 'good'?"
    assert (
        refused("zzz", at(60))
        == "deployment 'zzz' is not marked in deploys.jsonl; see: logwatch deploys list"
    )
    assert refused("d5", at(60)).startswith("deployment 'd5' is not marked in deploys.jsonl")
    assert refused("", at(60), ()) == (
        "no deployment is marked in deploys.jsonl; mark one with: logwatch deploys add ID"
    )


def test_what_records_and_people_may_call_a_deployment() -> None:
    assert (GOOD.names, GOOD.label) == (frozenset({"good", "d52dee0"}), "good (d52dee0)")
    bare = Deployment("d52dee0", at(0))
    assert (bare.names, bare.label) == (frozenset({"d52dee0"}), "d52dee0")


def test_a_zone_is_kept_as_utc(tmp_path: Path) -> None:
    file = tmp_path / "deploys.jsonl"
    add_marker(file, Deployment("x", datetime(2025, 10, 11, 19, 0, tzinfo=timezone(timedelta(hours=2)))))
    assert read_markers(file)[0].time == T0


def test_the_commands_mark_and_list(tmp_path: Path) -> None:
    said = run("deploys", "list", directory=tmp_path).err
    assert said == "no deployment is marked; mark one with: logwatch deploys add ID\n"
    words = (
        "--at",
        "2025-10-11T19:35",
        "--tz",
        "Europe/Berlin",
        "--commit",
        "d52dee0",
        "--note",
        "structure\x1b[31m",
    )
    added = run("deploys", "add", "good", *words, directory=tmp_path)
    assert (added.code, added.out) == (0, "")
    assert added.err == "good live from 2025-10-11T17:35:00.000Z, marked in logwatch-deploys.jsonl\n"
    assert run("deploys", "add", "first", "--at", "2025-10-11T17:00Z", directory=tmp_path).code == 0
    assert run("deploys", "list", directory=tmp_path).out == (
        "2025-10-11T17:00:00.000Z  first\n2025-10-11T17:35:00.000Z  good (d52dee0)  structure\\x1b[31m\n"
    )
    told = json.loads(run("deploys", "list", "--json", directory=tmp_path).out)
    assert [(one["id"], one["commit"]) for one in told] == [("first", ""), ("good", "d52dee0")]
    assert "\x1b" not in run("deploys", "list", "--json", directory=tmp_path).out
    hostile = run("deploys", "add", "x\n::error::\u202e\x9b31m", directory=tmp_path)
    assert hostile.err.startswith("x\\n::error::\\u202e\\x9b31m live from ")
    assert not {"\u202e", "\x9b"} & set(run("deploys", "list", "--json", directory=tmp_path).out)
    refused = run("deploys", "add", " ", directory=tmp_path)
    assert (refused.code, refused.err) == (
        2,
        "logwatch: the deployment has no id; name the deployment or its commit\n",
    )
