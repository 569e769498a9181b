"""Blocks: any part of a seekable source, bounded and without gaps; copies that make a source seekable."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatch.sources.compression import Compression
from logwatch.sources.files import Share
from logwatch.sources.source import BLOCK_SIZE, Health
from logwatch.sources.spool import spool
from logwatch.sources.watched import WatchedSource
from tests.sources.world import (
    COMPRESS,
    TEXT,
    joined,
    lines,
    open_descriptors,
    pipe_of,
    read,
    source,
    written,
)

LOG = lines(40_000)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("blocks") / "app.log"
    path.write_bytes(LOG)
    return path


place = st.integers(0, len(LOG) + 100)


@given(start=place, stop=st.none() | place)
@settings(max_examples=50)
def test_any_part_of_a_file_is_read_in_bounded_blocks_without_gaps(
    log: Path, start: int, stop: int | None
) -> None:
    assert joined(source(log).blocks(start, stop), start) == LOG[start:stop]


@pytest.mark.parametrize(("start", "stop"), [(-1, None), (0, -1)])
def test_offsets_count_from_the_start(log: Path, start: int, stop: int | None) -> None:
    with pytest.raises(ValueError, match="offsets are counted from the start"):
        source(log).blocks(start, stop)


@pytest.mark.parametrize(
    ("count", "share"),
    [
        (0, Share(BLOCK_SIZE, hold=True)),
        (64, Share(BLOCK_SIZE, hold=True)),
        (65, Share((64 << 20) // 65, hold=False)),
        (100_000, Share(16 << 10, hold=False)),
    ],
)
def test_many_files_share_the_memory_of_a_few(count: int, share: Share) -> None:
    assert Share.among(count) == share


def test_a_copy_makes_a_pipe_seekable(tmp_path: Path) -> None:
    with pipe_of(COMPRESS[Compression.ZSTD](LOG)[:60_000]) as stdin:
        piped = source("-", stdin)
        copy = spool(piped, directory=tmp_path)
    whole = read(copy)
    assert (copy.name, copy.seekable, copy.size) == ("<stdin>", True, len(whole))
    assert LOG.startswith(whole)
    assert joined(copy.blocks(100, 200), 100) == LOG[100:200]
    assert copy.health is piped.health
    assert copy.health.errors == ["zstd stream ends early at byte 60000"]


def test_a_copy_takes_over_where_reading_has_begun(tmp_path: Path) -> None:
    with pipe_of(TEXT) as stdin:
        piped = source("-", stdin)
        blocks = piped.blocks()
        first = next(blocks)
        assert read(spool(piped, iter([first, *blocks]))) == TEXT


def test_a_copy_has_no_name_and_goes_away_with_its_source(tmp_path: Path) -> None:
    before = open_descriptors()
    copy = spool(written(tmp_path / "app.gz", COMPRESS[Compression.GZIP](TEXT)), directory=tmp_path)
    assert copy.modified is not None
    assert [path.name for path in tmp_path.iterdir()] == ["app.gz"]
    assert open_descriptors() == before + 1
    del copy
    assert open_descriptors() == before


def test_a_file_needs_no_copy(log: Path) -> None:
    found = source(log)
    assert spool(found) is found


def test_a_copy_that_has_no_place_says_so(tmp_path: Path) -> None:
    copy = spool(
        written(tmp_path / "app.gz", COMPRESS[Compression.GZIP](TEXT)), directory=tmp_path / "missing"
    )
    assert read(copy) == b""
    assert copy.health == Health(
        [
            "needs a temporary copy to be read backwards, which ends at byte 0: no such file or directory; "
            "set TMPDIR to a directory with room for it"
        ],
        truncated=True,
    )


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Have the system refuse to make any file longer than `size` bytes, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_copy_that_does_not_fit_holds_what_came_before(tmp_path: Path) -> None:
    stored = written(tmp_path / "app.gz", COMPRESS[Compression.GZIP](LOG))
    with files_of_at_most(BLOCK_SIZE + 100):
        copy = spool(stored, directory=tmp_path)
    assert read(copy) == LOG[:BLOCK_SIZE]
    assert copy.health == Health(
        [
            f"needs a temporary copy to be read backwards, which ends at byte {BLOCK_SIZE}: file too large; "
            "set TMPDIR to a directory with room for it"
        ],
        truncated=True,
    )


def test_a_watched_source_is_the_source_and_tells_of_every_block(log: Path) -> None:
    found = source(log)
    seen: list[int] = []
    watched = WatchedSource(found, lambda: seen.append(found.consumed))
    assert joined(watched.blocks(5), 5) == LOG[5:]
    assert seen == [BLOCK_SIZE, 2 * BLOCK_SIZE, len(LOG) - 5]
    assert (watched.name, watched.size, watched.modified) == (found.name, found.size, found.modified)
    assert (watched.seekable, watched.consumed, watched.health) == (True, found.consumed, found.health)
