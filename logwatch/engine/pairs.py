"""Pairs: starts and their outcomes, by key or first-in first-out, in event time.

What a match means depends on the times of matches alone, never on when `advance` was called: the batch scan
and a live follower come to the same runs.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from logwatch.engine.life import Life, later
from logwatch.engine.match import Match
from logwatch.engine.run import Oddity, Outcome, Run, Stray
from logwatch.ruleset.model import OnRestart, PairRule

Key = tuple[str, ...]
Emit = Callable[[Run | Stray], None]


class _Slot:
    """What is known of one key."""

    __slots__ = ("closed", "detached", "early_end", "enqueued", "expired", "open")

    def __init__(self) -> None:
        self.open: deque[Life] = deque()
        """Lives that wait for an end, in order of start."""
        self.closed: Life | None = None
        """The last life that ended, remembered so that a second end or a further attempt is known."""
        self.expired: deque[Life] = deque()
        """Lives that timed out for good, remembered so that a late end is known."""
        self.detached: list[Life] = []
        """Lives whose key was enqueued anew while they were open: they can only time out."""
        self.early_end: Match | None = None
        """An end that came before any start."""
        self.enqueued: datetime | None = None
        """When the key was enqueued, if no start followed yet."""

    @property
    def idle(self) -> bool:
        return not (
            self.open or self.closed or self.expired or self.detached or self.early_end or self.enqueued
        )


class PairCorrelator:
    """Pairs the matches of one rule, fed in order of event time; emits runs and strays as they become final.

    `lateness` is how much later than its end a start may be logged. Memory is bounded by the rule's
    `max_open` lives that are not final and by the keys closed within the rule's memory.
    """

    def __init__(self, rule: PairRule, lateness: timedelta, emit: Emit) -> None:
        self._rule = rule
        self._lateness = lateness
        self._emit = emit
        self._fifo = not rule.key
        self._separate = self._fifo or rule.on_restart is OnRestart.SEPARATE
        self._retry = not self._separate and rule.on_restart is OnRestart.RETRY
        self._slots: dict[Key, _Slot] = {}
        self._pending: dict[Life, None] = {}  # lives that are not final, oldest first
        self._timers: list[tuple[datetime, int, Key]] = []
        self._ticket = 0

    def feed(self, match: Match) -> None:
        """Take the next match; its role is `enqueued`, `start`, or an outcome."""
        key = (match.source,) if self._fifo else match.key
        if key is None:
            self._stray(Oddity.UNKEYED, match)
            return
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = _Slot()
        self._settle(slot, key, match.time)
        if match.role == "start":
            self._on_start(slot, key, match)
        elif match.role == "enqueued":
            self._on_enqueued(slot, key, match)
        else:
            self._on_end(slot, key, match)

    def advance(self, watermark: datetime) -> None:
        """Make final what no later match can change: input is complete up to `watermark`."""
        while self._timers and self._timers[0][0] < watermark:
            _, _, key = heapq.heappop(self._timers)
            slot = self._slots.get(key)
            if slot is not None:
                self._settle(slot, key, watermark)
                if slot.idle:
                    del self._slots[key]

    def finish(self, as_of: datetime, gaps: Mapping[str, datetime]) -> None:
        """Close the books at `as_of`.

        `gaps` maps a source that lost data to the time up to which it was whole.
        """
        for slot in self._slots.values():
            if slot.early_end is not None:
                self._stray(Oddity.ORPHAN_END, slot.early_end)
        for life in list(self._pending):
            whole_until = gaps.get(life.start.source)
            unknown = life.end is None and whole_until is not None and life.deadline > whole_until
            self._release(life, Outcome.UNKNOWN_GAP if unknown else life.outcome(as_of))
        self._slots.clear()
        self._timers.clear()

    # The three roles.

    def _on_start(self, slot: _Slot, key: Key, match: Match) -> None:
        announced, slot.enqueued = slot.enqueued is not None, None
        if slot.early_end is not None:
            end, slot.early_end = slot.early_end, None
            life = self._new_life(slot, key, match, announced)
            life.skewed = True
            self._close(slot, life, end)
            return
        if self._retry:
            previous = slot.open[0] if slot.open else slot.closed
            if previous is not None and not (previous.over or previous.final):
                previous.restart(match, later(match.time, self._rule.timeout))
                if not slot.open:
                    slot.open.append(previous)
                    slot.closed = None
                self._wake(self._settles(previous), key)
                return
        elif not self._separate and slot.open:
            self._release(slot.open.popleft(), Outcome.SUPERSEDED)
        self._new_life(slot, key, match, announced)

    def _on_enqueued(self, slot: _Slot, key: Key, match: Match) -> None:
        """Begin a new life of the key, unless this record belongs to a start logged just before it."""
        if self._separate:
            return
        last = slot.open[-1] if slot.open else slot.closed
        if last and not last.announced and match.time <= later(last.start.time, self._lateness):
            last.announced = True
            return
        if slot.early_end is not None:
            self._stray(Oddity.ORPHAN_END, slot.early_end)
            slot.early_end = None
        for life in slot.open:
            slot.detached.append(life)
            self._wake(life.deadline, key)
        slot.open.clear()
        slot.expired.clear()
        if slot.closed is not None:
            self._release(slot.closed, slot.closed.outcome(match.time))
            slot.closed = None
        slot.enqueued = match.time
        self._wake(later(match.time, self._rule.memory), key)

    def _on_end(self, slot: _Slot, key: Key, match: Match) -> None:
        if slot.open:
            in_time = (life for life in slot.open if match.time <= life.deadline)
            self._close(slot, next(in_time, slot.open[0]), match)
        elif slot.expired:
            life = slot.expired.popleft()
            self._stray(Oddity.LATE_END, match, late_by=match.time - life.deadline)
            if not self._fifo:
                life.end, slot.closed = match, life
                self._wake(self._forgotten(life), key)
        elif slot.closed is not None or slot.early_end is not None:
            self._stray(Oddity.DUPLICATE_END, match)
        elif self._fifo:
            self._stray(Oddity.ORPHAN_END, match)
        else:
            slot.early_end = match
            self._wake(later(match.time, self._lateness), key)

    # Lives.

    def _new_life(self, slot: _Slot, key: Key, match: Match, announced: bool) -> Life:
        if len(self._pending) >= self._rule.max_open:
            self.advance(match.time)
            self._slots.setdefault(key, slot)
        while len(self._pending) >= self._rule.max_open:
            self._evict(next(iter(self._pending)))
        if not self._separate:
            slot.expired.clear()
            if slot.closed is not None:
                self._release(slot.closed, slot.closed.outcome(match.time))
                slot.closed = None
        life = Life(self._rule.id, key, match, later(match.time, self._rule.timeout), [match.time], announced)
        slot.open.append(life)
        self._pending[life] = None
        self._wake(self._settles(life), key)
        return life

    def _close(self, slot: _Slot, life: Life, end: Match) -> None:
        slot.open.remove(life)
        life.close(end)
        if slot.closed is not None:
            self._release(slot.closed, slot.closed.outcome(end.time))
            slot.closed = None
        if self._settles(life) <= end.time:
            self._release(life, life.outcome(end.time))
        if not self._fifo:
            slot.closed = life
            self._wake(self._settles(life), life.key)

    def _settles(self, life: Life) -> datetime:
        """The last moment at which a match can still change the life's outcome."""
        if life.over:
            assert life.end is not None
            return life.end.time
        if not self._retry:
            return life.end.time if life.end else life.deadline
        if life.end is not None:
            return later(life.end.time, self._rule.retry_within)
        return max(life.deadline, later(life.start.time, self._rule.retry_within))

    def _forgotten(self, life: Life) -> datetime:
        """Until when the key of a life that is over is remembered."""
        return later(life.end.time if life.end else life.deadline, self._rule.memory)

    def _settle(self, slot: _Slot, key: Key, now: datetime) -> None:
        """Bring what is known of a key up to `now`."""
        while slot.open and self._settles(slot.open[0]) < now:
            life = slot.open.popleft()
            self._release(life, life.outcome(now))
            slot.expired.append(life)
            self._wake(self._forgotten(life), key)
        while slot.expired and self._forgotten(slot.expired[0]) < now:
            slot.expired.popleft()
        if slot.closed is not None and self._settles(slot.closed) < now:
            self._release(slot.closed, slot.closed.outcome(now))
            if self._forgotten(slot.closed) < now:
                slot.closed = None
            else:
                self._wake(self._forgotten(slot.closed), key)
        for life in [life for life in slot.detached if life.deadline < now]:
            self._release(life, life.outcome(now))
            slot.detached.remove(life)
        if slot.early_end is not None and later(slot.early_end.time, self._lateness) < now:
            self._stray(Oddity.ORPHAN_END, slot.early_end)
            slot.early_end = None
        if slot.enqueued is not None and later(slot.enqueued, self._rule.memory) < now:
            slot.enqueued = None

    def _evict(self, life: Life) -> None:
        slot = self._slots[life.key]
        if life in slot.open:
            slot.open.remove(life)
        elif life in slot.detached:
            slot.detached.remove(life)
        elif slot.closed is life:
            slot.closed = None
        self._release(life, Outcome.EVICTED)

    def _release(self, life: Life, outcome: Outcome) -> None:
        """Emit the life's run, once."""
        if not life.final:
            life.final = True
            del self._pending[life]
            self._emit(life.run(outcome))

    def _stray(self, oddity: Oddity, match: Match, late_by: timedelta | None = None) -> None:
        self._emit(Stray(self._rule.id, oddity, match.time, match.evidence, late_by, match.deployment))

    def _wake(self, due: datetime, key: Key) -> None:
        """Have `advance` look at the key once the watermark has passed `due`."""
        self._ticket += 1
        heapq.heappush(self._timers, (due, self._ticket, key))
