"""What was judged: the line that every report begins with."""

from __future__ import annotations

from datetime import UTC, timedelta

from logwatch.evidence.escape import escape
from logwatch.records.coverage import Window
from logwatch.timespec import format_span
from logwatch.verdict.verdict import Verdict
from logwatch.verdict.wording import counted, moment


def span_of(window: Window) -> str:
    """Return the window as people read it, in UTC, a date only once where it is the same."""
    since, until = (edge.astimezone(UTC) for edge in (window.since, window.until))
    end = f"{until:%H:%M:%S}" if since.date() == until.date() else f"{until:%Y-%m-%d %H:%M:%S}"
    return f"{since:%Y-%m-%d %H:%M:%S} to {end} UTC"


def judged(verdict: Verdict, age: timedelta | None = None) -> list[str]:
    """Return what was judged, in phrases that are safe to print: the window, as of when, how much was read,
    how much a pass rules out. `age`: how old the last record is.
    """
    window, read = verdict.window, verdict.coverage
    said = [span_of(window)]
    if window.as_of != window.until:
        said.append(f"as of {moment(window.as_of, window)}")
    if age is not None:
        late = f"{format_span(age)} ago" if age >= timedelta() else f"{format_span(-age)} ahead of the clock"
        said.append(f"last record {late}")
    said.append(f"{counted(read.lines, 'line')}, {counted(read.records, 'record')}")
    said.append(f"{read.buckets.with_records:,}/{read.buckets.total:,} buckets with records")
    said.append(f"{verdict.assurance.value} assurance")
    if verdict.deployment is not None:
        said.append(f"deployment {escape(verdict.deployment)}")
    return said
