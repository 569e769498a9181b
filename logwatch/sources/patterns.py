"""Directories and globs: the files that a name stands for."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from fnmatch import fnmatchcase, translate

import msgspec

from logwatch.sources.refused import cannot_open

# What editors, package managers and daemons leave beside logs; a half-written `.tmp` will be its file soon.
_LEFTOVERS = ("~", ".swp", ".tmp", ".pid", ".lock")


class Listing(msgspec.Struct):
    """The paths found, sorted, and the places that could not be looked into, as (path, sentence)."""

    paths: list[str] = msgspec.field(default_factory=list)
    failures: list[tuple[str, str]] = msgspec.field(default_factory=list)

    def note(self, place: str, error: OSError) -> None:
        """Note a place that could not be looked into, once."""
        failure = (place, cannot_open(place, error))
        if failure not in self.failures:
            self.failures.append(failure)


def is_glob(name: str) -> bool:
    """Whether `name` is a pattern. A file that really has such a name (`app[1].log`) is taken for itself.

    Unless the pattern matches its own name: a file called `*.log` must not hide all others.
    """
    return _is_wild(name) and (fnmatchcase(name, name) or not os.path.lexists(name))


def in_directory(directory: str) -> Listing:
    """Return the logs of a directory: its regular files, and symbolic links to such.

    Sub-directories are not entered (as by grep and lnav). Hidden files, editors' backups, and `.swp`, `.tmp`,
    `.pid` and `.lock` files are left out, and so are sockets, FIFOs and devices. Broken links are in, so that
    they are noticed.
    """
    listing = Listing()
    for name in _names(directory, listing):
        path = os.path.join(directory, name)
        if not name.startswith((".", "#")) and not name.endswith(_LEFTOVERS) and _may_be_log(path):
            listing.paths.append(path)
    return listing


def matching(pattern: str) -> Listing:
    """Return the regular files (and links to such, broken ones too) that a glob matches.

    `*`, `?` and `[…]` match within one component and leave out hidden names unless they begin with a dot, as
    in a shell. `**` stands for any number of directories and follows no links, so that a loop of links ends.
    Unlike `glob.glob`, directories that may not be listed are told.
    """
    listing = Listing()
    components = [part for part in pattern.split("/") if part]
    if components[-1] == "**":
        components.append("*")
    bases = ["/" if pattern.startswith("/") else ""]
    for part in components:
        found = (path for base in bases for path in _step(base, part, listing))
        bases = list(dict.fromkeys(found))
    listing.paths = sorted(path for path in bases if _may_be_log(path))
    return listing


def _step(base: str, part: str, listing: Listing) -> Iterator[str]:
    """Yield the paths that one component of a pattern leads to from the directory `base`."""
    if part == "**":
        yield from _tree(base, listing)
    elif _is_wild(part):
        matches = re.compile(translate(part)).match
        for name in _names(base, listing):
            if matches(name) and (part.startswith(".") or not name.startswith(".")):
                yield os.path.join(base, name)
    else:
        path = os.path.join(base, part)
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            listing.note(path, error)
        else:
            yield path


def _tree(top: str, listing: Listing) -> Iterator[str]:
    """Yield `top` and the directories below it, hidden ones and links left out."""
    waiting = [top]
    while waiting:
        base = waiting.pop()
        yield base
        for name in _names(base, listing):
            path = os.path.join(base, name)
            if not name.startswith(".") and os.path.isdir(path) and not os.path.islink(path):
                waiting.append(path)


def _is_wild(part: str) -> bool:
    return any(c in part for c in "*?[")


def _names(directory: str, listing: Listing) -> list[str]:
    """Return the names of all entries, sorted; none, and a failure noted, where they cannot be listed."""
    place = directory or "."
    try:
        return sorted(os.listdir(place))
    except NotADirectoryError:
        return []
    except OSError as error:
        listing.note(place, error)
        return []


def _may_be_log(path: str) -> bool:
    """Whether it is a regular file, or cannot be told: then whoever opens it says what is wrong."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return True
