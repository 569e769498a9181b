"""What names lead to: every file once, however many names it has; thousands of them within few descriptors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from logwatch.following import Limits, NoticeKind
from tests.following.world import Reader, each_once, lines, write
from tests.memory import PEAK

NOBODY = 65534


@contextmanager
def without_privileges() -> Iterator[None]:
    """Be nobody for a while, if we are root: permissions do not bind root."""
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if was_root:
            os.seteuid(0)


def test_a_file_of_many_names_is_read_once(tmp_path: Path) -> None:
    """Fault 12: hard links, symbolic links, a directory and globs that overlap."""
    log = tmp_path / "app.log"
    write(log, lines(1, 3))
    (tmp_path / "hard.log").hardlink_to(log)
    (tmp_path / "soft.log").symlink_to(log)
    reader = Reader(tmp_path, tmp_path / "*.log", log, tmp_path / "soft.log", tmp_path / "hard.log")
    reader.poll()
    write(log, lines(4, 5))
    reader.finish()
    assert reader.ids == [1, 2, 3, 4, 5]


def test_a_link_that_is_made_later_changes_nothing(tmp_path: Path) -> None:
    """Fault 12: a further name turns up while the file is followed, and its first name goes."""
    log, other = tmp_path / "b.log", tmp_path / "a.log"
    write(log, lines(1, 3))
    reader = Reader(tmp_path / "*.log")
    reader.poll()
    other.hardlink_to(log)
    write(log, lines(4, 5))
    reader.poll()
    log.unlink()
    write(other, lines(6, 7))
    reader.finish()
    assert reader.ids == [1, 2, 3, 4, 5, 6, 7]
    assert {stream for stream, _, _ in reader.committed} == {str(log)}


def test_files_that_begin_alike_are_different_files(tmp_path: Path) -> None:
    """Fault 13: two logs with the same first KiB, and two that are equal altogether."""
    banner = "".join(f"worker starting, step {n} of the same banner\n" for n in range(40))
    assert len(banner) > 1024
    for number, name in enumerate(["a", "b"]):
        write(tmp_path / f"{name}.log", banner + lines(10 * number + 1, 10 * number + 10))
    reader = Reader(tmp_path / "*.log")
    reader.poll()
    reader.commit()
    reader.kill()
    write(tmp_path / "c.log", (tmp_path / "a.log").read_bytes())
    reader.finish()
    assert sorted(reader.ids) == sorted([*range(1, 21), *range(1, 11)])


def test_a_file_that_may_not_be_read_is_read_once_it_may() -> None:
    """Fault 21: EACCES is told once, the bytes are known to be unread, and nothing is lost."""
    with without_privileges(), tempfile.TemporaryDirectory(dir="/tmp") as directory:
        log = Path(directory) / "app.log"
        write(log, lines(1, 3))
        log.chmod(0)
        reader = Reader(log)
        reader.poll()
        reader.poll()
        detail = "cannot be read: permission denied; run as a user who may read it, or change its mode"
        assert [(notice.kind, notice.detail) for notice in reader.notices] == [
            (NoticeKind.UNREADABLE, detail)
        ]
        assert reader.follower.troubles == {str(log): detail}
        log.chmod(0o600)
        write(log, lines(4, 5))
        reader.finish()
        assert reader.ids == [1, 2, 3, 4, 5]
        assert reader.follower.troubles == {}


def test_what_is_no_log_is_told_once_and_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.log")
    write(tmp_path / "picture.log", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    reader = Reader(tmp_path / "fifo.log", tmp_path / "picture.log", tmp_path / "missing.log")
    reader.poll()
    reader.poll()
    assert reader.chunks == []
    assert {(Path(notice.name).name, notice.kind) for notice in reader.notices} == {
        ("fifo.log", NoticeKind.UNREADABLE),
        ("picture.log", NoticeKind.UNREADABLE),
        ("missing.log", NoticeKind.UNREADABLE),
    }
    assert len(reader.notices) == 3
    write(tmp_path / "missing.log", lines(1, 2))
    reader.finish()
    assert reader.ids == [1, 2]


def test_lines_are_counted_from_the_end_on_where_that_is_the_start(tmp_path: Path) -> None:
    write(tmp_path / "empty.log", "")
    write(tmp_path / "old.log", lines(1, 3))
    reader = Reader(tmp_path / "*.log", from_end=True)
    reader.poll()
    for name in ("empty.log", "old.log"):
        write(tmp_path / name, lines(4, 4))
    reader.poll()
    assert {(Path(chunk.name).name, chunk.line) for chunk in reader.chunks} == {
        ("empty.log", 1),
        ("old.log", 0),
    }


def test_from_the_end_what_is_there_at_first_is_left_out(tmp_path: Path) -> None:
    """Half a line is read when it is ended, a log that comes later from its start, and so is one after a restart."""
    log = tmp_path / "a.log"
    write(log, lines(1, 3) + "<4> ha")
    reader = Reader(tmp_path / "*.log", from_end=True)
    reader.poll()
    write(log, "lf\n" + lines(5, 6))
    write(tmp_path / "b.log", lines(7, 8))
    reader.poll()
    reader.commit()
    reader.follower.close()
    log.rename(tmp_path / "a.log.1")
    write(log, lines(9, 10))
    again = Reader(tmp_path / "*.log", from_end=True)
    again.stored, again.committed = reader.stored, reader.committed
    again.follower = again._new(from_end=True)
    again.finish()
    assert each_once(again.ids, 4, 10)
    assert reader.chunks[0].line == 0  # nobody knows how many lines were left out


def test_a_busy_log_does_not_starve_the_others(tmp_path: Path) -> None:
    """Fault 22: each log gets its turn, though one has more than a poll may read."""
    write(tmp_path / "a.log", lines(1, 5000))
    for number in range(20):
        write(tmp_path / f"b{number}.log", lines(10_000 + number, 10_000 + number))
    reader = Reader(tmp_path / "*.log", limits=Limits(file_bytes=200, poll_bytes=400))
    polls = 0
    while len({chunk.stream for chunk in reader.chunks}) < 21:
        reader.poll(times=1)
        polls += 1
    assert polls < 21
    assert reader.follower.behind


MANY = (
    PEAK
    + """
