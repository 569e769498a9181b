"""Runs of keyed pairs put together where their records are found, many at once.

Most runs are plain: in the stretch of records at hand their key has a start, then an end in time, and nothing else but
an end said again. What becomes of such a run depends on nothing else, unless its key was known before; that the
correlator tells. So it takes them put together, and does once for a run, or once for all, most of what it does for
each match. Every other match comes to it as an event.

All records of a key must come from one source: another one could have something to say between the two of a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from operator import le

import msgspec

from logwatch.engine.match import Event, Key, Match
from logwatch.engine.parcel import placed
from logwatch.evidence import Evidence, shown
from logwatch.ruleset.model import PairRule, RuleSet
from logwatch.timespec import MICROSECOND, time_of

_FINAL = frozenset({"completed", "skipped"})
"""Outcomes that no further attempt revises."""
_ENDS = frozenset({"completed", "skipped", "failed"})
_ROOM = 50_000
"""Runs that a rule must have room for at once: with less it matters how many are open between others."""
_NEVER = -1


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A match of a keyed pair: what it is to the run, when (in microseconds of the epoch) and where it was, and the
    text that evidence is made of. `ordinal` is its offset, negative where the source is newest first.
    """

    role: str
    moment: int
    ordinal: int
    line: int
    text: str

    @property
    def offset(self) -> int:
        """Where it stands in its source."""
        return abs(self.ordinal)


PlainRun = tuple[Key, Row | None, list[Row]]
"""A key, the match that announces its start, if any, and the others: the start, the end, and what says that again."""


class PlainRuns(msgspec.Struct, array_like=True):
    """Plain runs of one rule, in a stretch of one source, of which the first began at `moment`.

    Without any they say that matches were taken up to `moment`. Lines were counted from 1 where the source has
    `first_line`.
    """

    rule: str
    runs: list[PlainRun]
    moment: int
    ordinal: int
    source: str = ""
    first_line: int = 1

    @property
    def time(self) -> datetime:
        """The time at `moment`."""
        return time_of(self.moment)

    def evidence(self, row: Row) -> Evidence:
        """Return what is shown of a match."""
        role = "end" if row.role in _ENDS else "start"
        line = placed(row.line, self.first_line)
        return Evidence(self.source, line, row.offset, time_of(row.moment), shown(row.text), role)

    def match(self, key: Key, row: Row) -> Match:
        """Return a match by itself."""
        return Match(self.rule, row.role, time_of(row.moment), self.source, self.evidence(row), key)

    def events(self) -> Iterator[Event]:
        """Yield them match by match."""
        for key, announced, rows in self.runs:
            for row in (*((announced,) if announced else ()), *rows):
                match = self.match(key, row)
                yield Event(match.time, self.source, row.ordinal, (match,))

    def after(self, moment: int) -> Iterator[PlainRuns | Event]:
        """Yield those that began after `moment`, and of the others the matches."""
        if self.moment > moment or not self.runs:
            yield self
            return
        runs = [run for run in self.runs if _began(run) > moment]
        self.runs = [run for run in self.runs if _began(run) <= moment]
        yield from self.events()
        if runs:
            yield plain_runs(self.rule, runs, self.source, self.first_line)


def plain_runs(rule: str, runs: list[PlainRun], source: str, first_line: int = 1) -> PlainRuns:
    """Return such runs, of which there are some."""
    return PlainRuns(rule, runs, min(map(_began, runs)), runs[0][2][0].ordinal, source, first_line)


def _moment(row: Row) -> int:
    return row.moment


def _began(run: PlainRun) -> int:
    return (run[1] or run[2][0]).moment


