"""Blocks that are made in a thread of their own come out as they would without it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from logwatch.sources.ahead import ahead
from logwatch.sources.source import Block


def numbered(count: int, closed: threading.Event | None = None) -> Iterator[Block]:
    try:
        for number in range(count):
            yield Block(number, b"x")
    finally:
        if closed is not None:
            closed.set()


def test_every_block_comes_out_in_order() -> None:
    assert list(ahead(numbered(100))) == list(numbered(100))


def test_what_making_them_raises_is_raised_after_the_blocks_before_it() -> None:
    def failing() -> Iterator[Block]:
        yield from numbered(2)
        raise RuntimeError("a pipe is read once")

    blocks = ahead(failing())
    assert [next(blocks).offset, next(blocks).offset] == [0, 1]
    with pytest.raises(RuntimeError, match="a pipe is read once"):
        next(blocks)


def test_an_iteration_that_is_dropped_ends_its_thread_and_closes_what_it_read_from() -> None:
    closed = threading.Event()
    before = threading.active_count()
    blocks = ahead(numbered(1_000_000, closed))
    next(blocks)
    assert threading.active_count() == before + 1
    del blocks
    assert threading.active_count() == before
    assert closed.is_set()


def test_nothing_is_made_before_the_first_block_is_asked_for() -> None:
    before = threading.active_count()
    ahead(numbered(1))
    assert threading.active_count() == before
