"""What the names lead to at the moment: looked up anew at every poll, since only that is the truth."""

# Thousands of files are looked at in every poll, and shown as people named them.
# ruff: noqa: PTH100, PTH112, PTH116, PTH118, PTH120, PTH208

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from logwatch.following.rotation import rotated
from logwatch.sources.files import FileId, special_kind
from logwatch.sources.patterns import in_directory, is_glob, matching
from logwatch.sources.refused import cannot_open


@dataclass(slots=True)
class Sighting:
    """A regular file that was seen, with all the (absolute) paths that lead to it, and its `stat`."""

    file: FileId
    paths: list[str]
    size: int
    mtime_ns: int

    @property
    def where(self) -> tuple[FileId, str]:
        """What it is and where it is."""
        return self.file, self.paths[0]


@dataclass(slots=True)
class View:
    """All files that were seen, and the names that lead to nothing, each with a sentence that says why."""

    files: dict[FileId, Sighting] = field(default_factory=dict)
    by_path: dict[str, Sighting] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)

    def add(self, path: str, *, needed: bool = True) -> None:
        """Look at `path`; what is no regular file is a trouble if it is `needed`."""
        if path in self.by_path:
            return
        if not _is_text(path):
            if needed:
                self.troubles[path] = "has a name that is not UTF-8; rename it, or name a link to it"
            return
        try:
            status = os.stat(path)
        except OSError as error:
            if needed:
                self.troubles[path] = cannot_open(path, error)
            return
        kind = special_kind(status.st_mode)
        if kind is not None:
            if needed:
                self.troubles[path] = f"is {kind}, not a log"
            return
        file = identity(path, status)
        sighting = self.files.get(file)
        if sighting is None:
            sighting = self.files[file] = Sighting(file, [], status.st_size, status.st_mtime_ns)
        sighting.paths.append(path)
        self.by_path[path] = sighting


def identity(path: str, status: os.stat_result) -> FileId:
    """Return what tells the file from others; some file systems (FUSE, SMB) number nothing, there it is the path."""
    if status.st_ino:
        return FileId.of(status)
    return FileId(0, int.from_bytes(blake2b(os.fsencode(path), digest_size=7).digest()))


def real_path(path: str) -> str:
    """Return `path` without links; as it is where what it leads to has no name that could be stored."""
    real = os.path.realpath(path)
    return real if _is_text(real) else path


def look(names: Sequence[str]) -> View:
    """Return what `names` (files, directories, globs) lead to. Links are followed, and no file is found twice."""
    view = View()
    for name in names:
        if not name or "\0" in name:
            view.troubles[name] = "is not the name of a file"
        elif is_glob(name):
            _take(view, name, matching)
        elif os.path.isdir(name):
            _take(view, name, in_directory)
        else:
            view.add(os.path.abspath(name))
    return view


class Siblings:
    """The files beside others whose names say that they are of the same log. A directory is listed once."""

    def __init__(self) -> None:
        self._listed: dict[str, dict[str, list[str]]] = {}

    def of(self, bases: Iterable[str]) -> View:
        """Return the files at `bases`, and those that once were one of them."""
        view = View()
        for base in sorted(bases):
            for path in self._in(os.path.dirname(base)).get(base, ()):
                view.add(path, needed=False)
        return view

    def _in(self, directory: str) -> dict[str, list[str]]:
        """Return the paths in `directory`, by what rotation made them of and by themselves."""
        if directory not in self._listed:
            by_base: dict[str, list[str]] = {}
            try:
                names = sorted(os.listdir(directory))
            except OSError:
                names = []
            for path in (os.path.join(directory, name) for name in names):
                known = rotated(path)
                for base in (path, known.base) if known else (path,):
                    by_base.setdefault(base, []).append(path)
            self._listed[directory] = by_base
        return self._listed[directory]


def is_regular(path: str) -> bool:
    """Whether there is a regular file at `path`."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


def _is_text(path: str) -> bool:
    """Whether a path is UTF-8: only such can be stored, as text."""
    return path.isascii() or not any("\ud800" <= char <= "\udfff" for char in path)


def _take(view: View, name: str, listed: Callable[[str], object]) -> None:
    listing = in_directory(name) if listed is in_directory else matching(name)
    for path in listing.paths:
        view.add(os.path.abspath(path))
    for directory, sentence in listing.failures:
        view.troubles[os.path.abspath(directory)] = sentence
