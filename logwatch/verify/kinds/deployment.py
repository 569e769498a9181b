"""`deployment`: what the hosting provider says of it."""

from __future__ import annotations

from dataclasses import dataclass

from logwatch.evidence.escape import escape
from logwatch.timespec import iso_millis
from logwatch.verify.checklist import Item
from logwatch.verify.kinds.kind import Kind
from logwatch.verify.provider import DeploymentState, DeploymentStatus
from logwatch.verify.work import Context, Result, failed, passed, unknown
from logwatch.yamlfiles.fields import Fields, Values


@dataclass(frozen=True, slots=True)
class DeploymentWork:
    """Asks the provider whether the deployment serves production, built from the commit that is expected."""

    def run(self, item: Item, context: Context) -> Result:
        """Return what the provider says. A deployment still under way is inconclusive, and asked again."""
        expected = context.window.deployment
        state = context.provider.deployment(expected.id)
        said = escape(f"{context.provider.name}: {state.reason}")
        match state.status:
            case DeploymentStatus.FAILED:
                return failed(said, *_about(state))
            case DeploymentStatus.SUCCEEDED if not _same(expected.commit, state.commit):
                other = f"{context.provider.name}: live, but built from {state.commit}, not from {expected.commit}"
                return failed(escape(other), *_about(state))
            case DeploymentStatus.SUCCEEDED:
                return passed(said, *_about(state))
            case _:
                return unknown(said, *_about(state))


def _same(expected: str, built: str) -> bool:
    """Whether two commits agree as far as both are told; one may be the beginning of the other."""
    one, other = expected.lower(), built.lower()
    return one.startswith(other) or other.startswith(one)


def _about(state: DeploymentState) -> tuple[str, ...]:
    """Say which deployment it is, as far as the provider tells."""
    live = f"live from {iso_millis(state.promoted_at)}" if state.promoted_at else ""
    commit = f"commit {state.commit}" if state.commit else ""
    said = ", ".join(part for part in (state.id, commit, live, state.url) if part)
    return (escape(said),) if said else ()


def _build(_values: Values) -> DeploymentWork:
    return DeploymentWork()


DEPLOYMENT_KIND = Kind(Fields(()), _build, anytime=True, live=True)
