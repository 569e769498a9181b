"""What an older deployment did in the window: told on a line of its own, and part of nothing else."""

from __future__ import annotations

from logwatch.engine.tally import RatioTally, RunTally, Tally
from logwatch.verdict.wording import counted

_OUTCOMES = ("completed", "failed", "skipped", "timed_out", "in_flight")


def older_deployment(tally: Tally) -> str:
    """Return the line on what belongs to an older deployment; empty where nothing does."""
    if not tally.older:
        return ""
    outcomes = _outcomes(tally) if isinstance(tally, RunTally) else []
    said = f" ({', '.join(outcomes)})" if outcomes else ""
    return f"older deployment: {_counted(tally)}{said}, kept out of everything else"


def _counted(tally: Tally) -> str:
    if isinstance(tally, RatioTally) or (isinstance(tally, RunTally) and tally.steps):
        return counted(tally.older, "record")  # a funnel counts records
    if isinstance(tally, RunTally):
        return counted(tally.older, "run")
    return counted(tally.older, "match", "matches")


def _outcomes(tally: RunTally) -> list[str]:
    numbers = ((name, int(getattr(tally.older_counts, name))) for name in _OUTCOMES)
    return [f"{n:,} {name.replace('_', ' ')}" for name, n in numbers if n]
