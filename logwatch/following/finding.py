"""New files: which stream they belong to, and whether they are new at all."""

# Paths are text here, see sighting.

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from logwatch.following.chunk import NoticeKind
from logwatch.following.content import Archive, Content
from logwatch.following.recognition import length_of, lost_one, original, start_of_last_line, truncated
from logwatch.following.rotation import LIVE, age, rotated, unpacked
from logwatch.following.sighting import Sighting, is_regular, real_path
from logwatch.following.stream import Stream
from logwatch.following.tracked import Tracked
from logwatch.following.turn import Turn
from logwatch.following.verifying import looked_through, take_over, verify_one
from logwatch.sources.files import FileId


def stream_of(sighting: Sighting, streams: dict[str, Stream], turn: Turn) -> str:
    """Return the id of the stream that a new file belongs to: that of the name it has, or once had."""
    for path in sighting.paths:
        known = rotated(path)
        if known is not None and (
            known.base in streams or known.base in turn.view.by_path or is_regular(known.base)
        ):
            return known.base
    return next((path for path in sighting.paths if path in streams), sighting.paths[0])


class Finder:
    """Takes the files that no stream knows, and finds out what they are; compressed ones take several polls."""

    def __init__(self, *, from_end: bool) -> None:
        self._from_end = from_end
        self._archives: dict[FileId, tuple[tuple[int, int], float, Archive]] = {}

    def find(
        self,
        stream: Stream,
        named: Iterable[Sighting],
        taken: Container[FileId],
        relatives: Sequence[Stream],
        turn: Turn,
    ) -> None:
        """Take the `named` files of `stream`, and what continues it of those beside it that are not `taken`.

        `relatives` are it and the streams that began with a file of which nobody could know that it was rotated.
        """
        fresh = {sighting.file: sighting for sighting in named}
        asked = {*fresh, *stream.expected}
        for sighting in stream.beside.files.values():
            if sighting.file not in taken:
                fresh.setdefault(sighting.file, sighting)
        stream.count(fresh.values())
        live = [sighting for sighting in fresh.values() if _is_live(stream, sighting)]
        for sighting in live:
            if not _renumbered(stream, sighting, turn) and (
                sighting.file in asked or stream.id in sighting.paths
            ):
                self._begin(stream, sighting, turn)
        older = sorted(
            (sighting for sighting in fresh.values() if not _is_live(stream, sighting)),
            key=lambda sighting: stream.age(sighting.paths[0]),
        )
        # All are looked at before the first is begun: which of them were written last shows only then.
        for sighting in [sighting for sighting in older if self._is_new(stream, sighting, relatives, turn)]:
            if _between(stream, sighting) or sighting.file in asked:
                self._begin(stream, sighting, turn)

    def _is_new(self, stream: Stream, sighting: Sighting, relatives: Sequence[Stream], turn: Turn) -> bool:
        """Whether a file with a rotated name is a new one; a lost one that is found in it goes on there."""
        if _renumbered(stream, sighting, turn):
            return False
        packed = unpacked(sighting.paths[0])
        if packed is not None and is_regular(packed):
            return False  # being compressed: what it was compressed from is still there, and is read instead
        unlocated = [known for known in relatives if known.files and not known.active]
        if unlocated:
            for known in unlocated:
                known.named = turn.behind = True  # what is known of it is looked for first, in the next poll
            return False
        try:
            content = self._content(stream, sighting, turn)
            return content is not None and not any(
                _known_content(known, sighting, content, turn) for known in relatives
            )
        except OSError as error:
            turn.trouble(sighting.paths[0], error)
            return False

    def _content(self, stream: Stream, sighting: Sighting, turn: Turn) -> Content | None:
        """Return what a file holds; None while it is compressed and not looked through."""
        status = sighting.size, sighting.mtime_ns
        held = self._archives.get(sighting.file)
        if held is None or held[0] != status:
            content = turn.content(lambda: sighting.where)
            if not isinstance(content, Archive):
                return content
            held = self._archives[sighting.file] = status, turn.now, content
        _, since, archive = held
        archive.stored = turn.stored(lambda: sighting.where)
        if looked_through(archive, turn, turn.now - since):
            del self._archives[sighting.file]
            return archive
        stream.checking = stream.checking or archive.sound is None
        return None

    def _begin(self, stream: Stream, sighting: Sighting, turn: Turn) -> None:
        """Follow a file that was never seen."""
        former = stream.former
        file = _tracked(stream, sighting, turn)
        verify_one(stream, file, turn)
        if turn.first and self._from_end and not stream.restored and file.content is not None:
            try:
                file.skip_to(file.content, start_of_last_line(file.content, file.length))
            except OSError as error:
                turn.trouble(file.path, error)
        if former is not None and former.file is not None and stream.id in sighting.paths:
            turn.note(NoticeKind.ROTATED, former, f"was followed by another file at {stream.id}")


def _is_live(stream: Stream, sighting: Sighting) -> bool:
    return all(age(path, stream.id) == LIVE and unpacked(path) is None for path in sighting.paths)


def _known_content(stream: Stream, sighting: Sighting, content: Content, turn: Turn) -> bool:
    """Whether a file with a rotated name holds what is known already; see that it goes on there if that was lost."""
    length = length_of(content, sighting.size)
    lost = lost_one(stream, content)
    copied = None if lost else original(stream, content, length, turn) or truncated(stream, content, length)
    if lost is None and copied is None:
        return False
    file = _tracked(stream, sighting, turn)
    file.content, file.length = content, length
    file.changed = file.verified = file.seen
    content.stored = turn.stored(lambda: file.where)
    if lost is not None:
        stream.files.remove(file)
        take_over(lost, file, turn)
    else:
        assert copied is not None
        file.copy_of = copied.serial
        file.skip_to(content, length)
    return True


def _tracked(stream: Stream, sighting: Sighting, turn: Turn) -> Tracked:
    path = stream.id if stream.id in sighting.paths else sighting.paths[0]
    file = stream.track(path, real_path(path), sighting.file)
    file.seen = sighting.size, sighting.mtime_ns
    file.changed_at = turn.now
    return file


def _renumbered(stream: Stream, sighting: Sighting, turn: Turn) -> bool:
    """Whether it is a file that was at this path, on a device that has another number since the system was booted."""
    for file in stream.files:
        if file.seen is None and file.file and file.path in sighting.paths:
            if file.file.inode != sighting.file.inode or file.file.device == sighting.file.device:
                continue
            try:
                content = turn.content(lambda: sighting.where)
                if isinstance(content, Archive) or not file.holds(content):
                    continue
            except OSError:
                continue
            file.file, file.seen, file.gone_at = sighting.file, (sighting.size, sighting.mtime_ns), None
            file.linked, file.settled, file.verified = True, False, None
            return True
    return False


def _between(stream: Stream, sighting: Sighting) -> bool:
    """Whether a file beside the stream was written after the one that was read last, so that it is a part of it."""
    former = stream.former
    if former is None:
        return False
    if former.seen is not None and former.linked:
        place = stream.age(former.path)
        return place != LIVE and stream.age(sighting.paths[0]) > place
    newer = former.verified is not None and sighting.mtime_ns >= former.verified[1]
    former.overtaken = former.overtaken or newer
    return newer
