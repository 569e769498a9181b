"""Names that rotation gives: which log a file was once, and which of two is older."""

# Paths are compared as text, as `os.path.abspath` made them.
# ruff: noqa: PTH118

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

_PACKED = r"\.(?:gz|bz2|xz|zst)"
_SUFFIX = re.compile(_PACKED + "$")
# `app.log.1`, `app.1.log`, `app.log-20251011`, `app-2025-10-11T12-00.log`, each also compressed.
_ROTATED = re.compile(
    r"(?P<stem>.+?)"
    r"(?:[-._](?P<date>(?:19|20)\d\d-?[01]\d-?[0-3]\d(?:[-T_.:]?\d+)*)|\.(?P<number>\d{1,4}))"
    r"(?P<extension>\.[A-Za-z]\w*)?"
)
_DATED, _NUMBERED, _LIVE = range(3)


class Age(NamedTuple):
    """Sorts the files of one log by their names, oldest first."""

    kind: int = _LIVE
    date: tuple[int, ...] = ()
    newness: int = 0

    def counted_up(self) -> Age:
        """Return the age where numbers grow with every rotation."""
        return self._replace(newness=-self.newness)


LIVE = Age()


class Rotated(NamedTuple):
    """A name that rotation gave: the path that the log is (or was) written under, and the age."""

    base: str
    age: Age


@lru_cache(maxsize=1 << 14)  # asked several times in every poll for every file
def rotated(path: str) -> Rotated | None:
    """Return what the name of `path` says, None when it is not like one that rotation gives.

    It promises nothing: `worker.1` may well be a log of its own, next to `worker.2`.
    """
    directory, name = os.path.split(path)
    unpacked = _SUFFIX.sub("", name)
    match = _ROTATED.fullmatch(unpacked)
    if match is None:
        if unpacked == name:
            return None
        return Rotated(os.path.join(directory, unpacked), Age(_NUMBERED))
    base = os.path.join(directory, match["stem"] + (match["extension"] or ""))
    if match["number"]:
        return Rotated(base, Age(_NUMBERED, newness=-int(match["number"])))
    return Rotated(base, Age(_DATED, _parts(match["date"])))


def age(path: str, base: str) -> Age:
    """Return the age of `path` among the files of the log at `base`; every other name is a live one."""
    known = rotated(path)
    return known.age if known is not None and known.base == base else LIVE


def counts_up(written: Mapping[str, int], base: str) -> bool | None:
    """Return whether the numbers of the log at `base` grow with every rotation, so that the highest is the newest.

    logrotate's and Python's do the opposite, which is taken for granted; Log4j's grow. `written` says when each path
    was written last; None: it does not say, since only times that agree all along, and end with the log itself, are
    believed. Files that were copied have other ones.
    """
    numbered = {-age.newness: time for path, time in written.items() if (age := _numbered(path, base))}
    times = [numbered[number] for number in sorted(numbered)]
    if len(times) < 2 or times[0] == times[1]:
        return None
    if times[0] > times[1]:
        return False
    live = written.get(base)
    return True if live is not None and all(a < b for a, b in pairwise((*times, live + 1))) else None


def _numbered(path: str, base: str) -> Age | None:
    place = age(path, base)
    return place if place.kind == _NUMBERED and place.newness else None


def unpacked(path: str) -> str | None:
    """Return the path of what was compressed to `path`, None if it has no such name."""
    name = _SUFFIX.sub("", path)
    return None if name == path else name


def _parts(date: str) -> tuple[int, ...]:
    digits = re.findall(r"\d+", date)
    day = "".join(digits)[:8]
    rest = re.sub(r"\d{4}-?\d\d-?\d\d", "", date, count=1)
    return (int(day), *(int(part) for part in re.findall(r"\d+", rest)))
