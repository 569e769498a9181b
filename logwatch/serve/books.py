"""The books: all that follows from the entries, and how it is written down.

Entries are appended to a journal, which is cheap; now and then all that they came to is written whole, and the
journal begins anew. Who reads both has what was known when the last entry was written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from logwatch.live.course import Course
from logwatch.live.entries import Advanced, Entry, Seen
from logwatch.live.minutes import Minutes
from logwatch.ruleset.definition import definition_of
from logwatch.ruleset.model import RuleSet
from logwatch.serve.counters import Counters, RuleCounters
from logwatch.serve.store import Changes, Rows

_LEAST_JOURNAL = 4 << 20
"""Bytes of the journal before all is written whole; if that takes more, as many as it takes."""
_COURSE, _COUNTERS = "course", "counters"


class _Page(msgspec.Struct, array_like=True):
    """Entries that were written down at once, and what the clock on the wall showed."""

    wall: datetime
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Written:
    """What was stored: rows of the tables `parts`, `minutes` and `journal`."""

    parts: Rows
    minutes: Rows
    journal: Rows


class Books:
    """Takes entries; counts, correlates and keeps windows of `longest` by them."""

    def __init__(self, ruleset: RuleSet, lateness: timedelta, longest: timedelta, wall: datetime) -> None:
        self.ruleset = ruleset
        self._wall = wall
        self.counters = Counters(ruleset, lambda: self._wall)
        self.minutes = Minutes(ruleset, longest)
        self.course = Course(ruleset, lateness, (self.minutes, self.counters))
        self._journal_size = 0
        self._whole_size = 0
        self._page = 0
        self._gone: list[int] = []

    def apply(self, entries: Iterable[Entry], wall: datetime) -> None:
        """Have all entries happen."""
        self._wall = wall
        for entry in entries:
            self.course.apply(entry)
            if isinstance(entry, Advanced):
                self._gone += self.minutes.advance(entry.watermark)

    def write(self, entries: list[Entry], wall: datetime, changes: Changes) -> None:
        """Put into `changes` what was applied since the last time: `entries`, or all that is known by them."""
        page = msgspec.msgpack.encode(_Page(wall, entries))
        if self._journal_size + len(page) > max(_LEAST_JOURNAL, self._whole_size):
            self.write_whole(changes)
            return
        self._page += 1
        self._journal_size += len(page)
        changes.put("journal", self._page, page)

    def write_whole(self, changes: Changes) -> None:
        """Put into `changes` all that is known, instead of a journal."""
        course, counters = self.course.state(), msgspec.msgpack.encode(self.counters.rules)
        changes.anew = (*changes.anew, "journal")
        changes.put("parts", _COURSE, course)
        changes.put("parts", _COUNTERS, counters)
        self._whole_size = len(course) + len(counters)
        for minute in self._gone:
            changes.put("minutes", minute, None)
        for minute in self.minutes.changed:
            state = self.minutes.state(minute)
            self._whole_size += len(state)
            changes.put("minutes", minute, state)
        self._gone, self._journal_size = [], 0
        self.minutes.written()

    def read(self, written: Written) -> None:
        """Go on from what was written, by the same rules or others; those that count something else begin anew.

        Raises `msgspec.DecodeError`, `ValueError` and `KeyError` for what is no state.
        """
        stored = msgspec.msgpack.decode(written.parts[_COUNTERS], type=dict[str, RuleCounters])
        changed = self._changed(stored)
        fresh = dict(self.counters.rules)
        for rule_id, counters in stored.items():
            if rule_id in self.counters.rules and rule_id not in changed:
                self.counters.rules[rule_id] = counters
        self.course.restore(written.parts[_COURSE], changed)
        self.minutes.advance(self.course.watermark)
        for minute, state in written.minutes.items():
            self.minutes.restore(int(minute), state, changed)
        self._replay(written.journal, changed)
        for rule_id, counters in self.counters.rules.items():
            counters.bounded(fresh[rule_id])

    def _changed(self, stored: dict[str, RuleCounters]) -> frozenset[str]:
        """Return the rules that do not go on: those that are new, or count something else now."""
        return frozenset(
            rule.id
            for rule in self.ruleset.rules
            if rule.id not in stored or stored[rule.id].definition != definition_of(rule)
        )

    def _replay(self, journal: Rows, changed: Collection[str]) -> None:
        known = frozenset(self.ruleset.ids) - frozenset(changed)
        for number, page in journal.items():
            self._page = int(number)
            self._journal_size += len(page)
            past = msgspec.msgpack.decode(page, type=_Page)
            self.apply((_of(entry, known) for entry in past.entries), past.wall)


def _of(entry: Entry, known: frozenset[str]) -> Entry:
    """Return the entry as it would be if there were no other rules."""
    if not isinstance(entry, Seen):
        return entry
    event = entry.event
    if all(match.rule in known for match in event.matches) and all(rule in known for rule in event.timeouts):
        return entry
    matches = tuple(match for match in event.matches if match.rule in known)
    timeouts = tuple(rule for rule in event.timeouts if rule in known)
    return Seen(entry.at, msgspec.structs.replace(event, matches=matches, timeouts=timeouts))
