"""What is printed beside a success rate, and never folded into it."""

from __future__ import annotations

from datetime import timedelta

from logwatch.engine.tally import RunCounts, RunTally
from logwatch.timespec import format_span
from logwatch.verdict.quantiles import figures, quantiles
from logwatch.verdict.wording import counted, percent

_BESIDE = (
    ("in_flight", "in flight", "in flight"),
    ("skipped", "skipped", "skipped"),
    ("superseded", "superseded", "superseded"),
    ("orphan_end", "orphan end", "orphan ends"),
    ("duplicate_end", "duplicate end", "duplicate ends"),
    ("unkeyed", "unkeyed record", "unkeyed records"),
    ("evicted", "evicted", "evicted"),
    (
        "skewed",
        "skewed (its end was logged before its start)",
        "skewed (their ends were logged before their starts)",
    ),
    ("unknown_gap", "open where the source lost data", "open where the source lost data"),
)


def outcomes(counts: RunCounts) -> str:
    """Say how many of the judged runs completed, and what became of the others: `57/61 completed, 93.4 % (3
    failed, 1 timed out)`. At least one is judged.
    """
    lost = [f"{n:,} {name}" for n, name in ((counts.failed, "failed"), (counts.timed_out, "timed out")) if n]
    share = f"{counts.completed:,}/{counts.judged:,} completed, {percent(counts.completed / counts.judged)}"
    return f"{share} ({', '.join(lost)})" if lost else share


def no_outcome(counts: RunCounts) -> str:
    """Say why no run is judged."""
    if not counts.started:
        return "no run in the window"
    return f"none of {counted(counts.started, 'run')} has an outcome that counts"


def run_details(tally: RunTally) -> tuple[str, ...]:
    """Return the lines beside the rate: what was left out of it, attempts, durations."""
    counts = tally.counts
    lines = []
    beside = [
        f"{n:,} {one if n == 1 else many}" for name, one, many in _BESIDE if (n := int(getattr(counts, name)))
    ]
    if beside:
        lines.append("beside the rate: " + ", ".join(beside))
    if tally.in_flight_ages:
        lines.append(f"oldest in flight: {format_span(timedelta(seconds=max(tally.in_flight_ages)))}")
    lines += _attempts(tally)
    if tally.late:
        longest = format_span(timedelta(seconds=max(tally.late)))
        lines.append(f"{counted(len(tally.late), 'run')} ended after the deadline, up to {longest} late")
    if tally.stopped_at:
        lines.append("stopped at: " + ", ".join(f"{step} {n:,}" for step, n in tally.stopped_at.items()))
    if any(tally.steps.values()):
        lines.append("steps: " + ", ".join(f"{step} {n:,}" for step, n in tally.steps.items()))
    lines += _durations(tally)
    if tally.approximate and counts.started:
        lines.append("approximate: paired without a key")
    return tuple(lines)


def _attempts(tally: RunTally) -> list[str]:
    completed, judged = tally.first_attempts
    counts = tally.counts
    if not judged or (
        (completed, judged) == (counts.completed, counts.judged) and counts.attempts == counts.started
    ):
        return []
    return [
        f"first attempts: {completed:,}/{judged:,} completed, {percent(completed / judged)}; "
        f"{counted(counts.attempts, 'attempt')} in all"
    ]


def _durations(tally: RunTally) -> list[str]:
    found = quantiles(tally.durations, "s")
    return [f"durations of {counted(found.n, 'completed run')}: {figures(found)}"] if found else []
