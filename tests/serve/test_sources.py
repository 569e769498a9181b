"""Other sources than files: systemd's journal and standard input."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from logwatch.errors import UsageError
from tests.serve.world import NOON, World, stamped

JOURNALCTL = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/arguments"
case "$*" in
    *--after-cursor=c3*) cat "$(dirname "$0")/second" ;;
    *--after-cursor*) ;;
    *) cat "$(dirname "$0")/first" ;;
esac
exec sleep 60
"""


def entry(number: int, text: str) -> str:
    microseconds = int(NOON.timestamp() * 1e6) + number
    return (
        json.dumps({"__CURSOR": f"c{number}", "__REALTIME_TIMESTAMP": str(microseconds), "MESSAGE": text})
        + "\n"
    )


def wait_for_lines(world: World, name: str, lines: int) -> None:
    deadline = time.monotonic() + 30
    while world.value("lines_read_total", {"input": name}) != lines:
        assert time.monotonic() < deadline
        world.turn(0.01 if lines else 0)
        world.now += 1.0


def test_the_journal_is_followed_from_its_cursor_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "journalctl"
    program.write_text(JOURNALCTL)
    program.chmod(0o755)
    (tmp_path / "first").write_text(
        entry(1, "job 1 started") + entry(2, "job 1 done") + entry(3, "job 2 started")
    )
    (tmp_path / "second").write_text(entry(4, "job 2 done"))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    source = "journal:worker.service"
    world = World(tmp_path, names=[source])
    wait_for_lines(world, source, 3)
    world.settle()
    world.stop()
    world.start()
    wait_for_lines(world, source, 4)
    world.settle()
    assert world.value("pair_completed_total", {"pair": "job"}) == 1
    assert world.value("late_events_total") == 1  # it was logged at noon, and read minutes later
    world.stop()
    first, second = (tmp_path / "arguments").read_text().splitlines()
    assert "--after-cursor" not in first
    assert first.endswith("--unit=worker.service")
    assert "--after-cursor=c3" in second


def test_standard_input_is_counted_to_its_end_and_cannot_be_changed_for_others(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    world = World(tmp_path, names=["-"], stdin=reading)
    os.write(writing, (stamped(NOON, "job 1 started") + stamped(NOON, "job 1 done")).encode())
    world.turn()
    world.names = (*world.names, str(tmp_path / "*.log"))
    assert world.exporter.reload().problem == (
        "what is read, and how, cannot change while standard input is; start logwatch serve anew"
    )
    os.close(writing)
    world.settle()
    assert world.value("pair_completed_total", {"pair": "job"}) == 1
    assert world.value("lines_read_total", {"input": "<stdin>"}) == 2
    world.stop()
    os.close(reading)


def test_standard_input_that_is_closed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        World(tmp_path, names=["-"])
    assert str(told.value) == "-: standard input is closed; name a file, or pipe something in"


def test_a_journal_whose_arguments_nobody_understands_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        World(tmp_path, names=["journal:'worker"])
    assert str(told.value) == (
        "journal:'worker: is no journal (No closing quotation); write it like journal:worker.service"
    )


def test_a_log_whose_name_is_not_utf_8_is_told_of_and_ends_nothing(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.log")
    (tmp_path / name).write_text(stamped(NOON, "oops in disk"))
    target = tmp_path / os.fsdecode(b"\xfe")
    target.write_text(stamped(NOON, "oops in disk"))
    (tmp_path / "link.log").symlink_to(target)
    world = World(tmp_path)
    world.log("oops in disk")
    world.settle()
    assert world.value("rule_matching_records_total", {"rule": "oops"}) == 2
    assert world.value("input_unreadable", {"input": f"{tmp_path}/\\xff.log"}) == 1
    assert [stream.trouble for stream in world.snapshot.streams if stream.trouble] == [
        "has a name that is not UTF-8; rename it, or name a link to it"
    ]
    world.restart()
    world.settle()
    assert world.value("rule_matching_records_total", {"rule": "oops"}) == 2
    world.stop()
