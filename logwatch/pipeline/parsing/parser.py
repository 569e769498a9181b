"""The parser protocol."""

from __future__ import annotations

from typing import Protocol

from .document import ParsedDocument


class Parser(Protocol):
    """Reads one uploaded file."""

    @property
    def name(self) -> str:
        """What the log calls it."""
        ...

    def parse(self, filename: str, content: bytes, timeout_seconds: float) -> ParsedDocument:
        """Return the order in the file.

        Raises UnreadableOrderError for a file that can never be read (every fault, by row and column) and
        RetryableError when it is worth another try.
        """
        ...
