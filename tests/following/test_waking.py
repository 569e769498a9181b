"""Waking: a change ends the wait early; that one is missed costs time, never a line."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from logwatch.following.waking import Waker
from tests.following.world import Reader, lines, write

LONG = 60.0
"""Seconds that no wait of these tests takes, unless waking is broken."""


@pytest.fixture
def wakers() -> Iterator[Callable[[Callable[[], set[str]]], Waker]]:
    made: list[Waker] = []

    def make(directories: Callable[[], set[str]]) -> Waker:
        made.append(Waker(directories))
        return made[-1]

    yield make
    for waker in made:
        waker.stop()
        waker.close()


def woken(waker: Waker, act: Callable[[], object]) -> bool:
    """Whether a wait is ended by `act`, done again and again until it is (the watches may not be set yet)."""
    result: list[bool] = []
    thread = threading.Thread(target=lambda: result.append(waker.wait(LONG)))
    thread.start()
    deadline = time.monotonic() + LONG / 2
    while thread.is_alive() and time.monotonic() < deadline:
        act()
        thread.join(0.05)
    waker.stop()
    thread.join(LONG)
    return result == [True]


def test_a_write_ends_the_wait(tmp_path: Path, wakers: Callable[..., Waker]) -> None:
    log = tmp_path / "app.log"
    write(log, lines(1, 1))
    reader = Reader(log)
    reader.poll()
    assert woken(wakers(reader.follower.directories), lambda: write(log, lines(2, 2)))


def test_a_new_file_ends_the_wait(tmp_path: Path, wakers: Callable[..., Waker]) -> None:
    reader = Reader(tmp_path)
    reader.poll()
    assert woken(wakers(reader.follower.directories), lambda: write(tmp_path / "new.log", lines(1, 1)))


def test_stopping_ends_the_wait_and_all_later_ones(tmp_path: Path, wakers: Callable[..., Waker]) -> None:
    waker = wakers(lambda: {str(tmp_path)})
    assert woken(waker, waker.stop)
    assert waker.wait(LONG)


def test_where_nothing_happens_the_wait_takes_its_time(tmp_path: Path, wakers: Callable[..., Waker]) -> None:
    assert not wakers(lambda: {str(tmp_path)}).wait(0.05)
    assert not wakers(set).wait(0.05)
    assert not wakers(lambda: {str(tmp_path / "missing")}).wait(0.05)
    assert not wakers(lambda: {str(tmp_path)}).wait(0.0)


def test_a_directory_that_is_removed_and_made_again_is_watched_again(
    tmp_path: Path, wakers: Callable[..., Waker]
) -> None:
    """Fault 23: what was in the old directory is read as far as it was seen, what is in the new one as well."""
    directory = tmp_path / "logs"
    directory.mkdir()
    log = directory / "app.log"
    write(log, lines(1, 3))
    reader = Reader(directory)
    waker = wakers(reader.follower.directories)
    reader.poll()
    waker.wait(0.01)
    write(log, lines(4, 5))
    shutil.rmtree(directory)
    reader.poll()
    directory.mkdir()
    write(log, lines(6, 7))
    reader.poll()
    assert woken(waker, lambda: write(directory / "other.log", ""))
    reader.finish()
    assert reader.ids == list(range(1, 8))


def test_more_events_than_the_system_keeps_lose_nothing(tmp_path: Path, wakers: Callable[..., Waker]) -> None:
    """Fault 23: the queue of inotify overflows; looking finds everything."""
    reader = Reader(tmp_path)
    waker = wakers(reader.follower.directories)
    waker.wait(0.01)
    log = tmp_path / "app.log"
    write(log, lines(1, 3))
    for _ in range(20_000):
        os.utime(log)
    waker.wait(1.0)
    write(tmp_path / "b.log", lines(4, 6))
    reader.finish()
    assert reader.ids == [1, 2, 3, 4, 5, 6]
