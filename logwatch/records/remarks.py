"""What there is to say of a source once all of it was read, in sentences that go on from its name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from logwatch.records.account import Account
from logwatch.records.dating import Calendar
from logwatch.records.parser import RecordParser
from logwatch.timespec import format_span

_DAY = timedelta(days=1)
_CLOCKS_DIFFER = timedelta(minutes=5)
"""How much later than the file's mtime a record may be before its date is doubted."""


def doubts(
    account: Account, parser: RecordParser, written: datetime | None, day: date | None
) -> Iterator[str]:
    """Yield what keeps a source from being believed.

    `written` is when it was last written (None: nobody knows), `day` the one on which its times of day are said to
    begin.
    """
    calendar, latest = parser.calendar, account.latest
    if account.undatable and not account.whole:
        yield f"holds {_records(account.undatable)} without a time: nobody can tell whether that lies in the window"
    if calendar.spans_years:
        yield "holds yearless times that go round the year; cut it, or name its end with --as-of"
    too_late = written is not None and latest is not None and latest > written + _CLOCKS_DIFFER
    if too_late and parser.format.endswith("clock") and not day:
        yield "passes midnight and shows times of day alone; say with --date on which day it begins"
    if account.lost:
        yield f"lacks the messages of {_records(account.lost)}; export it with journalctl --all"


def remarks(account: Account, calendar: Calendar, written: datetime) -> Iterator[str]:
    """Yield what the reader should know besides; `written` is when the source was last written, as far as known."""
    if account.cut:
        yield f"holds {_records(account.cut)} longer than 1,000 lines or 1 MiB, cut there"
    if account.nuls:
        yield f"holds NUL bytes, which were skipped: {account.nuls:,}"
    if calendar.folds:
        yield f"holds {_records(calendar.folds)} of an hour that clocks showed twice; the first was taken"
    if calendar.beyond:
        yield (
            f"holds {_records(calendar.beyond)} of more than a day after what is asked about, by their yearless "
            "times; dated like the record before"
        )
    if account.latest is not None and account.latest > written + _DAY:
        yield f"is dated up to {format_span(account.latest - written)} after it was last written"


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"
