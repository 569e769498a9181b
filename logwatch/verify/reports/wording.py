"""What is said of a row and of a board, in words that all reports share. All of it is safe to print."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from logwatch.evidence.escape import escape
from logwatch.timespec import format_span
from logwatch.verdict.verdict import Status
from logwatch.verdict.wording import listed
from logwatch.verify.board import WELL, Board, Row, State

NOT_FINISHED = "not finished"
WARNING = "warning"
"""What failed and decides nothing."""
_NAMED = {State.FAILED.value, WARNING, *(s.value for s in (State.INCONCLUSIVE, State.EXPIRED, State.BLOCKED))}
"""How items stand that a summary names: they want a look."""
EXIT_CODES = {Status.PASS: 0, Status.FAIL: 1, Status.INCONCLUSIVE: 3, None: 4}


def exit_code(board: Board) -> int:
    """Return the exit code that tells the board: 0 pass, 1 fail, 3 inconclusive, 4 not finished."""
    return EXIT_CODES[board.status]


def verdict_word(board: Board) -> str:
    """Return the verdict in a word, or that there is none yet."""
    return board.status.value if board.status else NOT_FINISHED


def instant(moment: datetime) -> str:
    """Return an instant as people read it, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def heading(board: Board) -> list[str]:
    """Return what is verified, in phrases: the deployment, since when it is live, which run it is."""
    live = f"live from {instant(board.deployment.time)}" if board.deployment else _awaited(board)
    said = [f"{escape(board.title)}: {escape(board.label)}", live, f"as of {instant(board.now)}"]
    return [*said, f"run {board.run}"]


def _awaited(board: Board) -> str:
    return escape(f"not live yet ({board.awaited})" if board.awaited else "not live yet")


def figure(row: Row, now: datetime) -> str:
    """Return what is to be said of a row: what was found, or what it waits for."""
    summary = row.result.summary if row.result else ""
    match row.state:
        case State.SIGNED if row.signed:
            return escape(f"signed by {row.signed.by}, {instant(row.signed.at)}: {row.signed.note}")
        case State.SKIPPED if row.skipped:
            return escape(f"skipped by {row.skipped.by}, {instant(row.skipped.at)}: {row.skipped.reason}")
        case State.EXPIRED if row.deadline:
            return f"not signed by {instant(row.deadline)}"
        case State.BLOCKED if not row.waits_for and row.deadline:
            return f"cannot be asked: the deployment was not live by {instant(row.deadline)}"
        case State.BLOCKED:
            return f"cannot be asked: {', '.join(row.waits_for)} did not come out well"
        case State.WAITING:
            return _waiting(row, now) + (f"; so far {summary}" if summary else "")
        case State.DUE | State.OVERDUE:
            until = f"; until {instant(row.deadline)}" if row.deadline and row.deadline > now else ""
            return f"{summary or row.state}{until}"
        case _:
            return summary


def _waiting(row: Row, now: datetime) -> str:
    if row.due is None:
        return "due once the deployment is live"
    due = [f"due in {format_span(row.due - now)}"] if row.due > now else []
    return ", ".join([*due, *([f"after {', '.join(row.waits_for)}"] if row.waits_for else [])])


def beside(row: Row, most: int | None = None) -> Iterator[str]:
    """Yield further lines on a row: details, where evidence is to be found, the lines that prove it.

    At most `most` of these; None: all.
    """
    if row.state is State.SIGNED and row.signed and row.signed.evidence:
        yield escape(f"evidence: {row.signed.evidence}")
    if row.result is not None:
        if row.state in {State.SIGNED, State.SKIPPED}:
            yield f"before that: {row.result.summary}"
        else:
            yield from row.result.details
        yield from row.result.evidence[:most]
        left = len(row.result.evidence[most:]) if most is not None else 0
        if left:
            yield f"… {left} more lines"


def standing(row: Row) -> str:
    """Return how a row stands, in a word."""
    return WARNING if row.state is State.FAILED and not row.decides else row.state.value


def counts(board: Board) -> str:
    """Return how many items stand how: `4 done, 1 failed (no-unknown-stage), 8 waiting`."""
    said = []
    for word in (*(state.value for state in State), WARNING):
        ids = [row.item.id for row in board.rows if standing(row) == word]
        if ids:
            said.append(f"{len(ids)} {word}" + (f" ({listed(ids)})" if word in _NAMED else ""))
    return ", ".join(said)


def sentence(board: Board) -> str:
    """Return the board in one sentence: how its items stand, and what comes next."""
    said = [counts(board)]
    if board.aborted is not None:
        said.append(escape(f"aborted by {board.aborted.by}: {board.aborted.reason}"))
    elif not board.finished and (coming := upcoming(board)):
        said.append(coming)
    return "; ".join(said)


def upcoming(board: Board) -> str:
    """Return what is due next, and when; the empty text where nothing is."""
    open_ = [row for row in board.rows if not row.ended]
    now = [row.item.id for row in open_ if row.state in {State.DUE, State.OVERDUE}]
    if now:
        return f"due now: {listed(now)}"
    later = [row for row in open_ if row.due is not None and row.due > board.now]
    if not later:
        return ""
    first = min(later, key=lambda row: row.due or board.now)
    assert first.due is not None
    return f"next: {first.item.id} in {format_span(first.due - board.now)}, at {instant(first.due)}"


def remarks(board: Board) -> Iterator[tuple[str, str]]:
    """Yield (word, text) of what else is to be said: how to go back after a fail, a clock that moved, and so on."""
    if board.status is Status.FAIL and board.rollback:
        yield "next", f"to go back: {escape(board.rollback)} (a recommendation: nothing was done)"
    for moved in board.clock_moved:
        slept = f"while {moved.slept:.0f} s passed"
        yield "note", f"the clock went from {instant(moved.before)} to {instant(moved.at)} {slept}"
    for told in board.untold:
        yield "note", escape(f"nobody was notified that {told.subject}: {told.fault}")


def well(rows: tuple[Row, ...]) -> int:
    """Return how many rows came out well."""
    return sum(row.state in WELL for row in rows)
