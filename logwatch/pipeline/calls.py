"""Calls to the servers of others: bounded in time and size, a refusal told from what is worth another try."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from .errors import PermanentError, PipelineError, RetryableError

_CONNECT_SECONDS: Final = 10.0
_LONGEST_WAIT_SECONDS: Final = 300.0
# RFC 9110: 408 the server gave up waiting, 429 it has too much to do; 5xx are its own faults.
_BUSY: Final = frozenset({408, 429})
# Those that make a block a thousand times larger at most: others could fill the memory with one.
_ENCODINGS: Final = frozenset({"identity", "gzip", "deflate"})


@dataclass(frozen=True, slots=True)
class Server:
    """How errors speak of a server: its name, and what to check when it refuses a request."""

    name: str
    check: str

    def ask(self, client: httpx.Client, request: httpx.Request, ends_at: float, most_bytes: int) -> bytes:
        """Return the body of a 200 answer. `ends_at` is by the monotonic clock.

        Raises RetryableError for a time-out, a server that cannot be reached, is busy (then not before the
        wait it asks for) or fails, and an answer over `most_bytes`; PermanentError for any other refusal.
        """
        try:
            # A redirected POST would arrive as a GET: it is refused like any other answer.
            answer = client.send(request, stream=True, follow_redirects=request.method == "GET")
            try:
                self._check_status(answer)
                return self._body(answer, ends_at, most_bytes)
            finally:
                answer.close()
        except httpx.TimeoutException:
            raise self._late() from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RetryableError(f"{self.name} cannot be reached: {error}") from None

    def _check_status(self, answer: httpx.Response) -> None:
        status = answer.status_code
        if status in _BUSY or status >= 500:
            raise RetryableError(f"{self.name} answered {status}", retry_after_seconds(answer.headers))
        if answer.headers.get("content-encoding", "identity").lower() not in _ENCODINGS:
            raise RetryableError(f"{self.name} answered in an encoding that was not asked for")
        if status != 200:
            raise PermanentError(f"{self.name} refused the request: {status}; check {self.check}")

    def _body(self, answer: httpx.Response, ends_at: float, most_bytes: int) -> bytes:
        content = bytearray()
        for chunk in answer.iter_bytes():
            content += chunk
            # Size and time are checked as it comes: a header may be missing or lie, and a server that sends
            # a byte now and then never runs into a time-out between two of them.
            if len(content) > most_bytes:
                raise RetryableError(f"{self.name}'s answer is larger than {most_bytes} bytes")
            if time.monotonic() > ends_at:
                raise self._late()
        return bytes(content)

    def _late(self) -> RetryableError:
        return RetryableError(f"{self.name} did not answer in time")


def open_client(timeout_seconds: float) -> httpx.Client:
    """Return a client whose every wait is bounded."""
    return httpx.Client(
        headers={"Accept-Encoding": "gzip, deflate"},
        timeout=httpx.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds)),
        max_redirects=3,
    )


def checked_endpoint(setting: str, url: str) -> str:
    """Return an endpoint's URL; raises PipelineError, naming the setting, for what is none."""
    with suppress(httpx.InvalidURL):
        parsed = httpx.URL(url)
        if parsed.scheme in ("http", "https") and parsed.host:
            return url
    raise PipelineError(f"{setting}: '{url}' is not a URL, like https://api.example.com/v1")


def retry_after_seconds(headers: httpx.Headers) -> float:
    """Return the wait that `Retry-After` asks for (RFC 9110: seconds, or a date), 0 to 300 seconds."""
    text = headers.get("retry-after", "")
    wait = 0.0
    try:
        wait = float(text)
    except ValueError:
        with suppress(ValueError):
            then = parsedate_to_datetime(text)
            wait = (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    # Also for NaN, which compares as neither.
    return min(_LONGEST_WAIT_SECONDS, wait) if wait > 0 else 0.0
