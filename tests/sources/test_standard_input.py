"""Standard input: a pipe, a file that the shell opened, or nothing that could be read."""

from __future__ import annotations

import io
import os
import socket
from pathlib import Path
from threading import Thread
from typing import BinaryIO

import pytest

from logwatch.errors import UsageError
from logwatch.sources.compression import Compression
from logwatch.sources.source import Health
from tests.sources.world import COMPRESS, TEXT, lines, names, pipe_of, read, refused, source, sources


def opened(path: str | Path) -> BinaryIO:
    return Path(path).open("rb", buffering=0)


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    with pipe_of(TEXT) as stdin:
        found = source("-", stdin)
        assert (found.name, found.size, found.modified, found.seekable) == ("<stdin>", None, None, False)
        assert read(found) == TEXT
        assert found.consumed == len(TEXT)
        with pytest.raises(RuntimeError, match="<stdin> is a stream and was read already"):
            found.blocks()
        with pytest.raises(ValueError, match="<stdin> is not seekable: only the whole of it can be read"):
            found.blocks(1)


def test_minus_given_twice_is_read_once() -> None:
    with pipe_of(TEXT) as stdin:
        assert names(sources("-", "-", stdin=stdin)) == ["<stdin>"]


@pytest.mark.parametrize("kind", list(Compression))
def test_a_compressed_pipe_that_comes_byte_by_byte_is_recognised(kind: Compression) -> None:
    reader, writer = os.pipe()
    stored = COMPRESS[kind](TEXT)

    def drip() -> None:
        for byte in stored:
            os.write(writer, bytes([byte]))
        os.close(writer)

    dripping = Thread(target=drip, daemon=True)
    with os.fdopen(reader, "rb", buffering=0) as stdin:
        found = source("-", stdin)
        dripping.start()
        assert read(found) == TEXT
        assert found.consumed == len(stored)
    dripping.join()


def test_a_compressed_pipe_that_breaks_off_says_so() -> None:
    stored = COMPRESS[Compression.GZIP](lines(500))
    with pipe_of(stored[:5000]) as stdin:
        found = source("-", stdin)
        assert lines(500).startswith(read(found))
        assert found.health == Health(["gzip stream ends early at byte 5000"], truncated=True)


def test_a_file_that_the_shell_opened_is_the_file_that_it_is(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(TEXT)
    with opened(path) as stdin:
        found = source("-", stdin)
        assert (found.name, found.size, found.seekable) == ("<stdin>", len(TEXT), True)
        assert found.modified is not None
        assert read(found) == read(found) == TEXT
        assert names(sources(path, "-", stdin=stdin)) == [str(path)]


def test_a_file_that_somebody_has_read_a_part_of_is_read_from_there(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(TEXT)
    with opened(path) as stdin:
        stdin.read(10)
        assert [read(one) for one in sources("-", path, stdin=stdin)] == [TEXT[10:], TEXT]


def test_a_terminal_is_a_mistake() -> None:
    controller, terminal = os.openpty()
    with (
        os.fdopen(terminal, "rb", buffering=0) as stdin,
        pytest.raises(UsageError) as caught,
    ):
        source("-", stdin)
    os.close(controller)
    assert str(caught.value) == "-: standard input is a terminal; pipe a log into it, or name a file"


def test_a_closed_standard_input_says_so() -> None:
    closed = io.BytesIO()
    closed.close()
    for stdin in (None, closed):
        assert refused(source("-", stdin)) == "is closed; pipe a log into it, or name a file"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/dev/null", "is empty"),
        ("/dev/zero", "is a character device, not a log"),
    ],
)
def test_a_device_as_standard_input(path: str, sentence: str) -> None:
    with opened(path) as stdin:
        assert refused(source("-", stdin)) == sentence


def test_a_directory_as_standard_input(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    reader, writer = os.pipe()
    os.close(writer)
    with os.fdopen(reader, "rb", buffering=0) as stdin:
        os.dup2(descriptor, reader)  # `logwatch check - < .`
        os.close(descriptor)
        assert refused(source("-", stdin)) == "is a directory, not a log"


def test_a_socket_is_read_like_a_pipe() -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(TEXT)
    theirs.close()
    with ours, ours.makefile("rb") as stdin:
        assert read(source("-", stdin)) == TEXT


def test_a_stream_in_memory_is_read_like_a_pipe() -> None:
    assert read(source("-", io.BytesIO(TEXT))) == TEXT


def test_a_pipe_that_somebody_made_non_blocking_is_waited_for() -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    with os.fdopen(reader, "rb", buffering=0) as stdin:
        blocks = source("-", stdin).blocks()
        writing = Thread(target=lambda: (os.write(writer, TEXT), os.close(writer)), daemon=True)
        writing.start()
        assert b"".join(block.data for block in blocks) == TEXT
        writing.join()


def test_a_pipe_that_is_taken_away_is_an_error_and_no_crash() -> None:
    with pipe_of(TEXT) as stdin:
        found = source("-", stdin)
        stdin.close()
        assert read(found) == b""
        assert found.health == Health(["cannot be read from byte 0 on: it was closed"], truncated=True)


def test_binary_through_a_pipe_is_refused() -> None:
    with pipe_of(b"\x7fELF" + bytes(range(256))) as stdin:
        assert refused(source("-", stdin)) == "is an ELF program, not a log; leave it out"


def test_a_hole_through_a_pipe_is_passed_on() -> None:
    with pipe_of(b"\0" * 30_000 + TEXT) as stdin:
        assert read(source("-", stdin)) == b"\0" * 30_000 + TEXT
    with pipe_of(b"\0" * 30_000) as stdin:
        found = source("-", stdin)
        assert read(found).strip(b"\0") == b""
        assert found.health.errors == ["holds nothing but NUL bytes"]
