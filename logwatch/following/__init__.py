"""Following: logs that are still being written, read for months, each line once.

A follower has no thread, no clock and no file of its own. Whoever drives it says when and what time it is, and
stores its checkpoints in the transaction that stores what the lines meant:

    follower = Follower(["/var/log/worker/*.log"], checkpoints=state.checkpoints())
    waker = Waker(follower.directories)
    while running:
        for item in follower.poll(now()):          # seconds of any clock, best a monotonic one
            match item:
                case Chunk():                       # whole lines of one stream; `data` ends with a newline
                    parsers[item.stream].feed(item.data)
                case Notice():                      # rotation, truncation, gap, half line, ...
                    account(item)
        # What was handed out and is not accounted for yet, by stream: where the open record begins.
        open_records = {stream: parser.begins for stream, parser in parsers.items() if parser.begins is not None}
        with state.transaction():
            state.store(counters, follower.checkpoints(open_records))
        if not follower.behind:
            waker.wait(1.0)

A *stream* is one log through all its rotations; its id is the absolute path under which it is written. `position`
counts the bytes of `data` that a stream has handed out, from the beginning of its life and through all restarts: a
parser that is fed chunk after chunk knows every record's position by adding up. `offset`, `line` and `name` are the
place in the file, for people.

`checkpoints(open)` is due every now and then even where nothing is stored, since uncommitted bytes are held (and no
more is read while too many are). A follower that is dropped without it was never there: the next one, made of the
last stored checkpoints, hands out again all that came after them, with the same positions.

`Follower` follows files, `JournalFollower` (journal.py) systemd's journal, `PipeFollower` (pipe.py) standard input;
all three are driven alike, see `Following` in chunk.py. `Waker` (waking.py) waits for the next change.
"""

from logwatch.following.checkpoint import Checkpoint, FileCheckpoint, JournalCheckpoint
from logwatch.following.chunk import Chunk, Flaw, Following, Notice, NoticeKind
from logwatch.following.follower import Follower
from logwatch.following.limits import AT_REST, Limits

__all__ = [
    "AT_REST",
    "Checkpoint",
    "Chunk",
    "FileCheckpoint",
    "Flaw",
    "Follower",
    "Following",
    "JournalCheckpoint",
    "Limits",
    "Notice",
    "NoticeKind",
]
