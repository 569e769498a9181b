"""Files that change while they are read: what was found is what is read, and what is missing is known."""

from __future__ import annotations

import os
from pathlib import Path

from logwatch.sources.source import BLOCK_SIZE, Health
from tests.sources.world import TEXT, lines, open_descriptors, read, sources, written

ROTATED = "; if it was rotated, check again, and name the rotated file as well"
LOG = lines(60_000)


def test_what_is_appended_after_it_was_found_is_not_read(tmp_path: Path) -> None:
    found = written(tmp_path / "app.log", LOG)
    blocks = found.blocks()
    data = next(blocks).data
    with (tmp_path / "app.log").open("ab") as writer:
        writer.write(TEXT)
    assert data + b"".join(block.data for block in blocks) == LOG
    assert found.health == Health()
    assert found.consumed == found.size == len(LOG)


def test_a_file_that_shrinks_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    found = written(tmp_path / "app.log", LOG)
    blocks = found.blocks()
    data = next(blocks).data
    os.truncate(tmp_path / "app.log", BLOCK_SIZE + 500)
    assert data + b"".join(block.data for block in blocks) == LOG[: BLOCK_SIZE + 500]
    assert found.health.errors == [
        f"shrank: it ends at byte {BLOCK_SIZE + 500}, where {len(LOG)} bytes were expected{ROTATED}"
    ]
    assert found.health.truncated


def test_a_file_that_was_emptied_before_it_was_read_is_told_once(tmp_path: Path) -> None:
    found = written(tmp_path / "app.log", TEXT)
    os.truncate(tmp_path / "app.log", 0)
    assert read(found) == read(found) == b""
    assert found.health.errors == [
        f"shrank: it ends at byte 0, where {len(TEXT)} bytes were expected{ROTATED}"
    ]


def test_a_file_that_was_deleted_before_it_was_read(tmp_path: Path) -> None:
    found = written(tmp_path / "app.log", TEXT)
    (tmp_path / "app.log").unlink()
    assert read(found) == b""
    assert found.health == Health([f"was deleted before it could be read{ROTATED}"], truncated=True)


def test_a_file_that_was_replaced_before_it_was_read_is_not_read_as_the_one_that_was_found(
    tmp_path: Path,
) -> None:
    found = written(tmp_path / "app.log", TEXT)
    (tmp_path / "new.log").write_bytes(TEXT)
    (tmp_path / "new.log").replace(tmp_path / "app.log")
    assert read(found) == b""
    assert found.health == Health(
        [f"was replaced by another file before it could be read{ROTATED}"], truncated=True
    )


def test_a_file_that_is_rotated_away_while_it_is_read_is_read_to_its_end(tmp_path: Path) -> None:
    found = written(tmp_path / "app.log", LOG)
    blocks = found.blocks()
    data = next(blocks).data
    (tmp_path / "app.log").rename(tmp_path / "app.log.1")
    (tmp_path / "app.log").write_bytes(TEXT)
    (tmp_path / "app.log.1").unlink()
    assert data + b"".join(block.data for block in blocks) == LOG
    assert found.health == Health()


def test_among_many_files_a_rotation_ends_the_one_it_hits(tmp_path: Path) -> None:
    for number in range(70):
        (tmp_path / f"{number}.log").write_bytes(TEXT)
    (tmp_path / "0.log").write_bytes(LOG)
    found, *others = sources(tmp_path)
    blocks = found.blocks()
    assert LOG.startswith(next(blocks).data)
    (tmp_path / "0.log").unlink()
    assert list(blocks) == []
    assert found.health == Health([f"was deleted before it could be read{ROTATED}"], truncated=True)
    assert [read(one) for one in others] == [TEXT] * 69


def test_a_file_that_was_overwritten_gives_no_bytes_of_what_replaced_them(tmp_path: Path) -> None:
    found = written(tmp_path / "app.log", LOG)
    blocks = found.blocks()
    next(blocks)
    with (tmp_path / "app.log").open("r+b") as writer:  # truncated by a rotation, and grown again
        writer.write(b"2025-10-12" + b"?" * len(LOG))
    assert list(blocks) == []
    assert read(found) == b""
    assert found.health == Health(
        [f"was overwritten before byte {BLOCK_SIZE} could be read{ROTATED}"], truncated=True
    )


def test_nothing_stays_open_when_reading_ends_or_is_dropped(tmp_path: Path) -> None:
    found = written(tmp_path / "app.log", LOG)
    before = open_descriptors()
    dropped = found.blocks()
    next(dropped)
    assert open_descriptors() == before + 1
    dropped.close()  # type: ignore[attr-defined]
    read(found)
    assert open_descriptors() == before
