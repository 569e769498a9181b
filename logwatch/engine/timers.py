"""Which key to look at again, and when."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime

from logwatch.engine.life import FAR_FUTURE
from logwatch.engine.match import Key

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

    @property
    def next(self) -> datetime:
        """A moment before which no key is due, nor at it."""
        return self._heap[0][0] if self._heap else FAR_FUTURE

    def due(self, before: datetime) -> Iterator[Key]:
        """Yield the keys that are due before a moment, by their moments; each is due never after that."""
        while self._heap and self._heap[0][0] < before:
            due, key = heapq.heappop(self._heap)
            if self._due.get(key) == due:
                del self._due[key]
                yield key
