"""What was counted minute by minute: windows of any length up to the longest, at any time, in bounded memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from logwatch.engine.aggregation import Aggregation
from logwatch.engine.attribution import Attribution, Bounds
from logwatch.engine.match import Match
from logwatch.engine.run import Run, Stray
from logwatch.engine.tally import Tally
from logwatch.live.ring import MINUTE, Ring, minute_of, start_of
from logwatch.records.coverage import Window
from logwatch.ruleset.model import Rule, RuleSet
from logwatch.timespec import EARLIEST

MOST_VALUES = 10_000
"""Numbers that a measure rule keeps of a minute; of more, as many are kept spread over all of them."""
_BLOCKS = 48
"""Stretches into which the longest window is cut: the bars of its charts."""


@dataclass(frozen=True, slots=True)
class Block:
    """One stretch of the past: when it begins, how long it is, and what was counted in it by final events."""

    start: datetime
    length: timedelta
    counted: Aggregation


class Minutes:
    """Counts what the engine finds by the minute it belongs to: runs by their last start.

    Minutes that lie more than `longest` behind the watermark are forgotten.
    """

    def __init__(self, ruleset: RuleSet, longest: timedelta) -> None:
        self._ruleset = ruleset
        self._ring = Ring[Aggregation](longest)
        self._block = max(-(-self._ring.length // _BLOCKS), 1)
        self._blocks: dict[int, Aggregation] = {}
        self._begin = self._end = EARLIEST
        self._current: Aggregation | None = None

    @property
    def changed(self) -> set[int]:
        """The minutes that are not as they were written down last (`written`)."""
        return self._ring.changed

    def on_match(self, rule: Rule, match: Match) -> None:
        """Count a match."""
        counted = self._at(match.time)
        if counted is not None:
            counted.on_match(rule, match)

    def on_run(self, rule: Rule, found: Run | Stray) -> None:
        """Count a final run in the minute of its last start, and earlier starts in theirs."""
        started = found.started if isinstance(found, Run) else found.started or found.time
        counted = self._at(started)
        if counted is not None:
            counted.on_run(rule, found)
        if isinstance(found, Run) and len(found.starts) > 1:
            for minute in {minute_of(start) for start in found.starts} - {minute_of(started)}:
                counted = self._at(start_of(minute))
                if counted is not None:
                    counted.on_attempts(rule, found)

    def on_timeout(self, rule: Rule, time: datetime | None) -> None:
        """Count a pattern that gave up; without a time, in the newest minute."""
        counted = self._at(time or start_of(self._ring.newest))
        if counted is not None:
            counted.on_timeout(rule, time)

    def tallies(self, window: Window, unfinished: Iterable[tuple[Rule, Run | Stray]]) -> dict[str, Tally]:
        """Return the tally of every rule over a window that begins with a minute and ends with what is known."""
        whole = Aggregation(self._ruleset, Attribution(Bounds(window.since, window.until)))
        for counted in self._between(minute_of(window.since), minute_of(window.until)):
            whole.include(counted)
        return whole.tallies(window, unfinished)

    def blocks(self) -> Iterator[Block]:
        """Yield the past in stretches of one length, the oldest first, without those in which nothing was counted."""
        first = self._ring.forgotten // self._block + 1
        for number in range(first, self._ring.newest // self._block + 1):
            counted = self._whole(number)
            if counted is not None:
                yield Block(start_of(number * self._block), self._block * MINUTE, counted)

    def advance(self, watermark: datetime) -> list[int]:
        """Forget what is too old at `watermark`; return those minutes."""
        gone = self._ring.advance(watermark)
        for minute in gone:
            self._blocks.pop(minute // self._block, None)
        if gone:
            self._end = self._begin
        return gone

    def state(self, minute: int) -> bytes:
        """Return what was counted in a minute, to be written down."""
        return self._ring.minutes[minute].state()

    def restore(self, minute: int, state: bytes, changed: Collection[str]) -> None:
        """Know what another one counted in a minute, but for the rules in `changed`.

        Raises `msgspec.DecodeError` if it is no state.
        """
        counted = self._at(start_of(minute))
        if counted is not None:
            counted.restore(state, changed)
        if not changed:
            self.changed.discard(minute)
            self._end = self._begin

    def written(self) -> None:
        """Note that what changed was written down."""
        self.changed.clear()
        self._end = self._begin

    def _at(self, moment: datetime) -> Aggregation | None:
        """Return what counts the minute of `moment`; most are of the same minute as the one before."""
        if not self._begin <= moment < self._end:
            self._current = self._turn_to(minute_of(moment))
            self._begin = start_of(minute_of(moment))
            self._end = self._begin + MINUTE
        return self._current

    def _turn_to(self, minute: int) -> Aggregation | None:
        if minute <= self._ring.forgotten:
            return None
        self.changed.add(minute)
        self._blocks.pop(minute // self._block, None)
        counted = self._ring.minutes.get(minute)
        if counted is None:
            start = start_of(minute)
            inside = Bounds(start, start + MINUTE - datetime.resolution)
            counted = Aggregation(self._ruleset, Attribution(inside), MOST_VALUES)
            self._ring.minutes[minute] = counted
        return counted

    def _between(self, first: int, last: int) -> Iterator[Aggregation]:
        """Yield what was counted from minute `first` to `last`, whole blocks at once."""
        minute = first
        while minute <= last:
            number, inside = divmod(minute, self._block)
            if not inside and minute + self._block - 1 <= last:
                counted, minute = self._whole(number), minute + self._block
            else:
                counted, minute = self._ring.minutes.get(minute), minute + 1
            if counted is not None:
                yield counted

    def _whole(self, number: int) -> Aggregation | None:
        """Return what was counted in a block; None where nothing was."""
        if number in self._blocks:
            return self._blocks[number]
        minutes = range(number * self._block, (number + 1) * self._block)
        parts = [self._ring.minutes[minute] for minute in minutes if minute in self._ring.minutes]
        if not parts:
            return None
        whole = self._blocks[number] = Aggregation(self._ruleset, Attribution(Bounds()))
        self._end = self._begin  # what comes to its minutes from now on makes it old
        for part in parts:
            whole.include(part)
        return whole
