"""Lines of one stream to drafts of records: a line that does not start a record continues the one before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from logwatch.records.dating import Calendar
from logwatch.records.formats.form import NO_FIELDS, Format, Start
from logwatch.records.lines import Line
from logwatch.records.text import decoded

LONGEST_RECORD_LINES = 1000
LONGEST_RECORD = 1 << 20
"""Lines and bytes of a record; past them it is closed, and what follows begins one without a time."""


class Draft(msgspec.Struct):
    """A record in the making.

    `offset` and `line` are its place; `lines` and `size` (bytes) count the physical lines it takes, `gap_lines` and
    `gap_size` the blank ones around it, which belong to no record. `time` is its own (None: it has none, until a
    neighbour gives it one), `outer_time` its envelope's. `wrapped` are the envelope's fields. `end` is where its last
    line ends; records of other streams of a container may lie between.
    """

    start: Start
    offset: int
    line: int
    lines: int
    size: int
    time: datetime | None
    outer_time: datetime | None
    wrapped: Mapping[str, object]
    truncated: bool
    gap_lines: int
    gap_size: int
    end: int
    more: list[str] | None = None
    inherited: bool = False

    @property
    def text(self) -> str:
        """The record's lines, joined by newlines."""
        if self.more is None:
            return self.start.message
        if self.start.message:
            return "\n".join((self.start.message, *self.more))
        return "\n".join(self.more).lstrip("\n")  # the time stood on a line of its own

    @property
    def fields(self) -> Mapping[str, object]:
        """The structured fields, the record's own before those of its envelope."""
        return {**self.wrapped, **self.start.fields} if self.wrapped else self.start.fields


class Assembler:
    """Gathers the lines of one stream; finished drafts go to `done`.

    After `close`, `gap_lines` and `gap_size` are the blank lines of a stream that held no record.
    """

    def __init__(self, form: Format, calendar: Calendar, done: list[Draft]) -> None:
        self.form = form
        self._calendar = calendar
        self._done = done
        self._bytes = 0
        self.open: Draft | None = None
        self.gap_lines = self.gap_size = self._gaps = 0

    def take(
        self, line: Line, outer: datetime | None = None, wrapped: Mapping[str, object] = NO_FIELDS
    ) -> None:
        """Take the next line, peeled; `outer` and `wrapped` are what its envelope said."""
        text = decoded(line.data)
        self._calendar.outer = outer
        start = self.form.start(text, self._calendar)
        if start is None and text.startswith("\ufeff"):  # files with marks, one behind the other
            text = text.lstrip("\ufeff")
            start = self.form.start(text, self._calendar)
        if start is None:
            if not text or text.isspace():
                self._blank(line)
                return
            if self.open is not None and not self._full(self.open, line):
                self._continue(self.open, text, line)
                return
            start = Start(None, text)
        self.close()
        self.open = Draft(
            start,
            line.offset,
            line.number,
            line.lines,
            line.size,
            start.time or outer,
            outer,
            wrapped,
            line.cut or start.lost,
            self.gap_lines,
            self.gap_size,
            line.offset + line.size,
        )
        self.gap_lines = self.gap_size = self._gaps = 0
        self._bytes = len(line.data)

    def whole(self, data: bytes, offset: int, number: int) -> Draft | None:
        """Return the record that a line is by itself, as `take` and `close` would finish it; None if it says no time.

        For lines that stand in no envelope, while no record is open.
        """
        start = self.form.start(decoded(data), self._calendar)
        if start is None or start.time is None:
            return None
        size = len(data) + 1
        return Draft(
            start, offset, number, 1, size, start.time, None, NO_FIELDS, start.lost, 0, 0, offset + size
        )

    @property
    def begins(self) -> int | None:
        """Where the open record begins; None if none is."""
        return None if self.open is None else self.open.offset

    def close(self) -> None:
        """Finish the open record; blank lines at its end are not its own."""
        if self.open is not None:
            self.open.gap_lines += self.gap_lines
            self.open.gap_size += self.gap_size
            self.gap_lines = self.gap_size = self._gaps = 0
            self._done.append(self.open)
            self.open = None

    def _blank(self, line: Line) -> None:
        self.gap_lines += line.lines
        self.gap_size += line.size
        self._gaps += 1
        if self._gaps > LONGEST_RECORD_LINES:
            self.close()

    def _continue(self, draft: Draft, text: str, line: Line) -> None:
        if draft.more is None:
            draft.more = []
        draft.more += [""] * self._gaps
        draft.more.append(text)
        draft.lines += self.gap_lines + line.lines
        draft.size += self.gap_size + line.size
        draft.end = line.offset + line.size
        draft.truncated = draft.truncated or line.cut
        self._bytes += self._gaps + 1 + len(line.data)
        self.gap_lines = self.gap_size = self._gaps = 0

    def _full(self, draft: Draft, line: Line) -> bool:
        """Whether the record has no room for the line; then it is cut, unless no record had room for that line."""
        held = 1 + (len(draft.more) if draft.more else 0) + self._gaps
        full = held >= LONGEST_RECORD_LINES or self._bytes + self._gaps + len(line.data) >= LONGEST_RECORD
        draft.truncated = draft.truncated or (full and not line.cut)
        return full
