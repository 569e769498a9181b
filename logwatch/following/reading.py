"""Reading a stream: what is older comes first, and nothing is waited for longer than it deserves."""

from __future__ import annotations

from logwatch.following.chunk import NoticeKind
from logwatch.following.content import Archive
from logwatch.following.rotation import rotated, unpacked
from logwatch.following.stream import Stream
from logwatch.following.tracked import Tracked
from logwatch.following.turn import Turn


def read(stream: Stream, turn: Turn) -> None:
    """Hand out what is new in the files of `stream`, oldest first."""
    stream.sort()
    if stream.checking:
        return
    for file in stream.files:
        if file.rotated_at is None and not _is_written(stream, file, turn):
            file.rotated_at = turn.now
    for file in list(stream.files):
        done = _settle(stream, file, turn) if file.seen is None else _read(stream, file, turn)
        if not done:
            return


def _read(stream: Stream, file: Tracked, turn: Turn) -> bool:
    """Read `file` as far as this poll allows; return whether its successor may be read."""
    if file.copy_of:
        return file.linked or _end(stream, file, turn)
    if file.seen != file.verified:  # refused, unreadable, or compressed and not looked through
        checking = isinstance(file.content, Archive)
        return not checking or turn.now - file.changed_at >= turn.limits.rotate_wait
    try:
        if file.unread and file.drained != file.seen and not _read_on(stream, file, turn):
            return False
        return _is_written(stream, file, turn) or _end(stream, file, turn)
    except OSError as error:
        turn.trouble(file.path, error)
        return True


def _is_written(stream: Stream, file: Tracked, turn: Turn) -> bool:
    """Whether the file is the one that is written to: the newest, not compressed, and none has taken over from it."""
    known = rotated(file.path)
    over = known is not None and (
        known.base == stream.id or known.base in turn.view.by_path or unpacked(file.path) is not None
    )
    return stream.is_live(file) and not over and not turn.limits.ended


def _read_on(stream: Stream, file: Tracked, turn: Turn) -> bool:
    """Read what is new; return whether the end was reached."""
    if file.content is None:
        file.content = turn.content_of(file)
    if isinstance(file.content, Archive) and file.content.sound is None:
        file.verified = None  # its checkpoint was: that it has changed since would have been seen
        return False
    limit = min(turn.limits.file_bytes, turn.left)
    if limit <= 0:
        turn.behind = True
        return False
    before = file.offset
    pieces = file.read(file.content, limit)
    if pieces is None:
        file.verified, turn.behind = None, True  # changed under our hands: the next poll looks at it anew
        return False
    turn.left -= max(file.offset - before, file.more * limit, 1)
    turn.hand_out(stream.hand_out(file, pieces))
    if file.more:
        turn.behind = True
        return False
    file.drained = file.seen
    return True


def _end(stream: Stream, file: Tracked, turn: Turn) -> bool:
    """Account for the end of a file that has been rotated or unlinked, once it is quiet."""
    assert file.rotated_at is not None
    wait = turn.limits.rotate_wait
    quiet = turn.now - max(file.changed_at, file.rotated_at) >= wait
    if file.unread:
        if isinstance(file.content, Archive) or quiet:
            assert file.content is not None or file.drained == file.seen
            if file.content is None:
                file.content = turn.content_of(file)
            turn.hand_out(stream.hand_out(file, file.finish(file.content)))
        elif turn.now - file.rotated_at < 2 * wait:
            return False
    if isinstance(file.content, Archive) and not file.unread:
        file.content = None
    if quiet and not file.linked:
        assert file.file is not None
        turn.descriptors.close(file.file)
        turn.note(NoticeKind.GONE, file, "is gone, and was read to its end")
        file.seen, file.settled, file.gone_at = None, True, turn.now
    return True


def _settle(stream: Stream, file: Tracked, turn: Turn) -> bool:
    """Account for what is lost of a file that is gone, once nothing can bring it back."""
    assert file.gone_at is not None
    if file.settled:
        return True
    if stream.checking or turn.now - file.gone_at < turn.limits.rotate_wait:
        return not file.unread
    file.settled = True
    turn.hand_out(stream.hand_out(file, file.last_words()))
    if file.unread:
        what = "was truncated" if file.file is None else "is gone"
        turn.note(NoticeKind.GAP, file, f"{what} before {file.unread:,} bytes of it were read", file.unread)
        file.length = file.offset  # so that it is not told again after a restart
    elif file.file is not None:
        turn.note(NoticeKind.GONE, file, "is gone, and was read to its end")
    return True
