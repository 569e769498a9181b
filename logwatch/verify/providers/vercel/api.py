"""The requests to Vercel. The token is sent and nowhere else: answers that repeat it lose it first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from logwatch.evidence.escape import escape
from logwatch.verify.provider import ProviderUnreachable
from logwatch.verify.providers.vercel.answers import Found, Page, trouble
from logwatch.verify.providers.vercel.patience import Patience, seconds_asked
from logwatch.verify.web import Answer, NoAnswer, request

_LISTS = ("/v6/deployments", "/v7/deployments")
"""The versions of the list; the later ones are asked where the earlier are gone."""
_GONE = (404, 410)
_LONGEST_TEXT = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class VercelApi:
    """Vercel at `base`, as `token` sees it; `team` None: the token's own account."""

    base: str
    token: str = field(repr=False)
    team: str | None
    patience: Patience

    def deployment(self, id_or_host: str) -> Found | None:
        """Return a deployment, None where Vercel knows none by that name. Raises `ProviderUnreachable`."""
        answer = self._get(f"/v13/deployments/{quote(id_or_host, safe='')}", {})
        if answer.status in _GONE:
            return None
        return self._read(answer, Found)

    def deployments(self, project: str, asked: Mapping[str, str]) -> Page:
        """Return a page of a project's deployments, newest first. Raises `ProviderUnreachable`."""
        for path in _LISTS:
            answer = self._get(path, {"projectId": project, **asked})
            if answer.status not in _GONE:
                return self._read(answer, Page)
        raise ProviderUnreachable(
            f"Vercel knows no project '{escape(project)}' (404); check verify: project and verify: team"
        )

    def _get(self, path: str, asked: Mapping[str, str]) -> Answer:
        query = dict(asked) | ({"teamId": self.team} if self.team else {})
        url = f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        try:
            answer = self.patience.ask(lambda: request("GET", url, headers, timeout=self.patience.timeout))
        except NoAnswer as error:
            raise ProviderUnreachable(f"Vercel cannot be reached: {error}") from None
        body = answer.body.replace(self.token.encode(), b"[redacted secret]")
        return Answer(answer.status, body, answer.headers)

    def _read(self, answer: Answer, kind: type[T]) -> T:
        if answer.status != 200:
            raise ProviderUnreachable(self._refused(answer))
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            said = _shown(str(error))
            raise ProviderUnreachable(f"Vercel's answer cannot be understood: {said}") from None

    def _refused(self, answer: Answer) -> str:
        said = trouble(answer.body)
        what = f"{answer.status}: {_shown(said)}" if said else str(answer.status)
        match answer.status:
            case 401:
                return f"Vercel does not take the token ({what}); put a valid one into VERCEL_TOKEN"
            case 403:
                return (
                    f"Vercel does not let the token see this ({what}); "
                    "check verify: team, and that the token is valid for it"
                )
            case 429:
                wait = seconds_asked(answer.headers.get("retry-after", ""), self.patience.now())
                later = f" in {wait:.0f} s" if wait else " later"
                return f"Vercel is asked too often ({what}); try again{later}"
            case status if status >= 500:
                return f"Vercel is in trouble ({what}); try again later"
            case _:
                return f"Vercel answered {what}; check verify: project, verify: team and VERCEL_API_URL"


def _shown(text: str) -> str:
    text = escape(text)
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"
