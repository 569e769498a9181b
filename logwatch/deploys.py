"""Deploy markers: when which deployment went live, kept in an append-only file of JSON lines."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from logwatch.errors import ConfigError, Location, Problem, UsageError, did_you_mean
from logwatch.timespec import iso_millis

LONGEST_LINE = 65_536


class _Line(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One line of the file."""

    id: str
    time: datetime
    commit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment: its id, when it went live (UTC), the commit it was built from and a note, where given."""

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
        return f"{self.id} ({self.commit})" if self.commit and self.commit != self.id else self.id


@dataclass(frozen=True, slots=True)
class DeploymentWindow:
    """A deployment and the time in which it was the live one; `until` None: it still is."""

    deployment: Deployment
    until: datetime | None


def read_markers(path: Path) -> tuple[Deployment, ...]:
    """Return the markers in the order of their times. A file that does not exist has none.

    Raises `ConfigError` with every unreadable line.
    """
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    found, problems = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            marker = msgspec.json.decode(line, type=_Line)
        except (msgspec.DecodeError, RecursionError) as error:
            problems.append(
                Problem(Location(str(path), number), f"not a deploy marker: {error}; mend or delete the line")
            )
            continue
        if marker.time.tzinfo is None:
            problems.append(
                Problem(Location(str(path), number), "the marker's time has no zone; append Z or an offset")
            )
            continue
        found.append(Deployment(marker.id, marker.time, marker.commit, marker.note))
    if problems:
        raise ConfigError(*problems)
    return tuple(sorted(found, key=lambda marker: marker.time))


def add_marker(path: Path, marker: Deployment) -> None:
    """Append `marker` durably. Raises `UsageError` if its id is taken, `ConfigError` if the file cannot be written."""
    for known in read_markers(path):
        if known.id == marker.id:
            raise UsageError(
                f"deployment '{marker.id}' is marked already, at {iso_millis(known.time)}; give the new one another id"
            )
    line = msgspec.json.encode(_Line(marker.id, marker.time, marker.commit, marker.note)) + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.write(descriptor, line)  # one write of one short line: appends do not interleave
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}); check its permissions") from None


def window_of(markers: tuple[Deployment, ...], wanted: str, file: Path, as_of: datetime) -> DeploymentWindow:
    """Return the window of the deployment whose id or commit is `wanted` (empty: the last one before
    `as_of`).

    It ends where the next one begins. Raises `UsageError` if there is none.
    """
    past = tuple(marker for marker in markers if marker.time <= as_of)
    if not past:
        raise UsageError(f"no deployment is marked in {file}; mark one with: logwatch deploys add ID")
    chosen = len(past) - 1
    if wanted:
        matching = [at for at, marker in enumerate(past) if _named(marker, wanted)]
        if not matching:
            names = [name for marker in past for name in marker.names]
            raise UsageError(f"deployment '{wanted}' is not marked in {file}{did_you_mean(wanted, names)}")
        chosen = matching[-1]
    until = past[chosen + 1].time if chosen + 1 < len(past) else None
    return DeploymentWindow(past[chosen], until)


def _named(marker: Deployment, wanted: str) -> bool:
    return marker.id == wanted or (bool(marker.commit) and marker.commit.startswith(wanted))
