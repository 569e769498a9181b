"""Compression formats: recognised by their first bytes, and what can be wrong with a stream."""

from __future__ import annotations

from enum import StrEnum

MEMORY_LIMIT = 128 << 20
"""The most memory that a stream may make its decoder take; `xz -9` takes 65 MiB, `zstd --long=27` 128."""


class Compression(StrEnum):
    """A format that is read; the value is what people call it."""

    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"


# RFC 1952; bzip2's header with the first block's or the empty stream's mark; the .xz file format 1.2,
# section 2.1.1.1; RFC 8878, frames and skippable frames.
_BZIP2_MARKS = (b"1AY&SY", b"\x17rE8P\x90")
_MAGIC: dict[Compression, tuple[bytes, ...]] = {
    Compression.GZIP: (b"\x1f\x8b",),
    Compression.BZIP2: tuple(b"BZh%d" % level + mark for level in range(1, 10) for mark in _BZIP2_MARKS),
    Compression.XZ: (b"\xfd7zXZ\x00",),
    Compression.ZSTD: (b"\x28\xb5\x2f\xfd", *(b"%c\x2a\x4d\x18" % kind for kind in range(0x50, 0x60))),
}
MAGIC_LENGTH = 10
"""How many bytes `compression_of` needs to see."""


def compression_of(head: bytes) -> Compression | None:
    """Return the format that data beginning with `head` is compressed in, None for none that is known."""
    return next((kind for kind, magic in _MAGIC.items() if head.startswith(magic)), None)


def may_begin(compression: Compression, head: bytes) -> bool:
    """Whether data that begin with `head` are of that format, as far as a `head` that was cut off can tell."""
    return any(head.startswith(magic) or magic.startswith(head) for magic in _MAGIC[compression])


class UndecodableError(Exception):
    """A stream is sound but cannot be decoded; the text goes on from "zstd stream "."""


class DamagedError(Exception):
    """A stream breaks the rules of its format."""


def too_much_memory() -> UndecodableError:
    """Return the error for a stream whose decoder would outgrow `MEMORY_LIMIT`."""
    return UndecodableError(f"needs more than {MEMORY_LIMIT >> 20} MiB of memory; decompress it first")
