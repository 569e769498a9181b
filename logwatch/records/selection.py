"""What of a source is passed on: the records between two times that some rule wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from logwatch.records.assembly import Draft
from logwatch.records.finish import record_of
from logwatch.records.reads import Read
from logwatch.records.record import Record
from logwatch.records.scan.reading import Found
from logwatch.records.scan.record_batch import RecordBatch
from logwatch.records.scan.wanted import Wanted
from logwatch.records.text import undone


class Selection(msgspec.Struct, frozen=True):
    """Makes records of what is read of `source`, whose texts went through the wrong decoding `codec`, if any.

    Those outside `start` to `end` (None: open), and those that are not `wanted` (None: all are), are left out. A batch,
    which holds little that is not wanted, is passed on as it is if all of its block lies between.
    """

    source: str
    codec: str | None
    wanted: Wanted | None
    start: datetime | None
    end: datetime | None

    def of_scan(self, scanned: Iterable[Found]) -> Iterator[Read]:
        """Pass on what a scan finds."""
        start, end = self.start, self.end
        for found in scanned:
            if not isinstance(found, RecordBatch):
                yield from self.of_drafts((draft.offset, draft) for draft in found)
            elif (start is None or start.timestamp() < found.span[0]) and (
                end is None or found.span[1] < int(end.timestamp())
            ):
                yield found
            else:
                yield from (record for record in found if self._asks(record.time))

    def of_drafts(self, drafts: Iterable[tuple[int, Draft]]) -> Iterator[Record]:
        """Pass on records, each with its ordinal."""
        codec, source, wanted = self.codec, self.source, self.wanted
        for ordinal, draft in drafts:
            if not self._asks(draft.time):
                continue
            text = draft.text
            message = undone(text, codec) if codec else text
            if wanted is None or wanted(message):
                yield record_of(draft, source, ordinal, text, message, codec)

    def _asks(self, time: datetime | None) -> bool:
        start, end = self.start, self.end
        return time is None or not ((start and time < start) or (end and time > end))
