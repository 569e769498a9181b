"""What JSON lines say to rules, as it stands in them: lines in which that is the same say the same, but when and where.

Of a line that matters only these fields are cut out, and none of them is decoded: that is left to whoever looks at one
of many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from logwatch.records.attributes import MOST_FIELDS
from logwatch.records.formats.form import Start
from logwatch.records.formats.structured import LEVEL_NAMES, MESSAGE_NAMES, level_said, message_of
from logwatch.records.scan.dated import Hits

_Raws = tuple[bytes | None, ...]
JsonText = bytes | _Raws
"""The message of a line, and all else that is looked at, as it stands; None: there is no such field.

Where there is no other and nothing is escaped, only what is between the quotes: that is the message.
"""

_decode = msgspec.json.decode
_MOST_FIGURES = re.compile(rb"\d{19}")
"""Figures of a number past which it depends on the rest of the line what is read."""
_ROOM = 900
"""Bytes of a line in which there may be more fields than are kept."""
_LEVEL = "level"
_QUOTE, _BRACKET, _BRACE = b'"[{'


class JsonTexts:
    """Tells apart what lines of one source say, where `attributes` are the names of those that are looked at, or the
    level.
    """

    def __init__(self, attributes: frozenset[str]) -> None:
        opened = {name: _holders(name) for name in attributes if "." in name}
        names = attributes.union(*opened.values(), LEVEL_NAMES if _LEVEL in attributes else ())
        self._names = tuple(sorted(names))
        self._slots = {
            name: f"field_{n}" for n, name in enumerate(dict.fromkeys((*MESSAGE_NAMES, *self._names)))
        }
        self._exclusive = [
            [self._names.index(one) + 1 for one in (name, *holders)] for name, holders in opened.items()
        ]
        self._decoders: dict[int, msgspec.json.Decoder[Any]] = {}

    def of(self, data: bytes, hits: Hits) -> list[JsonText | None]:
        """Return the texts of lines, each of which holds an object; None where it is not sure what they say."""
        begins, ends = hits.begins, hits.ends
        if not begins:
            return []
        tried = self._message_names(data[begins[0] : ends[0]])
        lines = self._cut(tried, b"".join(map(data.__getitem__, map(slice, begins, ends))))
        if len(lines) != len(begins):
            return [None] * len(begins)
        messages, odd = _messages([_column(lines, self._slots[name]) for name in MESSAGE_NAMES[:tried]])
        columns = [_column(lines, self._slots[name]) for name in self._names]
        whole: list[_Raws] = list(zip(messages, *columns, strict=True))
        for begin, end, n in zip(begins, ends, range(len(whole)), strict=True):
            if end - begin > _ROOM and data.count(b":", begin, end) >= MOST_FIELDS:
                odd.add(n)
        for column in columns:
            unsure = {raw for raw in set(column) if raw is not None and _unsure(raw)}
            if unsure:
                odd.update(n for n, raw in enumerate(column) if raw in unsure)
        for places in self._exclusive:
            odd.update(n for n, raws in enumerate(whole) if _several(raws, places))
        texts: list[JsonText | None] = [*whole]
        if all(column.count(None) == len(column) for column in columns):
            texts = [raws if b"\\" in (raws[0] or b"") else (raws[0] or b"")[1:-1] for raws in whole]
        for n in odd:
            texts[n] = None
        return texts

    def said(self, text: JsonText) -> Start | None:
        """Return what a line says, but for its time, that has this text: to whoever looks at no more than that.

        None where that is to be found out by looking at the line.
        """
        try:
            if isinstance(text, bytes):
                return Start(None, text.decode().rstrip("\r\n"))
            message, *raws = text
            assert message is not None
            fields = {
                name: _decode(raw) for name, raw in zip(self._names, raws, strict=True) if raw is not None
            }
            return Start(None, message_of(_decode(message, type=str)), level_said(fields), fields)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return None

    def _message_names(self, line: bytes) -> int:
        """Return how many names are to be tried until one is found under which this line says a text."""
        lines = self._cut(len(MESSAGE_NAMES), line)
        raws = (getattr(lines[0], self._slots[name]) for name in MESSAGE_NAMES if lines)
        found = (n for n, raw in enumerate(raws, 1) if raw is not None and bytes(raw).startswith(b'"'))
        return next(found, len(MESSAGE_NAMES))

    def _cut(self, tried: int, lines: bytes) -> Sequence[Any]:
        """Return the fields of lines that are looked at, and those under the first names for messages."""
        decoder = self._decoders.get(tried)
        if decoder is None:
            fields = [
                (self._slots[name], msgspec.Raw, msgspec.field(name=name, default=None))
                for name in dict.fromkeys((*MESSAGE_NAMES[:tried], *self._names))
            ]
            decoder = self._decoders[tried] = msgspec.json.Decoder(
                msgspec.defstruct("Line", fields, gc=False)
            )
        try:
            return decoder.decode_lines(lines)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return ()


def _holders(name: str) -> list[str]:
    """Return the names of fields that can hold objects in which the attribute lies."""
    return [name[:n] for n, character in enumerate(name) if character == "."]


def _column(lines: Sequence[Any], slot: str) -> list[bytes | None]:
    """Return a field of all lines."""
    raws = [*map(attrgetter(slot), lines)]
    return raws if raws.count(None) == len(raws) else [None if raw is None else bytes(raw) for raw in raws]


def _messages(columns: Sequence[list[bytes | None]]) -> tuple[list[bytes | None], set[int]]:
    """Return the message of each line, and which lines have none that is a text, where they say these under the names
    for messages.
    """
    *others, messages = columns
    if any(column.count(None) < len(column) for column in others):
        messages = [_message(raws) for raws in zip(*others, messages, strict=True)]
    return messages, {n for n, raw in enumerate(messages) if raw is None or raw[0] != _QUOTE}


def _message(raws: Iterable[bytes | None]) -> bytes | None:
    """Return the first that is a text, or may become one."""
    return next((raw for raw in raws if raw is not None and raw[0] in (_QUOTE, _BRACKET)), None)


def _unsure(raw: bytes) -> bool:
    """Whether it depends on the rest of the line what a field says."""
    return raw[0] != _QUOTE and _MOST_FIGURES.search(raw) is not None


def _several(raws: _Raws, places: Sequence[int]) -> bool:
    """Whether several fields say an attribute: the one that is named so (the first), and objects."""
    name, *holders = (raws[place] for place in places)
    objects = sum(raw is not None and raw[0] == _BRACE for raw in holders)
    return objects > 1 or (objects == 1 and name is not None)
