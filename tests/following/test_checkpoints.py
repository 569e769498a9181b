"""Checkpoints: all that is needed to go on, and no more; what the outside world does to them is survived."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from logwatch.following import Checkpoint, FileCheckpoint, Follower, Limits, Notice
from logwatch.following.checkpoint import HEAD_LENGTH, MARKER_LENGTH
from tests.following.world import Reader, lines, write


def test_a_checkpoint_holds_hashes_and_no_text_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    write(log, "password=hunter2\n" * 200)
    reader = Reader(log)
    reader.poll()
    (checkpoint,) = reader.follower.checkpoints()
    assert b"hunter2" not in msgspec.msgpack.encode(checkpoint)
    assert (checkpoint.head.length, checkpoint.marker.length) == (HEAD_LENGTH, MARKER_LENGTH)
    assert (checkpoint.offset, checkpoint.line, checkpoint.position) == (3400, 201, 3400)


def test_files_that_are_gone_are_forgotten_in_the_end(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    reader = Reader(log, limits=Limits(forget_after=1000.0))
    for number in range(1, 60):
        write(log, lines(number, number))
        reader.poll(6.0)
        log.unlink()
        reader.poll(6.0)
        reader.poll(6.0)
    assert len(reader.follower.checkpoints()) <= 17
    reader.poll(2000.0)
    assert reader.follower.checkpoints() == []
    reader.commit()
    assert reader.ids == list(range(1, 60))


def test_a_log_whose_name_is_no_longer_given_is_remembered_while_it_is_there(tmp_path: Path) -> None:
    kept, gone = tmp_path / "kept.log", tmp_path / "gone.log"
    write(kept, lines(1, 3))
    write(gone, lines(4, 6) + "<7> half")
    reader = Reader(tmp_path)
    reader.poll()
    stored = reader.follower.checkpoints()
    reader.follower.close()
    gone.unlink()
    other = Follower([str(tmp_path / "other.log")], stored, limits=Limits(forget_after=10.0))
    other.poll(0.0)
    assert {checkpoint.path for checkpoint in other.checkpoints()} == {str(kept), str(gone)}
    assert [(item.detail, item.size) for item in other.poll(20.0) if isinstance(item, Notice)][-1:] == [
        ("is gone before 8 bytes of it were read", 8)
    ]
    assert [checkpoint.path for checkpoint in other.checkpoints()] == [str(kept)]
    reader.stored = list(other.checkpoints())
    reader.kill()
    write(kept, lines(7, 8))
    assert [chunk.data for chunk in reader.poll() if hasattr(chunk, "data")] == [b"<7>\n<8>\n"]


def test_checkpoints_of_a_file_system_with_another_number_are_found_again(tmp_path: Path) -> None:
    """After a reboot a device may have another number; path, inode and content say that it is the same file."""
    log = tmp_path / "app.log"
    write(log, lines(1, 5))
    reader = Reader(log)
    reader.poll()
    reader.commit()
    (checkpoint,) = reader.stored
    assert isinstance(checkpoint, FileCheckpoint)
    assert checkpoint.file is not None
    moved = type(checkpoint.file)(checkpoint.file.device + 1, checkpoint.file.inode)
    reader.stored = [msgspec.structs.replace(checkpoint, file=moved)]
    reader.kill()
    write(log, lines(6, 7))
    reader.finish()
    assert reader.ids == [1, 2, 3, 4, 5, 6, 7]


def test_without_its_checkpoints_a_follower_reads_what_is_retained_from_the_start(tmp_path: Path) -> None:
    """Fault 20, for the follower: state that was lost is made again from the logs that are there."""
    log = tmp_path / "app.log"
    write(log, lines(1, 5))
    reader = Reader(tmp_path / "app.log*")
    reader.poll()
    log.rename(tmp_path / "app.log.1")
    write(log, lines(6, 9))
    reader.stored, reader.committed = [], []
    reader.kill()
    reader.finish()
    assert reader.ids == list(range(1, 10))


KILLED = """
import sys, time
from pathlib import Path
import msgspec
from logwatch.following import Checkpoint, Chunk, Follower
from logwatch.following.waking import Waker
state, names = Path(sys.argv[1]), sys.argv[2:]
checkpoints, read = msgspec.msgpack.decode(state.read_bytes(), type=tuple[list[Checkpoint], list[bytes]])
follower = Follower(names, checkpoints)
waker = Waker(follower.directories)
while True:
    read += [item.data for item in follower.poll(time.monotonic()) if isinstance(item, Chunk)]
    new = state.with_suffix(".new")
    new.write_bytes(msgspec.msgpack.encode((follower.checkpoints(), read)))
    new.replace(state)
    if not follower.behind:
        waker.wait(0.02)
"""


@pytest.mark.slow
def test_a_reader_that_is_killed_at_any_moment_reads_each_line_once(tmp_path: Path) -> None:
    """Fault 19: SIGKILL, again and again, while the log is written and rotated; equal to an uninterrupted run."""
    log, state, written = tmp_path / "app.log", tmp_path / "state", 0
    state.write_bytes(msgspec.msgpack.encode(([], [])))
    command = [sys.executable, "-c", KILLED, str(state), f"{log}*"]

    def read() -> list[int]:
        _, chunks = msgspec.msgpack.decode(state.read_bytes(), type=tuple[list[Checkpoint], list[bytes]])
        return [int(number) for number in re.findall(rb"<(\d+)>", b"".join(chunks))]

    reader = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + 60
        for _ in range(6):
            before = len(read())
            while len(read()) == before:  # it comes a little further than the last time
                write(log, lines(written + 1, written + 20))
                written += 20
                if written % 300 == 0:
                    for number in range(60, 0, -1):
                        older = tmp_path / f"app.log.{number}"
                        if older.exists():
                            older.rename(tmp_path / f"app.log.{number + 1}")
                    log.rename(tmp_path / "app.log.1")
                assert time.monotonic() < deadline
                time.sleep(0.01)  # a writer that pauses now and then
            reader.kill()
            reader.wait()
            write(log, lines(written + 1, written + 7) + "<")
            with log.open("a") as file:
                file.write(f"{written + 8}>\n")
            written += 8
            reader = subprocess.Popen(command)
        while len(read()) < written:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        reader.kill()
        reader.wait()
    assert Counter(read()) == Counter(range(1, written + 1))
