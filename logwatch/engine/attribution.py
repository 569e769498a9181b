"""Whose doing it was: the window's own deployment, or an older one that was still at work."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from logwatch.engine.match import Match
from logwatch.engine.run import Run

_COMMIT = re.compile(r"(?=[0-9]*[a-f])[0-9a-f]{7,64}")
"""A commit, or its first figures; figures alone are some other number."""


class Bounds(msgspec.Struct, frozen=True):
    """The window as asked for; an open side is None, and then everything on that side lies inside."""

    since: datetime | None = None
    until: datetime | None = None

    def __contains__(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (self.until is None or moment <= self.until)


class Attribution(msgspec.Struct, frozen=True):
    """Tells the judged deployment's events from those of an older one.

    `names` are the names of the deployment that is judged; empty: everything in the window is. A record that
    carries a deployment id belongs to that one; a record without belongs to the deployment of its time.
    """

    bounds: Bounds
    names: frozenset[str] = frozenset()

    def judges(self, deployment: str | None) -> bool:
        """Whether a record that carries `deployment` may belong to the judged deployment."""
        return deployment is None or not self.names or self._is_judged(deployment)

    def match_is_older(self, match: Match) -> bool:
        """Whether a match inside the window is another deployment's."""
        return not self.judges(match.deployment)

    def run_is_older(self, run: Run) -> bool:
        """Whether a run was started under another deployment and was still open in the window."""
        if not self.names:
            return False
        if run.started in self.bounds:
            return not self.judges(run.deployment)
        if run.deployment is not None and self._is_judged(run.deployment):
            return False
        since = self.bounds.since
        return since is not None and run.started < since <= (run.ended or run.deadline)

    def _is_judged(self, deployment: str) -> bool:
        return any(_same(deployment, name) for name in self.names)


def _same(recorded: str, name: str) -> bool:
    """Whether an id found in a record is that one: the same, prefixed (`dpl_`), or an abbreviated commit."""
    if recorded == name or recorded.endswith(("_" + name, "-" + name)):
        return True
    short, long = sorted((recorded.lower(), name.lower()), key=len)
    return bool(_COMMIT.fullmatch(short) and _COMMIT.fullmatch(long)) and long.startswith(short)
