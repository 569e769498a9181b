"""Whose doing it was: the window's own deployment, or an older one that was still at work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from logwatch.engine.match import Match
from logwatch.engine.run import Run


@dataclass(frozen=True, slots=True)
class Bounds:
    """The window as asked for; an open side is None, and then everything on that side lies inside."""

    since: datetime | None = None
    until: datetime | None = None

    def __contains__(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (self.until is None or moment <= self.until)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Tells the judged deployment's events from those of an older one.

    `deployment` is the id of the deployment that is judged; None: everything in the window is. A record that
    carries a
    deployment id belongs to that one; a record without belongs to the deployment of its time.
    """

    bounds: Bounds
    deployment: str | None = None

    def judges(self, deployment: str | None) -> bool:
        """Whether a record that carries `deployment` belongs to the judged deployment."""
        if self.deployment is None or deployment is None:
            return True
        return deployment == self.deployment or deployment.endswith(
            ("_" + self.deployment, "-" + self.deployment)
        )

    def match_is_older(self, match: Match) -> bool:
        """Whether a match inside the window is another deployment's."""
        return not self.judges(match.deployment)

    def run_is_older(self, run: Run) -> bool:
        """Whether a run that ended inside the window was started under an older deployment."""
        if self.deployment is None:
            return False
        if run.started in self.bounds:
            return not self.judges(run.deployment)
        return run.ended is not None and run.ended in self.bounds and run.started < run.ended
