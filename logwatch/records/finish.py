"""Finished drafts to records: their texts as they were meant, their fields by name."""

from __future__ import annotations

from dataclasses import dataclass

from logwatch.records.assembly import Draft
from logwatch.records.attributes import attributes_of
from logwatch.records.formats.form import Start
from logwatch.records.record import Record
from logwatch.records.scan.json_texts import JsonTexts
from logwatch.records.text import undone

Dialect = tuple[str, str | None]
"""The name of a format, and the wrong decoding: the same text says the same in sources that have both in common."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Makes records of the drafts of one source in the format `form`, whose texts went through the wrong decoding
    `codec`, if any.

    `opening` is that of its format (see `StampedFormat`); 0 where texts are not as they stand. `json_texts` tells
    apart what JSON lines say; None: nobody does.
    """

    source: str
    form: str
    codec: str | None
    opening: int = 0
    json_texts: JsonTexts | None = None

    @property
    def dialect(self) -> Dialect:
        """What it depends on what texts say."""
        return self.form, self.codec

    def __call__(self, draft: Draft) -> Record:
        """Return the record that a draft is whose time is known."""
        text = draft.text
        message = undone(text, self.codec) if self.codec else text
        return record_of(draft, self.source, draft.offset, text, message, self.codec)

    def sample(self, start: Start) -> Record:
        """Return a record of one line that says `start`, at no time or place."""
        text, codec = start.message, self.codec
        message = undone(text, codec) if codec else text
        original = None if message is text or message == text else text
        attributes = attributes_of(start.fields, codec)
        return Record(self.source, 0, 0, 0, 1, None, message, False, start.level, attributes, None, original)


def record_of(draft: Draft, source: str, ordinal: int, text: str, message: str, codec: str | None) -> Record:
    """Return the record that a finished draft is; `text` is its text, `message` the same without wrong decoding."""
    return Record(
        source=source,
        ordinal=ordinal,
        offset=draft.offset,
        line=max(draft.line, 0),
        lines=draft.lines,
        time=draft.time,
        message=message,
        inherited=draft.inherited,
        level=draft.start.level,
        attributes=attributes_of(draft.fields, codec),
        outer_time=draft.outer_time,
        original=None if message is text or message == text else text,
        truncated=draft.truncated,
    )
