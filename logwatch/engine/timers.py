"""Which key to look at again, and when; which keys were there before."""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from typing import Generic, TypeVar

from logwatch.engine.match import Key

Kept = TypeVar("Kept")
_SLACK = 64
"""Cancelled moments that the heap may hold besides as many as there are valid ones."""


class Timers:
    """One moment per key at which it is due. Memory is bounded by the number of keys that have one."""

    def __init__(self) -> None:
        self._due: dict[Key, datetime] = {}
        self._heap: list[tuple[datetime, Key]] = []

    def set(self, key: Key, due: datetime) -> None:
        """Have `key` due at that moment and at no other."""
        if self._due.get(key) != due:
            self._due[key] = due
            heapq.heappush(self._heap, (due, key))
            if len(self._heap) > 2 * len(self._due) + _SLACK:
                self._heap = [(due, key) for key, due in self._due.items()]
                heapq.heapify(self._heap)

    def cancel(self, key: Key) -> None:
        """Have `key` due never."""
        self._due.pop(key, None)

    def due(self, before: datetime) -> Iterator[Key]:
        """Yield the keys that are due before a moment, by their moments; each is due never after that."""
        while self._heap and self._heap[0][0] < before:
            due, key = heapq.heappop(self._heap)
            if self._due.get(key) == due:
                del self._due[key]
                yield key


class Memory(Generic[Kept]):
    """What is remembered of keys, each up to and including a moment of its own.

    Past `most` keys the ones that were kept first are forgotten.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.kept: OrderedDict[Key, tuple[datetime, Kept]] = OrderedDict()

    def keep(self, key: Key, until: datetime, what: Kept) -> None:
        """Remember `what` of `key` instead of what was remembered before."""
        self.kept[key] = (until, what)
        self.kept.move_to_end(key)
        if len(self.kept) > self._most:
            self.kept.popitem(last=False)

    def get(self, key: Key, now: datetime) -> Kept | None:
        """Return what is remembered of `key` at that moment."""
        until, what = self.kept.get(key, (None, None))
        return None if until is None or until < now else what

    def drop(self, key: Key) -> None:
        """Forget `key`."""
        self.kept.pop(key, None)

    def forget(self, before: datetime) -> None:
        """Let go of what was to be remembered up to some moment before that."""
        while self.kept and next(iter(self.kept.values()))[0] < before:
            self.kept.popitem(last=False)
