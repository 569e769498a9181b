"""The bytes to look for: what stands in a source wherever a wanted text stands in a message.

A message is not made of the bytes of its lines alone. Terminal colours are taken out of it, bytes that are no UTF-8
come out as visible escapes, JSON texts are unescaped. What cannot be found is asked for by what gives it away: an
escape character, or the escape of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from stringzilla import find

_ESCAPE = b"\x1b"
_OF_INVALID_BYTE = re.compile(r"x[89a-f][0-9a-f]|[89a-f][0-9a-f]|[0-9a-f]")
"""What a text can begin with that is the end of `\\xNN`, as invalid bytes are shown."""
SHORTEST = 3


class Needles:
    """Texts to be found in bytes."""

    def __init__(self, texts: Iterable[bytes]) -> None:
        self._texts = tuple(sorted(texts))

    def places(self, data: bytes) -> list[int]:
        """Return where they occur, in no order; each occurrence of each."""
        places: list[int] = []
        for text in self._texts:
            place = find(data, text)
            while place >= 0:
                places.append(place)
                place = find(data, text, place + 1)
        return places


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
