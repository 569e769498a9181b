"""What a hosting provider tells of a deployment; the one thing the checklist knows of providers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from logwatch.deploys import Deployment
from logwatch.errors import LogwatchError


class DeploymentStatus(StrEnum):
    """How far a deployment is."""

    PENDING = "pending"
    """It is being built or promoted: ask again."""
    SUCCEEDED = "succeeded"
    """It serves production."""
    FAILED = "failed"
    """It never will: it ended in an error, was cancelled or refused."""
    UNKNOWN = "unknown"
    """The provider answers, and its answer does not tell (it knows no such deployment, or a state of its own)."""


@dataclass(frozen=True, slots=True)
class DeploymentState:
    """One deployment as the provider tells it; texts are empty where it tells nothing.

    `reason` says in a sentence for people why the status is what it is. `promoted_at` (UTC) is when it went
    live: the checklist's due times count from it.
    """

    id: str
    commit: str
    status: DeploymentStatus
    reason: str
    promoted_at: datetime | None = None
    url: str = ""


class ProviderUnreachable(LogwatchError):  # noqa: N818 - it reads as what it says
    """The provider gave no answer that tells anything: no connection, no access, overloaded, not understood.

    Nothing is known of the deployment then: an item that needs it is inconclusive. Carries a sentence for
    people, with the remedy, and never a token.
    """

    exit_code = 3


class Provider(Protocol):
    """Who tells of deployments. Asking is all that is done: nothing is ever changed there."""

    @property
    def name(self) -> str:
        """What people call it: `Vercel`."""
        ...

    def deployment(self, wanted: str) -> DeploymentState:
        """Return the state of the deployment that `wanted` names by its id, URL or commit.

        Raises `ProviderUnreachable`.
        """
        ...

    def rollback(self, state: DeploymentState) -> str | None:
        """Return how to go back to the deployment before `state`, as a command that people may run:
        `vercel rollback dpl_7Xy1`. None where there is nothing to go back to.

        It is a recommendation and never carried out. Raises `ProviderUnreachable`.
        """
        ...


class HostingProvider(Provider, Protocol):
    """Somewhere deployments are hosted."""

    def live_since(self, since: datetime) -> tuple[Deployment, ...]:
        """Return the production deployments that were made since then and went live, in the order of that.

        Raises `ProviderUnreachable`, and `ConfigError` where too little is configured to ask.
        """
        ...
