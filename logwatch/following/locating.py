"""Finding the files that are known: by where they were, by a link's other end, among their siblings, or still open."""

# Paths are text here, see sighting.
# ruff: noqa: PTH116

from __future__ import annotations

import os

from logwatch.following.rotation import LIVE, age, rotated, unpacked
from logwatch.following.sighting import Sighting, View, identity, real_path
from logwatch.following.stream import Stream
from logwatch.following.tracked import Tracked
from logwatch.following.turn import Turn


def locate(stream: Stream, turn: Turn) -> None:
    """Find all files of `stream`, and look at its siblings where one of them has gone from its place.

    Those of a stream to which no name leads are left as they were.
    """
    stream.expected = set()
    stream.former = stream.files[-1] if stream.files else None
    stream.checking = False
    returned = not stream.active and bool(stream.files)
    stream.active = stream.active or stream.named or _is_named(stream, turn)
    if not stream.active:
        return
    lost = [
        file for file in list(stream.files) if file.file is not None and not _at_its_place(stream, file, turn)
    ]
    for file in stream.files:
        if file.file is None and file.gone_at is None:
            file.gone_at = turn.now
    waiting = any(file.seen is None and not file.settled for file in stream.files)
    stream.disturbed = bool(lost or stream.expected) or waiting or returned
    stream.beside = turn.siblings.of(_bases(stream, lost)) if stream.disturbed else View()
    for file in lost:
        assert file.file is not None
        sighting = stream.beside.files.get(file.file)
        if sighting is not None:
            _take(stream, file, sighting, turn)
        else:
            _still_open(file, turn)


def _is_named(stream: Stream, turn: Turn) -> bool:
    view = turn.view
    return (
        stream.id in view.by_path
        or stream.id in view.troubles
        or any(file.file in view.files for file in stream.files)
    )


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

    An inode is taken again as soon as it is free, often by the next file; while a descriptor is open it is not. Then
    `file` is lost, and what is there is found as a new one: it may be a copy of another.
    """
    rotated_now = any(age(path, stream.base) != LIVE for path in sighting.paths)
    compressed = unpacked(sighting.paths[0]) is not None and (unpacked(file.path) is None or file.settled)
    renamed = sighting.size and (rotated_now or file.path not in sighting.paths)
    taken_again = file.unknown and (renamed or not file.found or file.settled)
    if (compressed or taken_again) and turn.descriptors.status(sighting.file) is None:
        if rotated_now:
            stream.expected.add(sighting.file)
        if file.unknown:
            stream.files.remove(file)
        file.file, file.seen, file.gone_at = None, None, turn.now
        return
    _seen(file, sighting)


def _seen(file: Tracked, sighting: Sighting) -> None:
    if file.path not in sighting.paths:
        file.path = sighting.paths[0]
        file.real = real_path(file.path)
    file.seen = sighting.size, sighting.mtime_ns
    file.found, file.linked, file.gone_at = True, True, None
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
