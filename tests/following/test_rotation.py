"""Rotation by rename: what the old file holds, and still gets, is read as well as the new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from logwatch.following import Flaw, Limits, NoticeKind
from tests.following.world import Reader, each_once, lines, tick, write

NAMES = pytest.mark.parametrize("name", ["app.log", "app.log*"])
"""With the glob, rotated files are named as well; without, they are found beside the log."""


def rotate(log: Path, *, kept: int = 5) -> None:
    """Rename as logrotate does: `app.log.1` to `app.log.2`, `app.log` to `app.log.1`."""
    for number in range(kept - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.rename(log.with_name(f"{log.name}.{number + 1}"))
    log.rename(log.with_name(f"{log.name}.1"))


@NAMES
def test_a_writer_that_keeps_the_old_file_is_read_on(tmp_path: Path, name: str) -> None:
    """Fault 1: rename and create, the old descriptor is written for three more seconds."""
    log = tmp_path / "app.log"
    write(log, lines(1, 3))
    reader = Reader(tmp_path / name)
    reader.poll()
    with log.open("a") as old:
        rotate(log)
        write(log, lines(10, 11))
        for second in range(3):
            old.write(lines(4 + 2 * second, 5 + 2 * second))
            old.flush()
            tick(old.fileno())
            reader.poll()
    reader.finish()
    assert each_once(reader.ids, 1, 9 + 2)
    assert NoticeKind.ROTATED in reader.kinds()
    assert reader.gaps() == []


@NAMES
def test_what_the_old_file_still_holds_comes_before_the_new_one(tmp_path: Path, name: str) -> None:
    """Fault 1, with a backlog: the old file is drained first, however many polls that takes."""
    log = tmp_path / "app.log"
    write(log, lines(1, 3))
    reader = Reader(tmp_path / name, limits=Limits(file_bytes=40))
    reader.poll()
    write(log, lines(4, 60))
    rotate(log)
    write(log, lines(61, 70))
    reader.finish()
    assert reader.ids == list(range(1, 71))


@NAMES
def test_a_file_that_came_and_went_between_two_polls_is_read(tmp_path: Path, name: str) -> None:
    """Fault 2: two rotations between two polls; the middle file was never seen under the log's name."""
    log = tmp_path / "app.log"
    write(log, lines(1, 3))
    reader = Reader(tmp_path / name)
    reader.poll()
    for first in (4, 7):
        rotate(log)
        write(log, lines(first, first + 2))
    reader.finish()
    assert reader.ids == list(range(1, 10))


@NAMES
def test_rotations_while_nobody_reads_are_caught_up_with_oldest_first(tmp_path: Path, name: str) -> None:
    """Fault 3: rotated while stopped, once and three times."""
    log = tmp_path / "app.log"
    write(log, lines(1, 3))
    reader = Reader(tmp_path / name)
    reader.poll()
    reader.commit()
    for first in (4, 7, 10):
        write(log, lines(first, first + 2))
        rotate(log)
    write(log, lines(13, 14))
    reader.kill()
    reader.finish()
    assert reader.ids == list(range(1, 15))


