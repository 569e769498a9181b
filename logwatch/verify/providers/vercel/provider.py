"""Vercel as the checklist knows it: one deployment by id, URL or commit, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from urllib.parse import urlsplit

from logwatch.config import VerifyConfig
from logwatch.deploys import Deployment
from logwatch.errors import ConfigError, UsageError
from logwatch.verify.provider import DeploymentState, DeploymentStatus
from logwatch.verify.providers.vercel.answers import Found
from logwatch.verify.providers.vercel.api import VercelApi
from logwatch.verify.providers.vercel.judge import judge
from logwatch.verify.providers.vercel.patience import Patience

TOKEN = "VERCEL_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable that holds the token."""
API_URL = "VERCEL_API_URL"
"""The environment variable that says where the API is, if elsewhere than in `DEFAULT_URL`."""
DEFAULT_URL = "https://api.vercel.com"

_COMMIT = re.compile(r"[0-9a-fA-F]{7,40}")
_FULL_COMMIT = 40
_ID = re.compile(r"[A-Za-z0-9_]{1,64}")
_BEGAN = attrgetter("began")
_PAGE = 50
_PAGES = 10
"""How far back is looked. A commit whose beginning alone is known has to be looked for: Vercel finds whole ones."""


def open_vercel(
    config: VerifyConfig, environment: Mapping[str, str], patience: Patience | None = None
) -> Vercel:
    """Return Vercel, with the token from the environment. Raises `ConfigError`."""
    token = environment.get(TOKEN, "").strip()
    if not token:
        raise ConfigError(
            f"verify: provider is vercel, but {TOKEN} is not set; put a token of Vercel into it"
        )
    if not re.fullmatch(r"[!-~]+", token):
        raise ConfigError(f"{TOKEN} is no token: there are spaces or special characters in it; copy it anew")
    base = _base(environment.get(API_URL) or DEFAULT_URL)
    return Vercel(VercelApi(base, token, config.team, patience or Patience()), config.project)


@dataclass(frozen=True, slots=True)
class Vercel:
    """Deployments on Vercel; commits and the way back are looked for in `project`."""

    api: VercelApi
    project: str | None

    @property
    def name(self) -> str:
        """What people call it."""
        return "Vercel"

    def deployment(self, wanted: str) -> DeploymentState:
        """Return the state of the deployment that `wanted` names by its id, URL or commit.

        Of several for one commit the newest for production counts. Raises `ProviderUnreachable`, and
        `ConfigError` where a commit is asked for and no project is configured.
        """
        if _COMMIT.fullmatch(wanted):
            return self._of_commit(wanted.lower())
        name = _host(wanted)
        found = self.api.deployment(name) if name else None
        if found is None:
            return _unknown(f"no deployment '{wanted}' is known; name it by its id, its URL or its commit")
        return _state(found)

    def rollback(self, state: DeploymentState) -> str | None:
        """Return the command that goes back to the newest deployment that Vercel offers for that.

        Raises `ProviderUnreachable`.
        """
        project = (self.project or self._project_of(state.id)) if state.id else None
        if project is None:
            return None
        asked = {"target": "production", "rollbackCandidate": "true", "limit": str(_PAGE)}
        offered = [
            found
            for found in self.api.deployments(project, asked).deployments
            if found.is_rollback_candidate and found.name != state.id
            # people may paste it into a shell
            and _ID.fullmatch(found.name)
        ]  # fmt: skip
        return f"vercel rollback {max(offered, key=_BEGAN).name}" if offered else None

    def live_since(self, since: datetime) -> tuple[Deployment, ...]:
        """Return the production deployments that were made since then and went live, in the order of that.

        Raises `ProviderUnreachable`, `ConfigError` where no project is configured, and `UsageError` where there
        are too many.
        """
        if self.project is None:
            raise ConfigError(
                "no project to list the deployments of is configured; write verify: project: NAME"
            )
        asked = {"since": str(int(since.timestamp() * 1000))}
        listed = [found for page in self._pages(self.project, asked) for found in page]
        if len(listed) >= _PAGE * _PAGES:
            raise UsageError(f"more than {_PAGE * _PAGES} deployments are that young; give a later --since")
        live = [(found, _state(found)) for found in listed]
        deployments = [
            Deployment(state.id, state.promoted_at, state.commit, found.subject)
            for found, state in live
            if state.id and state.promoted_at
        ]
        return tuple(sorted(deployments, key=attrgetter("time")))

    def _of_commit(self, commit: str) -> DeploymentState:
        if self.project is None:
            raise ConfigError(
                f"deployment '{commit}' is a commit, and no project to look for it in is configured; "
                "write verify: project: NAME, or name the deployment by its id or URL"
            )
        built = self._built_from(commit, self.project)
        if len({found.commit.lower() for found in built}) > 1:
            return _unknown(f"several commits begin with '{commit}'; write more of it")
        if not built:
            return _unknown(f"no deployment for production of commit '{commit}' is known in '{self.project}'")
        listed = max(built, key=_BEGAN)
        found = self.api.deployment(listed.name)
        if found is None:
            return _unknown(f"deployment '{listed.name}' of commit '{commit}' is no longer known")
        state = _state(found, listed.commit)
        if not state.commit.lower().startswith(commit):
            wrong = f"built from {state.commit}, not from {commit}"
            return DeploymentState(state.id, state.commit, DeploymentStatus.FAILED, wrong, url=state.url)
        return state

    def _built_from(self, commit: str, project: str) -> list[Found]:
        """Return what was built for production from a commit, of which the beginning may be all that is known."""
        asked = {"sha": commit} if len(commit) == _FULL_COMMIT else {}
        for page in self._pages(project, asked):
            if built := [found for found in page if _is_of(found, commit)]:
                return built
        return []

    def _pages(self, project: str, asked: Mapping[str, str]) -> Iterator[list[Found]]:
        """Yield the deployments for production, newest first, a page at a time."""
        asked = {"target": "production", "limit": str(_PAGE), **asked}
        for _ in range(_PAGES):
            page = self.api.deployments(project, asked)
            yield page.deployments
            if not page.deployments or page.pagination.next is None:
                return
            asked = {**asked, "until": str(page.pagination.next)}

    def _project_of(self, deployment: str) -> str | None:
        found = self.api.deployment(deployment)
        return found.project_id if found else None


def _is_of(found: Found, commit: str) -> bool:
    return bool(found.name) and found.target == "production" and found.commit.lower().startswith(commit)


def _state(found: Found, commit: str = "") -> DeploymentState:
    """Return what a deployment's fields say; `commit` is what a list told of it, where it tells none itself."""
    status, reason = judge(found)
    return DeploymentState(
        id=found.name,
        commit=found.commit or commit,
        status=status,
        reason=reason,
        # what is not live has a time at which it was built, and that is another one
        promoted_at=found.live_from if status is DeploymentStatus.SUCCEEDED else None,
        url=f"https://{found.url}" if found.url else "",
    )


def _unknown(reason: str) -> DeploymentState:
    return DeploymentState("", "", DeploymentStatus.UNKNOWN, reason)


def _host(wanted: str) -> str:
    """Return the host name of a URL as people copy it, with or without its scheme; an id as it is."""
    return re.sub(r"\A[a-z]+://", "", wanted.strip()).split("/", 1)[0]


def _base(url: str) -> str:
    """Return where the API is. Raises `ConfigError` for what would show the token to everyone on the way."""
    try:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (
            parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        )
    except ValueError:
        safe = False
    if not safe or not parts.hostname:
        raise ConfigError(f"{API_URL} is no address to send a token to; write it like {DEFAULT_URL}")
    return url.rstrip("/")
