"""Truncation: a copy is not counted again, what is lost is said, and what is new is read from its start."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from logwatch.following import Limits, NoticeKind
from tests.following.world import Reader, lines, tick, write


def copy_and_truncate(log: Path, copy: Path) -> None:
    """Do what logrotate's `copytruncate` does."""
    shutil.copyfile(log, copy)
    tick(copy)
    os.truncate(log, 0)
    tick(log)


def test_a_copy_of_what_was_read_is_not_counted_again(tmp_path: Path) -> None:
    """Fault 4: copytruncate when all was read, the copy in the glob; nor after a restart."""
    log = tmp_path / "app.log"
    write(log, lines(1, 5))
    reader = Reader(tmp_path / "app.log*")
    reader.poll()
    copy_and_truncate(log, tmp_path / "app.log.1")
    write(log, lines(6, 7))
    reader.poll()
    reader.commit()
    reader.kill()
    reader.finish()
    assert reader.ids == list(range(1, 8))
    assert NoticeKind.TRUNCATED in reader.kinds()
    assert reader.gaps() == []


def test_a_copy_that_is_seen_before_the_truncation_is_not_counted_again(tmp_path: Path) -> None:
    """Fault 4: a poll between the copy and the truncation sees two files with the same content."""
    log, copy = tmp_path / "app.log", tmp_path / "app.log.1"
    write(log, lines(1, 5))
    reader = Reader(tmp_path / "app.log*")
    reader.poll()
    shutil.copyfile(log, copy)
    tick(copy)
    reader.poll()
    write(log, lines(6, 7))
    reader.poll()
    os.truncate(log, 0)
    tick(log)
    write(log, lines(8, 9))
    reader.finish()
    assert reader.ids == list(range(1, 10))


@pytest.mark.parametrize("pad", ["", " of more than a KiB" * 20])
def test_a_copy_that_is_behind_what_was_read_is_not_counted_again(tmp_path: Path, pad: str) -> None:
    """Fault 4: lines came between the copy and the truncation, and were read; the log alone is named."""
    log, copy = tmp_path / "app.log", tmp_path / "app.log.1"
    write(log, lines(1, 9, pad=pad))
    reader = Reader(log)
    reader.poll()
    shutil.copyfile(log, copy)
    tick(copy)
    write(log, lines(10, 11, pad=pad))
    reader.poll()
    reader.commit()
    if pad:
        reader.kill()
    os.truncate(log, 0)
    write(log, lines(12, 13, pad=pad))
    reader.finish()
    assert reader.ids == list(range(1, 14))
    assert reader.gaps() == []


def test_unread_lines_are_found_in_the_copy(tmp_path: Path) -> None:
    """Fault 5: copytruncate with a backlog, the copy named or beside the log: recovered once, in order."""
    for name in ("app.log", "app.log*"):
        directory = tmp_path / name.replace("*", "-any")
        directory.mkdir()
        log = directory / "app.log"
        write(log, lines(1, 5))
        reader = Reader(directory / name)
        reader.poll()
        write(log, lines(6, 20))
        copy_and_truncate(log, directory / "app.log.1")
        write(log, lines(21, 22))
        reader.finish()
        assert reader.ids == list(range(1, 23)), name
        assert reader.gaps() == []


def test_unread_lines_whose_copy_is_elsewhere_are_reported(tmp_path: Path) -> None:
    """Fault 5: the copy is outside of the glob; the gap is told, with the bytes that were seen and not read."""
    log = tmp_path / "app.log"
    write(log, lines(1, 9))
    reader = Reader(log, limits=Limits(file_bytes=16))
    reader.poll(times=1)
    reader.commit()
    reader.kill()
    (tmp_path / "elsewhere").mkdir()
    copy_and_truncate(log, tmp_path / "elsewhere" / "copy")
    write(log, lines(10, 12))
    reader.finish()
    assert reader.ids == [1, 2, 3, 4, 10, 11, 12]
    assert [(notice.kind, notice.detail, notice.size) for notice in reader.notices] == [
        (NoticeKind.TRUNCATED, "holds other bytes than before, and is read from its start", 0),
        (NoticeKind.GAP, "was truncated before 20 bytes of it were read", 20),
    ]


