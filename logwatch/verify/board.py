"""The board: how each item stands, as a function of the checklist, the ledger and the moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from logwatch.deploys import Deployment
from logwatch.verdict.verdict import Status
from logwatch.verify.checklist import Checklist, Item, Phase, Severity
from logwatch.verify.events import (
    Aborted,
    Advised,
    AnyEvent,
    Awaited,
    ClockMoved,
    Finished,
    Looked,
    Promoted,
    Signed,
    Skipped,
    Started,
    Told,
    deployment_of,
)
from logwatch.verify.work import Result


class State(StrEnum):
    """How an item stands."""

    DONE = "done"
    """It passed."""
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    """Asked for the last time, and nothing could be told."""
    SIGNED = "signed"
    """A person answers for it."""
    SKIPPED = "skipped"
    EXPIRED = "expired"
    """Nobody signed it in time."""
    BLOCKED = "blocked"
    """It cannot be asked: what it needs did not come out well, or the deployment did not go live in time."""
    WAITING = "waiting"
    """It is not due yet, or what it needs is not finished."""
    DUE = "due"
    OVERDUE = "overdue"
    """The deadline of the checklist is over, and it is still to be asked."""


ENDED = frozenset(
    {State.DONE, State.FAILED, State.INCONCLUSIVE, State.SIGNED, State.SKIPPED, State.EXPIRED, State.BLOCKED}
)
WELL = frozenset({State.DONE, State.SIGNED, State.SKIPPED})
"""States after which what comes after an item may begin."""


@dataclass(frozen=True, slots=True)
class Row:
    """One item. `due` and `deadline` are instants; while the promotion is not known, `due` is None, and `deadline` is
    how long it is waited for.

    `deadline` is when it is asked for the last time: later than the checklist says where a live item came late.
    `asked` says whether it can be asked now. `waits_for` names the items that it needs and that are not
    finished, or (blocked) did not come out well. `at` is when it came to its state, where something happened.
    """

    item: Item
    state: State
    due: datetime | None = None
    deadline: datetime | None = None
    asked: bool = False
    waits_for: tuple[str, ...] = ()
    result: Result | None = None
    signed: Signed | None = None
    skipped: Skipped | None = None
    at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more is to come."""
        return self.state in ENDED

    @property
    def decides(self) -> bool:
        """Whether it has a say in the verdict."""
        return self.item.severity is Severity.CRITICAL and self.state is not State.SKIPPED


@dataclass(frozen=True, slots=True)
class Board:
    """All items of a run at the moment `now`, by phase. `deployment` None: it is not live yet."""

    run: int
    title: str
    started: Started
    deployment: Deployment | None
    phases: tuple[tuple[Phase, tuple[Row, ...]], ...]
    now: datetime
    awaited: str = ""
    """Why the deployment is not live, where somebody could tell."""
    aborted: Aborted | None = None
    clock_moved: tuple[ClockMoved, ...] = ()
    rollback: str = ""
    untold: tuple[Told, ...] = ()
    """What nobody could be notified of."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, in order."""
        return tuple(row for _, rows in self.phases for row in rows)

    def __getitem__(self, item_id: str) -> Row:
        return next(row for row in self.rows if row.item.id == item_id)

    @property
    def label(self) -> str:
        """What people call the deployment."""
        started = self.started
        return (self.deployment or deployment_of(started, started.at)).label

    @property
    def finished(self) -> bool:
        """Whether nothing more is to come of any item."""
        return self.aborted is not None or all(row.ended for row in self.rows)

    @property
    def status(self) -> Status | None:
        """The verdict; None while it is open. A fail is one at once, whatever is still to come.

        Skipped items decide nothing; where they are all there is, nothing was verified.
        """
        deciding = [row.state for row in self.rows if row.decides]
        if State.FAILED in deciding:
            return Status.FAIL
        if self.aborted is not None:
            return Status.INCONCLUSIVE
        if not self.finished:
            return None
        well = deciding and all(state in WELL for state in deciding)
        return Status.PASS if well else Status.INCONCLUSIVE


