"""How much a follower may take, and how long it waits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes and seconds.

    `file_bytes` of one file and `poll_bytes` of all are read in one poll; while `held_bytes` that were handed out are
    not accounted for, nothing is read. `descriptors` stay open at most. A file that is rotated or unlinked has
    `rotate_wait` of silence to end a half line, and its successor waits for it that long. Files that are gone are
    remembered for `forget_after`, in case they come back. `ended`: nothing is written any more, to the newest either.
    """

    file_bytes: int = 1 << 20
    poll_bytes: int = 4 << 20
    held_bytes: int = 64 << 20
    descriptors: int = 200
    rotate_wait: float = 5.0
    forget_after: float = 86400.0
    ended: bool = False


AT_REST = Limits(rotate_wait=0.0, ended=True)
"""For files that are read as they are: neither the end of a half line nor the rest of an archive is waited for."""
