"""The bytes to look for: what stands in a source wherever a wanted text stands in a message.

A message is not made of the bytes of its lines alone. Terminal colours are taken out of it, bytes that are no UTF-8
come out as visible escapes, JSON texts are unescaped. What cannot be found is asked for by what gives it away: an
escape character, or the escape of one.

Each needle takes a pass. Where a few letters that several needles share are rare in a log, one pass for these does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from stringzilla import count, find

_ESCAPE = b"\x1b"
_OF_INVALID_BYTE = re.compile(r"x[89a-f][0-9a-f]|[89a-f][0-9a-f]|[0-9a-f]")
"""What a text can begin with that is the end of `\\xNN`, as invalid bytes are shown."""
SHORTEST = 3


_SHARED = (3, 6)
"""Letters that needles may share."""
_LEARNT = 3
"""The block from which it is learnt what is rare: of short sources there is no time to."""
_SAMPLE = 128 << 10
"""Bytes of it that are looked at."""
_BRIEFLY = 16
"""What part of them shows what is far from rare."""
_RARE = 8
"""How often shared letters may be met there for each pass that they spare."""
_OFTEN = 300
"""How often they may be met in a block."""


class Needles:
    """Texts to be found in the bytes of one source."""

    def __init__(self, texts: Iterable[bytes]) -> None:
        self._texts = tuple(sorted(texts))
        self._shared: dict[bytes, tuple[bytes, ...]] = {}
        self._alone = self._texts
        self._blocks = 0

    def places(self, data: bytes) -> list[int]:
        """Return where they occur in a block, in no order; each occurrence of each."""
        self._blocks += 1
        if self._blocks == _LEARNT:
            self._share(_rare(self._texts, data[:_SAMPLE]))
        places: list[int] = []
        for text in self._alone:
            places += _places(data, text)
        often = []
        for letters, texts in self._shared.items():
            found = _places(data, letters)
            for text in texts:
                before = text.index(letters)
                places += [
                    place - before
                    for place in found
                    if place >= before and data.startswith(text, place - before)
                ]
            if len(found) > _OFTEN:
                often.append(letters)
        if often:
            self._share({letters: texts for letters, texts in self._shared.items() if letters not in often})
        return places

    def _share(self, shared: dict[bytes, tuple[bytes, ...]]) -> None:
        """Look for some letters in place of the texts in which they are."""
        self._shared = shared
        found = {text for texts in shared.values() for text in texts}
        self._alone = tuple(text for text in self._texts if text not in found)


def _places(data: bytes, text: bytes) -> list[int]:
    places: list[int] = []
    if len(text) == 1 and text not in data:  # the C library is faster with one byte
        return places
    place = find(data, text)
    while place >= 0:
        places.append(place)
        place = find(data, text, place + 1)
    return places


def _rare(texts: tuple[bytes, ...], sample: bytes) -> dict[bytes, tuple[bytes, ...]]:
    """Return letters that are rare in a sample, with the texts that may be looked for by them, each in one place."""
    sharers = {
        letters: those
        for letters, those in _sharers(texts).items()
        if count(sample, letters, 0, len(sample) // _BRIEFLY) <= _RARE * (len(those) - 1)
    }
    met = {letters: count(sample, letters) for letters in sharers}
    left = set(texts)
    rare: dict[bytes, tuple[bytes, ...]] = {}
    while True:
        spared = {letters: len(sharers[letters] & left) - 1 for letters in met}
        met = {
            letters: n for letters, n in met.items() if spared[letters] > 0 and n <= _RARE * spared[letters]
        }
        if not met:
            return rare
        best = max(met, key=lambda letters: (spared[letters], -met[letters], letters))
        rare[best] = tuple(sorted(sharers[best] & left))
        left -= sharers[best]


@cache
def _sharers(texts: tuple[bytes, ...]) -> Mapping[bytes, frozenset[bytes]]:
    """Return which letters stand in more than one of the texts, and in which."""
    inside: dict[bytes, set[bytes]] = {}
    for text in texts:
        for length in _SHARED:
            for begin in range(len(text) - length + 1):
                inside.setdefault(text[begin : begin + length], set()).add(text)
    return {letters: frozenset(texts) for letters, texts in inside.items() if len(texts) > 1}


def needles(literals: frozenset[str], besides: Iterable[bytes] = ()) -> Needles | None:
    """Return the needles of texts for lines of plain text; None if one of them could hide.

    The literals are printable ASCII without backslashes. `besides` gives away what else they can be made of.
    """
    texts = {_visible(literal) for literal in literals}
    if any(len(text) < SHORTEST for text in texts):
        return None
    found = {text.encode() for text in texts} | {_ESCAPE, *besides}
    return Needles(a for a in found if not any(b in a for b in found - {a}))


OF_JSON = (
    b"\\u00",
    *(b'":[', b'": [', b'":  ', b'": \t', b'": \r', b'":\t', b'":\r'),
    *(b'" :', b'"  ', b'" \t', b'" \r', b'"\t', b'"\r'),
)
"""What gives away that the text of a JSON message is not as it stands: the escape of an ASCII character, and a list in
place of a text, whose items are put together.
"""


def _visible(literal: str) -> str:
    """Return what of a literal must stand in the bytes, even if an invalid byte makes its beginning."""
    hidden = _OF_INVALID_BYTE.match(literal)
    return literal[hidden.end() :] if hidden else literal
