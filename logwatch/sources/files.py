"""Regular files: seekable, read in place by `pread`, and never trusted to stay as they were found."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from logwatch.sources.refused import cannot_open, reason
from logwatch.sources.source import BLOCK_SIZE, Block, Health

# Never wait for a FIFO's writer and never adopt a terminal, even when the path has become one since it was
# looked at. Symbolic links are followed: people name them, and container logs are made of them; that they still
# lead to the same file is checked on the open descriptor.
_OPEN_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY

KEPT_HEAD = 256
"""How many of a file's first bytes are kept, to tell whether it still is what it was."""

_ROTATED = "; if it was rotated, check again, and name the rotated file as well"

_MANY = 64
_BLOCK_BUDGET = 64 << 20
_SMALLEST_BLOCK = 16 << 10


class FileId(msgspec.Struct, frozen=True):
    """What a file is, whatever it is called."""

    device: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileId:
        """Return the identity in a `stat` result."""
        return cls(status.st_dev, status.st_ino)


class Share(msgspec.Struct, frozen=True):
    """What one file may take of the process while many are merged at once.

    `block_size` bytes a block; `hold` says whether the descriptor stays open between two blocks. A held one
    outlives a rotation in the middle of the read; one that is not held costs nothing while other files are
    read, and a rotation then ends the source with an error.
    """

    block_size: int = BLOCK_SIZE
    hold: bool = True

    @classmethod
    def among(cls, count: int) -> Share:
        """Return the share of one file among `count`: 64 MiB of blocks and 64 descriptors for them all."""
        size = min(BLOCK_SIZE, max(_SMALLEST_BLOCK, _BLOCK_BUDGET // max(count, 1)))
        return cls(block_size=size, hold=count <= _MANY)


class FileSource(msgspec.Struct, weakref=True):
    """A regular file, as it stood when it was found.

    `place` is its path, or an open descriptor (which stays the caller's). `size` is the file's size when it
    was found, and the end of every read: what a writer appends later is newer than the moment that is asked
    about, all readings of one source see the same bytes, and a writer that is faster than the reader cannot
    keep it reading for ever.

    A file that has become shorter, was deleted, replaced or overwritten since then is reported in `health` with
    `truncated`: its bytes are known to be missing. `head`, the first `KEPT_HEAD` bytes that were found, tells
    a file that was `overwritten`, of which no more is read: one that was truncated by a rotation and has grown
    again may be longer than it was, and a new file may get the number of a deleted one.
    """

    name: str
    place: str | int
    identity: FileId
    size: int
    modified: datetime | None
    head: bytes = b""
    share: Share = msgspec.field(default_factory=Share)
    health: Health = msgspec.field(default_factory=Health)
    consumed: int = 0
    overwritten: bool = False
    seekable: ClassVar[bool] = True

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        """Yield the file's bytes from `start` up to `stop`; see `Source.blocks`."""
        if start < 0 or (stop is not None and stop < 0):
            raise ValueError(f"{self.name}: offsets are counted from the start, got {start} to {stop}")
        return self._read(start, self.size if stop is None else min(stop, self.size))

    def data_from(self, offset: int) -> int:
        """Return where data go on after a hole; see `Divisible`. Where nothing can be known there is no hole."""
        try:
            descriptor = open_file(self.place)
        except OSError:
            return offset
        try:
            return min(max(os.lseek(descriptor, offset, os.SEEK_DATA), offset), self.size)
        except OSError as error:
            return self.size if error.errno == errno.ENXIO else offset
        finally:
            os.close(descriptor)

    def read_elsewhere(self, count: int) -> None:
        """Take note of bytes that another process has read."""
        self.consumed += count

    def _read(self, offset: int, end: int) -> Iterator[Block]:
        descriptor: int | None = None
        try:
            while offset < end and not self.overwritten:
                if descriptor is None:
                    descriptor = self._open()
                    if descriptor is None:
                        return
                data = self._pread(descriptor, min(self.share.block_size, end - offset), offset)
                if not data:
                    return
                start, offset = offset, offset + len(data)
                if offset >= end or not self.share.hold:
                    # Closed before the block is handed out: thousands of small files that are merged at once
                    # hold no descriptor while they wait for their turn.
                    os.close(descriptor)
                    descriptor = None
                self.consumed += len(data)
                yield Block(start, data)
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def _open(self) -> int | None:
        """Return an open descriptor of the file that was found, None (and a report) where it is gone."""
        try:
            descriptor = open_file(self.place)
        except FileNotFoundError:
            self.health.report(f"was deleted before it could be read{_ROTATED}", truncated=True)
            return None
        except OSError as error:
            self.health.report(cannot_open(str(self.place), error), truncated=True)
            return None
        status = os.fstat(descriptor)
        if FileId.of(status) != self.identity:
            os.close(descriptor)
            self.health.report(
                f"was replaced by another file before it could be read{_ROTATED}", truncated=True
            )
            return None
        if status.st_size < self.size:
            self._report_shrunk(status.st_size)
        return descriptor

    def _pread(self, descriptor: int, length: int, offset: int) -> bytes:
        """Return the bytes at `offset`; none (and a report) where there are no more, or not the file's own."""
        try:
            data = os.pread(descriptor, length, offset)
            head = os.pread(descriptor, len(self.head), 0)
        except OSError as error:
            self.health.report(f"cannot be read at byte {offset}: {reason(error)}", truncated=True)
            return b""
        if not self.head.startswith(head):
            # Looked at after the bytes were taken: had it been overwritten before, they would not be its own.
            self.overwritten = True
            self.health.report(
                f"was overwritten before byte {offset} could be read{_ROTATED}", truncated=True
            )
            return b""
        if not data:
            self._report_shrunk(min(offset, os.fstat(descriptor).st_size))
        return data

    def _report_shrunk(self, length: int) -> None:
        self.health.report(
            f"shrank: it ends at byte {length}, where {self.size} bytes were expected{_ROTATED}",
            truncated=True,
        )


def open_file(place: str | int) -> int:
    """Return a new descriptor of the file at `place`, a path or a descriptor. Never waits.

    Raises `OSError`.
    """
    return os.dup(place) if isinstance(place, int) else os.open(place, _OPEN_FLAGS)


def modified_at(status: os.stat_result) -> datetime | None:
    """Return the mtime in UTC, None where it lies outside the years that dates have."""
    try:
        return datetime.fromtimestamp(status.st_mtime, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def special_kind(mode: int) -> str | None:
    """Return what a file of `mode` is called when it is no regular file (`a socket`), None when it is one."""
    if stat.S_ISREG(mode):
        return None
    kinds = {
        stat.S_IFDIR: "a directory",
        stat.S_IFCHR: "a character device",
        stat.S_IFBLK: "a block device",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
    }
    return kinds.get(stat.S_IFMT(mode), "a special file")