class _Stretch(msgspec.Struct):
    """Matches of one rule, by key; `odd` are keys of which not all are here."""

    timeout: int
    memory: int
    rows: dict[Key, list[Row]] = msgspec.field(default_factory=dict)
    odd: set[Key] = msgspec.field(default_factory=set)

    def plain(self, key: Key, rows: list[Row], after: int, before: int) -> PlainRun | None:
        """Return the plain run that they are, all of it between two moments; None if they are none."""
        announced = None
        if rows[0].role == "enqueued":
            announced, *rows = rows
        if len(rows) < 2 or key in self.odd:
            return None
        start, end = rows[0], rows[1]
        began = start.moment if announced is None else announced.moment
        if (
            start.role != "start"
            or end.role not in _FINAL
            or not after < began <= start.moment <= min(end.moment, began + self.memory)
            or end.moment > start.moment + self.timeout
        ):
            return None
        last = end.moment
        for row in rows[2:]:
            if row.role not in _ENDS or not last <= row.moment <= end.moment + self.memory:
                return None
            last = row.moment
        return (key, announced, rows) if last < before else None


class Pairing:
    """Puts plain runs together, stretch by stretch of one source; `lateness` is how late a record may come."""

    def __init__(self, rules: Mapping[str, PairRule], lateness: timedelta) -> None:
        self._rules = rules
        self._lateness = lateness // MICROSECOND
        self._newest = _NEVER
        self._begin()

    @classmethod
    def of(cls, ruleset: RuleSet, lateness: timedelta) -> Pairing:
        """Return one for the rules that have a key, and room."""
        pairs = (rule for rule in ruleset.rules if isinstance(rule, PairRule))
        return cls({rule.id: rule for rule in pairs if rule.key and rule.max_open >= _ROOM}, lateness)

    def anew(self) -> Pairing:
        """Return one that has taken nothing."""
        return Pairing(self._rules, self._lateness * MICROSECOND)

    def _begin(self) -> None:
        self.size = 0
        self._late = False
        self._after = self._newest
        self._stretches = {
            rule_id: _Stretch(rule.timeout // MICROSECOND, rule.memory // MICROSECOND)
            for rule_id, rule in self._rules.items()
        }

    def pairs(self, rule: str) -> bool:
        """Whether it takes the matches of a rule."""
        return rule in self._rules

    def arrive(self, moments: Sequence[int]) -> None:
        """Note when matches were, those that are taken and all others, in the order of the source."""
        newest = self._newest
        if not moments:
            return
        if moments[0] >= newest - self._lateness and all(map(le, moments, islice(moments, 1, None))):
            self._newest = max(newest, moments[-1])
            return
        for moment in moments:
            self._late = self._late or moment < newest - self._lateness
            newest = max(newest, moment)
        self._newest = newest

    def take(self, matches: Sequence[tuple[str, Key, Row]]) -> None:
        """Take the next matches, each with its rule and key, in the order of the source."""
        stretches = self._stretches
        for rule, key, row in matches:
            rows = stretches[rule].rows.get(key)
            if rows is None:
                stretches[rule].rows[key] = [row]
            else:
                rows.append(row)
        self.size += len(matches)

    def misses(self, event: Event) -> None:
        """Note that an event goes its own way."""
        for match in event.matches:
            stretch = self._stretches.get(match.rule)
            if stretch is not None and match.key is not None:
                stretch.odd.add(match.key)

    def settle(self, source: str) -> Iterator[PlainRuns | Event]:
        """Yield what was taken, and begin a new stretch: the plain runs, and every other match.

        What a record that comes later could be earlier than is none of a plain run. Where one came too late to be put
        in order there are none: what it is to the others depends on what came before it in the source.
        """
        stretches, after, before = self._stretches, self._after, self._newest - self._lateness
        if self._late:
            before = _NEVER
        self._begin()
        for rule_id, stretch in stretches.items():
            plain: list[PlainRun] = []
            rest: list[PlainRun] = []
            for key, rows in stretch.rows.items():
                run = stretch.plain(key, rows, after, before)
                if run is not None:
                    plain.append(run)
                else:
                    rest.append((key, None, rows))
            yield from PlainRuns(rule_id, rest, 0, 0, source).events()
            if plain:
                yield plain_runs(rule_id, plain, source)
                last = max((rows[-1] for _, _, rows in plain), key=_moment)
                yield PlainRuns(rule_id, [], last.moment, last.ordinal, source)
