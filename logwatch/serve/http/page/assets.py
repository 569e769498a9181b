"""Style, script and icons of the page, each at a URL that changes with its content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_NAMES: Final = ("page.css", "page.js", "pass.svg", "fail.svg", "inconclusive.svg", "none.svg")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that the page refers to."""

    content: bytes
    media_type: str
    url: str


def _read(name: str) -> Asset:
    content = (files(__package__) / name).read_bytes()
    version = hashlib.blake2b(content, digest_size=6).hexdigest()
    return Asset(content, _TYPES[name.rpartition(".")[2]], f"assets/{name}?v={version}")


ASSETS: Final[Mapping[str, Asset]] = {name: _read(name) for name in _NAMES}
"""All of them, by name."""
