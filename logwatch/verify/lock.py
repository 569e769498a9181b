"""Of two that would carry on the same run, one is told to leave it to the other."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from logwatch.errors import ConfigError, LogwatchError
from logwatch.timespec import iso_millis

FILE_NAME = "lock"


class Busy(LogwatchError):  # noqa: N818 - it reads as what it says
    """Another process is carrying on the run: it is not finished, and not this one's to finish."""

    exit_code = 4


@contextmanager
def held(folder: Path, now: datetime) -> Iterator[None]:
    """Hold the folder's lock; it ends with the process, however that ends. Raises `Busy` where it is held."""
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}); check its permissions") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read(200).strip() or "unknown"
            raise Busy(
                f"{folder}: another logwatch verify is carrying on this run ({holder}); leave it to that one, "
                "or end it first"
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()}, since {iso_millis(now)}\n")
        file.flush()
        yield
