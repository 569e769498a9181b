"""Lines to drafts of records: the format is found, envelopes peel, parts join, continuation lines gather.

Push-style, so that a batch and a follower drive the same one: the bytes may be cut anywhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from logwatch.records.dating import Calendar
from logwatch.records.formats import ENVELOPES, FORMATS, PLAIN, detect_envelope, detect_format
from logwatch.records.formats.form import Envelope, Format, Peeled, Start
from logwatch.records.lines import Line, LineSplitter
from logwatch.records.record import NO_ATTRIBUTES, Scalar
from logwatch.records.text import decoded, recognised, undone

HEAD_LINES = 1000
HEAD_BYTES = 1 << 20
"""What is looked at before format and encoding are decided, whichever is reached first."""
LONGEST_RECORD_LINES = 1000
LONGEST_RECORD = 1 << 20
"""Lines and characters of a record; past them it is closed, and what follows begins one without a time."""


@dataclass(slots=True)
class Draft:
    """A record in the making; `lines` and `size` (bytes) count the physical lines it takes."""

    offset: int
    line: int
    time: datetime | None
    outer_time: datetime | None = None
    level: str | None = None
    attributes: Mapping[str, Scalar] = field(default_factory=lambda: NO_ATTRIBUTES)
    lines: int = 0
    size: int = 0
    parts: list[str] = field(default_factory=list)
    originals: list[str] = field(default_factory=list)
    length: int = 0
    truncated: bool = False
    inherited: bool = False

    @property
    def message(self) -> str:
        """What patterns see."""
        return "\n".join(self.parts).rstrip("\n")

    @property
    def original(self) -> str | None:
        """The text as it stood where mojibake was undone."""
        text = "\n".join(self.originals).rstrip("\n")
        return text if text != "\n".join(self.parts).rstrip("\n") else None


@dataclass(slots=True)
class _Stream:
    """What is open in one stream of a container (or in the source, where there are none)."""

    draft: Draft | None = None
    blanks: list[Line] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    joined_length: int = 0
    first: Line | None = None
    pending_lines: int = 0
    pending_size: int = 0


class RecordParser:
    """Parses one source. `name` asks for a format instead of having it found.

    After the head was seen (or `close`): `format` names what was found, `codec` the wrong decoding that is undone.
    `nuls` counts lines that held NUL bytes.
    """

    def __init__(self, calendar: Callable[[], Calendar], name: str | None = None) -> None:
        self._new_calendar = calendar
        self._calendar = calendar()
        self._name = name
        self._splitter = LineSplitter()
        self._head: list[Line] | None = []
        self._head_bytes = 0
        self._envelope: Envelope | None = None
        self._format: Format = PLAIN
        self._streams: dict[str, _Stream] = {}
        self._ready: deque[Draft] = deque()
        self.codec: str | None = None
        self.nuls = 0

    @property
    def format(self) -> str:
        """The format's name, the envelope's before it."""
        return f"{self._envelope.name}+{self._format.name}" if self._envelope else self._format.name

    @property
    def folds(self) -> int:
        """Local times that clocks showed twice."""
        return self._calendar.folds

    def feed(self, data: bytes) -> Iterator[Draft]:
        """Yield the records that `data` completes."""
        for line in self._splitter.feed(data):
            self._line(line)
            while self._ready:
                yield self._ready.popleft()

    def close(self) -> Iterator[Draft]:
        """Yield what is open."""
        for line in self._splitter.close():
            self._line(line)
        self._settle()
        for stream in self._streams.values():
            if stream.first is not None:
                self._text(stream, stream.first, "".join(stream.joined), None, NO_ATTRIBUTES)
            self._finish(stream)
        self._streams.clear()
        yield from sorted(self._ready, key=lambda draft: draft.offset)
        self._ready.clear()

    # The head: what is this?

    def _line(self, line: Line) -> None:
        if self._head is None:
            self._take(line)
            return
        self._head.append(line)
        self._head_bytes += line.size
        if len(self._head) >= HEAD_LINES or self._head_bytes >= HEAD_BYTES:
            self._settle()

    def _settle(self) -> None:
        """Decide format and encoding, and take the lines that waited for it."""
        if self._head is None:
            return
        head, self._head = self._head, None
        texts = [_without_mark(line, decoded(line.data)) for line in head]
        self.codec = recognised(texts)
        if self.codec is not None:
            texts = [undone(text, self.codec) for text in texts]
        filled = [text for text in texts if text.strip()]
        self._envelope, self._format = self._asked() or self._found(filled)
        self._calendar = self._new_calendar()
        for line in head:
            self._take(line)

    def _asked(self) -> tuple[Envelope | None, Format] | None:
        for form in (*FORMATS, PLAIN):
            if form.name == self._name:
                return None, form
        return None

    def _found(self, texts: list[str]) -> tuple[Envelope | None, Format]:
        if not texts:
            return None, PLAIN
        named = [envelope for envelope in ENVELOPES if envelope.name == self._name]
        envelope = named[0] if named else detect_envelope(texts, self._calendar)
        if envelope is None:
            return None, detect_format(texts, self._new_calendar())
        peeled = [inner.text for text in texts if (inner := envelope.peel(text, self._calendar))]
        return envelope, detect_format(peeled, self._new_calendar()) if peeled else PLAIN

    # One line after the other.

    def _take(self, line: Line) -> None:
        self.nuls += b"\x00" in line.data
        text = _without_mark(line, decoded(line.data))
        peeled = self._envelope.peel(text, self._calendar) if self._envelope else None
        if peeled is None:
            self._text(self._stream(""), line, text, None, NO_ATTRIBUTES)
        else:
            self._part(self._stream(peeled.stream), line, peeled)

    def _stream(self, name: str) -> _Stream:
        return self._streams.setdefault(name, _Stream())

    def _part(self, stream: _Stream, line: Line, peeled: Peeled) -> None:
        """Join the parts into which a container runtime cuts long lines."""
        stream.first = stream.first or line
        room = LONGEST_RECORD - stream.joined_length
        stream.joined.append(peeled.text[:room])
        stream.joined_length += min(len(peeled.text), room)
        stream.pending_lines += 1
        stream.pending_size += line.size
        if not peeled.partial:
            self._text(stream, stream.first, "".join(stream.joined), peeled.time, peeled.attributes)

    def _text(
        self, stream: _Stream, line: Line, text: str, outer: datetime | None, attributes: Mapping[str, Scalar]
    ) -> None:
        """Take the (peeled, joined) text of a line: it begins a record or continues the one before."""
        lines, size = stream.pending_lines or 1, stream.pending_size or line.size
        full = stream.joined_length >= LONGEST_RECORD
        stream.joined, stream.joined_length, stream.first = [], 0, None
        stream.pending_lines = stream.pending_size = 0
        if not text.strip():
            stream.blanks.append(Line(line.offset, line.number, b"", size))
            if len(stream.blanks) > LONGEST_RECORD_LINES:
                self._finish(stream)
            return
        original, text = text, undone(text, self.codec) if self.codec else text
        start = self._format.start(text, self._calendar)
        if start is None and (stream.draft is None or self._is_full(stream.draft, len(text))):
            start = Start(None, text)
        if start is not None:
            self._finish(stream)
            stream.draft = self._begin(line, start, outer, attributes)
            text = start.message
            original = (
                original if self.codec and self._format is PLAIN else _as_it_stood(original, text, self.codec)
            )
        draft = stream.draft
        assert draft is not None
        for blank in stream.blanks:
            draft.parts.append("")
            draft.originals.append("")
            draft.lines += 1
            draft.size += blank.size
        stream.blanks = []
        if draft.parts != [""]:
            draft.parts.append(text)
            draft.originals.append(original)
        else:  # the time stood on a line of its own
            draft.parts, draft.originals = [text], [original]
        draft.length += len(text) + 1
        draft.lines += lines
        draft.size += size
        draft.truncated = draft.truncated or line.cut or full

    @staticmethod
    def _begin(line: Line, start: Start, outer: datetime | None, attributes: Mapping[str, Scalar]) -> Draft:
        time = start.time or outer
        found = {**attributes, **start.attributes} if attributes else start.attributes
        return Draft(line.offset, line.number, time, outer, start.level, found)

    @staticmethod
    def _is_full(draft: Draft, more: int) -> bool:
        full = draft.lines >= LONGEST_RECORD_LINES or draft.length + more > LONGEST_RECORD
        draft.truncated = draft.truncated or full
        return full

    def _finish(self, stream: _Stream) -> None:
        """Close the open record; blank lines at its end are not its own."""
        if stream.draft is not None:
            self._ready.append(stream.draft)
            stream.draft = None
        stream.blanks = []


def _without_mark(line: Line, text: str) -> str:
    return text.removeprefix("\ufeff") if line.offset == 0 else text


def _as_it_stood(original: str, message: str, codec: str | None) -> str:
    """Return the part of a line that became its message, as it stood before mojibake was undone."""
    if codec is None:
        return message
    at = len(original)
    while at and len(undone(original[-at:], codec)) > len(message):
        at -= 1
    return original[-at:] if at and undone(original[-at:], codec) == message else original
