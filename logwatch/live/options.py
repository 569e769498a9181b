"""How what is followed is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path


def modified(path: str) -> datetime | None:
    """Return when the file at `path` was last written; None where there is none."""
    try:
        return datetime.fromtimestamp(Path(path).stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read. `zone`, `day` and `format` as for a batch.

    `quiet` is how many seconds of silence end the open record: the next line may continue it. `modified` tells when
    a file was last written, by which the first times without a date are dated; `shown` is the name that people know
    a stream by.
    """

    zone: tzinfo
    lateness: timedelta = timedelta(seconds=10)
    day: date | None = None
    format: str | None = None
    quiet: float = 5.0
    deployment_attribute: str = "deploymentId"
    modified: Callable[[str], datetime | None] = modified
    shown: Callable[[str], str] = str
