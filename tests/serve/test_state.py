"""The state: whole or put aside, this user's alone, and one process at a time."""

from __future__ import annotations

import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from logwatch.errors import ConfigError, StateError
from logwatch.serve.place import Place
from logwatch.serve.state import State
from tests.serve.world import JOBS, NOON, World, stamped

COMPLETED = "pair_completed_total"
JOB = {"pair": "job"}


def worked(folder: Path, jobs: int = 3) -> World:
    """A world that has counted some jobs and ended well."""
    world = World(folder)
    for number in range(jobs):
        world.log(f"job {number} started")
        world.turn()
        world.log(f"job {number} done")
        world.turn()
    world.settle()
    assert world.value(COMPLETED, JOB) == jobs
    world.stop()
    return world


def truncated(data: bytes) -> bytes:
    return data[: len(data) // 2 + 700]


def scribbled(data: bytes) -> bytes:
    return data[:4096] + b"\xff" * 8192 + data[12288:]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: b"", "it is empty"),
        (lambda data: data[:1], "it is cut short"),
        (lambda data: bytes(len(data)), "file is not a database"),
        (truncated, None),
        (scribbled, None),
        (lambda data: b"no database at all\n" * 300, "file is not a database"),
    ],
    ids=["empty", "one byte", "full of NULs", "torn", "scribbled over", "something else"],
)
def test_a_damaged_state_is_put_aside_and_what_is_left_of_the_logs_is_read_again(
    damage: Callable[[bytes], bytes], reason: str | None, tmp_path: Path
) -> None:
    world = worked(tmp_path)
    file = tmp_path / "state/state.db"
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    world.start()
    [said] = world.said
    assert said.startswith(f"{file}: is damaged ({reason or ''}")
    assert said.endswith("it was put aside as state.db.damaged-20260301T120326Z, counting begins anew")
    aside = tmp_path / "state/state.db.damaged-20260301T120326Z"
    assert aside.read_bytes()[:4096] == damage(whole)[:4096]
    world.settle()
    assert world.value(COMPLETED, JOB) == 3
    assert world.value("state_damaged_total") == 1
    world.stop()


def test_rows_that_nobody_can_read_are_damage_too(tmp_path: Path) -> None:
    world = worked(tmp_path)
    with sqlite3.connect(tmp_path / "state/state.db") as db:
        db.execute("UPDATE parts SET value = x'c1' WHERE key = 'course'")
    db.close()
    world.start()
    assert "is damaged" in world.said[0]
    world.settle()
    assert world.value(COMPLETED, JOB) == 3
    world.stop()


def test_no_more_than_three_damaged_states_are_kept(tmp_path: Path) -> None:
    world = worked(tmp_path)
    for _ in range(5):
        world.wall += timedelta(seconds=1)
        (tmp_path / "state/state.db").write_bytes(b"x")
        world.start()
        world.stop()
    assert len(list((tmp_path / "state").glob("state.db.damaged-*"))) == 3


def test_the_state_of_a_newer_logwatch_is_refused_and_left_alone(tmp_path: Path) -> None:
    world = worked(tmp_path)
    file = tmp_path / "state/state.db"
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA user_version = 2")
    db.close()
    before = file.read_bytes()
    with pytest.raises(ConfigError) as told:
        world.start()
    assert str(told.value) == (
        f"{file}: is the state of a newer logwatch (schema 2, this one reads 1); use that one, or name another "
        "folder with --state"
    )
    assert file.read_bytes() == before


def test_one_process_at_a_time_works_with_a_state(tmp_path: Path) -> None:
    world = World(tmp_path)
    with pytest.raises(ConfigError) as told:
        World(tmp_path)
    assert str(told.value) == (
        f"{tmp_path}/state: another logwatch serve works with this state (process {os.getpid()}); end it first, or "
        "name another folder with --state"
    )
    world.stop()
    World(tmp_path).stop()


