"""Bytes of a line to the text that patterns see: UTF-8 with invalid bytes kept visible, no colours, no NULs, no mojibake."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOJIBAKE = ("mac_roman", "cp1252", "latin-1")
"""Wrong decodings that are recognised, in the order in which ties are settled."""

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_HIGH = re.compile(r"[^\x00-\x7f]+")


def decoded(data: bytes) -> str:
    """Return the text of a line: invalid UTF-8 as `\\xNN`, without NULs, ANSI sequences and the carriage return."""
    if b"\x00" in data:
        data = data.replace(b"\x00", b"")
    text = data.decode("utf-8", "backslashreplace")
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    return text.rstrip("\r")


def undone(text: str, codec: str) -> str:
    """Return `text` with every run of characters that is UTF-8 once decoded as `codec` read as what it was."""
    return _HIGH.sub(lambda run: _read_again(run.group(), codec), text)


def recognised(texts: Iterable[str]) -> str | None:
    """Return the wrong decoding that most of the texts with non-ASCII characters went through; None: they are fine."""
    high = [text for text in texts if not text.isascii()]
    best, codec = max(
        ((sum(undone(text, codec) != text for text in high), codec) for codec in MOJIBAKE),
        key=lambda found: found[0],
    )
    return codec if best and 2 * best >= len(high) else None


def _read_again(run: str, codec: str) -> str:
    try:
        return b"".join(_byte(character, codec) for character in run).decode("utf-8")
    except UnicodeError:
        return run


def _byte(character: str, codec: str) -> bytes:
    try:
        return character.encode(codec)
    except UnicodeEncodeError:
        if codec == "cp1252" and ord(character) < 0x100:  # the five bytes that CP1252 leaves undefined
            return bytes([ord(character)])
        raise