def test_a_log_that_was_truncated_and_grew_past_the_offset_is_read_from_its_start(tmp_path: Path) -> None:
    """Fault 6: same inode, more bytes than before; only the content tells."""
    log = tmp_path / "app.log"
    write(log, lines(1, 5))
    reader = Reader(log)
    reader.poll()
    inode = log.stat().st_ino
    write(log, lines(6, 60), mode="wb")
    assert log.stat().st_ino == inode
    reader.finish()
    assert reader.ids == list(range(1, 61))


def test_a_log_that_was_truncated_and_grew_while_nobody_read_is_read_from_its_start(tmp_path: Path) -> None:
    """Fault 7: the same while stopped; also with exactly as many bytes as before, and with a common beginning."""
    for again in (lines(11, 60), lines(11, 15), "<1>\n<2>\n" + lines(11, 60)):
        log = tmp_path / "app.log"
        write(log, lines(1, 5), mode="wb")
        reader = Reader(log)
        reader.poll()
        reader.commit()
        write(log, again, mode="wb")
        reader.kill()
        reader.finish()
        assert reader.ids == [*range(1, 6), *(int(line.strip("<>")) for line in again.split())]


def test_the_hole_of_a_writer_that_does_not_append_is_skipped(tmp_path: Path) -> None:
    """Fault 8: as Node's `createWriteStream` with its default flag `w`, the writer goes on at its old offset."""
    log = tmp_path / "app.log"
    writer = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        os.write(writer, lines(1, 3).encode())
        reader = Reader(log)
        reader.poll()
        os.truncate(log, 0)
        reader.poll()
        os.write(writer, lines(4, 6).encode())
        tick(writer)
    finally:
        os.close(writer)
    assert log.read_bytes() == bytes(12) + b"<4>\n<5>\n<6>\n"
    reader.finish()
    assert reader.ids == [1, 2, 3, 4, 5, 6]
    chunk = reader.chunks[-1]
    assert (chunk.data, chunk.offset, chunk.line, chunk.position) == (b"<4>\n<5>\n<6>\n", 12, 1, 12)
    assert [(notice.detail, notice.size) for notice in reader.notices if notice.kind is NoticeKind.NULS] == [
        ("holds 12 NUL bytes before byte 12, which were skipped", 12)
    ]


def test_a_hole_larger_than_a_poll_is_skipped(tmp_path: Path) -> None:
    """Fault 8: megabytes of NULs are one hole, and no line of their own."""
    log = tmp_path / "app.log"
    write(log, bytes(300_000) + lines(1, 3).encode())
    reader = Reader(log, limits=Limits(file_bytes=4096))
    reader.finish()
    assert b"".join(chunk.data for chunk in reader.chunks) == lines(1, 3).encode()
    assert sum(notice.size for notice in reader.notices if notice.kind is NoticeKind.NULS) == 300_000


def test_half_a_line_that_was_seen_before_a_truncation_is_handed_out(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    write(log, lines(1, 2) + "<3> half")
    reader = Reader(log)
    reader.poll()
    os.truncate(log, 0)
    write(log, lines(4, 5))
    reader.finish()
    assert reader.ids == [1, 2, 3, 4, 5]
    assert reader.halves() == [b"<3> half\n"]


def test_a_truncation_to_what_was_read_loses_nothing(tmp_path: Path) -> None:
    """A half line is cut off: what was read before it is not read again, and it is handed out as it was seen."""
    log = tmp_path / "app.log"
    write(log, lines(1, 2) + "<3")
    reader = Reader(log)
    reader.poll()
    os.truncate(log, 8)
    tick(log)
    reader.poll()
    write(log, lines(4, 5))
    reader.finish()
    assert [line for _, _, line in reader.committed] == [
        b"<1>\n",
        b"<2>\n",
        b"<3\n",
        b"<4>\n",
        b"<5>\n",
    ]
    assert reader.kinds() == [NoticeKind.HALF_LINE]
