"""Whose doing it was: the window's own deployment, or an older one that was still at work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from logwatch.engine.match import Match
from logwatch.engine.run import Run

_ABBREVIATED = 7
"""Characters from which the beginning of a commit names it."""


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

    `names` are the names of the deployment that is judged; empty: everything in the window is. A record that
    carries a deployment id belongs to that one; a record without belongs to the deployment of its time.
    """

    bounds: Bounds
    names: frozenset[str] = frozenset()

    def judges(self, deployment: str | None) -> bool:
        """Whether a record that carries `deployment` belongs to the judged deployment."""
        return not self.names or deployment is None or any(_same(deployment, name) for name in self.names)

    def match_is_older(self, match: Match) -> bool:
        """Whether a match inside the window is another deployment's."""
        return not self.judges(match.deployment)

    def run_is_older(self, run: Run) -> bool:
        """Whether a run that lies or ended inside the window was started under an older deployment."""
        if not self.names:
            return False
        if run.started in self.bounds:
            return not self.judges(run.deployment)
        return run.ended is not None and run.ended in self.bounds and run.started < run.ended


def _same(recorded: str, name: str) -> bool:
    """Whether an id found in a record is that deployment: the same, prefixed (`dpl_`), or an abbreviated commit."""
    if recorded == name or recorded.endswith(("_" + name, "-" + name)):
        return True
    short, long = sorted((recorded, name), key=len)
    return len(short) >= _ABBREVIATED and long.startswith(short)
