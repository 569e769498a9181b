"""One path becomes one source: what kind of file it is, and what its first bytes say."""

from __future__ import annotations

import errno
import os
import stat

from msgspec.structs import replace

from logwatch.sources.compression import compression_of
from logwatch.sources.content import EMPTY, HEAD_LENGTH, ONLY_NULS, refusal
from logwatch.sources.files import KEPT_HEAD, FileId, FileSource, Share, modified_at, open_file, special_kind
from logwatch.sources.refused import RefusedSource, cannot_open, reason
from logwatch.sources.source import Source

# How far a hole of NULs is searched for the text behind it, before it is left to the reader.
_SEARCHED = 16 << 20
# A stored block can be many decoded ones: small steps keep progress smooth.
_COMPRESSED_BLOCK = 64 << 10

# As in /proc.
_NO_SIZE = "does not tell its size; pipe it in: cat FILE | logwatch check -"


def recognise(name: str, place: str | int, status: os.stat_result, share: Share) -> Source:
    """Return the source for the file at `place` (a path, or a descriptor), whose `stat` was `status`.

    A FIFO becomes a stream. Other files that are not regular, empty ones and those that hold no text become
    sources that say so. The file is looked at and closed again.
    """
    if stat.S_ISFIFO(status.st_mode) and isinstance(place, str):
        from logwatch.sources.fifo import fifo  # noqa: PLC0415 - few logs are one

        return fifo(name, place)
    kind = special_kind(status.st_mode)
    if kind:
        return RefusedSource.because(name, f"is {kind}, not a log")
    try:
        descriptor = open_file(place)
    except OSError as error:
        return RefusedSource.because(name, cannot_open(str(place), error), modified_at(status))
    try:
        return _regular(name, place, descriptor, share)
    except OSError as error:
        return RefusedSource.because(name, f"cannot be read: {reason(error)}", modified_at(status))
    finally:
        os.close(descriptor)


def _regular(name: str, place: str | int, descriptor: int, share: Share) -> Source:
    head = os.pread(descriptor, HEAD_LENGTH, 0)
    status = os.fstat(descriptor)
    modified = modified_at(status)
    if not status.st_size:
        return RefusedSource.because(name, _NO_SIZE if head else EMPTY, modified)
    file = FileSource(name, place, FileId.of(status), status.st_size, modified, head[:KEPT_HEAD], share)
    compression = compression_of(head)
    if compression:
        from logwatch.sources.compressed import CompressedSource  # noqa: PLC0415 - imports decoders

        file.share = replace(share, block_size=min(share.block_size, _COMPRESSED_BLOCK))
        return CompressedSource(file, compression, share.block_size)
    if not head.strip(b"\x00"):
        behind = _behind_hole(descriptor)
        if behind is None:
            return RefusedSource.because(name, ONLY_NULS, modified)
        head = behind
    sentence = refusal(head)
    return RefusedSource.because(name, sentence, modified) if sentence else file


def _behind_hole(descriptor: int) -> bytes | None:
    """Return the first bytes behind the NULs that the file begins with, None when there are none.

    Empty when the hole is too long to tell.
    """
    start = _first_data(descriptor)
    if start is None:
        return None
    for offset in range(start, start + _SEARCHED, HEAD_LENGTH):
        data = os.pread(descriptor, HEAD_LENGTH, offset)
        if not data:
            return None
        found = data.lstrip(b"\x00")
        if found:
            return found + os.pread(descriptor, HEAD_LENGTH - len(found), offset + len(data))
    return b""


def _first_data(descriptor: int) -> int | None:
    """Return where the disk holds the first bytes of the file, None when the whole of it is a hole."""
    try:
        start = os.lseek(descriptor, 0, os.SEEK_DATA)
    except OSError as error:
        return None if error.errno == errno.ENXIO else 0
    os.lseek(descriptor, 0, os.SEEK_SET)  # the place is shared with whoever opened standard input
    return start
