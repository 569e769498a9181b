"""Sequences: named steps in order per key, each within its time of the step before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import msgspec

from logwatch.engine.life import FAR_FUTURE, InFlight, later
from logwatch.engine.losses import Losses
from logwatch.engine.match import Key, Match
from logwatch.engine.memory import Memory
from logwatch.engine.roles import NEVER, SKIPPED
from logwatch.engine.run import Oddity, Outcome, Run, Stray, stray
from logwatch.engine.saved import restored, saved
from logwatch.engine.timers import Timers
from logwatch.ruleset.model import SequenceRule
from logwatch.timespec import EARLIEST

Emit = Callable[[Run | Stray], None]


class Walk(msgspec.Struct):
    """A run on its way through the steps.

    `reached` is the index of the last step reached, at `at` in `source`; `deadline` is until when the next one is
    in time.
    """

    first: Match
    reached: int
    at: datetime
    source: str
    deadline: datetime


class _State(msgspec.Struct):
    walks: OrderedDict[Key, Walk]
    closed: Memory[bool]
    missed: Memory[Walk]
    newest: datetime = EARLIEST


class SequenceCorrelator:
    """Follows the keyed runs of one rule through its steps, fed in order of event time.

    A first step begins a run, and supersedes one of its key that is still on its way. Steps that are not the
    next one are interleaved noise; a run that misses a step's deadline has timed out there. `never` fails it,
    `skipped` at the next step ends it legitimately. Memory is bounded by the rule's `max_open` runs on their way
    and as many keys that are remembered.
    """

    def __init__(self, rule: SequenceRule, lateness: timedelta, losses: Losses, emit: Emit) -> None:
        self._rule = rule
        self._losses = losses
        self._emit = emit
        self._first, self._last = rule.steps[0].name, rule.steps[-1].name
        self._memory = rule.memory
        self._walks: OrderedDict[Key, Walk] = OrderedDict()
        self._closed: Memory[bool] = Memory(rule.max_open)
        self._missed: Memory[Walk] = Memory(rule.max_open)
        self._timers = Timers()
        self._quiet = EARLIEST  # up to and including it nothing is due
        self._newest = EARLIEST  # of what was fed: what is remembered up to a moment before is forgotten

    def feed(self, match: Match) -> None:
        """Take the next match; its role is a step's name, `skipped:STEP` or `never`."""
        self._newest = max(self._newest, match.time)
        if match.time > self._quiet:
            self.advance(match.time)
        key = match.key
        if key is None:
            self._stray(Oddity.ORPHAN_END if match.role == self._last else Oddity.UNKEYED, match)
            return
        walk = self._walks.get(key)
        if match.role == self._first:
            if walk is not None:
                self._end(key, walk, Outcome.SUPERSEDED)
            self._begin(key, match)
        elif walk is None:
            self._unexpected(key, match)
        elif match.role == NEVER:
            self._end(key, walk, Outcome.FAILED, match)
        elif match.role in self._next(walk):
            self._step(key, walk, match)

    def advance(self, watermark: datetime) -> None:
        """Make final what no later match can change: input is complete up to, and without, `watermark`."""
        if watermark <= self._quiet:
            return
        for key in self._timers.due(watermark):
            walk = self._walks[key]
            self._end(key, walk, self._stopped(walk, watermark))
            self._missed.keep(key, later(walk.deadline, self._memory), walk)
        self._closed.forget(watermark)
        self._missed.forget(watermark)
        self._quiet = self._timers.next

    def unfinished(self, as_of: datetime) -> Iterator[Run | Stray]:
        """Yield what is not final yet as it stands at `as_of`; nothing changes by it."""
        for key, walk in self._walks.items():
            yield self._run(key, walk, self._stopped(walk, as_of))

    def in_flight(self, as_of: datetime) -> InFlight:
        """Return how much is not final yet."""
        walks = [(walk.first.time, walk.deadline) for walk in self._walks.values()]
        return InFlight.among(walks, len(walks), as_of)

    def finish(self, as_of: datetime) -> None:
        """Close the books at `as_of`: what is not final becomes so as it stands."""
        for found in list(self.unfinished(as_of)):
            self._emit(found)
        self._walks, self._timers, self._quiet = OrderedDict(), Timers(), EARLIEST

    def state(self) -> bytes:
        """Return all that it knows."""
        return saved(_State(self._walks, self._closed, self._missed, self._newest))

    def restore(self, state: bytes) -> None:
        """Know what another one knew, of the same rule."""
        known = restored(_State, state)
        self._walks, self._closed, self._missed = known.walks, known.closed, known.missed
        self._newest = known.newest
        self._timers, self._quiet = Timers(), EARLIEST
        for key, walk in self._walks.items():
            self._await(key, walk)

    def _begin(self, key: Key, match: Match) -> None:
        self._missed.drop(key)
        walk = Walk(match, 0, match.time, match.source, self._deadline(match.time, 0))
        self._walks[key] = walk
        self._await(key, walk)
        if len(self._walks) > self._rule.max_open:
            oldest, evicted = next(iter(self._walks.items()))
            self._end(oldest, evicted, Outcome.EVICTED)

    def _step(self, key: Key, walk: Walk, match: Match) -> None:
        if match.role.startswith(SKIPPED):
            self._end(key, walk, Outcome.SKIPPED, match)
            return
        walk.reached += 1
        walk.at, walk.source = match.time, match.source
        walk.deadline = self._deadline(match.time, walk.reached)
        if match.role == self._last:
            self._end(key, walk, Outcome.COMPLETED, match)
        else:
            self._await(key, walk)

    def _await(self, key: Key, walk: Walk) -> None:
        """Look at the run again once the deadline of its next step has passed."""
        self._timers.set(key, walk.deadline)
        self._quiet = min(self._quiet, walk.deadline)

    def _unexpected(self, key: Key, match: Match) -> None:
        """Take a record of a key that has no run on its way: the end of one may come late, or twice."""
        missed = self._missed.get(key, self._newest)
        if missed is not None and match.role in {self._next(missed)[1], self._last}:
            late_by = max(match.time - missed.deadline, timedelta())
            self._emit(stray(Oddity.LATE_END, match, late_by, missed.first.time))
            self._missed.drop(key)
            self._closed.keep(key, later(match.time, self._memory), True)
        elif match.role == self._last:
            known = self._closed.get(key, self._newest)
            self._stray(Oddity.DUPLICATE_END if known else Oddity.ORPHAN_END, match)

    def _next(self, walk: Walk) -> tuple[str, str]:
        """The roles of records that take the run one step on, or end it there."""
        step = self._rule.steps[walk.reached + 1].name
        return step, SKIPPED + step

    def _deadline(self, at: datetime, reached: int) -> datetime:
        following = self._rule.steps[reached + 1 : reached + 2]
        within = following[0].within if following else None
        return FAR_FUTURE if within is None else later(at, within)

    def _stopped(self, walk: Walk, as_of: datetime) -> Outcome:
        """What becomes of a run whose next step was not seen up to `as_of`."""
        if self._losses.touch(walk.source, walk.at, walk.deadline):
            return Outcome.UNKNOWN_GAP
        return Outcome.TIMED_OUT if walk.deadline <= as_of else Outcome.IN_FLIGHT

    def _end(self, key: Key, walk: Walk, outcome: Outcome, end: Match | None = None) -> None:
        del self._walks[key]
        self._timers.cancel(key)
        if end is not None:
            self._closed.keep(key, later(end.time, self._memory), True)
        self._emit(self._run(key, walk, outcome, end))

    def _run(self, key: Key, walk: Walk, outcome: Outcome, end: Match | None = None) -> Run:
        return Run(
            rule=self._rule.id,
            key=key,
            outcome=outcome,
            starts=(walk.first.time,),
            start=walk.first.evidence,
            deadline=walk.deadline,
            ended=end.time if end else None,
            end=end.evidence if end else None,
            stopped_at=None if outcome is Outcome.COMPLETED else self._rule.steps[walk.reached].name,
            deployment=walk.first.deployment,
        )

    def _stray(self, oddity: Oddity, match: Match) -> None:
        self._emit(stray(oddity, match))
