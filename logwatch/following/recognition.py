"""What a file that was not seen before is: the continuation of a lost one, a copy of another, or new.

Only names that rotation gives are compared: files of other names that look alike are different files.
"""

from __future__ import annotations

from logwatch.following.checkpoint import HEAD_LENGTH, MARKER_LENGTH
from logwatch.following.content import Archive, Content, Plain
from logwatch.following.stream import Stream
from logwatch.following.tracked import Tracked
from logwatch.following.turn import Turn


def lost_one(stream: Stream, content: Content) -> Tracked | None:
    """Return the file of `stream` that is lost and goes on in `content`: the one that was read furthest.

    A copy is lost already when it is unlinked. Raises `OSError`.
    """
    lost = [
        file
        for file in stream.files
        if (file.seen is None or (file.copy_of and not file.linked)) and file.continues_in(content)
    ]
    return max(lost, key=lambda file: file.offset, default=None)


def original(stream: Stream, content: Content, length: int, turn: Turn) -> Tracked | None:
    """Return the file of `stream` of whose beginning `content` is a copy, as copytruncate makes one.

    Raises `OSError`.
    """
    for file in stream.files:
        if file.seen is None or file.copy_of:
            continue
        if file.content is None:
            file.content = turn.content_of(file)
        if not isinstance(file.content, Plain):
            continue
        if 0 < length <= file.seen[0] and _begins_with(file.content, content, length):
            return file
    return None


def truncated(stream: Stream, content: Content, length: int) -> Tracked | None:
    """Return the file of `stream` that was truncated, of which `content` is a copy made before it was read to the end.

    Beyond its first bytes nothing says so but that copies are made to truncate. Raises `OSError`.
    """
    for file in stream.files:
        if (
            file.file is None
            and file.seen is None
            and 0 < length < file.offset
            and file.begins(content, length)
        ):
            return file
    return None


def copy_of(stream: Stream, lost: Tracked) -> Tracked | None:
    """Return the longest copy that `lost`, which was truncated, goes on in. Raises `OSError`.

    A copy may be shorter than what was seen of the file, but not than what was read of it.
    """
    copies = [
        file
        for file in stream.files
        if file.copy_of
        and file.seen is not None
        and file.content is not None
        and ((file.copy_of == lost.serial and not lost.offset) or lost.continues_in(file.content))
    ]
    return max(copies, key=lambda file: file.length, default=None)


def length_of(content: Content, size: int) -> int:
    """Return how long `content` is, of a file of `size` bytes."""
    return content.length if isinstance(content, Archive) else size


def start_of_last_line(content: Content, length: int) -> int:
    """Return the place after the last newline, which is where a reader begins that leaves out what is there."""
    end = length
    while end > 0:
        start = max(end - (64 << 10), 0)
        newline = content.read(start, end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def _begins_with(whole: Content, part: Content, length: int) -> bool:
    head, marker = min(HEAD_LENGTH, length), min(MARKER_LENGTH, length)
    if whole.read(0, head) != part.read(0, head):
        return False
    return whole.read(length - marker, marker) == part.read(length - marker, marker)
