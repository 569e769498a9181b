"""Finished drafts to records: their texts as they were meant, their fields by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from logwatch.records.assembly import Draft
from logwatch.records.attributes import attributes_of
from logwatch.records.formats.form import Start
from logwatch.records.record import Record
from logwatch.records.text import undone


@dataclass(frozen=True, slots=True)
class Finish:
    """Makes records of the drafts of one source, whose texts went through the wrong decoding `codec`, if any."""

    source: str
    codec: str | None

    def __call__(self, draft: Draft) -> Record:
        """Return the record that a draft is whose time is known."""
        text = draft.text
        message = undone(text, self.codec) if self.codec else text
        return record_of(draft, self.source, draft.offset, text, message, self.codec)

    def line(self, start: Start, offset: int, number: int, time: datetime) -> Record:
        """Return the record that is one line, with that number, and says `start` besides its time."""
        text = start.message
        message = undone(text, self.codec) if self.codec else text
        return Record(
            source=self.source,
            ordinal=offset,
            offset=offset,
            line=max(number, 0),
            lines=1,
            time=time,
            message=message,
            level=start.level,
            attributes=attributes_of(start.fields, self.codec),
            original=None if message is text or message == text else text,
        )


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
