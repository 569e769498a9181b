"""What was read of one source, counted as it is read: record by record, or many at once."""

from __future__ import annotations

from datetime import datetime

from logwatch.records.assembly import Draft
from logwatch.records.coverage import SourceReport, Timeline
from logwatch.records.parser import RecordParser


class Account:
    """The account of what lies between `since` and `until` (None: open), in `report` and `timeline`.

    `whole` says that all of the source is asked about, what is without a time included. `earliest` and `latest` are
    the times of all that was read. `undatable` counts records for which no time is known, `cut` those that were too
    long, `lost` those that came without their message; `nuls` counts NUL bytes.
    """

    def __init__(
        self, report: SourceReport, since: datetime | None, until: datetime | None, *, whole: bool
    ) -> None:
        self.report = report
        self.whole = whole
        self.since = since
        self.until = until
        self.timeline = Timeline()
        self.earliest: datetime | None = None
        self.latest: datetime | None = None
        self.undatable = self.cut = self.lost = self.nuls = 0

    def take(self, draft: Draft) -> None:
        """Count one record; its time is known by now, or never will be."""
        report, time = self.report, draft.time
        if time is None:
            self.undatable += 1
        else:
            self.spans(time)
            if not self.asks(time):
                return
            self.timeline.add(time)
            self.holds(time)
        report.records += 1
        report.lines += draft.lines + draft.gap_lines
        report.bytes += draft.size + draft.gap_size
        if draft.inherited or time is None:
            report.undated += 1
        if draft.truncated:
            self.cut += not draft.start.lost
            self.lost += draft.start.lost

    def add(self, other: Account) -> None:
        """Add what was counted of another part of the source."""
        report, more = self.report, other.report
        report.lines += more.lines
        report.bytes += more.bytes
        report.records += more.records
        report.undated += more.undated
        self.timeline.update(other.timeline)
        for moment in (other.earliest, other.latest):
            if moment is not None:
                self.spans(moment)
        for moment in (more.first, more.last):
            if moment is not None:
                self.holds(moment)
        self.undatable += other.undatable
        self.cut += other.cut
        self.lost += other.lost
        self.nuls += other.nuls

    def end(self, parser: RecordParser) -> None:
        """Count what a parser that is closed has found besides records."""
        self.nuls += parser.nuls
        if self.whole:
            self.report.lines += parser.stray_lines
            self.report.bytes += parser.stray_size

    def asks(self, time: datetime) -> bool:
        """Whether `time` lies in the window."""
        return not ((self.since and time < self.since) or (self.until and time > self.until))

    def spans(self, time: datetime) -> None:
        """Note that a record has that time."""
        if self.earliest is None or time < self.earliest:
            self.earliest = time
        if self.latest is None or time > self.latest:
            self.latest = time

    def holds(self, time: datetime) -> None:
        """Note that a record in the window has that time."""
        report = self.report
        if report.first is None or time < report.first:
            report.first = time
        if report.last is None or time > report.last:
            report.last = time
