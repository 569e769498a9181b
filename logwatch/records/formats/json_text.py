"""JSON as it stands in logs: strict first, then with what real writers get wrong."""

from __future__ import annotations

import re

import msgspec

_strict = msgspec.json.Decoder().decode
_BACKSLASH = re.compile(
    r"\\((?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|[\"\\/bfnrt])?"
)
"""A backslash, with the escape that it begins. Half a surrogate pair is none, nor is `\\x`: it shows invalid bytes."""


def object_of(text: str) -> dict[str, object] | None:
    """Return the JSON object that `text` is, None if it is none.

    Invalid bytes, lone surrogates and bad escapes stay visible as `\\xNN`, `\\uNNNN`; NaN, bare control characters and
    a comma behind the object are accepted. Nesting past some hundreds and numbers past some thousand digits are not.
    """
    if not text.startswith("{"):
        return None
    try:
        found = _strict(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        found = _lenient(text)
    return found if isinstance(found, dict) else None


def _lenient(text: str) -> object:
    import json  # noqa: PLC0415 - few logs are that wrong

    visible = _BACKSLASH.sub(lambda escape: escape[0] if escape[1] else r"\\", text.rstrip(", \t"))
    try:
        return json.loads(visible, strict=False)
    except (ValueError, RecursionError):
        return None