def board_of(checklist: Checklist, run: int, events: Sequence[AnyEvent], now: datetime) -> Board:
    """Return the board of a run at `now`; `events` begin with its start."""
    started = events[0]
    assert isinstance(started, Started)
    checklist = checklist.limited_to(started.phases)
    deployment = _deployment(started, events)
    rows: dict[str, Row] = {}

    def row_of(item: Item) -> Row:
        if item.id not in rows:
            row = _blank(item, started, deployment)
            needed = [row_of(checklist[name]) for name in item.after if name in checklist.ids]
            happened = [event for event in events if getattr(event, "item", None) == item.id]
            rows[item.id] = _ended(row, happened) or _open(row, needed, happened, deployment, now)
        return rows[item.id]

    return Board(
        run=run,
        title=checklist.title,
        started=started,
        deployment=deployment,
        phases=tuple((phase, tuple(row_of(item) for item in phase.items)) for phase in checklist.phases),
        now=now,
        awaited=next((event.reason for event in reversed(events) if isinstance(event, Awaited)), ""),
        aborted=next((event for event in events if isinstance(event, Aborted)), None),
        clock_moved=tuple(event for event in events if isinstance(event, ClockMoved)),
        rollback=next((event.rollback for event in events if isinstance(event, Advised)), ""),
        untold=tuple(event for event in events if isinstance(event, Told) and event.fault),
    )


def _deployment(started: Started, events: Sequence[AnyEvent]) -> Deployment | None:
    for event in events:
        if isinstance(event, Promoted):
            return deployment_of(started, event.promoted_at, event.commit)
    return deployment_of(started, started.promoted_at) if started.promoted_at else None


def _blank(item: Item, started: Started, deployment: Deployment | None) -> Row:
    """Return a row with its times, counted from the promotion; without one, `anytime` items go by the start."""
    if deployment is None and not item.anytime:
        return Row(item, State.WAITING, deadline=started.at + item.deadline)
    anchor = deployment.time if deployment else started.at
    return Row(item, State.WAITING, anchor + item.due, anchor + item.deadline)


_OF_STATUS = {Status.PASS: State.DONE, Status.FAIL: State.FAILED, Status.INCONCLUSIVE: State.INCONCLUSIVE}


def _ended(row: Row, happened: Sequence[AnyEvent]) -> Row | None:
    """Return the row of an item that was finished, signed or skipped: the last of these counts."""
    for event in happened:
        match event:
            case Finished(result=result):
                row = replace(row, state=_OF_STATUS[result.status], result=result, at=event.at)
            case Signed():
                row = replace(row, state=State.SIGNED, signed=event, at=event.at)
            case Skipped():
                row = replace(row, state=State.SKIPPED, skipped=event, at=event.at)
    return row if row.ended else None


def _open(
    row: Row,
    needed: Sequence[Row],
    happened: Sequence[AnyEvent],
    deployment: Deployment | None,
    now: datetime,
) -> Row:
    """Return the row of an item that is not decided."""
    item = row.item
    looks = [event for event in happened if isinstance(event, Looked)]
    if looks:
        row = replace(row, result=looks[-1].result, at=looks[-1].at)
    lost = tuple(need.item.id for need in needed if need.ended and need.state not in WELL)
    if lost:
        return replace(row, state=State.BLOCKED, waits_for=lost)
    row = replace(row, waits_for=tuple(need.item.id for need in needed if not need.ended))
    due, deadline = row.due, row.deadline
    assert deadline is not None
    late = now >= deadline
    if due is None:  # that the deployment goes live
        return replace(row, state=State.BLOCKED) if late else row
    if item.by_hand and late:
        return replace(row, state=State.EXPIRED, at=deadline)
    if row.waits_for:
        return row
    if item.live:  # its time begins when it can be asked
        begun = looks[0].at if looks else now
        row = replace(row, deadline=max(deadline, begun + item.deadline - item.due))
    if now < due:
        return replace(row, asked=item.watch and deployment is not None and now >= deployment.time)
    return replace(row, asked=True, state=State.OVERDUE if late else State.DUE)


def time_left(row: Row, now: datetime) -> timedelta | None:
    """Return how long until something changes for the row by itself: it falls due, or its deadline is over."""
    moments = [moment for moment in (row.due, row.deadline) if moment is not None and moment > now]
    return min(moments) - now if moments and not row.ended else None
