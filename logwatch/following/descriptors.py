"""Open files, few at a time: an open descriptor outlives a rotation, but thousands would not be granted."""

from __future__ import annotations

import errno
import os
from collections import OrderedDict
from contextlib import suppress

from logwatch.following.sighting import identity
from logwatch.sources.files import FileId, open_file


class Descriptors:
    """At most `limit` open descriptors. What was used least recently is closed first, pinned ones last."""

    def __init__(self, limit: int) -> None:
        self._limit = max(limit, 1)
        self._open: OrderedDict[FileId, int] = OrderedDict()
        self._pinned: set[FileId] = set()

    def read(self, file: FileId, path: str, offset: int, length: int) -> bytes:
        """Return up to `length` bytes of `file` from `offset`; fewer at its end.

        Raises `FileNotFoundError` when it is neither open nor at `path` any more, else the system's `OSError`.
        """
        descriptor = self.descriptor(file, path)
        try:
            return os.pread(descriptor, length, offset)
        except OSError:
            self.close(file)  # a stale handle (NFS) never heals by itself
            raise

    def descriptor(self, file: FileId, path: str) -> int:
        """Return an open descriptor of `file`; see `read` for what it raises."""
        descriptor = self._open.get(file)
        if descriptor is not None:
            self._open.move_to_end(file)
            return descriptor
        while len(self._open) >= self._limit:
            self._close_one()
        descriptor = self._opened(path)
        if identity(path, os.fstat(descriptor)) != file:
            os.close(descriptor)
            raise FileNotFoundError(errno.ENOENT, "the path leads to another file", path)
        self._open[file] = descriptor
        return descriptor

    def keep(self, file: FileId, path: str) -> None:
        """Have `file` open if there is room for it: then it is not lost when it is unlinked."""
        if file not in self._open and len(self._open) < self._limit:
            with suppress(OSError):
                self.descriptor(file, path)

    def status(self, file: FileId) -> os.stat_result | None:
        """Return the `stat` of an open file, None if it is not open."""
        descriptor = self._open.get(file)
        if descriptor is None:
            return None
        try:
            return os.fstat(descriptor)
        except OSError:
            self.close(file)
            return None

    def pin(self, file: FileId) -> None:
        """Keep `file` open if anyhow possible: no path leads to it any more."""
        self._pinned.add(file)

    def close(self, file: FileId) -> None:
        """Close `file` if it is open."""
        self._pinned.discard(file)
        descriptor = self._open.pop(file, None)
        if descriptor is not None:
            os.close(descriptor)

    def close_all(self) -> None:
        """Close every file."""
        for file in list(self._open):
            self.close(file)

    def _opened(self, path: str) -> int:
        while True:
            try:
                return open_file(path)
            except OSError as error:
                if error.errno not in {errno.EMFILE, errno.ENFILE} or not self._open:
                    raise
                self._close_one()

    def _close_one(self) -> None:
        free = (file for file in self._open if file not in self._pinned)
        self.close(next(free, None) or next(iter(self._open)))
