"""Compressed sources: recognised by content, decoded as far as they are sound, and every fault told."""

from __future__ import annotations

import io
import lzma
import random
import tarfile
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatch.sources.compressed import decompress
from logwatch.sources.compression import Compression
from logwatch.sources.source import BLOCK_SIZE, Block, Health
from tests.sources.world import COMPRESS, TEXT, joined, lines, read, refused, source, written

LOG = lines(40_000)
every_format = pytest.mark.parametrize("kind", list(Compression))


@every_format
@pytest.mark.parametrize("name", ["app.log", "app.log.gz", "app.zst", "app"])
def test_content_tells_the_format_and_the_name_does_not(tmp_path: Path, kind: Compression, name: str) -> None:
    assert read(written(tmp_path / name, COMPRESS[kind](TEXT))) == TEXT


def test_text_that_is_called_compressed_is_text(tmp_path: Path) -> None:
    assert read(written(tmp_path / "app.log.gz", TEXT)) == TEXT


@every_format
def test_large_data_come_in_bounded_blocks_without_gaps(tmp_path: Path, kind: Compression) -> None:
    found = written(tmp_path / "app.log", COMPRESS[kind](LOG))
    assert len(LOG) > 2 * BLOCK_SIZE
    assert read(found) == LOG  # read() sees to bounds and gaps
    assert read(found) == LOG  # and from the start again
    assert found.consumed == 2 * (found.size or 0)
    assert found.health == Health()


@every_format
def test_a_few_bytes_that_stand_for_many_come_in_bounded_blocks(tmp_path: Path, kind: Compression) -> None:
    bomb = TEXT + b"x" * (20 << 20)
    assert read(written(tmp_path / "app.log", COMPRESS[kind](bomb))) == bomb


@every_format
@pytest.mark.parametrize("padding", [b"", b"\0" * 512])
def test_streams_after_each_other_are_one_log(tmp_path: Path, kind: Compression, padding: bytes) -> None:
    streams = (COMPRESS[kind](part) for part in (TEXT, b"", LOG, TEXT))
    found = written(tmp_path / "app.log", padding.join((*streams, b"")))
    assert read(found) == TEXT + LOG + TEXT
    assert found.health == Health()


