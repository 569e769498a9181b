"""One followed stream: chunks in, records out, each with its place in its file."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from logwatch.following import Chunk
from logwatch.live.options import Reading
from logwatch.live.trial import Trial
from logwatch.records.assembly import Draft
from logwatch.records.dating import Calendar
from logwatch.records.finish import record_of
from logwatch.records.order import InheritedTimes
from logwatch.records.parser import RecordParser
from logwatch.records.record import Record
from logwatch.records.text import undone

_UNKNOWN = "unknown"
"""What a parser says its format is before it has looked."""
_STRANGE_LINES = 2000
"""So many lines without a time, in a stream that showed times, are in another format."""
_LONG_SILENCE = timedelta(hours=12)
"""After it a time of day may be that of any day."""
_AHEAD = timedelta(days=1)
"""How much later than now a record may be dated; later ones are passed over, as a batch does what lies after as_of."""


class StreamFacts(msgspec.Struct, kw_only=True):
    """What is known of a stream, to be stored with what its records came to.

    `format` is None until enough was read to be sure. `counted` is the position up to which lines and bytes are
    counted; `last` the time that a record without one inherits, `newest` the latest of all (unless a clock was put
    back).
    """

    since: datetime
    format: str | None = None
    codec: str | None = None
    last: datetime | None = None
    newest: datetime | None = None
    counted: int = 0
    lines: int = 0
    bytes: int = 0
    records: int = 0
    undated: int = 0
    truncated: int = 0
    ahead: int = 0
    rotations: int = 0
    truncations: int = 0
    gaps: int = 0
    gap_bytes: int = 0
    half_lines: int = 0
    nul_bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a chunk's first byte stands: in the stream, in its file, and by the parser's count of lines."""

    position: int
    offset: int
    line: int
    parsed_line: int


