"""Structured fields to attributes: nested names joined by dots, bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from logwatch.records.record import NO_ATTRIBUTES, Scalar
from logwatch.records.text import cleaned, undone

MOST_FIELDS = 200
_DEEPEST = 6


def attributes_of(fields: Mapping[str, object], codec: str | None = None) -> Mapping[str, Scalar]:
    """Return the attributes that `fields` are: at most 200, objects opened six deep, lists and what lies deeper as
    JSON text. `codec` is the wrong decoding to undo in texts.
    """
    return Attributes(fields, codec) if fields else NO_ATTRIBUTES


class Attributes(Mapping[str, Scalar]):
    """Attributes that are made of fields once they are asked for: of most records nobody does."""

    __slots__ = ("_codec", "_fields", "_made")

    def __init__(self, fields: Mapping[str, object], codec: str | None) -> None:
        self._fields = fields
        self._codec = codec
        self._made: dict[str, Scalar] | None = None

    def __getitem__(self, name: str) -> Scalar:
        # What is no field, and lies in none, is known to be missing without more ado.
        if self._made is None and "." not in name and name not in self._fields:
            raise KeyError(name)
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Scalar]:
        if self._made is None:
            self._made = {}
            _open("", self._fields, self._made, 0, self._codec)
        return self._made


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
