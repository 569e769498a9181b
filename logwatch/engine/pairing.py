"""Runs of keyed pairs put together where their records are found, many at once.

Most runs are plain (see `plain_runs`). What becomes of such a run depends on nothing else, unless its key was known
before; that the correlator tells. So it takes them put together, and does once for a run, or once for all, most of what
it does for each match. Every other match comes to it as an event.

All records must come from one source: another one could have something to say between the two of a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from operator import le
from typing import NamedTuple, Protocol

import msgspec

from logwatch.engine.match import Event, Key
from logwatch.engine.plain_runs import (
    COMPLETED,
    ENQUEUED,
    ROLES,
    SKIPPED,
    START,
    PlainRuns,
    Rows,
    in_turn,
    plain_runs,
)
from logwatch.ruleset.model import PairRule, RuleSet
from logwatch.timespec import MICROSECOND, moment_of

_NUMBERS = {role: number for number, role in enumerate(ROLES)}
_BITS = 3
"""Of the number of a match, those that tell its role; the others tell the record."""
_ROLE = (1 << _BITS) - 1
_ROOM = 50_000
"""Runs that a rule must have room for at once: with less it matters how many are open between others."""
_NEVER = -1


class Played(NamedTuple):
    """Matches of records of a batch that play a role in a rule: the keys, if it has one, and which records they are."""

    rule: str
    role: str
    keys: Sequence[Key] | None
    which: Sequence[int]


class Placed(Protocol):
    """Records column by column: when they were, in microseconds of the epoch, and where they stand in the source."""

    @property
    def moments(self) -> list[int]: ...  # noqa: D102
    @property
    def ordinals(self) -> list[int]: ...  # noqa: D102
    @property
    def lines(self) -> list[int]: ...  # noqa: D102


class _Turns(msgspec.Struct):
    """The numbers of the matches of one rule without a key; up to the moment `odd`, not all are here."""

    matches: list[int] = msgspec.field(default_factory=list)
    odd: int = _NEVER

    def parted(self, moments: Sequence[int], after: int, before: int) -> tuple[list[int], list[int]]:
        """Return in order those between two moments, from where on all are here, and the others."""
        inside: list[int] = []
        others: list[int] = []
        self.matches.sort()
        for match in sorted(self.matches, key=lambda match: moments[match >> _BITS]):
            between = max(after, self.odd) < moments[match >> _BITS] < before
            (inside if between else others).append(match)
        return inside, others


class _Stretch(msgspec.Struct):
    """The numbers of the matches of one rule, by key; `odd` are keys of which not all are here."""

    timeout: int
    memory: int
    matches: dict[Key, list[int]] = msgspec.field(default_factory=dict)
    odd: set[Key] = msgspec.field(default_factory=set)

    def plain(
        self, key: Key, matches: Sequence[int], moments: Sequence[int], after: int, before: int
    ) -> bool:
        """Whether they are a plain run, all of it between two moments; `moments` are those of all records."""
        announced = matches[0] & _ROLE == ENQUEUED
        if len(matches) < 2 + announced or (self.odd and key in self.odd):
            return False
        start, end = matches[announced], matches[announced + 1]
        began, started, ended = moments[matches[0] >> _BITS], moments[start >> _BITS], moments[end >> _BITS]
        if (
            start & _ROLE != START
            or not COMPLETED <= end & _ROLE <= SKIPPED  # a failure may be revised
            or not after < began <= started <= min(ended, began + self.memory)
            or ended > started + self.timeout
        ):
            return False
        last = ended
        for match in matches[announced + 2 :]:
            moment = moments[match >> _BITS]
            if match & _ROLE <= START or not last <= moment <= ended + self.memory:
                return False
            last = moment
        return last < before


class Pairing:
    """Puts plain runs together, stretch by stretch of one source; `lateness` is how late a record may come."""

    def __init__(self, rules: Mapping[str, PairRule], lateness: timedelta) -> None:
        self._rules = rules
        self._lateness = lateness // MICROSECOND
        self._newest = _NEVER
        self._begin()

    @classmethod
    def of(cls, ruleset: RuleSet, lateness: timedelta) -> Pairing:
        """Return one for the rules without a key, and those that have room."""
        pairs = (rule for rule in ruleset.rules if isinstance(rule, PairRule))
        return cls({rule.id: rule for rule in pairs if not rule.key or rule.max_open >= _ROOM}, lateness)

    def anew(self) -> Pairing:
        """Return one that has taken nothing."""
        return Pairing(self._rules, self._lateness * MICROSECOND)

    def _begin(self) -> None:
        self.size = 0
        self._late = False
        self._after = self._newest
        self._records = Rows()
        self._stretches = {
            rule_id: _Stretch(rule.timeout // MICROSECOND, rule.memory // MICROSECOND)
            for rule_id, rule in self._rules.items()
            if rule.key
        }
        self._turns = {rule_id: _Turns() for rule_id, rule in self._rules.items() if not rule.key}

    def pairs(self, rule: str, keyed: bool) -> bool:
        """Whether it takes the matches of a rule that have a key, or none."""
        return rule in (self._stretches if keyed else self._turns)

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

    def take(self, batch: Placed, texts: Iterable[str], played: Iterable[Played]) -> None:
        """Take matches of the next batch, of which evidence is made of `texts`."""
        records = self._records
        first = len(records.moments)
        records.moments += batch.moments
        records.ordinals += batch.ordinals
        records.lines += batch.lines
        records.texts += texts
        for rule, role, keys, which in played:
            self.size += len(which)
            base = (first << _BITS) + _NUMBERS[role]
            if keys is None:
                self._turns[rule].matches += [base + (n << _BITS) for n in which]
                continue
            matches = self._stretches[rule].matches
            for key, n in zip(keys, which, strict=True):
                number = base + (n << _BITS)
                known = matches.get(key)
                if known is None:
                    matches[key] = [number]
                else:
                    known.append(number)

    def misses(self, event: Event) -> None:
        """Note that an event goes its own way."""
        for match in event.matches:
            stretch = self._stretches.get(match.rule)
            if stretch is not None and match.key is not None:
                stretch.odd.add(match.key)
            turns = self._turns.get(match.rule)
            if turns is not None:
                turns.odd = max(turns.odd, moment_of(match.time))

    def settle(self, source: str) -> Iterator[PlainRuns | Event]:
        """Yield what was taken, and begin a new stretch: the plain runs, and every other match.

        What a record that comes later could be earlier than is none of a plain run. Where one came too late to be put
        in order there are none: what it is to the others depends on what came before it in the source.
        """
        stretches, turns, records = self._stretches, self._turns, self._records
        after, before = self._after, _NEVER if self._late else self._newest - self._lateness
        self._begin()
        for rule_id, turn in turns.items():
            inside, others = turn.parted(records.moments, after, before)
            apart = PlainRuns(rule_id, 0, 0, source, rows=_rows(others, records))
            yield from apart.in_turn(range(len(others)))
            if inside:
                yield in_turn(rule_id, _rows(inside, records), source)
        for rule_id, stretch in stretches.items():
            plain: list[Key] = []
            rest: list[Key] = []
            for key, matches in stretch.matches.items():
                matches.sort()
                is_plain = stretch.plain(key, matches, records.moments, after, before)
                (plain if is_plain else rest).append(key)
            yield from _runs(rule_id, rest, stretch, records, source).events(range(len(rest)))
            if plain:
                runs = _runs(rule_id, plain, stretch, records, source)
                yield runs
                moments = runs.rows.moments
                last = max(
                    [following - 1 for following in (*runs.begins[1:], len(moments))], key=moments.__getitem__
                )
                yield PlainRuns(rule_id, moments[last], runs.rows.ordinals[last], source)


def _runs(rule: str, keys: list[Key], stretch: _Stretch, records: Rows, source: str) -> PlainRuns:
    begins: list[int] = []
    numbers: list[int] = []
    for key in keys:
        begins.append(len(numbers))
        numbers += stretch.matches[key]
    return plain_runs(rule, keys, begins, _rows(numbers, records), source)


def _rows(numbers: Sequence[int], records: Rows) -> Rows:
    rows = records.some([number >> _BITS for number in numbers])
    rows.roles = [number & _ROLE for number in numbers]
    return rows
