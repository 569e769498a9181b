"""Plain runs on their way from where they are put together to where they are counted: many at once, in columns.

A plain run has a start, then an end in time, and nothing else but an end said again. Of a rule without a key the
matches travel likewise, in the order of time: starts and ends take turns, and the correlator puts them together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from logwatch.engine.match import Event, Key, Match
from logwatch.engine.parcel import placed
from logwatch.evidence import Evidence, shown
from logwatch.timespec import time_of

ROLES = ("enqueued", "start", "completed", "skipped", "failed")
"""What a match of a pair can be, each by its number: in the order in which those of one record are taken."""
ENQUEUED, START, COMPLETED, SKIPPED, FAILED = range(len(ROLES))
_NEVER = -1


class Rows(msgspec.Struct, array_like=True):
    """Matches column by column: the numbers of their roles, when they were (in microseconds of the epoch), where they
    stand among all of the source (their offset, negative where that is newest first), their lines, and the texts that
    evidence is made of.
    """

    roles: list[int] = []
    moments: list[int] = []
    ordinals: list[int] = []
    lines: list[int] = []
    texts: list[str] = []

    def some(self, which: Sequence[int]) -> Rows:
        """Return some of them."""
        return Rows(
            [self.roles[n] for n in which] if self.roles else [],
            [self.moments[n] for n in which],
            [self.ordinals[n] for n in which],
            [self.lines[n] for n in which],
            [self.texts[n] for n in which],
        )


class PlainRuns(msgspec.Struct, array_like=True):
    """Plain runs of one rule, in a stretch of one source, of which the first began at `moment`.

    The matches of each follow each other in `rows`, from the row in `begins` on: what announces its start, if anything;
    the start, the end, and what says that again. Without any, `rows` are the matches of a rule without a key, in the
    order of time; and without these they say that matches were taken up to `moment`. Lines were counted from 1 where
    the source has `first_line`.
    """

    rule: str
    moment: int
    ordinal: int
    source: str = ""
    first_line: int = 1
    keys: list[Key] = []
    begins: list[int] = []
    rows: Rows = msgspec.field(default_factory=Rows)

    @property
    def time(self) -> datetime:
        """The time at `moment`."""
        return time_of(self.moment)

    @property
    def starts(self) -> list[int]:
        """The row of the start of each."""
        roles = self.rows.roles
        return [begin + (roles[begin] == ENQUEUED) for begin in self.begins]

    def evidence(self, row: int) -> Evidence:
        """Return what is shown of a match."""
        rows = self.rows
        role = "end" if rows.roles[row] > START else "start"
        line, time = placed(rows.lines[row], self.first_line), time_of(rows.moments[row])
        return Evidence(self.source, line, abs(rows.ordinals[row]), time, shown(rows.texts[row]), role)

    def match(self, row: int, key: Key | None = None) -> Match:
        """Return a match by itself."""
        role, time = ROLES[self.rows.roles[row]], time_of(self.rows.moments[row])
        return Match(self.rule, role, time, self.source, self.evidence(row), key)

    def events(self, which: Iterable[int]) -> Iterator[Event]:
        """Yield some of them, match by match."""
        for n in which:
            for row in self._span(n):
                yield self._event(row, self.keys[n])

    def in_turn(self, rows: Iterable[int]) -> Iterator[Event]:
        """Yield matches without a key."""
        return map(self._event, rows)

    def _event(self, row: int, key: Key | None = None) -> Event:
        match = self.match(row, key)
        return Event(match.time, self.source, self.rows.ordinals[row], (match,))

    def some(self, which: Sequence[int]) -> PlainRuns:
        """Return some of them."""
        begins: list[int] = []
        rows: list[int] = []
        for n in which:
            begins.append(len(rows))
            rows += self._span(n)
        keys = [self.keys[n] for n in which]
        return plain_runs(self.rule, keys, begins, self.rows.some(rows), self.source, self.first_line)

    def after(self, moment: int) -> Iterator[PlainRuns | Event]:
        """Yield those that began after `moment`, and of the others the matches."""
        if self.moment > moment or not self.rows.moments:
            yield self
            return
        if not self.keys:
            first, size = bisect_right(self.rows.moments, moment), len(self.rows.moments)
            yield from self.in_turn(range(first))
            if first < size:
                yield in_turn(self.rule, self.rows.some(range(first, size)), self.source, self.first_line)
            return
        after: list[int] = []
        others: list[int] = []
        for n, begin in enumerate(self.begins):
            (after if self.rows.moments[begin] > moment else others).append(n)
        yield from self.events(others)
        if after:
            yield self.some(after)

    def _span(self, which: int) -> range:
        following = self.begins[which + 1] if which + 1 < len(self.begins) else len(self.rows.roles)
        return range(self.begins[which], following)


def plain_runs(
    rule: str, keys: list[Key], begins: list[int], rows: Rows, source: str, first_line: int = 1
) -> PlainRuns:
    """Return such runs."""
    moments = [rows.moments[begin] for begin in begins]
    return PlainRuns(
        rule,
        min(moments, default=_NEVER),
        rows.ordinals[0] if begins else 0,
        source,
        first_line,
        keys,
        begins,
        rows,
    )


def in_turn(rule: str, rows: Rows, source: str, first_line: int = 1) -> PlainRuns:
    """Return matches of a rule without a key, of which there are some."""
    return PlainRuns(rule, rows.moments[0], rows.ordinals[0], source, first_line, rows=rows)
