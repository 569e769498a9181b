"""Deploy markers: when which deployment went live, kept in an append-only file of JSON lines."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec

from logwatch.errors import ConfigError, Location, Problem, UsageError, did_you_mean
from logwatch.timespec import EARLIEST, LATEST, iso_millis

_SHORTEST_COMMIT = 4
"""Characters of a commit by which it may be asked for, as with git."""
_SHOWN_COMMIT = 12


class _Line(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One line of the file."""

    id: Annotated[str, msgspec.Meta(min_length=1)]
    time: datetime
    commit: str = ""
    note: str = ""


class Deployment(msgspec.Struct, frozen=True):
    """One deployment: its id and when it went live (UTC); the commit it was built from and a note, where given."""

    id: str
    time: datetime
    commit: str = ""
    note: str = ""

    @property
    def names(self) -> frozenset[str]:
        """What records may call it."""
        return frozenset(name for name in (self.id, self.commit) if name)

    @property
    def label(self) -> str:
        """What people call it: its id, with the commit in brackets where that is another name."""
        return self.id if self.named_by_commit else f"{self.id} ({self.commit[:_SHOWN_COMMIT]})"

    @property
    def named_by_commit(self) -> bool:
        """Whether the id is a commit, as far as anybody tells."""
        return not self.commit or self.commit.startswith(self.id)

    def is_same_as(self, other: Deployment) -> bool:
        """Whether both name one deployment, be it by its id or by its commit; two ids of one commit are two."""
        if self.id == other.id:
            return True
        shorter, longer = sorted((self.commit or self.id, other.commit or other.id), key=len)
        agree = len(shorter) >= _SHORTEST_COMMIT and longer.startswith(shorter)
        return agree and (self.named_by_commit or other.named_by_commit)


class DeploymentWindow(msgspec.Struct, frozen=True):
    """A deployment and the time in which it was the live one, up to but without `until`; None: it still is."""

    deployment: Deployment
    until: datetime | None


def read_markers(path: Path) -> tuple[Deployment, ...]:
    """Return the markers in the order of their times. A file that does not exist has none.

    Raises `ConfigError` with every unreadable line.
    """
    lines = _content(path).splitlines()
    found, problems = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found.append(_marker(line))
        except ValueError as error:
            problems.append(Problem(Location(str(path), number), f"{error}; mend or delete the line"))
    if problems:
        raise ConfigError(*problems)
    return tuple(sorted(found, key=lambda marker: marker.time))


def _content(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path}: is not a regular file; name a file of deploy markers")
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None


def _marker(line: bytes) -> Deployment:
    """Return the marker of one line. Raises `ValueError` with what is wrong with it."""
    try:
        marker = msgspec.json.decode(line, type=_Line)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"not a deploy marker: {error}") from None
    if marker.time.tzinfo is None:
        raise ValueError("the marker's time has no zone (Z or an offset at its end)")
    if not EARLIEST <= marker.time < LATEST:
        raise ValueError("the marker's time is outside the years 1970 to 2199")
    return Deployment(marker.id, marker.time.astimezone(UTC), marker.commit, marker.note)


def add_marker(path: Path, marker: Deployment) -> None:
    """Append `marker`; it is on the disk when this returns.

    Raises `UsageError` if its id is taken, `ConfigError` if the file cannot be read or written.
    """
    for known in read_markers(path):
        if known.id == marker.id:
            raise UsageError(
                f"deployment '{marker.id}' is marked already, at {iso_millis(known.time)}; "
                "give the new one another id"
            )
    _append(path, (marker,))


def unmarked(path: Path, found: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """Return those of `found` that are not marked in the file. Raises `ConfigError`."""
    markers = read_markers(path)
    return tuple(one for one in found if not any(one.is_same_as(marker) for marker in markers))


def add_markers(path: Path, markers: Sequence[Deployment]) -> None:
    """Append `markers`, which are not marked yet; all of them are on the disk when this returns.

    Raises `ConfigError` if the file cannot be read or written.
    """
    if markers:
        _append(path, markers)


def _append(path: Path, markers: Sequence[Deployment]) -> None:
    lines = b"".join(
        msgspec.json.encode(_Line(marker.id, marker.time, marker.commit, marker.note)) + b"\n"
        for marker in markers
    )
    before = _content(path)
    if before and not before.endswith(b"\n"):  # written by hand: begin a line of our own
        lines = b"\n" + lines
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}); check its permissions") from None


def window_of(markers: tuple[Deployment, ...], wanted: str, file: Path, as_of: datetime) -> DeploymentWindow:
    """Return the window of the deployment that `wanted` names by its id or commit (empty: the last one).

    It ends where the next one begins; what went live after `as_of` does not exist yet. Raises `UsageError` if
    there is none, or no telling which.
    """
    past = tuple(marker for marker in markers if marker.time <= as_of)
    if not markers:
        raise UsageError(f"no deployment is marked in {file}; mark one with: logwatch deploys add ID")
    chosen = _chosen(markers, wanted, file) if wanted else (past or markers[:1])[-1]
    if chosen.time > as_of:
        raise UsageError(
            f"deployment '{chosen.id}' went live at {iso_millis(chosen.time)}, after {iso_millis(as_of)}: "
            "there is nothing to judge yet; name an earlier one, or a later --as-of"
        )
    following = past.index(chosen) + 1
    return DeploymentWindow(chosen, past[following].time if following < len(past) else None)


def _chosen(markers: tuple[Deployment, ...], wanted: str, file: Path) -> Deployment:
    """The last deployment of that id, or else of that commit."""
    by_id = [marker for marker in markers if marker.id == wanted]
    long_enough = len(wanted) >= _SHORTEST_COMMIT
    by_commit = [marker for marker in markers if long_enough and marker.commit.startswith(wanted.lower())]
    if not by_id and len({marker.commit for marker in by_commit}) > 1:
        names = ", ".join(marker.label for marker in by_commit)
        raise UsageError(f"'{wanted}' may be the commit of any of {names}; give more of it, or the id")
    found = by_id or by_commit
    if not found:
        names_of_all = [name for marker in markers for name in marker.names]
        hint = did_you_mean(wanted, names_of_all) or "; see: logwatch deploys list"
        raise UsageError(f"deployment '{wanted}' is not marked in {file}{hint}")
    return found[-1]
