"""Blocks: any part of a seekable source, bounded and without gaps; copies that make a source seekable."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatch.sources.files import Share
from logwatch.sources.source import BLOCK_SIZE
from logwatch.sources.watched import WatchedSource
from tests.sources.world import (
    joined,
    lines,
    source,
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


def test_a_watched_source_is_the_source_and_tells_of_every_block(log: Path) -> None:
    found = source(log)
    seen: list[int] = []
    watched = WatchedSource(found, lambda: seen.append(found.consumed))
    assert joined(watched.blocks(5), 5) == LOG[5:]
    assert seen == [BLOCK_SIZE, 2 * BLOCK_SIZE, len(LOG) - 5]
    assert (watched.name, watched.size, watched.modified) == (found.name, found.size, found.modified)
    assert (watched.seekable, watched.consumed, watched.health) == (True, found.consumed, found.health)
