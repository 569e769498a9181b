"""People are notified of a failure and of the end of a phase, where webhooks are configured; each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from logwatch.errors import ConfigError
from logwatch.verify.board import Board, State
from logwatch.verify.events import Told
from logwatch.verify.run import Run


class Notifier(Protocol):
    """Somewhere that people read."""

    def send(self, title: str, text: str) -> str:
        """Send a message; return why it could not be, the empty text where it was."""
        ...


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Webhooks in the notation of apprise (https://github.com/caronc/apprise); they are secrets."""

    urls: tuple[str, ...] = field(repr=False)

    def send(self, title: str, text: str) -> str:
        """Send a message to all of them."""
        try:
            import apprise  # noqa: PLC0415 - only where it is configured
        except ImportError:
            return "apprise is not installed; install it with: pip install 'logwatch[notify]'"
        notifier = apprise.Apprise()
        refused = [number for number, url in enumerate(self.urls, 1) if not notifier.add(url)]
        if refused:
            return f"webhook {refused[0]} is none that apprise knows"
        # as text: what a log says is no markup, wherever it is shown
        taken = notifier.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT)
        return "" if taken else "a webhook did not take the message"


def webhooks(variables: Sequence[str], environment: Mapping[str, str]) -> Webhooks | None:
    """Return the webhooks that the environment variables hold; None where none is named.

    Raises `ConfigError` for a variable that is not set.
    """
    missing = [name for name in variables if not environment.get(name)]
    if missing:
        raise ConfigError(
            f"verify: notify: the environment has no {missing[0]}; set it, or remove it from the list"
        )
    return Webhooks(tuple(environment[name] for name in variables)) if variables else None


def tell(notifier: Notifier, board: Board, run: Run, clock: Callable[[], datetime]) -> None:
    """Notify people of what they were not notified of yet. What cannot be sent is noted, and not tried again."""
    told = {event.subject for event in run.ledger.events(run.number) if isinstance(event, Told)}
    for subject, text in _subjects(board):
        if subject not in told:
            fault = notifier.send(f"logwatch verify {board.label}: {subject}", text)
            run.note(Told(at=clock(), subject=subject, fault=fault))


def _subjects(board: Board) -> Iterator[tuple[str, str]]:
    for row in board.rows:
        if row.state is State.FAILED and row.result is not None:
            lines = [row.item.title, row.result.summary, *row.result.evidence]
            lines += [f"how to go back: {board.rollback}"] if board.rollback else []
            yield f"{row.item.id} failed", "\n".join(lines)
    for phase, rows in board.phases:
        if all(row.ended for row in rows):
            yield f"{phase.id} ended", "\n".join(f"{row.state}: {row.item.title}" for row in rows)
