"""Whether a file still is what it was: only what was read of it, found again before the offset, says so."""

from __future__ import annotations

from logwatch.following.checkpoint import HEAD_LENGTH
from logwatch.following.chunk import NoticeKind
from logwatch.following.content import Archive, Plain
from logwatch.following.recognition import copy_of, original
from logwatch.following.stream import Stream
from logwatch.following.tracked import Tracked
from logwatch.following.turn import Turn
from logwatch.sources.content import HEAD_LENGTH as JUDGED_LENGTH
from logwatch.sources.content import refusal

_UNSOUND_WAIT = 12
"""How many times longer than for a half line is waited for the rest of a compressed file."""


def verify(stream: Stream, turn: Turn) -> None:
    """Look at every file of `stream` that changed; one that holds other bytes now becomes a new one."""
    for file in list(stream.files):
        if file.seen is None:
            continue
        if file.seen != file.changed:
            file.changed, file.changed_at = file.seen, turn.now
            file.refused, file.sure = None, False
            if file.seen != file.verified and (not file.offset or isinstance(file.content, Archive)):
                file.content = None  # what it is must be found out again
        elif file.seen == file.verified and not file.sure and isinstance(file.content, Plain):
            # Clocks of file systems tick every few milliseconds: what changed right after it was looked at shows
            # only in its bytes.
            file.sure, file.verified = True, None
        if file.seen != file.verified and file.refused is None:
            try:
                _verify(stream, file, turn)
            except OSError as error:
                turn.trouble(file.path, error)
        if file.refused is not None:
            turn.troubles[file.path] = file.refused
        elif (
            stream.active and file.file is not None and (stream.is_live(file) or file.unread or file.copy_of)
        ):
            turn.descriptors.keep(*file.where)


def recover(stream: Stream, turn: Turn) -> None:
    """Go on with the files of `stream` that are lost in the copies that were made of them, where there are any."""
    if any(file.copy_of for file in stream.files):
        for file in list(stream.files):
            if file.seen is None and not file.settled and not file.copy_of:
                try:
                    _recover(stream, file, turn)
                except OSError as error:
                    turn.trouble(file.path, error)


def _verify(stream: Stream, file: Tracked, turn: Turn) -> None:
    assert file.seen is not None
    if file.content is None:
        file.content = turn.content_of(file)
    if isinstance(file.content, Archive):
        if not looked_through(file.content, turn, turn.now - file.changed_at):
            return
        if not file.content.sound:
            turn.note(NoticeKind.GAP, file, file.content.fault)
        size = file.content.length
    else:
        size = file.seen[0]
        if not file.offset:
            file.refused = refusal(file.content.read(0, JUDGED_LENGTH))
            if file.refused is not None:
                return
    if size < file.offset or not file.holds(file.content):
        _replace(stream, file, turn)
        return
    if file.copy_of and size > file.length and not _still_copy(stream, file, size, turn):
        file.copy_of = 0
    after = file.content.read(file.offset, len(file.tail))
    if size < file.length or after != file.tail:
        if not file.offset:
            _replace(stream, file, turn)
            return
        _cut_off(stream, file, after, size, turn)
    if not file.offset:  # then what was seen of it is all that it can be known by
        file.head = file.content.read(0, HEAD_LENGTH)
    file.length = size
    file.verified = file.seen


def looked_through(archive: Archive, turn: Turn, quiet: float) -> bool:
    """Look through some more of a compressed file; return whether it can be read now.

    One that is not sound may be half-written: it is given time, `quiet` is how long it has not changed.
    """
    if archive.sound is None:
        turn.checked += archive.check(turn.limits.poll_bytes - turn.checked)
    if archive.sound is None:
        turn.behind = True
        return False
    return archive.sound or quiet >= _UNSOUND_WAIT * turn.limits.rotate_wait


def _replace(stream: Stream, file: Tracked, turn: Turn) -> None:
    """Give up `file`, whose content is lost unless a copy was made; what is at its place now will be found as new."""
    if not file.copy_of:
        turn.note(NoticeKind.TRUNCATED, file, "holds other bytes than before, and is read from its start")
    assert file.file is not None
    if file.linked:
        stream.beside = turn.siblings.of({stream.id, file.path})
        stream.expected.add(file.file)
    else:  # only our descriptor leads to it
        fresh = stream.track(file.path, file.real, file.file)
        fresh.seen, fresh.changed_at, fresh.linked = file.seen, turn.now, False
        verify_one(stream, fresh, turn)
    stream.disturbed = True
    file.file = file.seen = file.content = None
    file.gone_at = turn.now


def _recover(stream: Stream, file: Tracked, turn: Turn) -> None:
    for other in stream.files:
        if other.copy_of and other.seen is not None:
            if other.content is None:
                other.content = turn.content_of(other)
            quiet = turn.now - other.changed_at
            if isinstance(other.content, Archive) and not looked_through(other.content, turn, quiet):
                stream.checking = stream.checking or other.content.sound is None
                return
    copy = copy_of(stream, file)
    if copy is None:
        return
    stream.files.remove(copy)
    missing = file.length - max(copy.length, file.offset)
    take_over(file, copy, turn)
    if missing > 0:
        turn.note(NoticeKind.GAP, file, f"was truncated before {missing:,} bytes of it were read", missing)


def take_over(file: Tracked, other: Tracked, turn: Turn) -> None:
    """Go on with `file`, which was lost, in the file that `other` stands for. Raises `OSError`."""
    assert other.content is not None
    if file.file is not None:
        turn.descriptors.close(file.file)
    file.file, file.path, file.real, file.content = other.file, other.path, other.real, other.content
    file.seen = file.changed = file.verified = other.seen
    file.length = max(other.length, file.offset)
    file.changed_at, file.gone_at, file.drained = turn.now, None, None
    file.linked, file.settled, file.tail = True, False, b""
    file.content.stored = turn.stored(lambda: file.where)
    if not file.offset:
        file.head, file.marker = file.content.read(0, HEAD_LENGTH), b""


def verify_one(stream: Stream, file: Tracked, turn: Turn) -> None:
    """Look at a file that is new. What goes wrong is a trouble; then the next poll tries again."""
    file.changed = file.seen
    try:
        _verify(stream, file, turn)
    except OSError as error:
        turn.trouble(file.path, error)
    if file.refused is not None:
        turn.troubles[file.path] = file.refused


def _still_copy(stream: Stream, file: Tracked, size: int, turn: Turn) -> bool:
    """Whether a copy that changed is one still; then it is one up to its new end."""
    assert file.content is not None
    if original(stream, file.content, size, turn) is None:
        return False
    file.skip_to(file.content, size)
    return True


def _cut_off(stream: Stream, file: Tracked, after: bytes, size: int, turn: Turn) -> None:
    """Account for the half line that a file lost, while all that was read of it is still there.

    `after` is what it holds now in the place of what is kept in mind of that line.
    """
    missing = file.length - max(size, file.offset)
    if not after or not file.tail.startswith(after):
        missing = file.length - file.offset - len(file.tail)
        offset, marker = file.offset, file.marker
        turn.hand_out(stream.hand_out(file, file.last_words()))
        file.offset, file.marker = offset, marker
    file.tail = b""
    if missing > 0:
        turn.note(NoticeKind.GAP, file, f"was shortened before {missing:,} bytes of it were read", missing)
