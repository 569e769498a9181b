"""Sequences: named steps in order per key, each within its time of the step before."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from logwatch.engine.life import FAR_FUTURE, later
from logwatch.engine.match import Match
from logwatch.engine.run import Oddity, Outcome, Run, Stray
from logwatch.ruleset.model import SequenceRule, Step

Key = tuple[str, ...]
Emit = Callable[[Run | Stray], None]


@dataclass(slots=True, eq=False)
class _Walk:
    """A run on its way through the steps.

    `reached` is the index of the last step reached, `at` when that was.
    """

    key: Key
    first: Match
    reached: int
    at: datetime
    deadline: datetime


class SequenceCorrelator:
    """Follows the keyed runs of one rule through its steps, fed in order of event time.

    A first step begins a run, and supersedes one of its key that is still on its way. Steps that are not the
    next one are interleaved noise; a run that misses a step's deadline has timed out there. `never` fails it,
    `skipped` ends it legitimately.
    """

    def __init__(self, rule: SequenceRule, lateness: timedelta, emit: Emit) -> None:
        self._rule = rule
        self._emit = emit
        self._walks: dict[Key, _Walk] = {}
        self._closed: dict[Key, datetime] = {}
        self._memory = max(rule.memory, lateness)
        self._timers: list[tuple[datetime, int, Key]] = []
        self._ticket = 0

    def feed(self, match: Match) -> None:
        """Take the next match; its role is a step's name, `skipped:STEP` or `never`."""
        key = match.key
        if key is None:
            self._stray(Oddity.UNKEYED, match)
            return
        walk = self._walks.get(key)
        if walk is not None and walk.deadline < match.time:
            late = self._is_next(walk, match)
            self._end(walk, Outcome.TIMED_OUT, match if late else None)
            if late:
                return
            walk = None
        if match.role == self._rule.steps[0].name:
            if walk is not None:
                self._end(walk, Outcome.SUPERSEDED, None)
            self._begin(key, match)
        elif walk is None:
            self._unexpected(key, match)
        elif match.role == "never":
            self._end(walk, Outcome.FAILED, match)
        elif self._is_next(walk, match):
            self._step(walk, match)

    def advance(self, watermark: datetime) -> None:
        """Make final what no later match can change: input is complete up to `watermark`."""
        while self._timers and self._timers[0][0] < watermark:
            _, _, key = heapq.heappop(self._timers)
            walk = self._walks.get(key)
            if walk is not None and walk.deadline < watermark:
                self._end(walk, Outcome.TIMED_OUT, None)
            closed = self._closed.get(key)
            if closed is not None and later(closed, self._memory) < watermark:
                del self._closed[key]

    def finish(self, as_of: datetime, gaps: Mapping[str, datetime]) -> None:
        """Close the books at `as_of`.

        `gaps` maps a source that lost data to the time up to which it was whole.
        """
        for walk in list(self._walks.values()):
            whole_until = gaps.get(walk.first.source)
            if whole_until is not None and walk.deadline > whole_until:
                outcome = Outcome.UNKNOWN_GAP
            else:
                outcome = Outcome.TIMED_OUT if walk.deadline <= as_of else Outcome.IN_FLIGHT
            self._end(walk, outcome, None)
        self._closed.clear()
        self._timers.clear()

    def _begin(self, key: Key, match: Match) -> None:
        if len(self._walks) >= self._rule.max_open:
            self.advance(match.time)
        while len(self._walks) >= self._rule.max_open:
            self._end(next(iter(self._walks.values())), Outcome.EVICTED, None)
        walk = _Walk(key, match, 0, match.time, self._deadline(match.time, 0))
        self._walks[key] = walk
        self._closed.pop(key, None)
        if len(self._rule.steps) == 1:
            self._end(walk, Outcome.COMPLETED, match)
        else:
            self._wake(walk.deadline, key)

    def _step(self, walk: _Walk, match: Match) -> None:
        if match.role.startswith("skipped:"):
            self._end(walk, Outcome.SKIPPED, match)
            return
        walk.reached += 1
        walk.at = match.time
        walk.deadline = self._deadline(match.time, walk.reached)
        if walk.reached == len(self._rule.steps) - 1:
            self._end(walk, Outcome.COMPLETED, match)
        else:
            self._wake(walk.deadline, walk.key)

    def _unexpected(self, key: Key, match: Match) -> None:
        if match.role != self._rule.steps[-1].name:
            return
        closed = self._closed.get(key)
        known = closed is not None and match.time <= later(closed, self._memory)
        self._stray(Oddity.DUPLICATE_END if known else Oddity.ORPHAN_END, match)

    def _is_next(self, walk: _Walk, match: Match) -> bool:
        step = self._rule.steps[walk.reached + 1].name
        return match.role in {step, f"skipped:{step}"}

    def _deadline(self, at: datetime, reached: int) -> datetime:
        following: tuple[Step, ...] = self._rule.steps[reached + 1 : reached + 2]
        within = following[0].within if following else None
        return later(at, within) if within is not None else FAR_FUTURE

    def _end(self, walk: _Walk, outcome: Outcome, end: Match | None) -> None:
        del self._walks[walk.key]
        ended = end.time if end else None
        if outcome is not Outcome.SUPERSEDED:
            self._closed[walk.key] = ended or walk.at
            self._wake(later(ended or walk.at, self._memory), walk.key)
        late = ended is not None and ended > walk.deadline and outcome is Outcome.TIMED_OUT
        self._emit(
            Run(
                rule=self._rule.id,
                key=walk.key,
                outcome=outcome,
                starts=(walk.first.time,),
                start=walk.first.evidence,
                deadline=walk.deadline,
                ended=ended,
                end=end.evidence if end else None,
                late_by=ended - walk.deadline if ended is not None and late else None,
                stopped_at=None if outcome is Outcome.COMPLETED else self._rule.steps[walk.reached].name,
                deployment=walk.first.deployment,
            )
        )

    def _stray(self, oddity: Oddity, match: Match) -> None:
        self._emit(Stray(self._rule.id, oddity, match.time, match.evidence, None, match.deployment))

    def _wake(self, due: datetime, key: Key) -> None:
        self._ticket += 1
        heapq.heappush(self._timers, (due, self._ticket, key))
