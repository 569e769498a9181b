"""Checkpoints: what must be remembered of a file so that reading goes on where it was."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from logwatch.sources.files import FileId

HEAD_LENGTH = 1024
"""The most bytes at its start that a file is known by."""
MARKER_LENGTH = 256
"""The most bytes before an offset that the offset is known by."""


class Fingerprint(msgspec.Struct, frozen=True):
    """What some bytes are known by later: how many they were, and their BLAKE2b hash."""

    length: int = 0
    digest: bytes = b""

    @classmethod
    def of(cls, data: bytes) -> Fingerprint:
        """Return the fingerprint of `data`."""
        return cls(len(data), blake2b(data, digest_size=16).digest()) if data else cls()

    def matches(self, data: bytes) -> bool:
        """Whether it is that of `data`."""
        return Fingerprint.of(data) == self


class FileCheckpoint(msgspec.Struct, frozen=True, tag="file"):
    """One file of a stream; (`stream`, `serial`) tells it from all others.

    `path` is where it was seen, `real` that without links. `file` is its identity, None when its content was
    truncated away or its inode taken by another: then only `head`, its first bytes, and `marker`, those before
    `offset`, can find it again in a copy. All before `offset` is accounted for, `line` (0: unknown) begins there, and
    `position` is the place in the stream that its accounted bytes reach. `length` is how much content was seen,
    `size` and `mtime_ns` what `stat` said then. `copy_of`: the serial of the stream's file of which it is a
    copy, and which is read instead (0: it is none).
    """

    stream: str
    serial: int
    path: str
    real: str
    file: FileId | None
    offset: int
    line: int
    position: int
    head: Fingerprint
    marker: Fingerprint
    length: int
    size: int
    mtime_ns: int
    copy_of: int = 0


class JournalCheckpoint(msgspec.Struct, frozen=True, tag="journal"):
    """The journal's cursor of the last entry that is accounted for (None: none yet)."""

    stream: str
    position: int
    cursor: str | None


Checkpoint = FileCheckpoint | JournalCheckpoint
"""msgspec tells them apart by their tag."""
