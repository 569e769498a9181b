"""Killed at any point, the exporter loses nothing and counts nothing twice: it goes on as if it had never ended."""

from __future__ import annotations

import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.serve.killed import POINTS, counters, run
from tests.serve.world import JOBS, NOON, World, stamped

ROOT = Path(__file__).parents[2]


def stage(number: int) -> str:
    """Return some lines of jobs, late lines and an error among them, half a line at the end."""
    begin = NOON + timedelta(seconds=30 * number)
    lines = []
    for job in range(10):
        at = begin + timedelta(seconds=job)
        lines.append(stamped(at, f"job {number}-{job} started"))
        outcome = ("done", "failed", "had nothing to do", "done")[job % 4]
        if job != 7:
            lines.append(stamped(at + timedelta(seconds=2), f"job {number}-{job} {outcome}"))
    lines[3], lines[6] = lines[6], lines[3]
    return "".join(lines) + stamped(begin + timedelta(seconds=11), "oops in disk") + "20"


def test_a_kill_at_any_point_leaves_the_counters_of_an_uninterrupted_run(tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    killed.mkdir()
    whole.mkdir()
    world = World(whole)
    last = None
    for number, point in enumerate((*POINTS, "")):
        text = stage(number)[2 if number else 0 :]  # goes on with the half line of the stage before
        for folder in (killed, whole):
            with (folder / "worker.log").open("a", encoding="utf-8") as log:
                log.write(text)
        seconds = 30 * number
        if point:
            assert run(killed, seconds + 10, point) is None
        last = run(killed, seconds + 11)
        world.wall = NOON + timedelta(seconds=seconds + 11)
        for _ in range(20):
            world.turn(1.0)
    world.stop()
    whole_counters = {name.replace(str(whole), str(killed)): n for name, n in counters(world).items()}
    assert last == whole_counters
    assert whole_counters["logwatch_pair_completed_total {'pair': 'job'}"] == 5 * 4


class Serve:
    """`logwatch serve` as people start it."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/metrics"
        command = [sys.executable, "-m", "logwatch", "serve", "*.log", "--rules", "rules.yml"]
        self._errors = (folder / "errors.txt").open("ab")
        self.process = subprocess.Popen(
            [*command, "--web.listen-address", f"127.0.0.1:{port}"],
            cwd=folder,
            stderr=self._errors,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        )

    def scrape(self) -> dict[str, float]:
        """Return the counters; empty while nothing is served yet."""
        try:
            with urllib.request.urlopen(self.url, timeout=5) as answer:
                text = answer.read().decode()
        except OSError:
            return {}
        return {
            line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if re.match(r"logwatch_(?!state)\w+_(total|count|bucket)[ {]", line)
        }

    def end(self, number: int) -> None:
        self.process.send_signal(number)
        self.process.wait(timeout=30)
        self._errors.close()


@contextmanager
def serving(folder: Path, how_it_ends: int) -> Iterator[Serve]:
    serve = Serve(folder)
    try:
        yield serve
    finally:
        serve.end(how_it_ends)


@pytest.mark.slow
def test_killed_again_and_again_while_logs_rotate_no_job_is_lost_or_counted_twice(tmp_path: Path) -> None:
    chance = random.Random(4)
    (tmp_path / "rules.yml").write_text(JOBS, encoding="utf-8")
    (tmp_path / "logwatch.yml").write_text("version: 1\nlateness: 1s\n", encoding="utf-8")
    log = tmp_path / "worker.log"
    log.touch()
    jobs = 0
    seen: dict[str, float] = {}

    def write(n: int) -> None:
        nonlocal jobs
        with log.open("a", encoding="utf-8") as file:
            for _ in range(n):
                jobs += 1
                now = datetime.now(UTC)
                file.write(stamped(now, f"job {jobs} started") + stamped(now, f"job {jobs} done"))

    def look(serve: Serve) -> None:
        found = serve.scrape()
        went_back = {
            name: (n, found.get(name)) for name, n in seen.items() if found and found.get(name, -1) < n
        }
        assert not went_back
        seen.update(found)

    for round_ in range(4):
        with serving(tmp_path, signal.SIGKILL) as serve:
            while not serve.scrape():
                write(1)
                time.sleep(0.1)
            for _ in range(chance.randrange(5, 25)):
                write(chance.randrange(30))
                look(serve)
                time.sleep(0.05)
        if round_ % 2:
            if (tmp_path / "worker.log.1").exists():
                (tmp_path / "worker.log.1").rename(tmp_path / "worker.log.2")
            log.rename(tmp_path / "worker.log.1")
            log.touch()
    with serving(tmp_path, signal.SIGTERM) as serve:
        deadline = time.monotonic() + 60
        while seen.get('logwatch_pair_completed_total{pair="job"}') != jobs and time.monotonic() < deadline:
            look(serve)
            time.sleep(0.2)
    assert serve.process.returncode == 0
    assert seen['logwatch_pair_completed_total{pair="job"}'] == jobs
    assert seen['logwatch_pair_started_total{pair="job"}'] == jobs
    assert sum(n for name, n in seen.items() if name.startswith("logwatch_lines_read_total")) == 2 * jobs


def rotate(folder: Path) -> None:
    """Rotate as logrotate does: the older a file, the higher its number."""
    old = [folder / f"worker.log.{n}" for n in range(1, 20)]
    for path, older in reversed(list(pairwise(old))):
        if path.exists():
            path.rename(older)
    (folder / "worker.log").rename(old[0])
    (folder / "worker.log").touch()


@pytest.mark.parametrize("seed", range(4))
def test_kills_and_rotations_in_any_order_lose_no_line(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    world = World(tmp_path)
    jobs = 0

    def write() -> None:
        nonlocal jobs
        for _ in range(chance.randrange(1, 6)):
            jobs += 1
            world.log(f"job {jobs} started", f"job {jobs} done")

    write()
    world.turn()
    for _ in range(30):
        what = chance.choices(("write", "turn", "restart", "rotate"), (6, 4, 2, 2))[0]
        if what == "write":
            write()
        elif what == "turn":
            world.turn(chance.choice([0.05, 0.5, 1.0, 6.0]))
        elif what == "restart":
            world.restart()
        else:
            world.kill()
            rotate(tmp_path)
            if chance.random() < 0.5:
                write()
            world.start()
    world.settle()
    assert world.value("lines_read_total", {"input": str(tmp_path / "worker.log")}) == 2 * jobs
    assert world.value("pair_completed_total", {"pair": "job"}) == jobs
    world.stop()
