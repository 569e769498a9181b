"""What is read of Vercel's answers: the fields that say how far a deployment is, and when it went live.

`GET /v13/deployments/{idOrUrl}` calls the id `id`, the lists `uid`. Times are milliseconds since 1970.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import UNSET, UnsetType

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMMITS = ("githubCommitSha", "gitlabCommitSha", "bitbucketCommitSha", "gitCommitSha")
"""Where `meta` tells the commit: by where the repository is, or as the command line found it."""
_MESSAGES = ("githubCommitMessage", "gitlabCommitMessage", "bitbucketCommitMessage", "gitCommitMessage")

Millis = int | float | None


class AliasError(msgspec.Struct, frozen=True):
    """Why the production domain does not point to the deployment."""

    code: str | None = None
    message: str | None = None


class Check(msgspec.Struct, frozen=True):
    """One of `checks`."""

    state: str | None = None


class Source(msgspec.Struct, frozen=True):
    """Where it was built from."""

    sha: str | None = None


class Found(msgspec.Struct, frozen=True, rename="camel"):
    """One deployment. Fields that Vercel leaves out are None; `target` tells left out (UNSET) from none."""

    id: str | None = None
    uid: str | None = None
    url: str | None = None
    project_id: str | None = None
    ready_state: str | None = None
    ready_substate: str | None = None
    target: str | UnsetType | None = UNSET
    alias_assigned: bool | int | float | None = None
    alias_assigned_at: bool | int | float | None = None
    alias_error: AliasError | None = None
    checks_state: str | None = None
    checks_conclusion: str | None = None
    checks: dict[str, Check] | None = None
    error_code: str | None = None
    error_message: str | None = None
    created: Millis = None
    created_at: Millis = None
    ready: Millis = None
    git_source: Source | None = None
    meta: dict[str, object] | None = None
    is_rollback_candidate: bool | None = None

    @property
    def name(self) -> str:
        """Its id, by whichever name; empty: none is told."""
        return self.id or self.uid or ""

    @property
    def commit(self) -> str:
        """The commit that it was built from; empty: none is told."""
        if self.git_source and self.git_source.sha:
            return self.git_source.sha
        return self._told(_COMMITS)

    @property
    def subject(self) -> str:
        """The first line of the commit's message; empty: none is told."""
        return self._told(_MESSAGES).partition("\n")[0].strip()

    @property
    def began(self) -> float:
        """When it was created: what sorts deployments, newest last."""
        return self.created_at or self.created or 0.0

    @property
    def aliased_from(self) -> datetime | None:
        """When the production domain was pointed to it; None: not told."""
        return _instant(self.alias_assigned_at) or _instant(self.alias_assigned)

    @property
    def live_from(self) -> datetime | None:
        """When it went live: when its alias was assigned, or when it was built, where only that is told."""
        return self.aliased_from or _instant(self.ready)

    def _told(self, keys: tuple[str, ...]) -> str:
        told = [(self.meta or {}).get(key) for key in keys]
        return next((text for text in told if isinstance(text, str) and text), "")


class Next(msgspec.Struct, frozen=True):
    """Where a list goes on; `next` is the `until` of its next page."""

    next: int | None = None


class Page(msgspec.Struct, frozen=True):
    """One page of a list of deployments."""

    deployments: list[Found]
    pagination: Next = Next()


class Trouble(msgspec.Struct, frozen=True):
    """The member `error` of an answer that is none."""

    code: str | None = None
    message: str | None = None


class Refusal(msgspec.Struct, frozen=True):
    """The body of an answer that is none."""

    error: Trouble


def trouble(body: bytes) -> str:
    """Return what a refusal says in its own words; empty where it says nothing that can be read."""
    try:
        error = msgspec.json.decode(body, type=Refusal).error
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return ""
    return error.message or error.code or ""


def _instant(told: bool | int | float | None) -> datetime | None:
    if told is None or isinstance(told, bool) or told <= 0:
        return None
    try:
        return _EPOCH + timedelta(milliseconds=told)
    except (OverflowError, ValueError):
        return None
