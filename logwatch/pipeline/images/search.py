"""Finds images by an HTTP search endpoint: `GET {endpoint}?q=TITLE` answers `{"images": [{"url": …}, …]}`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from logwatch.pipeline.calls import Server, open_client
from logwatch.pipeline.errors import PermanentError, RetryableError

from .source import MAX_IMAGE_BYTES, FoundImage, suffix_of

_MOST: Final = 3
_MOST_LIST_BYTES: Final = 1024 * 1024
_SERVER: Final = Server("the image search", "its URL")
_HOST: Final = Server("the image's server", "the image's URL")


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
        found: list[FoundImage] = []
        with open_client(timeout_seconds) as client:
            for hit in _search(client, self.endpoint, query, ends_at):
                if len(found) == _MOST or time.monotonic() >= ends_at:
                    break
                content = _fetch(client, hit.url, ends_at)
                if content is not None:
                    found.append(FoundImage(content, hit.url[:1000]))
        return tuple(found)


def _search(client: httpx.Client, endpoint: str, query: str, ends_at: float) -> list[_Hit]:
    request = client.build_request("GET", httpx.URL(endpoint).copy_merge_params({"q": query}))
    answer = _SERVER.ask(client, request, ends_at, _MOST_LIST_BYTES)
    try:
        return _Hits.model_validate_json(answer).images
    except ValidationError:
        raise RetryableError("the image search's answer is not a list of images") from None


def _fetch(client: httpx.Client, url: str, ends_at: float) -> bytes | None:
    if not url.startswith(("http://", "https://")):
        return None
    try:
        request = client.build_request("GET", url)
        content = _HOST.ask(client, request, ends_at, MAX_IMAGE_BYTES)
    except (RetryableError, PermanentError, httpx.InvalidURL):
        return None
    return content if suffix_of(content) else None
