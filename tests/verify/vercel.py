"""A server that answers as Vercel's REST API does: deployments by id and host, and both versions of the list."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

from logwatch.config import VerifyConfig
from logwatch.verify.providers.vercel.patience import Patience
from logwatch.verify.providers.vercel.provider import Vercel, open_vercel
from tests.pipeline.local_server import Answer, Asked, LocalServer, local_server
from tests.verify.world import LIVE

TOKEN = "tok_5eCr3t-of-Vercel"
SHA = "d52dee0" + "0" * 33
Fields = dict[str, object]


def millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def deployed(**more: object) -> Fields:
    """A deployment that serves production, as the API shows it by its id; `more` replaces fields, None drops one."""
    fields: Fields = {
        "id": "dpl_1",
        "url": "shop-abc.vercel.app",
        "projectId": "prj_1",
        "readyState": "READY",
        "readySubstate": "PROMOTED",
        "target": "production",
        "aliasAssigned": True,
        "aliasAssignedAt": millis(LIVE),
        "aliasError": None,
        "ready": millis(LIVE - timedelta(seconds=20)),
        "createdAt": millis(LIVE - timedelta(minutes=2)),
        "meta": {"githubCommitSha": SHA, "githubCommitMessage": "Fix the job's data\n\nIn full."},
        "somethingNew": {"that": ["nobody", "reads"]},
        **more,
    }
    return {name: value for name, value in fields.items() if value is not None or name == "target"}


def listed(uid: str, at: datetime, **more: object) -> Fields:
    """A deployment as lists show it."""
    more = {"uid": uid, "createdAt": None, "created": millis(at), "aliasAssigned": millis(at), **more}
    fields = deployed(**more)
    return {name: value for name, value in fields.items() if name not in {"id", "aliasAssignedAt"}}


@dataclass
class FakeVercel:
    """What it knows: `walk` is the states of each deployment one after the other, by id or host, the last for ever.

    `busy` are answers given before any other. `lists` are the versions of the list that are there.
    """

    walk: dict[str, list[Fields]] = field(default_factory=dict)
    all: list[Fields] = field(default_factory=list)
    busy: list[Answer | None] = field(default_factory=list)
    lists: tuple[str, ...] = ("/v6/deployments", "/v7/deployments")

    def __call__(self, asked: Asked) -> Answer | None:
        if self.busy:
            return self.busy.pop(0)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(401, "forbidden", "Not authorized")
        place = urlsplit(asked.path)
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        if place.path in self.lists and query.get("projectId") == "shop":
            return self._page(query)
        name = unquote(place.path.removeprefix("/v13/deployments/"))
        if name not in self.walk:
            return refusal(404, "not_found", "The deployment could not be found")
        states = self.walk[name]
        return ok(states.pop(0) if len(states) > 1 else states[0])

    def _page(self, query: Mapping[str, str]) -> Answer:
        found = sorted(self.all, key=lambda one: -created(one))
        found = [one for one in found if query["target"] == one["target"]]
        if "sha" in query:
            found = [one for one in found if _sha(one) == query["sha"]]
        if "rollbackCandidate" in query:
            found = [one for one in found if one.get("isRollbackCandidate")]
        found = [one for one in found if created(one) >= int(query.get("since", 0))]
        found = [one for one in found if created(one) < int(query.get("until", 10**15))]
        page, rest = found[: int(query["limit"])], found[int(query["limit"]) :]
        after = created(page[-1]) if rest else None
        return ok({"deployments": page, "pagination": {"count": len(page), "next": after, "prev": None}})


def created(one: Fields) -> int:
    at = one["created"]
    assert isinstance(at, int)
    return at


def _sha(one: Fields) -> object:
    meta = one["meta"]
    assert isinstance(meta, dict)
    return meta["githubCommitSha"]


def ok(document: object) -> Answer:
    return Answer(200, json.dumps(document).encode())


def refusal(status: int, code: str, message: str, **headers: str) -> Answer:
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    return Answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass
class Waits:
    """A clock that only sleep moves, and what was slept, in seconds."""

    slept: list[float] = field(default_factory=list)
    passed: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds

    def patience(self, chance: float = 0.0, timeout: float = 10.0) -> Patience:
        return Patience(
            timeout=timeout,
            sleep=self.sleep,
            chance=lambda: chance,
            elapsed=lambda: self.passed,
            now=lambda: datetime(2025, 10, 11, 17, 0, tzinfo=UTC) + timedelta(seconds=self.passed),
        )


@contextmanager
def vercel(
    answer: Callable[[Asked], Answer | None],
    patience: Patience | None = None,
    project: str | None = "shop",
    team: str | None = None,
) -> Iterator[tuple[Vercel, LocalServer]]:
    """Yield Vercel as it is opened for a local server, and that server."""
    with local_server(answer) as server:
        environment = {"VERCEL_TOKEN": TOKEN, "VERCEL_API_URL": server.url}
        config = VerifyConfig(provider="vercel", project=project, team=team)
        yield open_vercel(config, environment, patience or Waits().patience()), server
