"""What a deployment's fields mean. READY alone is not live: the production domain has to point to it."""

from __future__ import annotations

from msgspec import UNSET

from logwatch.timespec import iso_millis
from logwatch.verify.provider import DeploymentStatus
from logwatch.verify.providers.vercel.answers import Found

_ENDED = ("ERROR", "CANCELED", "DELETED", "BLOCKED")
_UNDER_WAY = ("QUEUED", "INITIALIZING", "BUILDING", "ANALYZING", "DEPLOYING")
_NOT_YET_LIVE = {
    "STAGED": "READY and STAGED: it waits to be promoted",
    "ROLLING": "READY and ROLLING: it serves a part of the traffic",
}
_BAD_CHECK = ("failed", "canceled")
_OPEN_CHECKS = ("registered", "running")

Judgement = tuple[DeploymentStatus, str]


def judge(found: Found) -> Judgement:
    """Return how far a deployment is, and why in a sentence; its texts are not made safe to show yet."""
    state = found.ready_state
    if state in _ENDED:
        return DeploymentStatus.FAILED, _ended(state, found)
    if state in _UNDER_WAY:
        return DeploymentStatus.PENDING, f"{state}: it is being built"
    if state is None:
        return DeploymentStatus.UNKNOWN, "no state is told; the token may not see it in full"
    if state != "READY":
        return DeploymentStatus.UNKNOWN, f"in a state that is not known here: '{state}'"
    return _not_for_production(found) or _checks(found) or _alias(found) or _promotion(found)


def _ended(state: str, found: Found) -> str:
    said = found.error_message or found.error_code
    return f"{state}: {said}" if said else state


def _not_for_production(found: Found) -> Judgement | None:
    if found.target == "production":
        return None
    if found.target is UNSET:
        return DeploymentStatus.UNKNOWN, "READY, but not told whether for production"
    return DeploymentStatus.FAILED, f"READY, but not for production (target: {found.target or 'preview'})"


def _checks(found: Found) -> Judgement | None:
    if found.checks_conclusion in _BAD_CHECK:
        return DeploymentStatus.FAILED, f"READY, but its checks are {found.checks_conclusion}"
    for name, check in (found.checks or {}).items():
        if check.state in _BAD_CHECK:
            return DeploymentStatus.FAILED, f"READY, but its check '{name}' is {check.state}"
    if found.checks_conclusion is None and found.checks_state in _OPEN_CHECKS:
        return DeploymentStatus.PENDING, f"READY, its checks are {found.checks_state}"
    return None


def _alias(found: Found) -> Judgement | None:
    if found.alias_error is not None:
        error = found.alias_error.message or found.alias_error.code or "no reason is told"
        return DeploymentStatus.FAILED, f"READY, but no alias could be assigned: {error}"
    if found.ready_substate not in _NOT_YET_LIVE and not found.alias_assigned:
        return DeploymentStatus.PENDING, "READY, but no alias is assigned yet"
    return None


def _promotion(found: Found) -> Judgement:
    substate = found.ready_substate
    if substate in _NOT_YET_LIVE:
        return DeploymentStatus.PENDING, _NOT_YET_LIVE[substate]
    if substate not in (None, "PROMOTED"):
        return DeploymentStatus.UNKNOWN, f"READY, in a substate that is not known here: '{substate}'"
    live = f" {iso_millis(found.aliased_from)}" if found.aliased_from else ""
    return DeploymentStatus.SUCCEEDED, f"{'READY, PROMOTED' if substate else 'READY'}, alias assigned{live}"
