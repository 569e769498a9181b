"""The image-source protocol, and what an image is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MAX_IMAGE_BYTES = 5 * 1024 * 1024
_MAGIC = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"GIF87a": ".gif", b"GIF89a": ".gif"}


@dataclass(frozen=True, slots=True)
class FoundImage:
    """One image: its bytes, and where it was found."""

    content: bytes
    found_at: str


class ImageSource(Protocol):
    """Finds images of a product."""

    def find(self, title: str, sku: str | None, timeout_seconds: float) -> tuple[FoundImage, ...]:
        """Return images, best first, none where there are none.

        Raises RetryableError when it cannot look now, PermanentError when it never will.
        """
        ...


def suffix_of(content: bytes) -> str | None:
    """Return the file suffix of an image by its first bytes, or None where it is none that browsers show."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return ".webp"
    return next((suffix for magic, suffix in _MAGIC.items() if content.startswith(magic)), None)
