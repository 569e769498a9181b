"""What people do to a run: sign an item, skip one, give the run up. Each says why it cannot be done."""

from __future__ import annotations

from collections.abc import Callable

from logwatch.errors import UsageError, did_you_mean
from logwatch.evidence.redact import redact
from logwatch.timespec import iso_millis
from logwatch.verify.board import Row, State
from logwatch.verify.events import Aborted, Signed, Skipped
from logwatch.verify.ledger import Events
from logwatch.verify.run import Run


def sign(run: Run, signature: Signed) -> None:
    """Sign an item that waits for it, or one of which no machine could tell. Raises `UsageError`."""
    item = signature.item

    def allow(row: Row) -> None:
        if row.state is State.SIGNED and row.signed is not None:
            raise UsageError(f"'{item}' is signed already, by {row.signed.by} at {iso_millis(row.signed.at)}")
        if row.state is State.FAILED:
            raise UsageError(f"'{item}' failed, and no signature mends that; start again once it is mended")
        if row.state is State.EXPIRED and row.deadline is not None:
            late = f"'{item}' had to be signed by {iso_millis(row.deadline)}"
            raise UsageError(f"{late}; skip it with a reason, or start again")
        if row.state is State.BLOCKED:
            raise UsageError(f"'{item}' needs {', '.join(row.waits_for)}, which did not come out well")
        if row.state in {State.DONE, State.SKIPPED}:
            raise UsageError(f"'{item}' is {row.state} already; there is nothing to sign")
        if row.state is State.WAITING and row.item.by_hand:
            when = f"due at {iso_millis(row.due)}" if row.due else "due once the deployment is live"
            raise UsageError(f"'{item}' is {when}{_needs(row)}; sign it then")
        if row.state is not State.INCONCLUSIVE and not row.item.by_hand:
            raise UsageError(
                f"'{item}' is for logwatch to find out, and still open; sign it if that ends inconclusive"
            )

    run.note(signature, _allowed(run, signature, allow))


def skip(run: Run, skipped: Skipped) -> None:
    """Leave an item out that has not come out well or badly yet. Raises `UsageError`."""
    item = skipped.item

    def allow(row: Row) -> None:
        if row.state in {State.DONE, State.FAILED, State.SIGNED, State.SKIPPED}:
            raise UsageError(f"'{item}' is {row.state} already; there is nothing to skip")

    run.note(skipped, _allowed(run, skipped, allow))


def abort(run: Run, aborted: Aborted) -> None:
    """Give the run up. Raises `UsageError` where it has ended already."""

    def allow(events: Events) -> None:
        if run.board_of(events, aborted.at).finished:
            raise UsageError("the run has ended already; there is nothing to abort")

    run.note(aborted, allow)


def said(option: str, text: str) -> str:
    """Return what a person wrote, without secrets. Raises `UsageError` where it says nothing."""
    if not text.strip():
        raise UsageError(f"{option}: is empty; write something that can be read later")
    return redact(text.strip())


def _needs(row: Row) -> str:
    return f", after {', '.join(row.waits_for)}" if row.waits_for else ""


def _allowed(run: Run, event: Signed | Skipped, allow: Callable[[Row], None]) -> Callable[[Events], None]:
    """Return what looks at the run before `event` is appended."""

    def check(events: Events) -> None:
        board = run.board_of(events, event.at)
        ids = [row.item.id for row in board.rows]
        if event.item not in ids:
            hint = did_you_mean(event.item, ids) or "; see: logwatch verify status"
            raise UsageError(f"the checklist has no item '{event.item}'{hint}")
        if board.aborted is not None:
            raise UsageError(f"the run was aborted at {iso_millis(board.aborted.at)}; start a new one")
        allow(board[event.item])

    return check
