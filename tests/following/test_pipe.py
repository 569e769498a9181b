"""Standard input: read as it comes, without waiting, in whole lines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from logwatch.following import Chunk, Flaw, Limits, Notice, NoticeKind
from logwatch.following.pipe import READ_SIZE, PipeFollower
from logwatch.records.lines import LONGEST_LINE
from logwatch.sources.stdin import NAME


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe, whose writing end may be closed by the test."""
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:
            continue


def texts(items: list[Chunk | Notice]) -> list[bytes]:
    return [item.data for item in items if isinstance(item, Chunk)]


def test_whole_lines_are_handed_out_as_they_come(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    follower = PipeFollower(reading)
    assert follower.poll(0.0) == []
    os.write(writing, b"one\ntwo\nth")
    (chunk,) = follower.poll(0.0)
    assert isinstance(chunk, Chunk)
    assert (chunk.stream, chunk.position, chunk.data, chunk.line) == (NAME, 0, b"one\ntwo\n", 1)
    os.write(writing, b"ree\n")
    (chunk,) = follower.poll(0.0)
    assert isinstance(chunk, Chunk)
    assert (chunk.position, chunk.data, chunk.line) == (8, b"three\n", 3)
    assert not follower.ended
    os.close(writing)
    assert follower.poll(0.0) == []
    assert follower.ended
    assert follower.checkpoints() == []


def test_the_last_line_may_lack_its_newline(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    follower = PipeFollower(reading)
    os.write(writing, b"one\nhalf")
    os.close(writing)
    items = follower.poll(0.0)
    assert texts(items) == [b"one\n", b"half\n"]
    assert items[1] == Notice(NoticeKind.HALF_LINE, NAME, NAME, "ends with half a line", 4)
    assert items[2].flaw is Flaw.HALF  # type: ignore[union-attr]
    assert follower.ended


def test_a_line_without_an_end_takes_little_memory(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    follower = PipeFollower(reading)
    items: list[Chunk | Notice] = []
    size = 4 * LONGEST_LINE
    for _ in range(size // 65536):
        os.write(writing, b"x" * 65536)
        items += follower.poll(0.0)
    os.write(writing, b"\nnext\n")
    items += follower.poll(0.0)
    assert [len(text) for text in texts(items)] == [LONGEST_LINE + 2, 5]
    assert items[0] == Notice(
        NoticeKind.LONG_LINE,
        NAME,
        NAME,
        "holds a line that is too long, which was cut",
        size - LONGEST_LINE - 1,
    )


def test_no_more_is_read_than_may_be_held(tmp_path: Path) -> None:
    """A full queue stops reading: the writer waits, and nothing is dropped."""
    content = b"".join(b"<%d>\n" % number for number in range(200_000))
    path = tmp_path / "input"
    path.write_bytes(content)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        follower = PipeFollower(descriptor, limits=Limits(poll_bytes=READ_SIZE, held_bytes=READ_SIZE // 2))
        read = b"".join(texts(follower.poll(0.0)))
        assert follower.poll(0.0) == []
        while not follower.ended:
            follower.checkpoints()
            read += b"".join(texts(follower.poll(0.0)))
    finally:
        os.close(descriptor)
    assert read == content


def test_a_pipe_that_breaks_is_a_gap() -> None:
    """What cannot be read any more may have held lines: that is told, once."""
    directory = os.open("/", os.O_RDONLY)  # reading it fails
    try:
        follower = PipeFollower(directory)
        items = follower.poll(0.0)
        assert [item.kind for item in items if isinstance(item, Notice)] == [NoticeKind.GAP]
        assert follower.ended
        assert follower.troubles == {NAME: "cannot be read any more: is a directory"}
        assert follower.poll(0.0) == []
    finally:
        os.close(directory)
