"""What an item of the checklist is given to do its work, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from logwatch.deploys import Deployment
from logwatch.verdict.verdict import Status

if TYPE_CHECKING:
    from logwatch.verify.checklist import Item
    from logwatch.verify.logs import Logs
    from logwatch.verify.pipeline_api import PipelineApi
    from logwatch.verify.provider import Provider


@dataclass(frozen=True, slots=True)
class Result:
    """What one attempt found. `summary` is one line, the figure first; `details` are further lines for people.

    `evidence` cites what was seen, each line with its place, without secrets. `again` False: what is
    inconclusive now stays so, and need not be asked again before the deadline.
    """

    status: Status
    summary: str
    details: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    again: bool = True


class Memory(Protocol):
    """What the attempts of one run remember, an interruption included: texts by item and key."""

    def recall(self, item: str, key: str) -> str | None:
        """Return what `item` keeps under `key`."""
        ...

    def remember(self, item: str, key: str, value: str) -> None:
        """Keep `value`; it is on the disk when this returns."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """The time that an item speaks of: from the promotion of its deployment to `until`.

    `replaced_by` is the deployment whose promotion ended it before the item was due.
    """

    deployment: Deployment
    until: datetime
    replaced_by: Deployment | None = None

    @property
    def span(self) -> timedelta:
        """How long the deployment has been live in it."""
        return self.until - self.deployment.time


@dataclass(frozen=True, slots=True)
class Context:
    """One attempt: `now` is its moment, `window` what it speaks of. Everything outside is reached through it.

    `pipeline` None: no pipeline is configured. `folder` is where the checklist's file names count from.
    """

    now: datetime
    window: Window
    logs: Logs
    provider: Provider
    pipeline: PipelineApi | None
    memory: Memory
    environment: Mapping[str, str]
    folder: Path


class Work(Protocol):
    """What an item does, one implementation a kind. One attempt at a time: waiting is the runner's.

    An attempt that cannot tell yet is inconclusive; the runner asks again until the item's deadline.
    """

    def run(self, item: Item, context: Context) -> Result:
        """Return what one attempt found. May raise `LogwatchError`: inconclusive, in the words of the error."""
        ...


def passed(summary: str, *details: str) -> Result:
    """Return a pass."""
    return Result(Status.PASS, summary, details)


def failed(summary: str, *details: str) -> Result:
    """Return a fail."""
    return Result(Status.FAIL, summary, details)


def unknown(summary: str, *details: str, again: bool = True) -> Result:
    """Return that nothing can be told, for now or (`again` False) at all."""
    return Result(Status.INCONCLUSIVE, summary, details, again=again)
