"""The course of events: entries in, in the order in which they happen; the engine gets them in the order of time."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from logwatch.engine.engine import Bookkeeper, Engine, Observer
from logwatch.engine.life import InFlight
from logwatch.engine.match import Event
from logwatch.engine.run import Run, Stray
from logwatch.engine.saved import restored, saved
from logwatch.live.entries import Advanced, Entry, Lost, Seen
from logwatch.ruleset.model import Rule, RuleSet
from logwatch.timespec import EARLIEST

MOST_HELD = 100_000
"""Events that are held back until the watermark passes them; past that, the earliest is taken at once."""


@dataclass(slots=True)
class _State:
    watermark: datetime
    late: int
    held: list[tuple[datetime, Event]]
    engine: bytes


class Course:
    """Holds events back until the watermark has passed them, and has the engine take them in order.

    `late` counts events that came after it had.
    """

    def __init__(
        self,
        ruleset: RuleSet,
        lateness: timedelta,
        bookkeepers: Sequence[Bookkeeper] = (),
        observer: Observer | None = None,
    ) -> None:
        self._known = frozenset(ruleset.ids)
        self._engine = Engine(ruleset, lateness, aggregations=bookkeepers, observer=observer)
        self._held: list[tuple[datetime, str, int, int, Event]] = []
        self._arrivals = 0
        self.watermark = EARLIEST
        self.late = 0

    def apply(self, entry: Entry) -> None:
        """Have it happen."""
        match entry:
            case Seen():
                self.late += entry.at < self.watermark
                self._hold(entry.at, entry.event)
                if len(self._held) > MOST_HELD:
                    self._engine.take(heapq.heappop(self._held)[-1])
            case Lost():
                self._engine.lost(entry.source, entry.after, entry.before)
            case Advanced():
                while self._held and self._held[0][0] < entry.watermark:
                    self._engine.take(heapq.heappop(self._held)[-1])
                self._engine.advance(entry.watermark)
                self.watermark = entry.watermark

    def finish(self) -> None:
        """Have the engine take what is held back: nothing more will come."""
        while self._held:
            self._engine.take(heapq.heappop(self._held)[-1])

    def unfinished(self) -> Iterator[tuple[Rule, Run | Stray]]:
        """Yield the runs that are not final, as they stand."""
        return self._engine.unfinished(self.watermark)

    def in_flight(self) -> dict[str, InFlight]:
        """Return how much is not final, by rule."""
        return self._engine.in_flight(self.watermark)

    def state(self) -> bytes:
        """Return all that it knows."""
        held = [(item[0], item[-1]) for item in sorted(self._held)]
        return saved(_State(self.watermark, self.late, held, self._engine.state()))

    def restore(self, state: bytes, changed: Collection[str] = ()) -> None:
        """Know what another one knew. A rule that it did not know begins anew, and so do those in `changed`.

        Raises `msgspec.DecodeError` if it is no state.
        """
        known = restored(_State, state)
        self.watermark, self.late = known.watermark, known.late
        for at, event in known.held:
            self._hold(at, event)
        self._engine.restore(known.engine, changed)

    def _hold(self, at: datetime, event: Event) -> None:
        self._arrivals += 1
        heapq.heappush(self._held, (at, event.source, event.ordinal, self._arrivals, event))
