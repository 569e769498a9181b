"""The folder of the state: this user's alone, no way round it by links, and one process at a time."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path

from logwatch.errors import ConfigError

_LOCK_NAME = "lock"
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600


class Place:
    """A folder that is held by this process, until it ends or `close` is called.

    Raises `ConfigError` for what cannot be a safe place, and where another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            _make(folder)
            self._lock = self.open(_LOCK_NAME)
        except OSError as error:
            raise ConfigError(
                f"{folder}: cannot hold the state ({error.strerror}); name another folder with --state"
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._lock, 100, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._lock)
            raise ConfigError(
                f"{folder}: another logwatch serve works with this state (process {holder}); "
                "end it first, or name another folder with --state"
            ) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)

    def open(self, name: str) -> int:
        """Open a file of the folder for reading and writing, and make it where there is none. Follows no link.

        Raises `OSError`.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(self.folder / name, flags, _FILE_MODE)
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise OSError(0, f"{name} is not a regular file")
        if stat.S_IMODE(status.st_mode) != _FILE_MODE:
            os.fchmod(descriptor, _FILE_MODE)
        return descriptor

    def close(self) -> None:
        """Leave the folder to others."""
        os.close(self._lock)


def _make(folder: Path) -> None:
    """Make the folder, or see that it is this user's alone. Raises `ConfigError` and `OSError`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(_FOLDER_MODE)
    except FileExistsError:
        status = folder.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise ConfigError(f"{folder}: is a link; name the folder itself with --state") from None
        if not stat.S_ISDIR(status.st_mode):
            raise ConfigError(f"{folder}: is no folder; name one with --state") from None
        if status.st_uid != os.geteuid():
            raise ConfigError(f"{folder}: belongs to another user; name a folder of your own") from None
        if stat.S_IMODE(status.st_mode) != _FOLDER_MODE:
            folder.chmod(_FOLDER_MODE)
