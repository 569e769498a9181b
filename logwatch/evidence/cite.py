"""Evidence: a place in a source and what stands there, secrets removed."""

from __future__ import annotations

from datetime import datetime

import msgspec

from logwatch.evidence.redact import redact

LONGEST_TEXT = 500
"""Characters of a record that evidence keeps."""


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """One cited record. `text` is redacted and cut to 500 characters, but not escaped: each renderer escapes
    for its own medium.

    `role` is `match`, `start` or `end`; `line` is 0 where lines were not counted.
    """

    source: str
    line: int
    offset: int
    time: datetime | None
    text: str
    role: str


def shown(whole: str) -> str:
    """Return what evidence keeps of a text.

    No secret survives by being cut in half; the rest of what is cut off is not even looked at.
    """
    text = redact(whole, keep=LONGEST_TEXT)
    if len(whole) > LONGEST_TEXT or len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    return text
