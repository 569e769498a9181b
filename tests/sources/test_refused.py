"""What cannot be read says why, in one sentence with its remedy, and yields nothing."""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread, Timer

import pytest

from logwatch.sources.fifo import fifo
from logwatch.sources.files import modified_at
from logwatch.sources.source import Health
from tests.sources.world import TEXT, read, refused, source, sources, written

_LEAVE_OUT = "is binary, not text; leave it out, or convert it to text first"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"\0" * 5000, "holds nothing but NUL bytes"),
        (bytes(range(256)) * 40, _LEAVE_OUT),
        (b"\0" * 5000 + bytes(range(256)) * 40, _LEAVE_OUT),
        (
            b"\xff\xfe" + TEXT.decode().encode("utf-16-le"),
            "is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8 FILE | logwatch check -",
        ),
        (
            TEXT.decode().encode("utf-16-be"),
            "looks like UTF-16 text; convert it: iconv -f UTF-16LE -t UTF-8 FILE | logwatch check - "
            "(or -f UTF-16BE)",
        ),
        (
            TEXT.decode().encode("utf-32"),
            "is UTF-32 text; convert it: iconv -f UTF-32 -t UTF-8 FILE | logwatch check -",
        ),
        (
            b"LPKSHHRH" + b"\0" * 200,
            "is a systemd journal; read it with: journalctl --file=FILE --output=json | logwatch check -",
        ),
        (b"PK\x03\x04" + b"\0" * 99, "is a ZIP archive; unpack it and name the logs in it"),
        (b"\x04\x22\x4d\x18....", "is compressed with lz4, which is not read; decompress it first"),
        (b"\x7fELF\x02\x01\x01", "is an ELF program, not a log; leave it out"),
        (
            b"SQLite format 3\0" + b"\0" * 99,
            "is an SQLite database, not a log; export its rows as text first",
        ),
    ],
)
def test_content_that_is_no_log_is_refused(tmp_path: Path, data: bytes, sentence: str) -> None:
    found = written(tmp_path / "app.log", data)
    assert refused(found) == sentence
    assert not found.health.truncated
    assert found.modified is not None


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        "ünïcode 💥\n".encode(),
        "ünïcode\n".encode("latin-1"),
        "日本語のログ\n".encode("shift_jis"),
        b"\x1b[31mred\x1b[0m\a\b\f\v\n" * 40,
        b"\xef\xbb\xbf" + TEXT,
        TEXT + b"\0" * 100_000 + TEXT,
        TEXT[:60] + b"\0" * 200 + TEXT,
        b"\0" * 3_000_000 + TEXT,
        TEXT * 10 + bytes(range(32)),
    ],
)
def test_text_is_text_in_any_encoding_with_colours_and_holes(tmp_path: Path, data: bytes) -> None:
    found = written(tmp_path / "app.log", data)
    assert read(found) == data
    assert found.health == Health()


def test_a_sparse_hole_of_any_length_before_the_text_is_no_reason_to_refuse(tmp_path: Path) -> None:
    with (tmp_path / "app.log").open("wb") as file:
        file.truncate(64 << 20)
        file.seek(0, os.SEEK_END)
        file.write(TEXT)
    found = source(tmp_path / "app.log")
    assert b"".join(block.data for block in found.blocks((64 << 20) - 10)) == b"\0" * 10 + TEXT
    assert found.health == Health()


def test_a_file_that_is_all_hole_holds_nothing(tmp_path: Path) -> None:
    with (tmp_path / "app.log").open("wb") as file:
        file.truncate(1 << 40)
    assert refused(source(tmp_path / "app.log")) == "holds nothing but NUL bytes"


@contextmanager
def nobody() -> Iterator[None]:
    """Be a user without rights, where the tests are run by one who may read everything."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_what_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    Path("app.log").write_bytes(TEXT)
    Path("app.log").chmod(0)
    Path("closed").mkdir(mode=0)
    sentence = "cannot be read: permission denied; run as a user who may read it, or change its mode"
    with nobody():
        found = sources("app.log", "closed", "closed/*.log", "closed/app.log", "clos*/*.log")
        assert [(one.name, refused(one)) for one in found] == [
            ("app.log", sentence),
            ("closed", sentence),
            ("closed/app.log", sentence),
        ]


def test_devices_and_sockets_are_no_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("app.sock")
        assert refused(source("app.sock")) == "is a socket, not a log"
    for device in ("/dev/zero", "/dev/null", "/dev/full"):
        assert refused(source(device)) == "is a character device, not a log"


def test_a_file_that_does_not_tell_its_size_is_refused_with_the_way_out() -> None:
    assert refused(source("/proc/self/status")) == (
        "does not tell its size; pipe it in: cat FILE | logwatch check -"
    )


def test_a_fifo_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.log")
    found = fifo("pipe.log", str(tmp_path / "pipe.log"), patience=timedelta(milliseconds=1))
    assert refused(found) == "is a FIFO that nobody writes to; start the writer first"


def test_a_fifo_is_read_to_its_writers_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.log")
    (tmp_path / "link.log").symlink_to("pipe.log")
    data = TEXT * 5000
    writer = Thread(target=(tmp_path / "pipe.log").write_bytes, args=(data,), daemon=True)
    found = sources(tmp_path / "pipe.log", tmp_path / "link.log")
    writer.start()
    assert [read(one) for one in found] == [data]
    writer.join()


def test_a_writer_that_has_come_is_waited_for_however_slow_it_is(tmp_path: Path) -> None:
    path = tmp_path / "pipe.log"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)
    slow = Timer(0.05, lambda: (os.write(writer, TEXT), os.close(writer)))
    slow.start()
    assert read(fifo("pipe.log", str(path), patience=timedelta())) == TEXT
    slow.join()


def test_a_fifo_that_is_gone_when_it_is_read_says_so(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.log")
    found = source(tmp_path / "pipe.log")
    (tmp_path / "pipe.log").unlink()
    assert refused(found) == "does not exist"


def test_a_fifo_whose_writer_left_without_a_word_is_empty(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.log")
    writer = Thread(target=(tmp_path / "pipe.log").write_bytes, args=(b"",), daemon=True)
    found = source(tmp_path / "pipe.log")
    writer.start()
    assert refused(found) == "is empty"
    writer.join()


@contextmanager
def descriptors(spare: int) -> Iterator[None]:
    """Let this process open only `spare` more descriptors."""
    lowest = os.dup(0)
    os.close(lowest)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + spare, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_more_files_than_descriptors_are_read_side_by_side(tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / f"{number:03}.log").write_bytes(TEXT)
    with descriptors(10):
        found = sources(tmp_path)
        readings = [one.blocks() for one in found]
        assert [next(blocks).data for blocks in readings] == [TEXT] * 200
    assert [one.health for one in found] == [Health()] * 200


def test_without_descriptors_the_limit_is_named(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(TEXT)
    before = source(tmp_path / "app.log")
    with descriptors(0):
        after = source(tmp_path / "app.log")
        sentence = "cannot be opened: too many open files; raise the limit (ulimit -n)"
        assert [refused(before), refused(after)] == [sentence, sentence]


def test_a_time_that_no_calendar_has_is_no_time(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(TEXT)
    os.utime(path, (0, 1_700_000_000))
    assert source(path).modified == datetime.fromtimestamp(1_700_000_000, UTC)
    assert modified_at(os.stat_result((0, 0, 0, 0, 0, 0, 0, 0, 10**15, 0))) is None
