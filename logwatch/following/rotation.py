"""Names that rotation gives: which log a file was once, and which of two is older. Nothing but names is looked at."""

# Paths are compared as text, as `os.path.abspath` made them.
# ruff: noqa: PTH118

from __future__ import annotations

import os
import re
from functools import lru_cache
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


def unpacked(path: str) -> str | None:
    """Return the path of what was compressed to `path`, None if it has no such name."""
    name = _SUFFIX.sub("", path)
    return None if name == path else name


def _parts(date: str) -> tuple[int, ...]:
    digits = re.findall(r"\d+", date)
    day = "".join(digits)[:8]
    rest = re.sub(r"\d{4}-?\d\d-?\d\d", "", date, count=1)
    return (int(day), *(int(part) for part in re.findall(r"\d+", rest)))
