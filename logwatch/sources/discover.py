"""Names become sources: files, directories, globs and standard input, each read once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from logwatch.sources.files import FileId, Share
from logwatch.sources.patterns import in_directory, is_glob, matching
from logwatch.sources.recognise import recognise
from logwatch.sources.refused import RefusedSource, cannot_open
from logwatch.sources.source import Source
from logwatch.sources.stdin import NAME as STDIN_NAME
from logwatch.sources.stdin import STDIN, standard_input


class _Found(msgspec.Struct, frozen=True):
    """A file that a name stands for, before it is looked into; `place` is its path or a descriptor."""

    name: str
    place: str | int
    status: os.stat_result


def discover(names: Sequence[str], *, stdin: BinaryIO | None) -> list[Source]:
    """Return the sources that `names` stand for, in that order; `-` is `stdin` (None: it is closed).

    A directory stands for the logs in it (see `in_directory`), sorted by name; a glob for the files that it
    matches, sorted. Whatever cannot be read (missing, unreadable, empty, not text) becomes a source that
    yields nothing and says why in its `health.errors`; so does a directory or a glob that gives no file. A
    file that several names lead to (links, overlapping globs, other spellings) is read once, under the first
    of them.

    No descriptor is left open. Raises `UsageError` when `-` is a terminal.
    """
    found: list[_Found | Source] = []
    seen: set[FileId | str] = set()
    for name in names:
        for identity, item in _resolve(name, stdin):
            if identity not in seen:
                seen.add(identity)
                found.append(item)
    share = Share.among(len(found))
    return [
        recognise(item.name, item.place, item.status, share) if isinstance(item, _Found) else item
        for item in found
    ]


def _resolve(name: str, stdin: BinaryIO | None) -> Iterator[tuple[FileId | str, _Found | Source]]:
    """Yield what `name` stands for, each with what tells it from others."""
    if name == STDIN:
        source, identity = standard_input(stdin)
        if isinstance(source, int):
            yield _file(STDIN_NAME, source)
        else:
            yield identity or STDIN_NAME, source
    elif not _can_be_a_name(name):
        yield name, RefusedSource.because(name, "is not the name of a file")
    elif is_glob(name):
        yield from _glob(name)
    elif os.path.isdir(name):  # noqa: PTH112  unlike Path.is_dir, never raises
        yield from _directory(name)
    else:
        yield _file(name, name)


def _directory(name: str) -> Iterator[tuple[FileId | str, _Found | Source]]:
    listing = in_directory(name)
    for path in listing.paths:
        yield _file(path, path)
    for _, sentence in listing.failures:
        yield _absolute(name), RefusedSource.because(name, sentence)
    if not listing.paths and not listing.failures:
        sentence = "is a directory without logs; hidden files and sub-directories are not read"
        yield _absolute(name), RefusedSource.because(name, sentence)


def _glob(name: str) -> Iterator[tuple[FileId | str, _Found | Source]]:
    listing = matching(name)
    for path in listing.paths:
        yield _file(path, path)
    for directory, sentence in listing.failures:
        yield _absolute(directory), RefusedSource.because(directory, sentence)
    if not listing.paths and not listing.failures:
        yield name, RefusedSource.because(name, "matches no file")


def _file(name: str, place: str | int) -> tuple[FileId | str, _Found | Source]:
    try:
        status = os.stat(place)  # noqa: PTH116  Path would take `log/` for `log`
    except OSError as error:
        path = str(place)
        return _absolute(path), RefusedSource.because(name, cannot_open(path, error))
    # Some file systems (FUSE, SMB) number nothing: there the path has to tell files apart.
    identity = FileId.of(status) if status.st_ino else _absolute(str(place))
    return identity, _Found(name, place, status)


def _can_be_a_name(name: str) -> bool:
    try:
        return bool(name) and b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        return False


def _absolute(path: str) -> str:
    return str(Path(path).absolute())
