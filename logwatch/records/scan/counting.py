"""The account of what is skimmed: all records of a block at once."""

from __future__ import annotations

from datetime import datetime
from math import inf

import numpy as np
from numpy.typing import NDArray

from logwatch.records.account import Account
from logwatch.records.scan.heads import second_of
from logwatch.records.scan.stamps import Seconds, Stamped
from logwatch.records.scan.times import Times


def count(stamped: Stamped, times: Times, account: Account) -> None:
    """Count all records but the last one, whose end is not seen."""
    report, starts, numbers, undated = account.report, stamped.starts, stamped.numbers, stamped.undated
    counted = len(starts) - 1
    turns, seconds = stamped.turns, stamped.seconds
    if turns[-1] == counted:
        turns, seconds = turns[:-1], seconds[:-1]
    records = np.diff(turns, append=counted)
    low, high = int(seconds.min()), int(seconds.max())
    # What all records span is never less than what those in the window do.
    ends: list[datetime] = []
    if report.first is None or low <= second_of(report.first):
        ends.append(times.first(np.flatnonzero(np.repeat(seconds == low, records))))
    if report.last is None or high >= second_of(report.last):
        ends.append(times.last(np.flatnonzero(np.repeat(seconds == high, records))))
    for moment in ends:
        account.spans(moment)
    since, until = _seconds_of_window(account)
    if low <= since or high >= until:
        _count_inside(stamped, np.repeat(seconds, records), times, account)
        return
    report.records += counted
    report.bytes += int(starts[-1])
    report.lines += int(numbers[-1])
    report.undated += 0 if undated is None else int(undated[:-1].sum())
    account.timeline.fill(set(seconds.tolist()))
    for moment in ends:
        account.holds(moment)


def _count_inside(stamped: Stamped, seconds: Seconds, times: Times, account: Account) -> None:
    """Count those of the records that lie in the window; `seconds` are those of all that are counted."""
    since, until = _seconds_of_window(account)
    inside: NDArray[np.bool_] = (seconds >= since) & (seconds <= until)
    for n in np.flatnonzero((seconds == since) | (seconds == until)).tolist():
        inside[n] = account.asks(times.of(n))
    chosen = np.flatnonzero(inside)
    if not len(chosen):
        return
    report, undated = account.report, stamped.undated
    report.records += len(chosen)
    report.bytes += int(np.diff(stamped.starts)[chosen].sum())
    report.lines += int(np.diff(stamped.numbers)[chosen].sum())
    report.undated += 0 if undated is None else int(undated[chosen].sum())
    seconds = seconds[chosen]
    account.timeline.fill(set(seconds.tolist()))
    account.holds(times.first(chosen[seconds == seconds.min()]))
    account.holds(times.last(chosen[seconds == seconds.max()]))


def _seconds_of_window(account: Account) -> tuple[float, float]:
    """Return the seconds in which the window begins and ends, infinite where it is open."""
    since, until = account.since, account.until
    return -inf if since is None else second_of(since), inf if until is None else second_of(until)