import json, os, re, resource, sys
from collections import Counter
from pathlib import Path
from logwatch.following import Chunk, Follower
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
directory, count = Path(sys.argv[1]), int(sys.argv[2])
paths = [directory / f"{n}.log" for n in range(count)]
def write(text, mode="a"):
    for n, path in enumerate(paths):
        with path.open(mode) as file:
            file.write(f"<{n}:{text}>\\n")
write("first")
follower, read, now, stored = Follower([str(directory)]), Counter(), 0.0, []
def poll(times):
    global now
    for _ in range(times):
        now += 1.0
        while True:
            for item in follower.poll(now):
                if isinstance(item, Chunk):
                    read.update(item.data.decode().splitlines())
            stored[:] = follower.checkpoints()
            if not follower.behind:
                break
poll(2)
write("second")
for path in paths[::2]:
    path.rename(f"{path}.1")
write("third")
poll(3)
follower.close()
follower = Follower([str(directory)], stored)
write("fourth")
poll(3)
expected = Counter(f"<{n}:{text}>" for n in range(count) for text in ("first", "second", "third", "fourth"))
print(json.dumps({"missing": len(expected - read), "twice": len(read - expected), "troubles": follower.troubles,
    "open": len(os.listdir("/proc/self/fd")), "rss": peak() >> 10}))
"""
)


@pytest.mark.slow
def test_thousands_of_files_are_read_within_few_descriptors(tmp_path: Path) -> None:
    """Fault 22: 5,000 files, half of them rotated, 256 descriptors."""
    command = [sys.executable, "-c", MANY, str(tmp_path), "5000"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    result = json.loads(done.stdout)
    assert (result["missing"], result["twice"], result["troubles"]) == (0, 0, {})
    assert result["open"] < 256
    assert result["rss"] < 200
