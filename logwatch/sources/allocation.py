"""Blocks come and go, and the memory of one is that of the next."""

from __future__ import annotations

from functools import cache

_FREED = 16 << 20


@cache
def reuse_memory() -> None:
    """Have the memory of blocks used again, in this process and those that it starts by forking.

    The GNU C library asks the system for whatever is as large as a block, and gives it back when it is freed: each
    block is then written to pages that the kernel must clear first, a fifth of the time of a scan. It stops doing so
    for sizes up to that of the largest allocation that was ever freed (mallopt(3), M_MMAP_THRESHOLD). With other
    libraries this does nothing.
    """
    bytes(_FREED)
