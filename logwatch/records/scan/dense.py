"""Blocks in which most lines are wanted: what is asked of many of them is found out of all at once, in arrays.

Every line begins a record here, with a head that looks like the first; see `uniform`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from logwatch.records.scan.dated import Hits

_NEWLINE, _ZERO = b"\n0"


def hits(data: bytes, length: int, places: Sequence[int], width: int) -> Hits:
    """Return the lines before `length`, where one ends, that hold these places; their heads have `width` bytes."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8, length) == _NEWLINE)
    holds = np.zeros(len(ends) + 1, np.bool_)
    holds[np.searchsorted(ends, np.array(places, np.intp))] = True
    numbers = np.flatnonzero(holds[:-1])
    begins = np.concatenate(([0], ends + 1))
    return Hits(begins[numbers].tolist(), begins[numbers + 1].tolist(), width, numbers=numbers.tolist())


def moments(
    data: bytes, begins: Sequence[int], bases: Mapping[bytes, int], end: int, fine: slice
) -> list[int]:
    """Return when the lines were, in microseconds of the epoch, that begin there.

    Their first `end` bytes name a second, which `bases` has; the digits in `fine`, six at most, are its fraction.
    """
    heads = np.frombuffer(data, np.uint8)[np.array(begins, np.intp)[:, None] + np.arange(max(end, fine.stop))]
    names = np.ascontiguousarray(heads[:, :end]).view(f"S{end}")[:, 0]
    turns = np.flatnonzero(np.concatenate(([True], names[1:] != names[:-1])))
    seconds = np.array([bases[name] for name in names[turns].tolist()], np.int64)
    units = 10 ** np.arange(5, 5 - (fine.stop - fine.start), -1)
    finer = (heads[:, fine].astype(np.int64) - _ZERO) @ units
    found: list[int] = (np.repeat(seconds, np.diff(turns, append=len(names))) + finer).tolist()
    return found
