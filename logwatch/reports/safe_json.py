"""JSON that stays readable and is safe to print: what could drive a terminal is escaped, emoji are not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from logwatch.evidence.escape import UNSAFE, escape

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None


def dump(value: Json, *, indent: int | None = None) -> str:
    r"""Return `value` as JSON that is safe to print. It reads back as the same value, but for halves of
    characters, which strict readers refuse: they become visible escapes (`\xff`).

    Raises `ValueError` for what JSON has no number for.
    """
    return UNSAFE.sub(_escaped, json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False))


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    if char == "\n":  # of the indentation: those inside strings are escaped already
        return char
    if "\ud800" <= char <= "\udfff":
        return "\\" + escape(char)
    return f"\\u{ord(char):04x}" if char.isascii() else json.dumps(char)[1:-1]
