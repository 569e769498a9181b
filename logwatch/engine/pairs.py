"""Pairs: starts and their outcomes, by key or first-in first-out, in event time.

What a match means depends on the matches of the rule alone, never on when `advance` was called: the batch
scan and a live follower come to the same runs.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from operator import attrgetter

import msgspec

from logwatch.engine.life import InFlight, Life, later
from logwatch.engine.losses import Losses
from logwatch.engine.match import Key, Match
from logwatch.engine.memory import Expiry, PairMemory
from logwatch.engine.plain_runs import START, PlainRuns, plain_runs
from logwatch.engine.run import Oddity, Outcome, Run, Stray, stray
from logwatch.engine.saved import restored, saved
from logwatch.engine.slot import Slot, Spans
from logwatch.engine.timers import Timers
from logwatch.ruleset.model import OnRestart, PairRule
from logwatch.timespec import EARLIEST, MICROSECOND, time_of

Emit = Callable[[Run | Stray], None]


class _State(msgspec.Struct):
    lives: int
    slots: dict[Key, Slot]
    memory: PairMemory
    newest: datetime = EARLIEST


class PairCorrelator:
    """Pairs the matches of one rule, fed in order of event time; emits runs and strays as they become final.

    `lateness` is how much later than its end a start may be logged. Memory is bounded: by the rule's `max_open`
    lives that are not final, and as many keys of each kind that is remembered.
    """

    def __init__(self, rule: PairRule, lateness: timedelta, losses: Losses, emit: Emit) -> None:
        self._rule = rule
        self._spans = Spans.of(rule, lateness)
        self._losses = losses
        self._emit = emit
        self._fifo = not rule.key
        self._separate = self._fifo or rule.on_restart is OnRestart.SEPARATE
        self._retry = self._spans.retry_within is not None
        self._number = 0
        self._slots: dict[Key, Slot] = {}
        self._lives: OrderedDict[int, Life] = OrderedDict()  # those that are not final, the oldest first
        self._timers = Timers()
        self._memory = PairMemory.of(rule.max_open)
        self._quiet = EARLIEST  # up to and including it nothing is due
        self._newest = EARLIEST  # of what was fed: what is remembered up to a moment before is forgotten

    def feed(self, match: Match) -> None:
        """Take the next match; its role is `enqueued`, `start`, or an outcome."""
        self._arrive(match.time)
        key = (match.source,) if self._fifo else match.key
        if key is None:
            self._stray(Oddity.UNKEYED if match.role in {"start", "enqueued"} else Oddity.ORPHAN_END, match)
            return
        self._take(key, match)

    def _arrive(self, time: datetime) -> None:
        self._newest = max(self._newest, time)
        if time > self._quiet:
            self.advance(time)

    def _now(self, match: Match) -> datetime:
        """Return the moment as of which a match is told what is remembered: it may come late."""
        return max(match.time, self._newest)

    def _take(self, key: Key, match: Match) -> None:
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = Slot()
        if match.role == "start":
            self._on_start(slot, key, match)
        elif match.role == "enqueued":
            self._on_enqueued(slot, key, match)
        else:
            self._on_end(slot, key, match)
        self._watch(key, slot)

    def feed_runs(self, runs: PlainRuns) -> PlainRuns:
        """Take plain runs, or matches in turn; return the runs that are final as they are. The others are emitted like
        all.

        What was fed before is earlier than each of them.
        """
        self._arrive(runs.time)
        return self._feed_in_turn(runs) if self._fifo else self._feed_plain(runs)

    def _feed_plain(self, runs: PlainRuns) -> PlainRuns:
        """Take runs as if one were over before the next begins: that they are open at the same time does not count
        towards `max_open`.
        """
        memory, spans, moments = self._memory, self._spans, runs.rows.moments
        keys = known = set(runs.keys)
        if len(self._lives) + len(keys) <= self._rule.max_open:
            others = (self._slots, memory.early.kept, memory.enqueued.kept, memory.expired.kept)
            known = {key for some in others for key in some.keys() & keys}
        final = [n for n, key in enumerate(runs.keys) if key not in known]
        ends = [moments[start + 1] for start in runs.starts]
        for n in sorted(final, key=ends.__getitem__):
            memory.closed.keep(runs.keys[n], later(time_of(ends[n]), spans.memory), True)
        if not known:
            return runs
        for event in runs.events(n for n, key in enumerate(runs.keys) if key in known):
            for match in event.matches:
                self._feed_alone(match)
        return runs.some(final)

    def _feed_in_turn(self, matches: PlainRuns) -> PlainRuns:
        """Take matches without a key: an end that comes in time ends the oldest of the starts that wait for one.

        What is open from before comes first, and is taken match by match; so are starts that are left over.
        """
        rows = matches.rows
        key: Key = (matches.source,)
        roles, moments = rows.roles, rows.moments
        timeout, most = self._spans.open // MICROSECOND, self._rule.max_open
        waiting: deque[int] = deque()
        ended: list[int] = []

        def begin() -> None:
            for row in waiting:
                self._take(key, matches.match(row))
            waiting.clear()

        for row, moment in enumerate(moments):
            if waiting and moments[waiting[0]] + timeout < moment:
                begin()
            if roles[row] == START and len(self._lives) + len(waiting) < most:
                waiting.append(row)
                continue
            self._arrive(time_of(moment))
            if roles[row] > START and waiting and not self._lives:
                ended += (waiting.popleft(), row)
                continue
            if roles[row] == START:  # there is no room for another one
                begin()
            self._take(key, matches.match(row))
        begin()
        self._arrive(time_of(moments[-1]))
        keys, begins = [key] * (len(ended) // 2), list(range(0, len(ended), 2))
        return plain_runs(matches.rule, keys, begins, rows.some(ended), matches.source, matches.first_line)

    def _feed_alone(self, match: Match) -> None:
        """Take a match with a key, whatever the time of others."""
        key = match.key
        assert key is not None
        slot = self._slots.get(key)
        if slot is not None:
            self._settle(slot, key, match.time)
            self._watch(key, slot)
        early = self._memory.early
        if key in early.kept and early.get(key, self._now(match)) is None:
            self._stray(Oddity.ORPHAN_END, early.kept.pop(key)[1])
        self._take(key, match)

    def advance(self, watermark: datetime) -> None:
        """Make final what no later match can change: input is complete up to, and without, `watermark`."""
        if watermark <= self._quiet:
            return
        for key in self._timers.due(watermark):
            slot = self._slots[key]
            self._settle(slot, key, watermark)
            self._watch(key, slot)
        for end in self._memory.forget(watermark):
            self._stray(Oddity.ORPHAN_END, end)
        self._quiet = watermark if self._memory.early.kept else self._timers.next

    def unfinished(self, as_of: datetime) -> Iterator[Run | Stray]:
        """Yield what is not final yet as it stands at `as_of`; nothing changes by it."""
        for life in self._lives.values():
            yield life.run(life.outcome(as_of, self._losses))
        for _, end in self._memory.early.kept.values():
            yield stray(Oddity.ORPHAN_END, end)

    def in_flight(self, as_of: datetime) -> InFlight:
        """Return how much is not final yet."""
        waiting = [(life.start.time, life.deadline) for life in self._lives.values() if life.end is None]
        return InFlight.among(waiting, len(self._lives), as_of)

    def finish(self, as_of: datetime) -> None:
        """Close the books at `as_of`: what is not final becomes so as it stands."""
        for found in list(self.unfinished(as_of)):
            self._emit(found)
        self._slots, self._lives, self._timers = {}, OrderedDict(), Timers()
        self._quiet = EARLIEST
        self._memory.early.kept.clear()

    def state(self) -> bytes:
        """Return all that it knows."""
        return saved(_State(self._number, self._slots, self._memory, self._newest))

    def restore(self, state: bytes) -> None:
        """Know what another one knew, of the same rule."""
        known = restored(_State, state)
        self._number, self._slots, self._memory = known.lives, known.slots, known.memory
        self._newest = known.newest
        lives = sorted(
            (life for slot in self._slots.values() for life in slot.lives()), key=attrgetter("number")
        )
        self._lives = OrderedDict((life.number, life) for life in lives)
        self._timers, self._quiet = Timers(), EARLIEST
        for key, slot in list(self._slots.items()):
            self._watch(key, slot)

    # The three roles.

    def _on_start(self, slot: Slot, key: Key, match: Match) -> None:
        now = self._now(match)
        announced = bool(self._memory.enqueued.take(key, now))
        end = self._memory.early.take(key, now)
        if end is not None:
            life = self._begin(slot, key, match, announced)
            life.skewed = True
            self._close(slot, life, end)
            return
        if self._retry:
            before = slot.open[0] if slot.open else slot.failed
            if before is not None and not announced:
                before.restart(match, later(match.time, self._spans.timeout))
                slot.open, slot.failed = [before], None
                return
            if before is not None:
                slot.detached += slot.open
                slot.open = []
                self._let_fail(slot)
        elif not self._separate and slot.open:
            self._release(slot.open.pop(0), Outcome.SUPERSEDED)
        self._begin(slot, key, match, announced)

    def _on_enqueued(self, slot: Slot, key: Key, match: Match) -> None:
        """Have the next start begin a new life, unless this record belongs to a start logged just before it."""
        if self._separate:
            return
        last = slot.open[-1] if slot.open else None
        if last and not last.announced and match.time <= later(last.starts[0], self._spans.lateness):
            last.announced = True
            return
        end = self._memory.early.take(key, self._now(match))
        if end is not None:
            self._stray(Oddity.ORPHAN_END, end)
        self._memory.enqueued.keep(key, later(match.time, self._spans.memory), True)

    def _on_end(self, slot: Slot, key: Key, match: Match) -> None:
        life, memory, now = slot.ended_by(match, self._spans.lateness), self._memory, self._now(match)
        if life is not None:
            self._close(slot, life, match)
        elif (expired := memory.late(key, match.time, now, self._spans)) is not None:
            late_by = max(match.time - expired.deadline, timedelta())
            self._emit(stray(Oddity.LATE_END, match, late_by, expired.started))
            self._remember(key, match.time)
        elif self._fifo:
            self._stray(Oddity.ORPHAN_END, match)
        elif slot.failed or memory.early.get(key, now) or memory.closed.get(key, now):
            self._stray(Oddity.DUPLICATE_END, match)
        else:
            self._quiet = min(self._quiet, match.time)
            crowded_out = memory.early.keep(key, later(match.time, self._spans.lateness), match)
            if crowded_out is not None:
                self._stray(Oddity.ORPHAN_END, crowded_out)

    # Lives.

    def _begin(self, slot: Slot, key: Key, match: Match, announced: bool) -> Life:
        if not self._separate:
            self._memory.expired.drop(key)
        self._number += 1
        deadline = later(match.time, self._spans.timeout)
        life = Life(self._number, key, match, deadline, [match.time], announced)
        slot.open.append(life)
        self._lives[life.number] = life
        if len(self._lives) > self._rule.max_open:
            self._evict(next(iter(self._lives.values())))
        return life

    def _close(self, slot: Slot, life: Life, end: Match) -> None:
        slot.open.remove(life)
        life.close(end)
        if self._retry and end.role == Outcome.FAILED:
            slot.failed = life
        else:
            self._release(life, life.outcome(end.time, self._losses))
            self._remember(life.key, end.time)

    def _let_fail(self, slot: Slot) -> None:
        """Make the failure final that no attempt revised."""
        life, slot.failed = slot.failed, None
        if life is not None and life.end is not None:
            self._release(life, life.outcome(life.end.time, self._losses))
            self._remember(life.key, life.end.time)

    def _evict(self, life: Life) -> None:
        slot = self._slots[life.key]
        slot.remove(life)
        self._release(life, Outcome.EVICTED)
        self._watch(life.key, slot)

    def _release(self, life: Life, outcome: Outcome) -> None:
        del self._lives[life.number]
        self._emit(life.run(outcome))

    def _remember(self, key: Key, closed: datetime) -> None:
        if not self._fifo:
            self._memory.closed.keep(key, later(closed, self._spans.memory), True)

    # The course of time.

    def _watch(self, key: Key, slot: Slot) -> None:
        """Look at the key again once one of its lives is settled; let go of it where it has none."""
        due = slot.due(self._spans)
        if due is not None:
            self._timers.set(key, due)
            self._quiet = min(self._quiet, due)
        else:
            del self._slots[key]
            self._timers.cancel(key)

    def _settle(self, slot: Slot, key: Key, now: datetime) -> None:
        """Release the lives that nothing can change any more at `now`."""
        while slot.open and self._spans.settled(slot.open[0]) < now:
            life = slot.open.pop(0)
            self._release(life, life.outcome(now, self._losses))
            self._memory.expire(key, Expiry(life.start.time, life.deadline), self._spans)
        for life in [life for life in slot.detached if life.deadline < now]:
            slot.detached.remove(life)
            self._release(life, life.outcome(now, self._losses))
        if slot.failed is not None and self._spans.revisable(slot.failed) < now:
            self._let_fail(slot)

    def _stray(self, oddity: Oddity, match: Match) -> None:
        self._emit(stray(oddity, match))
