"""Finding the files that are known: by where they were, by a link's other end, among their siblings, or still open."""

# Paths are text here, see sighting.
# ruff: noqa: PTH116

from __future__ import annotations

import os

from logwatch.following.rotation import LIVE, age, rotated
from logwatch.following.sighting import Sighting, View, identity, siblings
from logwatch.following.stream import Stream
from logwatch.following.tracked import Tracked
from logwatch.following.turn import Turn


def locate(stream: Stream, turn: Turn) -> None:
    """Find all files of `stream`, and look at its siblings where one of them has gone from its place."""
    stream.former = stream.files[-1] if stream.files else None
    stream.expected = set()
    lost = [
        file for file in list(stream.files) if file.file is not None and not _at_its_place(stream, file, turn)
    ]
    for file in stream.files:
        if file.file is None and file.gone_at is None:
            file.gone_at = turn.now
    waiting = any(not file.settled and file.unread for file in stream.files if file.seen is None)
    stream.disturbed = bool(lost or stream.expected) or waiting
    stream.active = stream.active or stream.id in turn.view.by_path
    stream.beside = siblings(_bases(stream, lost)) if stream.disturbed else View()
    for file in lost:
        assert file.file is not None
        sighting = stream.beside.files.get(file.file)
        if sighting is not None:
            _take(stream, file, sighting, turn)
        else:
            _still_open(file, turn)
    former = stream.former
    found = former is not None and former.seen is not None and former.linked
    stream.former_place = age(former.path, stream.id) if former is not None and found else None


def _at_its_place(stream: Stream, file: Tracked, turn: Turn) -> bool:
    assert file.file is not None
    sighting = turn.view.files.get(file.file)
    if sighting is not None:
        _take(stream, file, sighting, turn)
        return True
    for path in dict.fromkeys((file.path, file.real)):
        try:
            status = os.stat(path)
        except OSError:
            continue
        if identity(path, status) == file.file:
            _take(stream, file, Sighting(file.file, [path], status.st_size, status.st_mtime_ns), turn)
            return True
    return False


def _take(stream: Stream, file: Tracked, sighting: Sighting, turn: Turn) -> None:
    """Take `sighting` for `file`, unless nothing but its inode speaks for that.

    An inode is taken again as soon as it is free, often by the next file; while a descriptor is open it is not. Such
    a file is given up, to be found as a new one: it may be a copy of another.
    """
    rotated_now = any(age(path, stream.id) != LIVE for path in sighting.paths)
    if (
        file.unknown
        and sighting.size
        and (rotated_now or file.path not in sighting.paths)
        and turn.descriptors.status(sighting.file) is None
    ):
        stream.files.remove(file)
        if rotated_now:
            stream.expected.add(sighting.file)
    _seen(file, sighting)


def _seen(file: Tracked, sighting: Sighting) -> None:
    if file.path not in sighting.paths:
        file.path = sighting.paths[0]
        file.real = os.path.realpath(file.path)
    file.seen = sighting.size, sighting.mtime_ns
    file.linked, file.gone_at = True, None
    file.settled = file.overtaken = False


def _still_open(file: Tracked, turn: Turn) -> None:
    """Go on with the open descriptor, if there is one, of a file that no path is known to lead to."""
    assert file.file is not None
    file.linked = False
    status = None if file.settled else turn.descriptors.status(file.file)
    if status is not None:
        turn.descriptors.pin(file.file)
        file.seen = status.st_size, status.st_mtime_ns
        return
    file.seen = None
    if file.gone_at is None:
        file.gone_at = turn.now


def _bases(stream: Stream, lost: list[Tracked]) -> set[str]:
    bases = {stream.id}
    for path in (path for file in lost for path in (file.path, file.real)):
        known = rotated(path)
        bases.add(known.base if known else path)
    return bases
