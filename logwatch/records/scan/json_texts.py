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
from logwatch.records.formats.structured import LEVEL, LEVEL_NAMES, MESSAGE_NAMES, level_said, message_of
from logwatch.records.scan.dated import Hits

JsonText = tuple[bytes | None, ...]
"""The message of a line, and all else that is looked at, as it stands; None: there is no such field."""

_decode = msgspec.json.decode
_MOST_FIGURES = re.compile(rb"\d{19}")
"""Figures of a number past which it depends on the rest of the line what is read."""
_ROOM = 900
"""Bytes of a line in which there may be more fields than are kept."""
_QUOTE, _BRACKET, _BRACE = b'"[{'


class JsonTexts:
    """Tells apart what lines of one source say, where `attributes` are the names of those that are looked at, or the
    level.
    """

    def __init__(self, attributes: frozenset[str]) -> None:
        opened = {name: _holders(name) for name in attributes if "." in name}
        names = attributes.union(*opened.values(), LEVEL_NAMES if LEVEL in attributes else ())
        self._names = tuple(sorted(names))
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
        messages, odd = _messages(lines, tried)
        columns = [_column(lines, f"field_{n}") for n in range(len(self._names))]
        texts: list[JsonText | None] = list(zip(messages, *columns, strict=True))
        odd.update(n for n, (begin, end) in enumerate(zip(begins, ends, strict=True)) if end - begin > _ROOM
                   and data.count(b":", begin, end) >= MOST_FIELDS)
        for column in columns:
            unsure = {raw for raw in set(column) if raw is not None and _unsure(raw)}
            if unsure:
                odd.update(n for n, raw in enumerate(column) if raw in unsure)
        for places in self._exclusive:
            odd.update(n for n, text in enumerate(texts) if text is not None and _several(text, places))
        for n in odd:
            texts[n] = None
        return texts

    def said(self, text: JsonText) -> Start | None:
        """Return what a line says, but for its time, that has this text: to whoever looks at no more than that.

        None where that is to be found out by looking at the line.
        """
        message, *raws = text
        assert message is not None
        try:
            fields = {
                name: _decode(raw) for name, raw in zip(self._names, raws, strict=True) if raw is not None
            }
            return Start(None, message_of(_decode(message, type=str)), level_said(fields), fields)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return None

    def _message_names(self, line: bytes) -> int:
        """Return how many names are to be tried until one is found under which this line says a text."""
        lines = self._cut(len(MESSAGE_NAMES), line)
        raws = (getattr(lines[0], f"message_{n}") for n in range(len(MESSAGE_NAMES)) if lines)
        found = (n for n, raw in enumerate(raws, 1) if raw is not None and bytes(raw).startswith(b'"'))
        return next(found, len(MESSAGE_NAMES))

    def _cut(self, tried: int, lines: bytes) -> Sequence[Any]:
        """Return the fields of lines that are looked at, and those under the first names for messages."""
        decoder = self._decoders.get(tried)
        if decoder is None:
            looked_at = ((f"field_{n}", name) for n, name in enumerate(self._names))
            messages = ((f"message_{n}", name) for n, name in enumerate(MESSAGE_NAMES[:tried]))
            fields = [
                (slot, msgspec.Raw, msgspec.field(name=name, default=None))
                for slot, name in (*messages, *looked_at)
            ]
            decoder = self._decoders[tried] = msgspec.json.Decoder(msgspec.defstruct("Line", fields, gc=False))
        try:
            return decoder.decode_lines(lines)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return ()
