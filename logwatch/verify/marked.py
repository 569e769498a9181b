"""Deployments where no hosting provider is asked: what people have marked, or say on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from logwatch.deploys import Deployment, read_markers, window_of
from logwatch.timespec import iso_millis
from logwatch.verify.provider import DeploymentState, DeploymentStatus


@dataclass(frozen=True, slots=True)
class MarkedDeployments:
    """A provider made of the deploy markers in `file`; `given` is the deployment that needs no mark.

    Nobody confirms what people mark: the reason says so. `now` is the moment of the question.
    """

    file: Path
    now: datetime
    given: Deployment | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return "deploy marker"

    def deployment(self, wanted: str) -> DeploymentState:
        """Return the marked deployment. Raises `UsageError` where it is not marked, `ConfigError` for a bad file."""
        found = self.given if self.given and wanted in self.given.names else self._marked(wanted)
        said = f"live from {iso_millis(found.time)}; no hosting provider is asked"
        return DeploymentState(found.id, found.commit, DeploymentStatus.SUCCEEDED, said, found.time)

    def rollback(self, state: DeploymentState) -> str | None:
        """Return which deployment was live before, None where none is marked."""
        live = state.promoted_at
        earlier = [marker for marker in read_markers(self.file) if live and marker.time < live]
        return f"deploy {earlier[-1].id} again, which was live before" if earlier else None

    def _marked(self, wanted: str) -> Deployment:
        return window_of(read_markers(self.file), wanted, self.file, self.now).deployment


def next_after(file: Path, deployment: Deployment, now: datetime) -> Deployment | None:
    """Return the deployment that was marked after this one, None where it is still the last by `now`.

    It may be marked itself, a little after its provider says that it went live.
    """
    others = [marker for marker in read_markers(file) if not marker.is_same_as(deployment)]
    later = [marker for marker in others if deployment.time < marker.time <= now]
    return later[0] if later else None