class FollowedStream:
    """Makes records of the chunks of the stream `name`; `facts` are those that were stored last, if any were.

    `account` is told of every record, wanted or not; `wanted` says of a message whether a rule may match it.
    `heard_at` is when the last chunk came.
    """

    def __init__(
        self,
        name: str,
        facts: StreamFacts,
        reading: Reading,
        wanted: Callable[[str], bool],
        account: Callable[[str, Draft], None],
    ) -> None:
        self.name = name
        self.shown = reading.shown(name)
        self.facts = facts
        self._reading = reading
        self.wanted = wanted
        self._account = account
        self._times = InheritedTimes(facts.last)
        self._marks: deque[_Mark] = deque()
        self._parser: RecordParser | None = None
        self._base = self._end = 0
        self._parsed_lines = 1
        self._trial = Trial()
        self._stray_lines = 0
        self._open = False
        self._begun_at = self.heard_at = float("-inf")
        self._wall: datetime | None = None

    def feed(self, chunk: Chunk, now: float, wall: datetime) -> Iterator[Record]:
        """Yield the records that `chunk` completes."""
        written = min(self._reading.modified(chunk.name) or wall, wall)
        parser = self._parser
        if parser is None:
            parser = self._begin(chunk.position, written)
            self._begun_at = now
        elif self._wall is not None:
            parser.calendar.live(written, after_silence=wall - self._wall > _LONG_SILENCE)
        self._wall, self._open, self.heard_at = wall, True, now
        self._end = chunk.end
        self._count(chunk)
        self._marks.append(_Mark(chunk.position, chunk.offset, chunk.line, self._parsed_lines))
        self._parsed_lines += chunk.data.count(b"\n")
        yield from self._records(parser.feed(chunk.data), parser, wall)
        self._trim_marks()
        if self.facts.format is None:
            yield from self._learn(chunk.data, parser, written, wall)
        elif self._stray_lines >= _STRANGE_LINES and self.facts.last is not None:
            yield from self._closed(parser, wall)
            self.facts.format, self._trial, self._stray_lines = None, Trial(), 0
            self._begin(self._end, written)
            self._begun_at = now

    def pass_time(self, now: float, wall: datetime) -> Iterator[Record]:
        """Yield the record that is open, once nothing has come for the quiet time.

        So long the format is waited for as well, and then taken for what it looks like.
        """
        parser, quiet = self._parser, self._reading.quiet
        if parser is None:
            return
        if parser.format == _UNKNOWN and now - self._begun_at >= quiet:
            self._trial.hurried = True
            yield from self._records(parser.decide(), parser, wall)
        if self._open and now - self.heard_at >= quiet:
            self._open = False
            yield from self._closed(parser, wall)

    @property
    def settled(self) -> bool:
        """Whether the format was found and times are known: what was read so far has become records, but the last."""
        return self._parser is None or (self._parser.format != _UNKNOWN and not self._times.waiting)

    @property
    def begins(self) -> int:
        """The position from which on nothing has become a record yet."""
        if self._parser is None:
            return self._end
        opened = self._base + self._parser.begins
        return self._base + self._times.waiting[0].offset if self._times.waiting else opened

    @property
    def format(self) -> str:
        """What the stream was found to be in."""
        return self._parser.format if self._parser is not None else self.facts.format or _UNKNOWN

    def _begin(
        self, position: int, written: datetime, found: tuple[str, str | None] | None = None
    ) -> RecordParser:
        """Parse from `position` on, with another parser; `found` are its format and codec, if they are known."""
        facts = self.facts
        parser = RecordParser(self._calendars(written), self._reading.format)
        if facts.last is not None:
            parser.calendar.resume(facts.last)
        if found is None and facts.format is not None:
            found = facts.format, facts.codec
        if found is not None:
            parser.resume(*found)
        self._parser, self._base, self._parsed_lines = parser, position, 1
        self._marks.clear()
        return parser

    def _calendars(self, written: datetime) -> Callable[[], Calendar]:
        return lambda: Calendar(self._reading.zone, written, self._reading.day)

    def _learn(
        self, data: bytes, parser: RecordParser, written: datetime, wall: datetime
    ) -> Iterator[Record]:
        """See whether the format is the one that it was taken for when there was less to go by."""
        trial = self._trial
        trial.add(data)
        if parser.format == _UNKNOWN or not (trial.due or not trial.hurried):
            return
        if trial.hurried:
            found = trial.found(self._calendars(written), self._reading.format)
            if found != (parser.format, parser.codec):
                yield from self._closed(parser, wall)
                parser = self._begin(self._end, written, found)
        if trial.over or not trial.hurried:
            self.facts.format, self.facts.codec = parser.format, parser.codec
            self._trial = Trial()

    def _closed(self, parser: RecordParser, wall: datetime) -> Iterator[Record]:
        """Yield what is open in a parser, and what waits for a time."""
        yield from self._records(parser.close(), parser, wall)
        yield from self._made(self._times.give_up(), parser, wall)
        self._trim_marks()

    def _count(self, chunk: Chunk) -> None:
        facts = self.facts
        fresh = min(max(facts.counted - chunk.position, 0), len(chunk.data))
        facts.lines += chunk.data.count(b"\n", fresh)
        facts.bytes += len(chunk.data) - fresh
        facts.counted = max(facts.counted, chunk.end)

    def _records(self, drafts: Iterable[Draft], parser: RecordParser, wall: datetime) -> Iterator[Record]:
        return self._made((ready for draft in drafts for ready in self._times.take(draft)), parser, wall)

    def _made(self, drafts: Iterable[Draft], parser: RecordParser, wall: datetime) -> Iterator[Record]:
        facts, shown, account, wanted = self.facts, self.shown, self._account, self.wanted
        lateness = self._reading.lateness
        # a source that was ahead of the clock and is not any more: one of them was put back
        latest, ahead = wall + _AHEAD, wall + lateness
        for draft in drafts:
            time = draft.time
            facts.records += 1
            if draft.inherited or time is None:
                facts.undated += 1
                self._stray_lines += draft.lines
            else:
                self._stray_lines = 0
            if draft.truncated:
                facts.truncated += 1
            if time is not None:
                if time > latest:
                    facts.ahead += 1
                    continue
                newest = facts.newest
                if newest is None or time > newest or (newest > ahead and time < newest - lateness):
                    facts.newest = time
            account(shown, draft)
            text = draft.text
            message = undone(text, parser.codec) if parser.codec else text
            if wanted(message):
                position = self._base + draft.offset
                self._locate(draft, position)
                yield record_of(draft, shown, position, text, message, parser.codec)
        facts.last = self._times.last

    def _locate(self, draft: Draft, position: int) -> None:
        """Give a draft the place in its file that it has."""
        mark = self._marks[-1]
        if mark.position > position:
            mark = next(mark for mark in reversed(self._marks) if mark.position <= position)
        draft.offset = mark.offset + position - mark.position
        draft.line = mark.line + draft.line - mark.parsed_line if mark.line else 0

    def _trim_marks(self) -> None:
        begins, marks = self.begins, self._marks
        while len(marks) > 1 and marks[1].position <= begins:
            marks.popleft()
