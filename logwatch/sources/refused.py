"""The source that gives nothing, and says why: no name is ever silently dropped."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import msgspec

from logwatch.sources.source import Block, Health


class RefusedSource(msgspec.Struct):
    """Stands for a name that cannot be read: yields nothing, carries the reason in `health.errors`."""

    name: str
    health: Health
    modified: datetime | None = None
    size: ClassVar[int | None] = None
    consumed: ClassVar[int] = 0
    seekable: ClassVar[bool] = True

    @classmethod
    def because(cls, name: str, sentence: str, modified: datetime | None = None) -> RefusedSource:
        """Return the source called `name` with `sentence` as its one error."""
        return cls(name, Health(errors=[sentence]), modified)

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        """Yield nothing."""
        return iter(())


def reason(error: OSError) -> str:
    """Return the system's words for `error`, to go on in a sentence: `input/output error`."""
    words = error.strerror or str(error)
    return words[:1].lower() + words[1:]


def cannot_open(path: str, error: OSError) -> str:
    """Return the sentence that says why `path` cannot be opened, with the remedy where there is one."""
    match error.errno:
        case errno.ENOENT:
            target = _broken_link(path)
            return f"is a symbolic link to '{target}', which does not exist" if target else "does not exist"
        case errno.ENOTDIR:
            return "does not exist: a part of its path is a file, not a directory"
        case errno.ELOOP:
            return "is a symbolic link that leads back to itself"
        case errno.EACCES | errno.EPERM:
            return "cannot be read: permission denied; run as a user who may read it, or change its mode"
        case errno.EMFILE | errno.ENFILE:
            return "cannot be opened: too many open files; raise the limit (ulimit -n)"
        case _:
            return f"cannot be opened: {reason(error)}"


def _broken_link(path: str) -> str | None:
    try:
        return str(Path(path).readlink())
    except (OSError, ValueError):
        return None
