"""What every request passes before it is answered: its size, who asks, and from where; headers of every answer."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Final

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from logwatch.errors import ConfigError
from logwatch.serve.http.limits import Limits
from logwatch.serve.http.passwords import Passwords, credentials
from logwatch.serve.http.web_config import WebConfig
from logwatch.serve.http.web_file import WebFile

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing inline: a log line that became markup could neither run, nor show, nor send."""
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_OWN: Final = {"none", "same-origin"}
"""What browsers say of a request that the user or our own page makes (Sec-Fetch-Site)."""
_BCRYPTS: Final = 2
"""Passwords that are checked at a time: each takes a core."""


class Gate:
    """ASGI middleware around the whole application.

    `local`: only this machine can reach the server. `forced`: whoever started it lets everybody in.
    """

    def __init__(self, app: ASGIApp, web: WebFile, limits: Limits, *, local: bool, forced: bool) -> None:
        self._app = app
        self._web = web
        self._limits = limits
        self._local = local
        self._forced = forced
        self._passwords = Passwords()
        self._checking = CapacityLimiter(_BCRYPTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        assert scope["type"] == "http"
        own: dict[str, str] = {}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (_HEADERS | own).items():
                    headers.setdefault(name, value)
                if policy := own.get("Content-Security-Policy"):  # both hold: it can only forbid more
                    headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}, {policy}"
            await send(message)

        request = Request(scope, receive)
        answer = self._acceptable(request)
        if answer is None:
            try:
                config = self._web.current().config
            except ConfigError:
                answer = _text(
                    500, "the web configuration is wrong, nobody is let in; the log says what to mend"
                )
            else:
                own = dict(config.headers)
                answer = await self._may(request, config) or await self._body(request)
        await (answer or self._app)(scope, receive, send_with_headers)

    def _acceptable(self, request: Request) -> Response | None:
        if request.method == "POST" and _is_of_another_site(request.headers):
            return _text(403, "another site's page asks for this")
        url = len(request.scope["raw_path"]) + len(request.scope["query_string"])
        if url > self._limits.url_bytes:
            return _text(414, f"the URL is over {self._limits.url_bytes} bytes")
        return None

    async def _may(self, request: Request, config: WebConfig) -> Response | None:
        if config.users:
            return None if await self._known(request, config) else _who()
        if config.authenticates or self._forced:
            return None
        if not self._local:  # the users were taken out since it started
            return _text(
                403,
                "nobody has to say who they are here any more, so nobody is let in: give basic_auth_users",
            )
        # Names that others control can be made to mean 127.0.0.1, so that their pages read this one (DNS rebinding).
        if not _is_this_machine(request.headers.get("host", "")):
            said = "this name is not known here: ask for localhost or 127.0.0.1, or give basic_auth_users"
            return _text(421, f"{said} in --web.config.file")
        return None

    async def _known(self, request: Request, config: WebConfig) -> bool:
        given = credentials(request.headers.get("authorization", ""))
        if given is None:
            return False
        if self._passwords.remembered(config.users, *given):
            return True
        return await anyio.to_thread.run_sync(
            self._passwords.check, config.users, *given, limiter=self._checking
        )

    async def _body(self, request: Request) -> Response | None:
        """Read the body, which nothing here needs; small ones are forgiven."""
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            return _text(415, "bodies are not decompressed here; send none")
        most = self._limits.body_bytes
        too_large = _text(413, f"the body is over {most} bytes; send none")
        if _length(request.headers) > most:
            return too_large
        size = 0
        try:
            async with asyncio.timeout(self._limits.body):
                more = True
                while more:
                    message = await request.receive()
                    if message["type"] == "http.disconnect":
                        return Response(status_code=400)
                    size += len(message.get("body", b""))
                    more = message.get("more_body", False)
                    if size > most:
                        return too_large
        except TimeoutError:
            return _text(408, f"the body did not arrive within {self._limits.body:g} s")
        return None


def _is_of_another_site(headers: Headers) -> bool:
    """Whether a page that is not ours may be asking: programs say nothing, and browsers that do not say whose page
    it is (old ones, and all of them over plain HTTP to another machine) give its origin. Our own page posts nothing.
    """
    site = headers.get("sec-fetch-site")
    return "origin" in headers if site is None else site not in _OWN


def _length(headers: Headers) -> int:
    text = headers.get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() else 0


def _is_this_machine(host: str) -> bool:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name.lower().rstrip(".") in {"localhost", ""}


def _who() -> Response:
    return _text(
        401,
        "who is asking? give a user and a password",
        {"WWW-Authenticate": 'Basic realm="logwatch", charset="UTF-8"'},
    )


def _text(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{text}\n", status, headers)
