"""One HTTP request, bounded in time and size; what is told of a failure holds no secret of the request."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from logwatch.errors import LogwatchError

TIMEOUT_SECONDS = 10.0
MAX_BODY_BYTES = 1 << 20
_ENCODINGS = frozenset({"identity", "gzip", "deflate"})
"""Those that make a block a thousand times larger at most: others could fill the memory with one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; the names of `headers` are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class NoAnswer(LogwatchError):  # noqa: N818 - it reads as what it says
    """Nobody answered, or not in full: nothing is known of the server's mind."""

    exit_code = 3


def request(
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    timeout: float = TIMEOUT_SECONDS,
) -> Answer:
    """Return the answer to one request; redirections are answers. Raises `NoAnswer`."""
    import httpx  # noqa: PLC0415 - takes long to import, and most checklists of a moment ask nobody

    try:
        return asyncio.run(_answer(method, url, dict(headers or {}), body, timeout))
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise NoAnswer("no URL to ask; write it like https://host/path") from None
    except httpx.ConnectError as error:
        raise NoAnswer(f"cannot connect ({_reason(error)})") from None
    except (httpx.HTTPError, ValueError, UnicodeError) as error:
        # a header that cannot be sent would be in the text of the error
        raise NoAnswer(f"no answer that can be understood ({type(error).__name__})") from None


async def _answer(method: str, url: str, headers: dict[str, str], body: bytes, timeout: float) -> Answer:
    """Return the answer. Time is limited for all of it: httpx limits that of each read, of which there may be many."""
    import httpx  # noqa: PLC0415 - as above

    own = httpx.AsyncClient(
        headers={"Accept-Encoding": "gzip, deflate"},
        follow_redirects=False,
        verify=_trusted(),
        timeout=None,  # noqa: S113 - there is one around all of it
    )
    late = "no answer"
    try:
        async with (
            asyncio.timeout(timeout),
            own as client,
            client.stream(method, url, headers=headers, content=body or None) as response,
        ):
            late = "the answer was not complete"
            if response.headers.get("content-encoding", "identity").lower() not in _ENCODINGS:
                raise NoAnswer("answered in an encoding that was not asked for")
            content = bytearray()
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > MAX_BODY_BYTES:
                    raise NoAnswer("answered with more than 1 MiB")
            return Answer(response.status_code, bytes(content), dict(response.headers))
    except TimeoutError:
        raise NoAnswer(f"{late} within {timeout:g} s") from None


@cache
def _trusted() -> ssl.SSLContext:
    """Return whom to trust; reading that takes longer than most answers."""
    import httpx  # noqa: PLC0415 - as above

    return httpx.create_ssl_context()


def _reason(error: BaseException) -> str:
    """Return what the system says is in the way, at the bottom of the errors that wrap it."""
    while below := error.__cause__ or error.__context__:
        error = below.exceptions[0] if isinstance(below, BaseExceptionGroup) else below
    if not isinstance(error, OSError):
        return type(error).__name__
    if error.errno and not isinstance(
        error, (ssl.SSLError, socket.gaierror)
    ):  # those number in their own way
        return os.strerror(error.errno)
    return error.strerror or type(error).__name__
