"""One file of a stream: how far it was read, and what its read part is known by."""

from __future__ import annotations

from logwatch.following.checkpoint import HEAD_LENGTH, MARKER_LENGTH, FileCheckpoint, Fingerprint
from logwatch.following.content import Archive, Content
from logwatch.following.cutting import Piece, one_line, whole_lines
from logwatch.records.lines import LONGEST_LINE
from logwatch.sources.files import FileId

_HELD_TAIL = 4096
"""Bytes of an unterminated line that are kept in mind, in case the file is truncated before its end comes."""
Known = bytes | Fingerprint
"""Bytes that were read, or what a checkpoint tells of them."""


class Tracked:
    """A file, from when it is found until it is gone and forgotten; truncated, it becomes another one.

    `seen` is its size and mtime at this poll, None when nothing leads to it any more. `changed` is what they were when
    they last changed, at `changed_at`; `verified`, when the part that was read was last found to be what it was;
    `drained`, when its end was reached. `sure`: that it is unchanged was seen twice. `found`: it was seen in this run;
    after a restart its inode alone says little. `refused` says why it is not read. `settled`: it is gone, and all was
    said. `overtaken`: it is gone, and rotated files are newer.
    """

    def __init__(self, stream: str, serial: int, path: str, real: str, file: FileId | None) -> None:
        self.stream = stream
        self.serial = serial
        self.path = path
        self.real = real
        self.file = file
        self.offset = self.length = self.position = 0
        self.line = 1
        self.copy_of = 0
        self.head: Known = b""
        self.marker: Known = b""
        self.content: Content | None = None
        self.seen: tuple[int, int] | None = None
        self.changed: tuple[int, int] | None = None
        self.verified: tuple[int, int] | None = None
        self.drained: tuple[int, int] | None = None
        self.sure = True
        self.refused: str | None = None
        self.found = True
        self.linked = True
        self.changed_at = 0.0
        self.rotated_at: float | None = None
        self.gone_at: float | None = None
        self.settled = False
        self.overtaken = False
        self.tail = b""
        self.more = False
        self._scanned = 0

    @classmethod
    def restored(cls, checkpoint: FileCheckpoint) -> Tracked:
        """Return the file that `checkpoint` speaks of."""
        file = cls(checkpoint.stream, checkpoint.serial, checkpoint.path, checkpoint.real, checkpoint.file)
        file.offset, file.line, file.position = checkpoint.offset, checkpoint.line, checkpoint.position
        file.length, file.copy_of = checkpoint.length, checkpoint.copy_of
        file.head, file.marker = checkpoint.head, checkpoint.marker
        file.found = False
        file.verified = (checkpoint.size, checkpoint.mtime_ns)
        return file

    @property
    def unread(self) -> int:
        """Bytes that were seen and not handed out, an unterminated line included."""
        return 0 if self.copy_of else max(self.length - self.offset, 0)

    @property
    def unknown(self) -> bool:
        """Whether nothing is known by which it could be found again."""
        return not (self.offset or _length(self.head))

    @property
    def where(self) -> tuple[FileId, str]:
        """What it is and where it is. Only what can be reached is anywhere."""
        assert self.file is not None
        return self.file, self.path

    def holds(self, content: Content) -> bool:
        """Whether `content` begins with what was read of this file, as far as can be told. Raises `OSError`."""
        head = content.read(0, _length(self.head))
        if not _same(self.head, head):
            return False
        marker = content.read(self.offset - _length(self.marker), _length(self.marker))
        if not _same(self.marker, marker):
            return False
        self.head, self.marker = head, marker
        return True

    def begins(self, content: Content, length: int) -> bool:
        """Whether `content`, of `length` bytes, begins as this file did, as far as can be told. Raises `OSError`."""
        if length >= _length(self.head):
            return _same(self.head, content.read(0, _length(self.head)))
        return isinstance(self.head, bytes) and self.head.startswith(content.read(0, length))

    def continues_in(self, content: Content) -> bool:
        """Whether `content`, of another file, is a later state of this one. Raises `OSError`.

        Where nothing was seen of it, nothing is known of it.
        """
        return not self.unknown and self.holds(content)

    def read(self, content: Content, limit: int) -> list[Piece] | None:
        """Return the next whole lines, from at most `limit` bytes; None when the file is not the one it was.

        `more` says whether its end was not reached. Raises `OSError`.
        """
        start = self.offset + self._scanned
        data = content.read(start, limit)
        # Looked at after the bytes were taken: what was truncated before that is noticed.
        if not isinstance(content, Archive) and not self.holds(content):
            return None
        self.more = len(data) >= limit
        self.length = max(self.length, start + len(data))
        pieces: list[Piece] = []
        if self._scanned:
            newline = data.find(b"\n") + 1
            if not newline:
                self._scanned += len(data)
                return []
            pieces.append(self._line(content, start + newline, half=False))
            self._advance(content, start + newline)
            start, data = self.offset, data[newline:]
        assert isinstance(self.marker, bytes)
        pieces += whole_lines(data, start, self.marker)
        end = data.rfind(b"\n") + 1
        if end:
            self._advance(content, start + end, (self.marker + data[max(end - MARKER_LENGTH, 0) : end]))
        self.tail = data[end : end + _HELD_TAIL]
        if self.more and not pieces:
            self._scanned = len(data)
        return pieces

    def finish(self, content: Content) -> list[Piece]:
        """Return the line that will never be ended, as far as it came; nothing, if there is none but a hole."""
        end = self.length
        if end <= self.offset:
            return []
        piece = self._line(content, end, half=True)
        if piece.data == b"\n":
            return []
        self._advance(content, end)
        return [piece]

    def last_words(self) -> list[Piece]:
        """Return what is held of a line whose file is lost. What of `length` is then still missing was lost."""
        nuls = len(self.tail) - len(self.tail.lstrip(b"\x00"))
        text = self.tail[nuls:]
        if not text:
            return []
        at, end = self.offset + nuls, self.offset + len(self.tail)
        piece = one_line(text, at, end, self._before(nuls), nuls, half=True)
        self.offset, self.tail, self.marker = end, b"", (piece.before + text)[-MARKER_LENGTH:]
        return [piece]

    def skip_to(self, content: Content, offset: int) -> None:
        """Leave out what comes before `offset`; if that is anything, line numbers are unknown from now on.

        Raises `OSError`.
        """
        if offset != self.offset:
            self.line = 0
        self._advance(content, offset)

    def _advance(self, content: Content, offset: int, marker: bytes | None = None) -> None:
        if marker is None:
            start = max(offset - MARKER_LENGTH, 0)
            marker = content.read(start, offset - start)
        if _length(self.head) != min(HEAD_LENGTH, offset):
            self.head = content.read(0, min(HEAD_LENGTH, offset))
        self.offset, self.marker = offset, marker[-MARKER_LENGTH:]
        self._scanned, self.tail = 0, b""
        self.length = max(self.length, offset)

    def _line(self, content: Content, end: int, *, half: bool) -> Piece:
        """Return the line from `offset` to `end`, however long, without the hole that it may begin with."""
        at = self.offset
        while at < end:
            data = content.read(at, min(LONGEST_LINE, end - at))
            text = data.lstrip(b"\x00")
            at += len(data) - len(text)
            if text or not data:
                break
        text = content.read(at, min(LONGEST_LINE + 2, end - at))
        nuls = at - self.offset
        return one_line(text, at, end, self._before(nuls), nuls, half=half)

    def _before(self, nuls: int) -> bytes:
        marker = self.marker if isinstance(self.marker, bytes) else b""
        return (marker + bytes(min(nuls, MARKER_LENGTH)))[-MARKER_LENGTH:]


def _length(known: Known) -> int:
    return len(known) if isinstance(known, bytes) else known.length


def _same(known: Known, data: bytes) -> bool:
    return known == data if isinstance(known, bytes) else known.matches(data)
