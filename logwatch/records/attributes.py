"""Structured fields to attributes: nested names joined by dots, bounded."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from logwatch.records.record import NO_ATTRIBUTES, Scalar
from logwatch.records.text import cleaned, undone

MOST_FIELDS = 200
_DEEPEST = 6


def attributes_of(fields: Mapping[str, object], codec: str | None = None) -> Mapping[str, Scalar]:
    """Return the attributes that `fields` are: at most 200, objects opened six deep, lists and what lies deeper as
    JSON text. `codec` is the wrong decoding to undo in texts.
    """
    if not fields:
        return NO_ATTRIBUTES
    attributes: dict[str, Scalar] = {}
    _open("", fields, attributes, 0, codec)
    return attributes


def _open(
    prefix: str, fields: Mapping[str, object], into: dict[str, Scalar], depth: int, codec: str | None
) -> None:
    for name, value in fields.items():
        if len(into) >= MOST_FIELDS:
            return
        if isinstance(value, str):
            text = cleaned(value)
            into[prefix + name] = undone(text, codec) if codec else text
        elif value is None or isinstance(value, (int, float, bool)):
            into[prefix + name] = value
        elif isinstance(value, dict) and depth < _DEEPEST:
            _open(f"{prefix}{name}.", value, into, depth + 1, codec)
        else:
            into[prefix + name] = as_json(value)


def as_json(value: object) -> str:
    """Return `value` as JSON text, `…` where it is nested too deep for that."""
    try:
        return msgspec.json.encode(value).decode()
    except (RecursionError, ValueError, msgspec.MsgspecError):
        return "…"