def test_nobody_else_can_read_the_state_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        worked(tmp_path)
    finally:
        os.umask(before)
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    files = list((tmp_path / "state").iterdir())
    assert {file.name for file in files} >= {"state.db", "lock"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_folder_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)
    World(tmp_path).stop()
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["state", "state/state.db", "state/lock"])
def test_links_are_not_followed(name: str, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    if name == "state":
        target.mkdir()
    else:
        target.write_bytes(b"precious")
        (tmp_path / "state").mkdir()
    (tmp_path / name).symlink_to(target)
    with pytest.raises(ConfigError) as told:
        World(tmp_path)
    assert (
        str(told.value)
        == {
            "state": f"{tmp_path}/state: is a link; name the folder itself with --state",
            "state/state.db": (
                f"{tmp_path}/state/state.db: cannot be opened (Too many levels of symbolic links); look at what it is"
            ),
            "state/lock": (
                f"{tmp_path}/state: cannot hold the state (Too many levels of symbolic links); name another "
                "folder with --state"
            ),
        }[name]
    )
    assert target.is_dir() or target.read_bytes() == b"precious"


@contextmanager
def full_disk(file: Path) -> Iterator[None]:
    """Have every file stay as large as `file` is: the system refuses to write more, as a full disk does."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_stops_nothing_but_the_counters_and_nothing_is_lost_when_there_is_room_again(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    world.log("job 1 started", "job 1 done")
    world.settle()
    before = world.value("lines_read_total", {"input": str(tmp_path / "worker.log")})
    assert before == 2
    world.log(*(f"job {number} started" for number in range(2, 500)))
    world.log(*(f"job {number} done" for number in range(2, 500)))
    with full_disk(tmp_path / "state/state.db-wal"):
        for _ in range(4):
            world.turn()
        world.turn(30.0)
        assert world.value("state_commit_failures_total") == 5
        assert world.value("state_commits_total") is not None
        assert world.value("lines_read_total", {"input": str(tmp_path / "worker.log")}) == before
        assert world.value(COMPLETED, JOB) == 1
    world.turn()
    assert world.value("lines_read_total", {"input": str(tmp_path / "worker.log")}) == 998
    world.settle()
    assert world.value(COMPLETED, JOB) == 499
    failed, again = world.said
    assert failed.startswith(f"{tmp_path}/state/state.db: cannot be written (")
    assert failed.endswith("); nothing is lost, it is tried again")
    assert again == "the state is stored again"
    world.restart()
    world.settle()
    assert world.value(COMPLETED, JOB) == 499
    world.stop()


def test_a_start_on_a_full_disk_may_succeed_the_next_time(tmp_path: Path) -> None:
    """Exit code 3, not 2: a supervisor that leaves a wrong configuration alone tries again."""
    world = worked(tmp_path)
    place = Place(tmp_path / "state")
    with (
        full_disk(tmp_path / "state/lock"),
        pytest.raises(StateError, match="check the folder and the disk") as told,
    ):
        State(place, NOON)
    assert told.value.exit_code == 3
    place.close()
    world.start()
    world.settle()
    assert world.value(COMPLETED, JOB) == 3
    world.stop()


def test_what_could_not_be_stored_is_read_again_after_a_kill(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.log("job 1 started", "job 1 done")
    world.settle()
    world.log(*(f"job {number} started" for number in range(2, 500)))
    with full_disk(tmp_path / "state/state.db-wal"):
        world.turn()
        world.turn()
        assert world.value("state_commit_failures_total") == 2
        world.kill()
    world.start()
    world.settle()
    assert world.value("pair_started_total", JOB) == 499
    world.stop()


def test_rules_that_count_something_else_begin_anew_and_the_others_go_on(tmp_path: Path) -> None:
    world = worked(tmp_path)
    world.rules = JOBS.replace("timeout: 1m", "timeout: 2m")
    world.start()
    world.log("oops in disk")
    world.settle()
    assert world.value(COMPLETED, JOB) == 0
    assert world.value("rule_matching_records_total", {"rule": "oops"}) == 1
    world.stop()
    world.rules = JOBS.replace("title: Nothing goes wrong", "title: No trouble").replace(
        "timeout: 1m", "timeout: 2m"
    )
    world.start()
    world.log("oops in disk", "job 9 started", "job 9 done")
    world.settle()
    assert world.value(COMPLETED, JOB) == 1
    assert world.value("rule_matching_records_total", {"rule": "oops"}) == 2
    assert world.value("rule_matches_total", {"rule": "oops", "part": "disk"}) == 2
    world.stop()


def test_counters_keep_the_moment_at_which_they_were_created(tmp_path: Path) -> None:
    world = World(tmp_path)
    created = world.wall.timestamp()
    world.log("job 1 started", "job 1 done", "oops in disk")
    world.settle()
    first = world.value("rule_matches_created", {"rule": "oops", "part": "disk"})
    assert first is not None
    assert first > created
    for _ in range(2):
        world.restart()
        world.settle()
        assert world.value("pair_completed_created", JOB) == created
        assert world.value("rule_matches_created", {"rule": "oops", "part": "disk"}) == first
    world.stop()


def test_from_the_end_leaves_out_what_is_there_at_the_very_first_start_only(tmp_path: Path) -> None:
    (tmp_path / "worker.log").write_text(stamped(NOON, "oops before"))
    world = World(tmp_path, from_end=True)
    world.turn()
    world.log("oops one")
    world.settle()
    world.stop()
    world.log("oops two")
    world.start(from_end=True)
    world.settle()
    assert world.value("rule_matching_records_total", {"rule": "oops"}) == 2
    world.stop()
