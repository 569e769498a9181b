"""The three deployments of the incident, and which bug each of them had."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from logwatch.pipeline.faults import Fault


@dataclass(frozen=True, slots=True)
class Deployed:
    """One deployment: when it went live, its commit and what it said it did; `fault` is the bug it had."""

    at: datetime
    commit: str
    title: str
    fault: Fault | None


def _at(hour: int, minute: int) -> datetime:
    return datetime(2025, 10, 11, hour, minute, tzinfo=UTC)


DEPLOYMENTS = (
    Deployed(
        _at(17, 0),
        "4811ec9",
        "Optimize: Make image processing async to speed up workflows",
        Fault.STALE_DRAFTS,
    ),
    Deployed(
        _at(17, 30),
        "e682860",
        "CRITICAL FIX: Prevent race condition in async image processing",
        Fault.MISSING_STAGE,
    ),
    Deployed(
        _at(17, 35),
        "d52dee0",
        "CRITICAL FIX: Correct job data structure for background image processing",
        None,
    ),
)
