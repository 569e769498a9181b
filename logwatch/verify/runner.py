"""Carries a run on: asks what is due, in order, writes down what was found, waits for the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from logwatch.deploys import Deployment
from logwatch.errors import LogwatchError
from logwatch.evidence.escape import escape
from logwatch.timespec import EARLIEST, format_span
from logwatch.verdict.verdict import Status
from logwatch.verify.board import Board, Row, time_left
from logwatch.verify.checklist import Item
from logwatch.verify.events import (
    Advised,
    AnyEvent,
    Awaited,
    ClockMoved,
    Finished,
    Looked,
    Promoted,
    deployment_of,
)
from logwatch.verify.load import DEFAULT_EVERY
from logwatch.verify.logs import Logs
from logwatch.verify.marked import next_after
from logwatch.verify.notify import Notifier, tell
from logwatch.verify.pipeline_api import PipelineApi
from logwatch.verify.provider import DeploymentStatus, Provider
from logwatch.verify.run import Run, RunMemory
from logwatch.verify.work import Context, Result, Window, unknown

_JUMP = timedelta(minutes=1)
"""What the clock may be off by after a wait before it is said to have moved: a busy machine wakes up late."""


@dataclass(frozen=True, slots=True)
class World:
    """All that a run touches outside its ledger, the clock included. `markers` is the file of deploy markers."""

    clock: Callable[[], datetime]
    sleep: Callable[[timedelta], None]
    logs: Logs
    provider: Provider
    pipeline: PipelineApi | None
    environment: Mapping[str, str]
    markers: Path
    notifier: Notifier | None = None


@dataclass(slots=True)
class _Promotion:
    """When to ask next whether the deployment is live, and when it was last said not to be."""

    again: datetime = EARLIEST
    not_before: datetime = EARLIEST


class Runner:
    """Carries `run` on. `show` is given the board whenever it may have changed.

    What has ended is never asked again, whatever the clock does: the ledger says so, and is asked each time.
    """

    def __init__(self, run: Run, world: World, show: Callable[[Board], None]) -> None:
        self._run = run
        self._world = world
        self._show = show
        self._again: dict[str, datetime] = {}
        self._promotion = _Promotion()

    def carry_on(self, *, wait: bool, beat: timedelta = timedelta(seconds=1)) -> Board:
        """Ask what is due, each item once; `wait`: go on until all has ended, or until there is a fail.

        `beat` is how often the ledger and the clock are looked at while waiting. Returns the board.
        """
        while True:
            self._find_promotion()
            self._ask_all()
            board = self._board()
            if board.status is Status.FAIL:
                board = self._advise(board)
            if self._world.notifier is not None:
                tell(self._world.notifier, board, self._run, self._world.clock)
                board = self._board()
            self._show(board)
            if board.finished or board.status is Status.FAIL or not wait:
                return board
            self._rest(board, beat)

    def _board(self) -> Board:
        return self._run.board(self._world.clock())

    def _find_promotion(self) -> None:
        """Note when the deployment went live, once its provider tells."""
        board = self._board()
        if board.deployment is not None or board.finished:
            return
        now = board.now
        if now < self._promotion.again:
            return
        self._promotion.again = now + DEFAULT_EVERY
        try:
            state = self._world.provider.deployment(board.started.deployment)
        except LogwatchError as error:
            self._await(board, "; ".join(str(problem) for problem in error.problems))
            return
        if state.status is DeploymentStatus.PENDING:
            self._promotion.not_before = now
        if state.status is not DeploymentStatus.SUCCEEDED:
            self._await(board, f"{self._world.provider.name}: {state.reason}")
        else:
            # one that was built, and waited to be promoted, may tell the time of its first address
            promoted_at = max(state.promoted_at or now, self._promotion.not_before)
            self._run.note(Promoted(at=now, promoted_at=promoted_at, commit=state.commit))

    def _await(self, board: Board, reason: str) -> None:
        """Note why the deployment is not live, where that is new."""
        if reason != board.awaited:
            self._run.note(Awaited(at=self._world.clock(), reason=reason))

    def _ask_all(self) -> None:
        """Ask every item that can be asked and is not to be left alone for a while, each once.

        What an item needs may end while others are asked: it has its turn as well.
        """
        done: set[str] = set()
        while row := self._next(done):
            done.add(row.item.id)
            self._ask(row)
            self._show(self._board())

    def _next(self, done: set[str]) -> Row | None:
        board = self._board()
        if board.aborted is not None:
            return None
        for row in board.rows:
            wanted = row.asked and row.item.id not in done
            if wanted and board.now >= self._again.get(row.item.id, board.now):
                return row
        return None

    def _ask(self, row: Row) -> None:
        item, now = row.item, self._world.clock()
        self._again[item.id] = min([now + item.every, *(m for m in (row.due, row.deadline) if m and m > now)])
        try:
            result = self._attempt(item, now)
        except LogwatchError as error:
            result = unknown("; ".join(escape(str(problem)) for problem in error.problems))
        if row.due is not None and (late := now - (row.due - item.due + item.deadline)) > item.every:
            result = replace(
                result, details=(*result.details, f"asked {format_span(late)} after its deadline")
            )
        self._record(row, result, now)

    def _attempt(self, item: Item, now: datetime) -> Result:
        board = self._board()
        deployment = board.deployment or deployment_of(board.started, board.started.at)
        newer = next_after(self._world.markers, deployment, now)
        if newer is not None and item.live and not item.anytime:
            return unknown(f"replaced by {newer.label}, which is what would be tried now", again=False)
        context = Context(
            now=now,
            window=_window(item, deployment, newer, now),
            logs=self._world.logs,
            provider=self._world.provider,
            pipeline=self._world.pipeline,
            memory=RunMemory(self._run, self._world.clock),
            environment=self._world.environment,
            folder=Path(board.started.folder),
        )
        return item.work.run(item, context)

    def _record(self, row: Row, result: Result, now: datetime) -> None:
        """Write down what was found, unless people have ended the item meanwhile."""
        item = row.item.id
        at = self._world.clock()
        event: AnyEvent = Looked(at=at, item=item, result=result)
        if _is_last(row, result, now):
            event = Finished(at=at, item=item, result=result)
        elif row.result == result:
            return  # nothing new
        self._run.note_of(item, event)
        if row.item.anytime and result.status is Status.PASS:  # live since it was asked for last
            self._promotion.again = EARLIEST
            self._find_promotion()

    def _advise(self, board: Board) -> Board:
        """Note once how one may go back, where the provider knows."""
        if board.rollback:
            return board
        try:
            state = self._world.provider.deployment(board.started.deployment)
            advice = self._world.provider.rollback(state)
        except LogwatchError:
            return board
        if advice:
            self._run.note(Advised(at=self._world.clock(), rollback=advice))
        return self._board()

    def _rest(self, board: Board, beat: timedelta) -> None:
        """Sleep until something is due, a beat at most; notice when the clock went elsewhere meanwhile."""
        before = self._world.clock()
        moments = [left for row in board.rows if (left := time_left(row, before))]
        moments += [
            self._again[row.item.id] - before
            for row in board.rows
            if row.asked and row.item.id in self._again
        ]
        span = max(min([beat, *moments]), timedelta(milliseconds=50))
        self._world.sleep(span)
        after = self._world.clock()
        if not -timedelta(seconds=1) < after - before - span < _JUMP:
            self._run.note(ClockMoved(at=after, before=before, slept=span.total_seconds()))
            self._again.clear()
            self._promotion.again = EARLIEST


def _window(item: Item, deployment: Deployment, newer: Deployment | None, now: datetime) -> Window:
    """Return the time that an item speaks of: until now, its deadline, or the next deployment."""
    until = min(now, deployment.time + item.deadline)
    if newer is None or newer.time >= until:
        return Window(deployment, max(until, deployment.time))
    replaced = newer if newer.time < deployment.time + item.due else None
    return Window(deployment, newer.time, replaced)


def _is_last(row: Row, result: Result, now: datetime) -> bool:
    """Whether the item has ended: a fail ends it, a pass once it is due, anything at its deadline."""
    match result.status:
        case Status.FAIL:
            return True
        case Status.PASS:
            return row.due is not None and now >= row.due
        case _:
            return not result.again or (row.deadline is not None and now >= row.deadline)
