"""One run: the checklist that it works through, and its part of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from logwatch.verify.board import Board, State, board_of
from logwatch.verify.checklist import Checklist
from logwatch.verify.events import AnyEvent, Remembered, Started
from logwatch.verify.ledger import Events, Ledger


class _EndedMeanwhile(Exception):  # noqa: N818 - never leaves this module
    """People signed or skipped the item, or gave the run up, while it was asked."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run by its number in the ledger."""

    ledger: Ledger
    number: int
    checklist: Checklist

    @property
    def started(self) -> Started:
        """How it began."""
        started = self.ledger.events(self.number)[0]
        assert isinstance(started, Started)
        return started

    def board(self, now: datetime) -> Board:
        """Return how it stands."""
        return self.board_of(self.ledger.events(self.number), now)

    def board_of(self, events: Events, now: datetime) -> Board:
        """Return how it stood when `events` had happened."""
        return board_of(self.checklist, self.number, events, now)

    def note(self, event: AnyEvent, allow: Callable[[Events], None] | None = None) -> None:
        """Write down what happened, unless `allow` raises what speaks against it."""
        self.ledger.append(self.number, event, allow)

    def note_of(self, item: str, event: AnyEvent) -> None:
        """Write down what happened to an item, unless people have ended it meanwhile."""

        def allow(events: Events) -> None:
            board = self.board_of(events, event.at)
            row = board[item]
            # an expiry is of the clock's making alone
            if board.aborted is not None or (row.ended and row.state is not State.EXPIRED):
                raise _EndedMeanwhile

        try:
            self.note(event, allow)
        except _EndedMeanwhile:
            return


@dataclass(frozen=True, slots=True)
class RunMemory:
    """What the attempts of a run remember, kept in its ledger."""

    run: Run
    clock: Callable[[], datetime]

    def recall(self, item: str, key: str) -> str | None:
        """Return what `item` keeps under `key`."""
        for event in reversed(self.run.ledger.events(self.run.number)):
            if isinstance(event, Remembered) and (event.item, event.key) == (item, key):
                return event.value
        return None

    def remember(self, item: str, key: str, value: str) -> None:
        """Keep `value`; it is on the disk when this returns."""
        self.run.note(Remembered(at=self.clock(), item=item, key=key, value=value))