@every_format
def test_a_stream_that_is_cut_in_half_gives_what_it_holds_and_says_where_it_ends(
    tmp_path: Path, kind: Compression
) -> None:
    stored = COMPRESS[kind](LOG)
    stored = stored[: len(stored) // 2]
    found = written(tmp_path / "app.log", stored)
    data = read(found)
    assert LOG.startswith(data)
    assert len(data) > len(LOG) // 4
    assert found.health.errors == [f"{kind} stream ends early at byte {len(stored)}"]
    assert found.health.truncated


@every_format
def test_a_stream_that_is_damaged_gives_what_came_before(tmp_path: Path, kind: Compression) -> None:
    stored = bytearray(COMPRESS[kind](LOG))
    middle = len(stored) // 2
    stored[middle : middle + 4000] = random.Random(1).randbytes(4000)
    found = written(tmp_path / "app.log", bytes(stored))
    data = read(found)
    assert LOG.startswith(data[: len(LOG) // 4])
    assert len(data) > len(LOG) // 4
    (error,) = found.health.errors
    assert error.startswith(f"{kind} stream is damaged near byte ")
    assert abs(int(error.split()[-1]) - middle) < 1 << 20  # bzip2 blocks hold 900 kB
    assert found.health.truncated


@every_format
def test_a_wrong_checksum_is_damage(tmp_path: Path, kind: Compression) -> None:
    stored = bytearray(COMPRESS[kind](TEXT))
    # Where each format keeps the check of its data: gzip 8, zstd and bzip2 4 bytes before the end; xz before
    # index and footer.
    stored[{Compression.GZIP: -8, Compression.XZ: -30}.get(kind, -4)] ^= 0x40
    found = written(tmp_path / "app.log", bytes(stored))
    read(found)
    assert found.health.errors == [f"{kind} stream is damaged near byte {len(stored)}"]


@every_format
def test_garbage_after_the_last_stream_is_told_with_its_place(tmp_path: Path, kind: Compression) -> None:
    stored = COMPRESS[kind](TEXT)
    found = written(tmp_path / "app.log", stored + b"\0\0 and then somebody appended text\n")
    assert read(found) == TEXT
    assert found.health.errors == [
        f"holds other data from byte {len(stored)} on, after its {kind} stream; that was not read"
    ]
    assert found.health.truncated


def test_what_is_compressed_twice_is_refused(tmp_path: Path) -> None:
    twice = COMPRESS[Compression.ZSTD](COMPRESS[Compression.GZIP](LOG))
    assert refused(written(tmp_path / "app.log", twice)) == (
        "is compressed twice (gzip inside); decompress it once"
    )


def test_a_compressed_archive_is_refused_like_any_other(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("app.log")
        member.size = len(TEXT)
        tar.addfile(member, io.BytesIO(TEXT))
    found = written(tmp_path / "logs.tgz", archive.getvalue())
    assert refused(found) == "is a tar archive; unpack it and name the logs in it"


@every_format
def test_compressed_nothing_is_empty(tmp_path: Path, kind: Compression) -> None:
    assert refused(written(tmp_path / "app.log.gz", COMPRESS[kind](b""))) == "is empty"


def test_a_stream_that_would_take_too_much_memory_is_refused(tmp_path: Path) -> None:
    xz = bytearray(lzma.compress(TEXT))
    xz[16] = 34  # a dictionary of 512 MiB, in a block header whose CRC is right
    xz[20:24] = zlib.crc32(xz[12:20]).to_bytes(4, "little")
    zstd = b"\x28\xb5\x2f\xfd\x00\x90" + b"\0" * 40  # a window of 256 MiB
    for kind, stored in (("xz", bytes(xz)), ("zstd", zstd)):
        found = written(tmp_path / kind, stored)
        assert refused(found) == f"{kind} stream needs more than 128 MiB of memory; decompress it first"
        assert found.health.truncated


def test_a_zstd_stream_that_needs_a_dictionary_is_refused(tmp_path: Path) -> None:
    found = written(tmp_path / "app.zst", b"\x28\xb5\x2f\xfd\x01\x58\x07" + b"\0" * 40)
    assert refused(found) == "zstd stream needs a dictionary; decompress it first"


def test_skippable_zstd_frames_are_skipped(tmp_path: Path) -> None:
    skippable = b"\x52\x2a\x4d\x18" + (5000).to_bytes(4, "little") + b"?" * 5000
    stored = COMPRESS[Compression.ZSTD](TEXT)
    assert read(written(tmp_path / "app.zst", skippable + stored + skippable + stored)) == TEXT * 2


def test_only_the_whole_of_a_compressed_source_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "app.gz").write_bytes(COMPRESS[Compression.GZIP](TEXT))
    found = source(tmp_path / "app.gz")
    assert not found.seekable
    with pytest.raises(ValueError, match=r"app\.gz is not seekable: only the whole of it can be read"):
        found.blocks(1)


# Members, cuts and blocks of any size come to the same.

members = st.lists(
    st.one_of(
        st.binary(max_size=200),
        st.builds(bytes.__mul__, st.binary(min_size=1, max_size=3), st.integers(0, 100_000)),
    ),
    min_size=1,
    max_size=4,
)


def pieces(data: bytes, cuts: list[int]) -> list[Block]:
    """Cut `data` into blocks; `cuts` are taken modulo its length."""
    at = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    return [Block(start, data[start:stop]) for start, stop in pairwise(at)]


@given(
    st.sampled_from(list(Compression)),
    members,
    st.lists(st.integers(0, 1 << 20), max_size=20),
    st.integers(500, 5000),
)
def test_any_members_in_any_pieces_are_decoded_whole(
    kind: Compression, members: list[bytes], cuts: list[int], block_size: int
) -> None:
    stored = b"".join(COMPRESS[kind](member) for member in members)
    health = Health()
    blocks = list(decompress(iter(pieces(stored, cuts)), kind, health, block_size))
    assert joined(iter(blocks)) == b"".join(members)
    assert all(len(block.data) == block_size for block in blocks[:-1])
    assert health == Health()


@given(st.sampled_from(list(Compression)), members, st.integers(1, 1 << 20), st.integers(500, 5000))
def test_wherever_it_is_cut_a_beginning_comes_out_and_the_loss_is_known(
    kind: Compression, members: list[bytes], cut: int, block_size: int
) -> None:
    streams = [COMPRESS[kind](member) for member in members]
    ends = {sum(map(len, streams[:n])) for n in range(1, len(streams) + 1)}
    stored = b"".join(streams)
    cut = cut % len(stored) + 1
    health = Health()
    data = joined(decompress(iter(pieces(stored[:cut], [])), kind, health, block_size))
    assert b"".join(members).startswith(data)
    assert health.truncated == (cut not in ends)
    assert health.errors == ([] if cut in ends else [f"{kind} stream ends early at byte {cut}"])


@given(st.sampled_from(list(Compression)), st.integers(0, 1 << 20), st.binary(min_size=1, max_size=8))
def test_damage_never_raises(kind: Compression, place: int, damage: bytes) -> None:
    stored = bytearray(COMPRESS[kind](TEXT * 20) * 2)
    place %= len(stored)
    stored[place : place + len(damage)] = damage
    joined(decompress(iter(pieces(bytes(stored), [])), kind, Health(), 1000))
