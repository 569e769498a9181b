"""What happens to a run, one kind of event each: what the ledger keeps, and all that the board is made of."""

from __future__ import annotations

from datetime import datetime

import msgspec

from logwatch.deploys import Deployment
from logwatch.verify.work import Result


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="what", forbid_unknown_fields=True):
    """What all events have: `at` is when it happened, by the clock of the process that noted it (UTC)."""

    at: datetime


class Started(Event, frozen=True, kw_only=True, tag="started"):
    """A run began. `checklist` is the SHA-256 of the file as it was; `folder` is where its file names count from.

    `phases` empty: all of them. `promoted_at` None: the deployment is not live yet, or nobody knows. `sources` empty:
    the configured ones.
    """

    deployment: str
    commit: str
    note: str
    promoted_at: datetime | None
    checklist: str
    folder: str
    phases: tuple[str, ...]
    by: str
    sources: tuple[str, ...] = ()


class Awaited(Event, frozen=True, kw_only=True, tag="awaited"):
    """The deployment is not live, as far as anybody could tell, and why."""

    reason: str


class Promoted(Event, frozen=True, kw_only=True, tag="promoted"):
    """The deployment went live at `promoted_at`: due times count from then."""

    promoted_at: datetime
    commit: str


class Looked(Event, frozen=True, kw_only=True, tag="looked"):
    """An item was asked, and is not decided yet."""

    item: str
    result: Result


class Finished(Event, frozen=True, kw_only=True, tag="finished"):
    """An item was asked for the last time."""

    item: str
    result: Result


class Signed(Event, frozen=True, kw_only=True, tag="signed"):
    """A person answers for an item."""

    item: str
    by: str
    note: str
    evidence: str


class Skipped(Event, frozen=True, kw_only=True, tag="skipped"):
    """An item is left out, and why."""

    item: str
    by: str
    reason: str


class Remembered(Event, frozen=True, kw_only=True, tag="remembered"):
    """What the attempts of an item need to know of each other."""

    item: str
    key: str
    value: str


class ClockMoved(Event, frozen=True, kw_only=True, tag="clock"):
    """The clock went from `before` to `at` while `slept` seconds passed."""

    before: datetime
    slept: float


class Advised(Event, frozen=True, kw_only=True, tag="advised"):
    """After a fail: how the provider says one may go back. Nothing was done about it."""

    rollback: str


class Told(Event, frozen=True, kw_only=True, tag="told"):
    """People were notified of `subject`; `fault` says why they could not be."""

    subject: str
    fault: str


class Aborted(Event, frozen=True, kw_only=True, tag="aborted"):
    """The run was given up."""

    by: str
    reason: str


AnyEvent = (
    Started
    | Awaited
    | Promoted
    | Looked
    | Finished
    | Signed
    | Skipped
    | Remembered
    | ClockMoved
    | Advised
    | Told
    | Aborted
)


def deployment_of(started: Started, promoted_at: datetime, commit: str = "") -> Deployment:
    """Return the deployment of a run, once it is known when it went live."""
    return Deployment(started.deployment, promoted_at, started.commit or commit, started.note)
