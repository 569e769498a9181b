"""One HTTP request, bounded in time and size; what is told of a failure holds no secret of the request."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from logwatch.errors import LogwatchError

TIMEOUT_SECONDS = 10.0
MAX_BODY_BYTES = 1 << 20


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

    ends = time.monotonic() + timeout
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=False, verify=_trusted()) as client,
            client.stream(method, url, headers=dict(headers or {}), content=body or None) as response,
        ):
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_BODY_BYTES:
                    raise NoAnswer("answered with more than 1 MiB")
                if time.monotonic() > ends:
                    raise NoAnswer(f"the answer was not complete within {timeout:g} s")
            return Answer(response.status_code, bytes(content), dict(response.headers))
    except httpx.TimeoutException:
        raise NoAnswer(f"no answer within {timeout:g} s") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        raise NoAnswer("no URL to ask; write it like https://host/path") from None
    except httpx.ConnectError as error:
        raise NoAnswer(f"cannot connect ({_reason(error)})") from None
    except (httpx.HTTPError, ValueError, UnicodeError) as error:
        # a header that cannot be sent would be in the text of the error
        raise NoAnswer(f"no answer that can be understood ({type(error).__name__})") from None


@cache
def _trusted() -> ssl.SSLContext:
    """Return whom to trust; reading that takes longer than most answers."""
    import httpx  # noqa: PLC0415 - as above

    return httpx.create_ssl_context()


def _reason(error: BaseException) -> str:
    """Return what the system says is in the way, at the bottom of the errors that wrap it."""
    while isinstance(error.__context__, Exception) and not isinstance(error, OSError):
        error = error.__context__
    reason = error.strerror if isinstance(error, OSError) else None
    return reason or type(error).__name__
