"""Running: in a thread that ends well, says what goes wrong, and lets no clock disturb it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logwatch.config import Config, ServeConfig
from logwatch.ruleset.load import load_rules
from logwatch.serve.books import Books
from logwatch.serve.exporter import Exporter
from logwatch.serve.setup import Setup
from tests.cli.command import run
from tests.pipeline.workers import wait_until
from tests.serve.world import JOBS, World, stamped


def exporter_of(folder: Path, **options: object) -> Exporter:
    (folder / "rules.yml").write_text(JOBS, encoding="utf-8")
    config = Config(serve=ServeConfig(state=folder / "state"))
    setup = Setup(config, load_rules([folder / "rules.yml"]), (str(folder / "*.log"),))
    return Exporter(lambda: setup, **options)  # type: ignore[arg-type]


def test_a_thread_follows_until_it_is_stopped_and_stores_what_it_read(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text(stamped(datetime.now(UTC), "oops in disk"))
    exporter = exporter_of(tmp_path)
    exporter.start()
    wait_until(lambda: exporter.snapshot.ready, "everything that was there is read")
    with log.open("a") as file:
        file.write(stamped(datetime.now(UTC), "oops in fan"))
    wait_until(lambda: exporter.snapshot.streams[0].lines == 2, "what is written since is read")
    exporter.stop()
    assert threading.active_count() == 1 or all(
        thread.name != "logwatch-exporter" for thread in threading.enumerate()
    )
    again = exporter_of(tmp_path)
    again.turn(0.0, datetime.now(UTC))
    assert again.snapshot.streams[0].lines == 2
    again.stop()


def test_a_fault_of_the_thread_is_told_and_what_it_had_half_done_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "worker.log").write_text(stamped(datetime.now(UTC), "oops in disk") * 1500)
    faults: list[BaseException] = []
    exporter = exporter_of(tmp_path, failed=faults.append)

    def broken(*_: object) -> None:
        raise RuntimeError("a fault")

    with monkeypatch.context() as patched:
        patched.setattr(Books, "apply", broken)
        exporter.start()
        wait_until(lambda: bool(faults), "the fault is told")
        exporter.stop()
    assert str(faults[0]) == "a fault"
    world = World(tmp_path, wall=datetime.now(UTC))
    world.settle()
    assert world.value("rule_matching_records_total", {"rule": "oops"}) == 1500
    world.stop()


def test_a_clock_that_is_put_back_by_an_hour_disturbs_no_counter(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.log("job 1 started")
    world.turn(20.0)
    world.log("job 1 done")
    world.settle()
    world.wall -= timedelta(hours=1)
    for number in range(2, 5):
        world.log(f"job {number} started")
        world.turn(20.0)
        world.log(f"job {number} done")
        world.turn(20.0)
    world.settle()
    assert world.value("pair_completed_total", {"pair": "job"}) == 4
    assert world.value("pair_timed_out_total", {"pair": "job"}) == 0
    world.stop()


def test_serve_says_what_keeps_it_from_starting(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text("version: 1\nrules: []\nrule: x\n")
    without = run("serve", directory=tmp_path)
    assert (without.code, without.err) == (
        2,
        "logwatch: no sources: name log files, or write a logwatch.yml with 'sources:' (see the README for one)\n",
    )
    bad = run("serve", "a.log", "--rules", "rules.yml", directory=tmp_path)
    assert bad.code == 2
    assert "unknown key 'rule'; did you mean 'rules'?" in bad.err
    (tmp_path / "rules.yml").write_text(JOBS)
    (tmp_path / "kept").symlink_to(tmp_path)
    link = run("serve", "a.log", "--rules", "rules.yml", "--state", "kept", directory=tmp_path)
    assert (link.code, link.err) == (
        2,
        "logwatch: kept: is a link; name the folder itself with --state\n",
    )
    public = run(
        "serve", "a.log", "--rules", "rules.yml", "--web.listen-address", "0.0.0.0:0", directory=tmp_path
    )
    assert public.code == 2


def test_what_cannot_be_read_is_told_once_when_it_lasts_and_when_it_is_over(tmp_path: Path) -> None:
    world = World(tmp_path, names=["worker.log", "other.log"])
    world.log("job 1 started")
    world.settle()
    missing = f"{tmp_path}/other.log: does not exist"
    assert world.said == [missing]
    world.log("job 1 started", name="other.log")
    world.turn()
    (tmp_path / "worker.log").rename(tmp_path / "worker.log.1")
    world.turn()  # for a moment, a rotation leaves no log
    world.log("job 2 started")
    world.settle()
    assert world.said == [missing, f"{tmp_path}/other.log: can be read now"]
    (tmp_path / "other.log").unlink()
    world.settle()
    assert world.said[2:] == [missing]
    world.stop()


def test_of_many_that_cannot_be_read_the_first_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    world = World(tmp_path, names=[f"{number}.log" for number in range(25)])
    world.turn()
    assert len(world.said) == 21
    assert world.said[-1] == "… and 5 more; they are all in /api/v1/status"
    world.stop()


def test_a_backlog_is_read_in_turns_that_are_short_and_each_is_shown(tmp_path: Path) -> None:
    """So that a supervisor who asks /-/healthy sees progress, however long it takes to catch up."""
    world = World(tmp_path)
    for number in range(8):
        world.write(stamped(world.wall, "x" * 2000) * 500, name=f"{number}.log")
    read = []
    while True:
        world.now += 1.0
        world.wall += timedelta(seconds=1)
        behind = world.exporter.turn(world.now, world.wall)
        assert world.snapshot.at == world.wall
        assert world.snapshot.ready is not behind
        read.append(sum(stream.lines for stream in world.snapshot.streams))
        if not behind:
            break
    assert read[0] < 4000 == read[-1]
    world.stop()