def test_rotated_files_that_are_named_are_read_oldest_first_at_the_first_start(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    for first in (1, 4, 7):
        write(log, lines(first, first + 2))
        rotate(log)
    write(log, lines(10, 12))
    reader = Reader(tmp_path / "app.log*")
    reader.finish()
    assert reader.ids == list(range(1, 13))


@NAMES
def test_numbers_that_grow_are_known_by_when_files_were_written(tmp_path: Path, name: str) -> None:
    """Log4j's way: `app.log.1` is the oldest. At the first start (named), between polls and while stopped."""
    log, written = tmp_path / "app.log", 0

    def fill_and_rotate(*numbers: int) -> None:
        nonlocal written
        for number in numbers:
            write(log, lines(written + 1, written + 3))
            written += 3
            log.rename(log.with_name(f"app.log.{number}"))
        write(log, lines(written + 1, written + 1))
        written += 1

    fill_and_rotate(8, 9, 10, 11)
    reader = Reader(tmp_path / name, limits=Limits(file_bytes=16))
    reader.poll()
    fill_and_rotate(12, 13)
    reader.poll(times=1)
    reader.commit()
    fill_and_rotate(14, 15)
    reader.kill()
    reader.finish()
    assert reader.ids == list(range(1 if name == "app.log*" else 13, written + 1))


def test_files_that_were_copied_are_sorted_by_their_names(tmp_path: Path) -> None:
    """`cp app.log* DIR`: written in the order of names, the log itself first."""
    for name, first in (("app.log", 10), ("app.log.1", 7), ("app.log.2", 4), ("app.log.3", 1)):
        write(tmp_path / name, lines(first, first + 2))
    reader = Reader(tmp_path / "app.log*")
    reader.finish()
    assert reader.ids == list(range(1, 13))


def test_rotated_files_that_are_not_named_and_older_than_the_reader_are_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    write(log, lines(1, 3))
    rotate(log)
    write(log, lines(4, 5))
    reader = Reader(log)
    reader.poll()
    rotate(log)
    write(log, lines(6, 7))
    reader.finish()
    assert reader.ids == [4, 5, 6, 7]


def test_an_unlinked_file_is_read_to_its_end(tmp_path: Path) -> None:
    """Fault 10: unlinked with unread bytes, the descriptor open."""
    log = tmp_path / "app.log"
    write(log, lines(1, 30))
    reader = Reader(log, limits=Limits(file_bytes=16))
    reader.poll(times=1)
    assert reader.follower.behind
    with log.open("a") as old:
        log.unlink()
        old.write(lines(31, 40))
        old.flush()
        tick(old.fileno())
        reader.finish()
    assert reader.ids == list(range(1, 41))
    assert [notice.detail for notice in reader.notices if notice.kind is NoticeKind.GONE] == [
        "is gone, and was read to its end"
    ]


def test_bytes_that_were_seen_and_are_gone_are_reported(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    write(log, lines(1, 9))
    reader = Reader(log, limits=Limits(file_bytes=16))
    reader.poll(times=1)  # 16 of 36 bytes
    reader.commit()
    reader.kill()
    log.unlink()
    write(tmp_path / "other.log", "an inode may be taken again at once\n")
    reader.finish()
    assert [(notice.detail, notice.size) for notice in reader.gaps()] == [
        ("is gone before 20 bytes of it were read", 20)
    ]


def test_both_targets_of_a_swapped_link_are_read(tmp_path: Path) -> None:
    """Fault 11: a symbolic link is swapped, and both targets are written to."""
    first, second, link = tmp_path / "a.out", tmp_path / "b.out", tmp_path / "current.log"
    write(first, lines(1, 2))
    link.symlink_to(first)
    reader = Reader(link)
    reader.poll()
    write(second, lines(5, 6))
    link.unlink()
    link.symlink_to(second)
    write(first, lines(3, 4))
    reader.poll()
    write(first, lines(7, 8))
    write(second, lines(9, 10))
    reader.finish()
    assert each_once(reader.ids, 1, 10)
    assert {stream for stream, _, _ in reader.committed} == {str(link)}


@NAMES
def test_half_a_line_at_a_rotation_is_handed_out_once_and_flagged(tmp_path: Path, name: str) -> None:
    """Fault 15: the old file ends without a newline; five quiet seconds later nothing more will come."""
    log = tmp_path / "app.log"
    write(log, lines(1, 2) + "<3> half")
    reader = Reader(tmp_path / name)
    reader.poll()
    rotate(log)
    write(log, lines(4, 5))
    reader.poll(1.0)
    assert reader.halves() == []
    reader.poll(6.0)
    reader.commit()
    reader.kill()
    reader.finish()
    assert reader.ids == [1, 2, 3, 4, 5]
    assert reader.halves() == [b"<3> half\n"]
    assert [notice.detail for notice in reader.notices if notice.kind is NoticeKind.HALF_LINE] == [
        "ends with half a line, at byte 8"
    ]


@NAMES
def test_half_a_line_that_is_ended_after_the_rotation_is_one_line(tmp_path: Path, name: str) -> None:
    """Faults 1 and 15: the writer ends its line in the old file, and only then reopens."""
    log = tmp_path / "app.log"
    write(log, "<1> first ")
    reader = Reader(tmp_path / name)
    reader.poll()
    with log.open("a") as old:
        rotate(log)
        write(log, lines(2, 3))
        reader.poll()
        old.write("half\n")
        old.flush()
        tick(old.fileno())
        reader.finish()
    assert [chunk.data for chunk in reader.chunks] == [b"<1> first half\n", b"<2>\n<3>\n"]
    assert reader.halves() == []


def test_a_log_deleted_and_made_again_is_read_from_its_start(tmp_path: Path) -> None:
    """Fault 9: while it is followed, and while nobody reads; the inode is taken again where the system does that."""
    log = tmp_path / "app.log"
    write(log, lines(1, 5))
    reader = Reader(log)
    reader.poll()
    log.unlink()
    write(log, lines(6, 12))
    reader.poll()
    reader.commit()
    reader.kill()
    inode = log.stat().st_ino
    for _ in range(100):
        log.unlink()
        write(log, lines(13, 30))
        if log.stat().st_ino == inode:
            break
    reader.finish()
    assert reader.ids == list(range(1, 31))


def test_a_line_that_came_later_has_its_place_in_the_new_file(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    write(log, lines(1, 2))
    reader = Reader(log)
    reader.poll()
    rotate(log)
    write(log, lines(3, 4))
    reader.finish()
    last = reader.chunks[-1]
    assert (last.name, last.offset, last.line, last.position) == (str(log), 0, 1, 8)
    assert last.serial != reader.chunks[0].serial
    assert all(chunk.flaw is not Flaw.HALF for chunk in reader.chunks)


def test_names_that_only_look_rotated_are_logs_of_their_own(tmp_path: Path) -> None:
    """`worker.1` and `worker.2` without a `worker` are two workers."""
    for number in (1, 2):
        write(tmp_path / f"worker.{number}", lines(10 * number, 10 * number + 2) + f"<{10 * number + 3}> ha")
    reader = Reader(tmp_path / "worker.*")
    reader.poll(100.0)
    reader.poll(100.0)
    for number in (1, 2):
        write(tmp_path / f"worker.{number}", "lf\n")
    reader.finish()
    assert sorted(reader.ids) == [10, 11, 12, 13, 20, 21, 22, 23]
    assert reader.halves() == []
    assert reader.chunks[0].stream != reader.chunks[1].stream
