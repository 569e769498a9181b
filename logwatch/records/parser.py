"""Bytes to drafts of records: what the source is in is found out from its head, then line follows line.

Push-style, so that a batch and a follower drive the same one: the bytes may be cut anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from logwatch.records.assembly import Assembler, Draft
from logwatch.records.dating import Calendar
from logwatch.records.formats import ENVELOPES, FORMATS, PLAIN, detect_envelope, detect_format
from logwatch.records.formats.form import Envelope, Format
from logwatch.records.lines import Line, LineSplitter
from logwatch.records.streams import Streams, joined
from logwatch.records.text import decoded, recognised

HEAD_LINES = 1000
HEAD_BYTES = 8 << 20
"""Lines, and bytes kept of them, that are looked at before format and encoding are decided."""
_ENVELOPES = {envelope.name: envelope for envelope in ENVELOPES}
_FORMATS = {form.name: form for form in (*FORMATS, PLAIN)}
_PIECE = 64 << 10
"""Bytes that become lines and drafts at once: a block of very short lines is a hundred times larger as objects."""


class RecordParser:
    """Parses one source. `calendar` makes a new calendar; `name` asks for a format instead of having it found.

    After the head was seen (or `close`): `format` names what was found, `codec` the wrong decoding that texts went
    through, and `calendar` is the one that dates. `stray_lines` and `stray_size` are, after `close`, the blank lines
    of a source that held no record. A follower calls `close` when a source falls silent, and may go on feeding.
    """

    def __init__(self, calendar: Callable[[], Calendar], name: str | None = None) -> None:
        self._new_calendar = calendar
        self._name = name
        self._splitter = LineSplitter()
        self._head: list[Line] = []
        self._head_bytes = 0
        self._done: list[Draft] = []
        self._lines: Assembler | Streams | None = None
        self.calendar = calendar()
        self.format = "unknown"
        self.codec: str | None = None

    def resume(self, format_name: str, codec: str | None, offset: int = 0, number: int = 1) -> None:
        """Take over what another parser found out of the same source; there is no head to be looked at then.

        `format_name` is what its `format` said, `offset` and `number` (of the line) are the place of what is fed first.
        Raises `ValueError` if this one knows no such format.
        """
        outer, plus, inner = format_name.rpartition("+")
        envelope = _ENVELOPES.get(outer)
        if inner not in _FORMATS or (plus and envelope is None):
            raise ValueError(f"no format is called '{format_name}'")
        self.codec = codec
        self._splitter = LineSplitter(offset, number)
        self._begin(envelope, _FORMATS[inner])

    def successor(self, offset: int, number: int) -> RecordParser:
        """Return a parser with the same calendar that goes on with what it has found out, at another place."""
        parser = RecordParser(lambda: self.calendar)
        parser.resume(self.format, self.codec, offset, number)
        return parser

    @property
    def begins(self) -> int:
        """Where the first thing begins that is in no returned record yet; where nothing is, the end of what was fed."""
        if self._head:
            return self._head[0].offset
        opened = None if self._lines is None else self._lines.begins
        return self._splitter.offset - self.stray_size if opened is None else opened

    @property
    def form(self) -> Format | None:
        """The format, if lines of it stand in no envelope; None also while it is not known."""
        return self._lines.form if isinstance(self._lines, Assembler) else None

    @property
    def opened(self) -> Draft | None:
        """The record that is open, in a source without envelopes: all before it were returned."""
        return self._lines.open if isinstance(self._lines, Assembler) else None

    @property
    def number(self) -> int:
        """The number of the line that is to come next."""
        return self._splitter.number

    @property
    def nuls(self) -> int:
        """NUL bytes that were skipped."""
        return self._splitter.nuls

    @property
    def stray_lines(self) -> int:
        """Blank lines of a source without a record."""
        return self._lines.gap_lines if self._lines else 0

    @property
    def stray_size(self) -> int:
        """Bytes of them."""
        return self._lines.gap_size if self._lines else 0

    def feed(self, data: bytes) -> Iterator[Draft]:
        """Yield the records that `data` completes, in the order of their places."""
        for start in range(0, len(data), _PIECE):
            self._take(self._splitter.feed(data[start : start + _PIECE]))
            yield from self._taken()

    def decide(self) -> Iterator[Draft]:
        """Decide format and encoding by what there is of the head, and yield the records that it completes."""
        if self._head:
            self._settle()
        yield from self._taken()

    def close(self) -> Iterator[Draft]:
        """Yield what is open."""
        self._take(self._splitter.close())
        if self._head:
            self._settle()
        if self._lines is not None:
            self._lines.close()
        yield from self._taken()

    def _taken(self) -> list[Draft]:
        done = self._done[:]
        self._done.clear()
        return done

    def _take(self, lines: Sequence[Line]) -> None:
        for line in lines:
            if self._lines is not None:
                self._lines.take(line)
                continue
            self._head.append(line)
            self._head_bytes += len(line.data)
            if len(self._head) >= HEAD_LINES or self._head_bytes >= HEAD_BYTES:
                self._settle()

    def _settle(self) -> None:
        """Decide format and encoding, and take the lines that waited for it."""
        head, self._head = self._head, []
        envelope, form, texts = self._found(head)
        trial = self._new_calendar()
        self.codec = recognised(_messages(texts, form, trial))
        self.calendar.backwards = trial.ran_backwards
        lines = self._begin(envelope, form)
        for line in head:
            lines.take(line)

    def _begin(self, envelope: Envelope | None, form: Format) -> Assembler | Streams:
        self.format = f"{envelope.name}+{form.name}" if envelope else form.name
        self._lines = (
            Streams(envelope, form, self.calendar, self._done)
            if envelope
            else Assembler(form, self.calendar, self._done)
        )
        return self._lines

    def _found(self, head: list[Line]) -> tuple[Envelope | None, Format, list[str]]:
        """Return envelope and format, asked for or found, and the texts that the format is of."""
        trial = self._new_calendar()
        asked = _FORMATS.get(self._name or "")
        filled = [line for line in head if line.data.strip()]
        envelope = _ENVELOPES.get(self._name or "")
        if envelope is None and asked is None and filled:
            envelope = detect_envelope([line.data for line in filled], trial)
        inner = joined(filled, envelope, trial) if envelope else (line.data for line in filled)
        texts = [decoded(data) for data in inner]
        return envelope, asked or detect_format(texts, trial), texts


def _messages(texts: Sequence[str], form: Format, calendar: Calendar) -> list[str]:
    starts = ((text, form.start(text, calendar)) for text in texts)
    return [text if start is None else start.message for text, start in starts]
