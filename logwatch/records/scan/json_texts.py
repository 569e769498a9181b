"""What JSON lines say to rules, as it stands in them: lines in which that is the same say the same, but when and where.

Of a line that matters only these fields are cut out, and none of them is decoded: that is left to whoever looks at one
of many.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from operator import attrgetter, sub
from typing import Any

import msgspec

from logwatch.records.attributes import MOST_FIELDS
from logwatch.records.formats.form import Start
from logwatch.records.formats.structured import LEVEL_NAMES, MESSAGE_NAMES, level_said, message_of
from logwatch.records.scan.dated import Hits

JsonText = bytes | tuple[bytes | None, ...]
"""The message of a line, as it is meant, in UTF-8, and all else that is looked at, as it stands; None: there is no such
field. Only the message where there is no other, and that is one line.
"""

_Column = list[bytes | None]
"""A field of all lines, as it stands."""
_decode = msgspec.json.Decoder().decode
_text = msgspec.json.Decoder(str).decode
_MOST_FIGURES = re.compile(rb"\d{19}")
"""Figures of a number past which it depends on the rest of the line what is read."""
_ESCAPED = re.compile(r'["\\\x00-\x1f]')
"""What the decoder does not take in the name of a field."""
_ROOM = 900
"""Bytes of a line in which there may be more fields than are kept."""
_LEVEL = "level"
_NEWLINE, _QUOTE, _BACKSLASH, _BRACKET, _BRACE = b'\n"\\[{'


class JsonTexts:
    """Tells apart what lines of one source say, where `attributes` are the names of those that are looked at, or the
    level.
    """

    def __init__(self, attributes: frozenset[str]) -> None:
        opened = {name: _holders(name) for name in attributes if "." in name}
        self._leveled = _LEVEL in attributes
        names = attributes.union(*opened.values(), LEVEL_NAMES if self._leveled else ())
        self._names = tuple(sorted(names))
        self._slots = {
            name: f"field_{n}" for n, name in enumerate(dict.fromkeys((*MESSAGE_NAMES, *self._names)))
        }
        self._exclusive = [
            [self._names.index(one) for one in (name, *holders)] for name, holders in opened.items()
        ]
        self._able = not any(_ESCAPED.search(name) for name in self._names)
        self._decoders: dict[int, msgspec.json.Decoder[Any]] = {}

    def of(self, data: bytes, hits: Hits) -> list[JsonText | None]:
        """Return the texts of lines, each of which holds an object; None where it is not sure what they say."""
        begins, ends = hits.begins, hits.ends
        if not begins or not self._able:
            return [None] * len(begins)
        tried = self._message_names(data[begins[0] : ends[0]])
        lines = self._cut(tried, b"".join([data[begin:end] for begin, end in zip(begins, ends, strict=True)]))
        if len(lines) != len(begins):
            return [None] * len(begins)
        messages = _messages([_column(lines, self._slots[name]) for name in MESSAGE_NAMES[:tried]])
        columns = [_column(lines, self._slots[name]) for name in self._names]
        texts: list[JsonText | None]
        if all(column.count(None) == len(column) for column in columns):
            rest = (None,) * len(columns)
            texts = [
                message if message is None or _NEWLINE not in message else (message, *rest)
                for message in messages
            ]
        else:
            texts = [*zip(messages, *columns, strict=True)]
            for n in self._odd(messages, columns):
                texts[n] = None
        if max(map(sub, ends, begins)) > _ROOM:
            for n, (begin, end) in enumerate(zip(begins, ends, strict=True)):
                if end - begin > _ROOM and data.count(b":", begin, end) >= MOST_FIELDS:
                    texts[n] = None
        return texts

    def _odd(self, messages: _Column, columns: Sequence[_Column]) -> set[int]:
        """Return which lines say something of which it is not sure what it is."""
        odd = {n for n, raw in enumerate(messages) if raw is None}
        for column in columns:
            unsure = {raw for raw in set(column) if raw is not None and _unsure(raw)}
            if unsure:
                odd.update(n for n, raw in enumerate(column) if raw in unsure)
        for places in self._exclusive:
            fields = zip(*(columns[place] for place in places), strict=True)
            odd.update(n for n, raws in enumerate(fields) if _several(raws))
        return odd

    def said(self, text: JsonText) -> Start | None:
        """Return what a line says, but for its time, that has this text: to whoever looks at no more than that.

        None where that is to be found out by looking at the line.
        """
        try:
            if isinstance(text, bytes):
                return Start(None, text.decode())
            message, *raws = text
            assert message is not None
            named = zip(self._names, raws, strict=True)
            fields = {name: _decode(raw) for name, raw in named if raw is not None}
            level = level_said(fields) if self._leveled else None
            return Start(None, message.decode(), level, fields)
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


def _column(lines: Sequence[Any], slot: str) -> _Column:
    """Return a field of all lines."""
    raws = [*map(attrgetter(slot), lines)]
    return raws if raws.count(None) == len(raws) else [None if raw is None else bytes(raw) for raw in raws]


def _messages(columns: Sequence[_Column]) -> _Column:
    """Return the message of each line, as it is meant, where lines say these under the names for messages; None: it is
    not sure what it is.
    """
    *others, raws = columns
    if any(column.count(None) < len(column) for column in others):
        raws = [_first(said) for said in zip(*columns, strict=True)]
    return [
        None if raw is None or raw[0] != _QUOTE else raw[1:-1] if _BACKSLASH not in raw else _unescaped(raw)
        for raw in raws
    ]


def _first(raws: Iterable[bytes | None]) -> bytes | None:
    """Return the first that is a text, or a list that may become one."""
    return next((raw for raw in raws if raw is not None and raw[0] in (_QUOTE, _BRACKET)), None)


def _unescaped(raw: bytes) -> bytes | None:
    try:
        return message_of(_text(raw)).encode()
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _unsure(raw: bytes) -> bool:
    """Whether it depends on the rest of the line what a field says."""
    return raw[0] != _QUOTE and _MOST_FIGURES.search(raw) is not None


def _several(raws: Sequence[bytes | None]) -> bool:
    """Whether several fields say an attribute: the first is named like it, the others may hold it."""
    name, *holders = raws
    objects = sum(raw is not None and raw[0] == _BRACE for raw in holders)
    return objects > 1 or (objects == 1 and name is not None)
