"""Compressed rotation: a log goes on where it was left in what it was compressed to, and is counted once."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from logwatch.following import Limits, NoticeKind
from tests.following.world import Reader, lines, tick, write

NAMES = pytest.mark.parametrize("name", ["app.log", "app.log*"])


@NAMES
@pytest.mark.parametrize(
    ("suffix", "compress"),
    [
        ("gz", gzip.compress),
        ("bz2", bz2.compress),
        ("xz", lzma.compress),
        ("zst", zstandard.ZstdCompressor().compress),
    ],
)
def test_what_was_not_read_is_read_from_the_compressed_file(
    tmp_path: Path, name: str, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    """Fault 18: rotated, compressed and unlinked with a backlog, while nobody reads."""
    log = tmp_path / "app.log"
    write(log, lines(1, 400))
    reader = Reader(tmp_path / name, limits=Limits(file_bytes=256))
    reader.poll(times=1)
    reader.commit()
    reader.kill()
    write(tmp_path / f"app.log.1.{suffix}", compress(log.read_bytes()))
    log.unlink()
    write(log, lines(401, 403))
    reader.finish()
    assert reader.ids == list(range(1, 404))
    assert reader.gaps() == []


@NAMES
def test_a_file_that_is_still_being_compressed_is_waited_for(tmp_path: Path, name: str) -> None:
    """Fault 18: the .gz is half-written when it is seen; nothing of it is believed before its checks are right."""
    log = tmp_path / "app.log"
    write(log, lines(1, 300))
    packed = gzip.compress(log.read_bytes())
    reader = Reader(tmp_path / name, limits=Limits(file_bytes=64, poll_bytes=64))
    reader.poll(times=1)
    reader.commit()
    reader.kill()
    read = reader.ids.copy()
    log.unlink()
    write(log, lines(301, 302))
    archive = tmp_path / "app.log.1.gz"
    for part in (packed[:20], packed[20:200]):
        write(archive, part)
        reader.poll()
        reader.commit()
        assert reader.ids == read
    write(archive, packed[200:])
    reader.finish()
    assert reader.ids == list(range(1, 303))


def test_a_compressed_file_of_several_members_is_read_whole(tmp_path: Path) -> None:
    """Fault 18: multi-member gzip, as `gzip -c >>` makes it."""
    write(
        tmp_path / "app.log.1.gz", gzip.compress(lines(1, 5).encode()) + gzip.compress(lines(6, 9).encode())
    )
    reader = Reader(tmp_path / "app.log.1.gz")
    reader.finish()
    assert reader.ids == list(range(1, 10))
    assert (reader.chunks[0].line, reader.chunks[0].offset) == (1, 0)


def test_half_a_line_at_the_end_of_a_compressed_file_is_handed_out(tmp_path: Path) -> None:
    write(tmp_path / "app.log.1.gz", gzip.compress(b"<1>\n<2> half"))
    reader = Reader(tmp_path / "app.log.1.gz")
    reader.finish()
    assert reader.ids == [1, 2]
    assert reader.halves() == [b"<2> half\n"]


def test_a_compressed_file_that_stays_damaged_is_read_as_far_as_it_goes_and_told(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(f"<{n}> {n * 7919 % 10_007}\n".encode() for n in range(1, 3000)))
    write(tmp_path / "app.log.1.gz", packed[: len(packed) // 2])
    reader = Reader(tmp_path / "app.log.1.gz")
    reader.poll(30.0)
    assert reader.chunks == []
    reader.finish()
    assert reader.ids == list(range(1, len(reader.ids) + 1))
    assert 100 < len(reader.ids) < 2999
    assert [notice.kind for notice in reader.notices][:1] == [NoticeKind.GAP]


@NAMES
def test_what_was_read_is_not_counted_again_when_it_is_compressed(tmp_path: Path, name: str) -> None:
    """Fault 18: `.1` becomes `.1.gz`, then `.2.gz`, seen on the way or not."""
    log = tmp_path / "app.log"
    write(log, lines(1, 5))
    reader = Reader(tmp_path / name)
    reader.poll()
    one = tmp_path / "app.log.1"
    log.rename(one)
    write(log, lines(6, 7))
    reader.poll()
    write(tmp_path / "app.log.1.gz", gzip.compress(one.read_bytes()))
    reader.poll()
    one.unlink()
    reader.poll()
    reader.commit()
    reader.kill()
    (tmp_path / "app.log.1.gz").rename(tmp_path / "app.log.2.gz")
    log.rename(one)
    write(log, lines(8, 9))
    tick(log)
    reader.finish()
    assert reader.ids == list(range(1, 10))


def test_a_large_compressed_file_is_read_in_parts_across_restarts(tmp_path: Path) -> None:
    """Fault 18: more than is kept of it in memory; going on in the middle means to decompress what came before."""
    text = lines(1, 120_000, pad=" Processing job for stage: ai_parsing, draft 17 of 40")
    log = tmp_path / "app.log"
    write(log, text)
    reader = Reader(tmp_path / "app.log*", limits=Limits(file_bytes=1 << 20, poll_bytes=1 << 20))
    reader.poll(times=2)
    reader.commit()
    reader.kill()
    write(tmp_path / "app.log.1.gz", gzip.compress(text.encode(), 1))
    log.unlink()
    while len(reader.ids) < 60_000:
        reader.poll(times=2)
        reader.commit()
    reader.kill()
    reader.finish()
    assert reader.ids == list(range(1, 120_001))
    assert reader.gaps() == []
