"""One log through all its rotations: its files, oldest first, and what was handed out of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from logwatch.following.checkpoint import HEAD_LENGTH, FileCheckpoint, Fingerprint
from logwatch.following.chunk import Chunk, Notice, NoticeKind
from logwatch.following.cutting import Piece
from logwatch.following.ledger import Ledger, Segment
from logwatch.following.rotation import LIVE, Age, age, counts_up, rotated
from logwatch.following.sighting import Sighting, View
from logwatch.following.tracked import Tracked
from logwatch.sources.files import FileId


class Stream:
    """The log that is written at the path `id`; `base` is what it would be a rotated file of, by its name.

    `restored`: it was followed before this run. `named`: a name led to a file of it in this run; `active`: and its
    files were looked for. `disturbed`: one is not where it was, so that its siblings must be looked at, which are
    `beside`; `checking`: one of those is compressed and not looked through yet. `former` is the file that was the
    newest at the last poll, and `expected` are files that belong to the stream if they are new. `counts_up`: see
    rotation.
    """

    def __init__(self, path: str) -> None:
        known = rotated(path)
        self.id = path
        self.base = known.base if known else path
        self.files: list[Tracked] = []
        self.position = 0
        self.restored = False
        self.named = False
        self.active = False
        self.disturbed = False
        self.checking = False
        self.counts_up = False
        self.beside = View()
        self.former: Tracked | None = None
        self.expected: set[FileId] = set()
        self.ledger = Ledger()
        self._serial = 0

    def restore(self, checkpoint: FileCheckpoint) -> None:
        """Take the file that `checkpoint` speaks of."""
        self.restored = True
        self.files.append(Tracked.restored(checkpoint))
        self.position = max(self.position, checkpoint.position)
        self._serial = max(self._serial, checkpoint.serial)

    def track(self, path: str, real: str, file: FileId) -> Tracked:
        """Return a new file of the stream, of which nothing was read."""
        self._serial += 1
        tracked = Tracked(self.id, self._serial, path, real, file)
        tracked.position = self.position
        self.files.append(tracked)
        return tracked

    def count(self, fresh: Iterable[Sighting] = ()) -> None:
        """See, by its files and the `fresh` ones, which way the numbers of rotated ones grow."""
        written = {file.path: file.seen[1] for file in self.files if file.seen is not None}
        written |= {path: sighting.mtime_ns for sighting in fresh for path in sighting.paths}
        if len(written) > 2:
            found = counts_up(written, self.id)
            self.counts_up = self.counts_up if found is None else found

    def age(self, path: str) -> Age:
        """Return the age of a file at `path` among those of the stream."""
        place = age(path, self.id)
        return place.counted_up() if self.counts_up else place

    def sort(self) -> None:
        """Put the files in order, oldest first; what is gone comes before the live ones."""
        self.count()
        self.files.sort(key=self._place)

    def is_live(self, file: Tracked) -> bool:
        """Whether `file` is the newest, and still to be found."""
        return file is self.files[-1] and file.linked and file.seen is not None

    def hand_out(self, file: Tracked, pieces: Sequence[Piece]) -> list[Chunk | Notice]:
        """Return `pieces` of `file` as chunks, with the notices that belong to them."""
        items: list[Chunk | Notice] = []
        for piece in pieces:
            items += _remarks(file, piece)
            chunk = Chunk(
                self.id,
                self.position,
                piece.data,
                file.path,
                file.serial,
                piece.offset,
                file.line,
                piece.flaw,
            )
            self.ledger.add(chunk, piece)
            items.append(chunk)
            self.position = file.position = chunk.end
            if file.line:
                file.line += piece.data.count(b"\n")
        return items

    def checkpoints(self) -> list[FileCheckpoint]:
        """Return where to go on in each file, oldest first."""
        firsts, start = self.ledger.firsts(), self.ledger.start
        return [_checkpoint(file, firsts.get(file.serial), start) for file in self.files]

    def _place(self, file: Tracked) -> tuple[int, Age, int]:
        place = self.age(file.path)
        lost = file.seen is None or not file.linked
        return (0 if file.overtaken else 1 if place != LIVE else 2 if lost else 3, place, file.serial)


def _remarks(file: Tracked, piece: Piece) -> list[Notice]:
    items: list[Notice] = []

    def note(kind: NoticeKind, size: int, detail: str) -> None:
        items.append(Notice(kind, file.stream, file.path, detail, size))

    if piece.nuls:
        note(
            NoticeKind.NULS,
            piece.nuls,
            f"holds {piece.nuls:,} NUL bytes before byte {piece.offset}, which were skipped",
        )
    if piece.flaw == "half":
        note(NoticeKind.HALF_LINE, piece.end - piece.offset, f"ends with half a line, at byte {piece.offset}")
    if piece.lost:
        note(
            NoticeKind.LONG_LINE,
            piece.lost,
            f"holds a line of {piece.end - piece.offset:,} bytes at byte {piece.offset}, which was cut",
        )
    return items


def _checkpoint(file: Tracked, first: Segment | None, start: int | None) -> FileCheckpoint:
    offset, line, head, marker = file.offset, file.line, file.head, file.marker
    if first is not None:
        offset, line, marker = first.offset, first.line, first.before
        if 0 < offset < HEAD_LENGTH:
            assert isinstance(head, bytes)
            head = head[:offset]
    size, mtime_ns = file.verified or (0, 0)
    return FileCheckpoint(
        stream=file.stream,
        serial=file.serial,
        path=file.path,
        real=file.real,
        file=file.file,
        offset=offset,
        line=line,
        position=file.position if start is None else min(file.position, start),
        head=Fingerprint.of(head) if isinstance(head, bytes) else head,
        marker=Fingerprint.of(marker) if isinstance(marker, bytes) else marker,
        length=file.length,
        size=size,
        mtime_ns=mtime_ns,
        copy_of=file.copy_of,
    )
