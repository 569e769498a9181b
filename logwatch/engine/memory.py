"""What is remembered of keys that have no run any more, or none yet; all of it bounded."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from logwatch.engine.life import later
from logwatch.engine.match import Key, Match
from logwatch.engine.slot import Spans

Kept = TypeVar("Kept")


class Memory(msgspec.Struct, Generic[Kept]):
    """What is remembered of keys, each up to and including a moment of its own.

    Past `most` keys the ones that were kept first are forgotten.
    """

    most: int
    kept: OrderedDict[Key, tuple[datetime, Kept]] = msgspec.field(default_factory=OrderedDict)

    def keep(self, key: Key, until: datetime, what: Kept) -> Kept | None:
        """Remember `what` of `key` instead of what was remembered before; return what had to be forgotten for it."""
        self.kept[key] = (until, what)
        self.kept.move_to_end(key)
        return self.kept.popitem(last=False)[1][1] if len(self.kept) > self.most else None

    def get(self, key: Key, now: datetime) -> Kept | None:
        """Return what is remembered of `key` at that moment."""
        found = self.kept.get(key)
        return None if found is None or found[0] < now else found[1]

    def take(self, key: Key, now: datetime) -> Kept | None:
        """Return what is remembered of `key` at that moment, and forget it."""
        what = self.get(key, now)
        if what is not None:
            del self.kept[key]
        return what

    def drop(self, key: Key) -> None:
        """Forget `key`."""
        self.kept.pop(key, None)

    def forget(self, before: datetime) -> list[Kept]:
        """Let go of what was to be remembered up to some moment before that, and return it."""
        gone = []
        while self.kept and next(iter(self.kept.values()))[0] < before:
            gone.append(self.kept.popitem(last=False)[1][1])
        return gone


class Expiry(msgspec.Struct, frozen=True):
    """A run that timed out for good: its last start and its deadline."""

    started: datetime
    deadline: datetime


class PairMemory(msgspec.Struct):
    """What a pair's correlator remembers besides lives.

    `closed` are keys of runs that ended, so that a further end is a duplicate; `expired` holds runs that timed
    out, so that an end of theirs is late; `early` are ends that wait for their start; `enqueued` are keys whose
    next start begins a new run.
    """

    closed: Memory[bool]
    expired: Memory[list[Expiry]]
    early: Memory[Match]
    enqueued: Memory[bool]

    @classmethod
    def of(cls, most: int) -> PairMemory:
        """Return one that remembers at most so many keys of each kind."""
        return cls(Memory(most), Memory(most), Memory(most), Memory(most))

    def forget(self, before: datetime) -> list[Match]:
        """Let go of what is over before that moment; return the ends that found no start."""
        self.closed.forget(before)
        self.expired.forget(before)
        self.enqueued.forget(before)
        return self.early.forget(before)

    def expire(self, key: Key, run: Expiry, spans: Spans) -> None:
        """Remember a run that timed out."""
        _, runs = self.expired.kept.get(key, (None, []))
        runs.append(run)
        del runs[: -self.expired.most]
        self.expired.keep(key, later(run.deadline, spans.memory), runs)

    def late(self, key: Key, end: datetime, now: datetime, spans: Spans) -> Expiry | None:
        """Return, and forget, the first run of `key` that timed out and that an end ends too late; it is told `now`."""
        runs = self.expired.get(key, now) or []
        while runs:
            run = runs.pop(0)
            if end <= later(run.deadline, spans.memory):
                return run
        return None
