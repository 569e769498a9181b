"""When silence says something: the log must have been there to be silent."""

from __future__ import annotations

from logwatch.records.coverage import Coverage, Window
from logwatch.ruleset.model import ExpectRule, RuleSet
from logwatch.timespec import format_span
from logwatch.verdict.wording import counted, listed, moment


def begins_late(coverage: Coverage, window: Window) -> str | None:
    """Say so where no record lies at or before `since` + one bucket."""
    if coverage.earliest is None:
        return "no dated record was read"
    if coverage.earliest <= window.since + coverage.buckets.width:
        return None
    late = format_span(coverage.earliest - window.since)
    return f"the log begins at {moment(coverage.earliest, window)}, {late} into the window"


def ends_early(coverage: Coverage, window: Window) -> str | None:
    """Say so where no record lies at or after `until` - one bucket."""
    if coverage.latest is None:
        return "no dated record was read"
    if coverage.latest >= window.until - coverage.buckets.width:
        return None
    early = format_span(window.until - coverage.latest)
    return f"the log ends at {moment(coverage.latest, window)}, {early} before the window does"


def uncovered(coverage: Coverage, window: Window, ruleset: RuleSet) -> tuple[str, ...]:
    """Return why silence in the window says nothing, one phrase each; empty: the window is covered.

    Empty buckets between the first and the last decide only where a heartbeat rule (`expect … every`) is
    configured: only then is it known that something should have been logged.
    """
    edges = (begins_late(coverage, window), ends_early(coverage, window))
    problems = list(dict.fromkeys(edge for edge in edges if edge is not None))
    if not problems and inner_gaps(coverage, window) and _has_heartbeat(ruleset):
        problems.append(f"the log has gaps ({empty_stretches(coverage, window)})")
    return tuple(problems)


def inner_gaps(coverage: Coverage, window: Window) -> bool:
    """Whether a bucket that is neither the first nor the last holds no record."""
    width, total = coverage.buckets.width, coverage.buckets.total
    first_end, last_start = window.since + width, window.since + (total - 1) * width
    return total > 2 and any(start < last_start and end > first_end for start, end in coverage.buckets.gaps)


def empty_stretches(coverage: Coverage, window: Window) -> str:
    """Return the stretches of empty buckets: `no record from 17:10:00Z to 17:20:00Z`."""
    stretches = (f"{moment(start, window)} to {moment(end, window)}" for start, end in coverage.buckets.gaps)
    return f"no record from {listed(stretches)}"


def empty_note(coverage: Coverage, window: Window) -> str | None:
    """Return the note on empty buckets, None where every bucket holds a record."""
    found = coverage.buckets
    if not found.gaps:
        return None
    empty = found.total - found.with_records
    share = f"{empty} of {counted(found.total, 'bucket')} of {format_span(found.width)} without a record"
    return f"{share}: {empty_stretches(coverage, window)}"


def _has_heartbeat(ruleset: RuleSet) -> bool:
    return any(isinstance(rule, ExpectRule) and rule.every is not None for rule in ruleset.rules)
