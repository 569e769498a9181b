"""What the state of the sources means: what was lost, when silence says something, what the reader should
know.
"""

from __future__ import annotations

from logwatch.records.coverage import Coverage, SourceReport, Window
from logwatch.ruleset.model import ExpectRule, RuleSet
from logwatch.timespec import format_span
from logwatch.verdict.wording import counted, listed, moment


def problems(coverage: Coverage) -> tuple[str, ...]:
    """Return the sentences that keep the verdict of the whole from being a pass."""
    found = [problem for source in coverage.sources for problem in _problems(source)]
    nothing = _nothing(coverage)
    return (*found, nothing) if nothing else tuple(found)


def doubts(coverage: Coverage) -> tuple[str, ...]:
    """Return the phrases that keep every rule's verdict from being a pass."""
    found = []
    if coverage.damaged:
        found.append(f"not read whole: {listed(source.name for source in coverage.damaged)}")
    nothing = _nothing(coverage)
    return (*found, nothing) if nothing else tuple(found)


def notes(coverage: Coverage, window: Window) -> tuple[str, ...]:
    """Return what the reader should know besides: empty buckets, records without a time of their own.

    Nothing where that holds of all: then it is what keeps the verdict from being a pass.
    """
    if _nothing(coverage):
        return ()
    found = []
    buckets = coverage.buckets
    if buckets.gaps:
        empty = buckets.total - buckets.with_records
        share = f"{empty:,} of {counted(buckets.total, 'bucket')} of {format_span(buckets.width)} without a record"
        found.append(f"{share}: {_empty_stretches(coverage, window)}")
    if coverage.undated:
        share = f"{coverage.undated:,} of {counted(coverage.records, 'record')}"
        found.append(f"{share} without a time of their own, dated by their neighbours")
    return tuple(found)


def begins_late(coverage: Coverage, window: Window) -> str | None:
    """Say so where no record lies at or before `since` + one bucket."""
    if coverage.earliest is None:
        return "no dated record was read"
    if coverage.earliest <= window.since + coverage.buckets.width:
        return None
    late = format_span(coverage.earliest - window.since)
    return f"the log begins at {moment(coverage.earliest, window)}, {late} into the window"


def uncovered(coverage: Coverage, window: Window, ruleset: RuleSet) -> list[str]:
    """Return why silence in the window says nothing, one phrase each; empty: the window is covered and
    nothing of it was lost.

    Empty buckets between the first and the last decide only where a heartbeat rule (`expect … every`) is
    configured: only then is it known that something should have been logged.
    """
    edges = [begins_late(coverage, window), _ends_early(coverage, window)]
    found = [*(edges if coverage.earliest is not None else ()), *doubts(coverage)]
    if _has_inner_gap(coverage, window) and _has_heartbeat(ruleset):
        found.append(_empty_stretches(coverage, window))
    return list(dict.fromkeys(phrase for phrase in found if phrase))


def _ends_early(coverage: Coverage, window: Window) -> str | None:
    """Say so where no record lies at or after `until` - one bucket."""
    if coverage.latest is None or coverage.latest >= window.until - coverage.buckets.width:
        return None
    early = format_span(window.until - coverage.latest)
    return f"the log ends at {moment(coverage.latest, window)}, {early} before the window does"


def _problems(source: SourceReport) -> list[str]:
    if source.errors:
        return [f"{source.name}: {error}" for error in source.errors]
    if source.truncated:
        return [f"{source.name}: truncated, a part of it is missing"]
    # counts are over the window: an older file of a rotation has none there, but its format was recognised
    if not source.lines and not source.records and source.format == "unknown":
        return [f"{source.name}: empty"]
    return []


def _nothing(coverage: Coverage) -> str | None:
    if not coverage.sources:
        return "nothing was read"
    if not coverage.lines and not coverage.records:
        return "no record lies in the window"
    if coverage.earliest is None or (coverage.records and coverage.undated >= coverage.records):
        return "no record in the window carries a time of its own"
    return None


def _has_inner_gap(coverage: Coverage, window: Window) -> bool:
    """Whether a bucket that is neither the first nor the last holds no record."""
    width, total = coverage.buckets.width, coverage.buckets.total
    first_end, last_start = window.since + width, window.since + (total - 1) * width
    return total > 2 and any(start < last_start and end > first_end for start, end in coverage.buckets.gaps)


def _empty_stretches(coverage: Coverage, window: Window) -> str:
    stretches = (f"{moment(start, window)} to {moment(end, window)}" for start, end in coverage.buckets.gaps)
    return f"no record from {listed(stretches)}"


def _has_heartbeat(ruleset: RuleSet) -> bool:
    return any(isinstance(rule, ExpectRule) and rule.every is not None for rule in ruleset.rules)
