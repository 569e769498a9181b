"""What one poll works with: the time, the view of the files, what it may still read, and what it hands out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from logwatch.following.chunk import Chunk, Notice, NoticeKind
from logwatch.following.content import Archive, Content, Plain, Stored
from logwatch.following.descriptors import Descriptors
from logwatch.following.limits import Limits
from logwatch.following.sighting import Siblings, View
from logwatch.following.tracked import Tracked
from logwatch.sources.compression import MAGIC_LENGTH, compression_of
from logwatch.sources.files import FileId
from logwatch.sources.refused import cannot_open


@dataclass(slots=True)
class Turn:
    """One poll. `now` is the follower's own time, which never goes back; `left` counts bytes, `checked` those of
    compressed files that were looked through."""

    now: float
    view: View
    limits: Limits
    descriptors: Descriptors
    left: int
    first: bool
    behind: bool = False
    checked: int = 0
    siblings: Siblings = field(default_factory=Siblings)
    troubles: dict[str, str] = field(default_factory=dict)
    items: list[Chunk | Notice] = field(default_factory=list)

    def note(self, kind: NoticeKind, file: Tracked, detail: str, size: int = 0) -> None:
        """Hand out a notice about `file`."""
        self.items.append(Notice(kind, file.stream, file.path, detail, size))

    def hand_out(self, items: Iterable[Chunk | Notice]) -> None:
        """Hand out what a stream made."""
        self.items += items

    def trouble(self, path: str, error: OSError) -> None:
        """Note that the file at `path` cannot be read for now."""
        self.troubles[path] = cannot_open(path, error)

    def stored(self, where: Callable[[], tuple[FileId, str]]) -> Stored:
        """Return what reads the file that is at `where` when it is read."""
        return lambda offset, length: self.descriptors.read(*where(), offset, length)

    def content(self, where: Callable[[], tuple[FileId, str]]) -> Content:
        """Return the content of the file at `where`, decompressed where it is compressed. Raises `OSError`."""
        stored = self.stored(where)
        compression = compression_of(stored(0, MAGIC_LENGTH))
        return Archive(stored, compression) if compression else Plain(stored)

    def content_of(self, file: Tracked) -> Content:
        """Return the content of `file`, wherever it will be. Raises `OSError`."""
        return self.content(lambda: file.where)
