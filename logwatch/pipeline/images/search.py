"""Finds images by asking an HTTP search endpoint: `GET {endpoint}?q=TITLE` -> `{"images": [{"url": …}.

…]}`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from logwatch.pipeline.errors import PermanentError, RetryableError

from .source import MAX_IMAGE_BYTES, FoundImage, suffix_of

_MOST: Final = 3
_MAX_LIST_BYTES: Final = 1024 * 1024


class _Hit(BaseModel):
    model_config = ConfigDict(extra="ignore")
    url: str


class _Hits(BaseModel):
    model_config = ConfigDict(extra="ignore")
    images: list[_Hit]


@dataclass(frozen=True, slots=True)
class HttpImageSearch:
    """Image source behind HTTP.

    An image that cannot be fetched is left out; a search that fails is tried again.
    """

    endpoint: str

    def find(self, title: str, sku: str | None, timeout_seconds: float) -> tuple[FoundImage, ...]:
        """Return at most three images; see ImageSource."""
        ends_at = time.monotonic() + timeout_seconds
        query = title if sku is None else f"{title} {sku}"
        with httpx.Client(timeout=timeout_seconds, follow_redirects=True, max_redirects=3) as client:
            found: list[FoundImage] = []
            for hit in self._search(client, query):
                left = ends_at - time.monotonic()
                if left <= 0 or len(found) == _MOST:
                    break
                content = _fetch(client, hit.url, left)
                if content is not None:
                    found.append(FoundImage(content, hit.url[:1000]))
        return tuple(found)

    def _search(self, client: httpx.Client, query: str) -> list[_Hit]:
        try:
            answer = client.get(self.endpoint, params={"q": query})
        except httpx.TimeoutException:
            raise RetryableError("the image search did not answer in time") from None
        except httpx.HTTPError as error:
            raise RetryableError(f"the image search cannot be reached: {error}") from None
        if answer.status_code == 429 or answer.status_code >= 500:
            raise RetryableError(f"the image search answered {answer.status_code}")
        if answer.status_code != 200:
            raise PermanentError(f"the image search refused the request: {answer.status_code}; check its URL")
        try:
            if len(answer.content) > _MAX_LIST_BYTES:
                raise ValueError
            return _Hits.model_validate_json(answer.content).images
        except (ValidationError, ValueError):
            raise RetryableError("the image search's answer is not a list of images") from None


def _fetch(client: httpx.Client, url: str, timeout_seconds: float) -> bytes | None:
    if not url.startswith(("http://", "https://")):
        return None
    content = bytearray()
    try:
        with client.stream("GET", url, timeout=timeout_seconds) as answer:
            if answer.status_code != 200:
                return None
            for chunk in answer.iter_bytes():
                content += chunk
                # The size is checked as it comes: a header may be missing, or lie.
                if len(content) > MAX_IMAGE_BYTES:
                    return None
    except httpx.HTTPError:
        return None
    return bytes(content) if suffix_of(bytes(content)) else None
