"""Bytes of a line to the text that patterns see, and wrong decodings undone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

MOJIBAKE = ("mac_roman", "cp1252", "latin-1")
"""Wrong decodings that are recognised, in the order in which ties are settled."""

_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]+[0-~]|[0-?@-Z\\^_`-~])", re.ASCII
)
_HIGH = re.compile(r"[^\x00-\x7f]+")
_CP1252_HOLES = "\x81\x8d\x8f\x90\x9d"
"""The five bytes that CP1252 leaves undefined; decoders pass them on as they are."""


def decoded(data: bytes) -> str:
    """Return the text of a line: UTF-8 with invalid bytes shown as `\\xNN`, cleaned, without carriage return."""
    text = data.decode("utf-8", "backslashreplace")
    if "\x1b" in text or "\x00" in text:
        text = cleaned(text)
    return text.rstrip("\r")


def cleaned(text: str) -> str:
    """Return `text` without NULs and terminal sequences, its lines ended by newlines alone."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    if "\r\n" in text:
        text = text.replace("\r\n", "\n")
    return text


def undone(text: str, codec: str) -> str:
    """Return `text` with every run of characters that is UTF-8 once decoded as `codec` read as what it was."""
    if text.isascii():
        return text
    return _HIGH.sub(lambda run: _read_again(run.group(), codec), text)


def recognised(texts: Iterable[str]) -> str | None:
    """Return the wrong decoding that most of the texts with other than ASCII characters went through.

    None: they are fine.
    """
    high = [_HIGH.findall(text) for text in texts if not text.isascii()]
    if not high:
        return None
    scores = {codec: sum(_plausible(runs, codec) for runs in high) for codec in MOJIBAKE}
    best = max(MOJIBAKE, key=scores.__getitem__)
    return best if 2 * scores[best] >= len(high) else None


def _plausible(runs: Sequence[str], codec: str) -> bool:
    """Whether the runs of other than ASCII characters can be read again, as characters that people write.

    Short runs can be read again in several ways; the wrong ways give combining and unassigned characters.
    """
    again = [_read_again(run, codec) for run in runs]
    return again != runs and not any(map(_strange, again))


@lru_cache(maxsize=4096)
def _strange(run: str) -> bool:
    return any(
        unicodedata.category(c) in {"Cc", "Cn", "Co", "Cs", "Mn"} and not "\ufe00" <= c <= "\ufe0f"
        for c in run
        if not c.isascii()
    )


@lru_cache(maxsize=4096)
def _read_again(run: str, codec: str) -> str:
    try:
        return b"".join(_byte(character, codec) for character in run).decode("utf-8")
    except UnicodeError:
        return run


def _byte(character: str, codec: str) -> bytes:
    if codec == "cp1252" and character in _CP1252_HOLES:
        return character.encode("latin-1")
    return character.encode(codec)
