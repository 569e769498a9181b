"""systemd's journal as a stream: `journalctl` follows it, and its cursor says where to go on."""

from __future__ import annotations

import re
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from logwatch.following.checkpoint import JournalCheckpoint
from logwatch.following.chunk import Chunk, Flaw, Notice, NoticeKind
from logwatch.following.limits import Limits
from logwatch.following.pipe import Gatherer, read_ready
from logwatch.sources.refused import cannot_open, reason

# The quotes of a message are escaped, so no message can hold this; fields of two underscores are journald's own.
_CURSOR = re.compile(rb'"__CURSOR"\s*:\s*"([^"\\]+)"')
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_HELD_WORDS = 2048

Start = Callable[[Sequence[str]], "subprocess.Popen[bytes]"]
"""Starts `journalctl` with these arguments, its output and its errors in pipes. Raises `OSError`."""


def journalctl(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the real one, as found on PATH."""
    command = ["journalctl", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)  # noqa: S603  no shell


class JournalFollower:
    """Follows the journal, or what `matches` (arguments of journalctl: `-u worker`) leave of it.

    Without a checkpoint it begins with the oldest entry; with `from_end`, with the next one. A journalctl that ends
    is started again after a while, behind the last entry that it gave.
    """

    def __init__(
        self,
        checkpoint: JournalCheckpoint | None = None,
        *,
        stream: str = "journal",
        matches: Sequence[str] = (),
        from_end: bool = False,
        start: Start = journalctl,
        limits: Limits | None = None,
    ) -> None:
        self._stream = stream
        self._matches = tuple(matches)
        self._from_end = from_end
        self._start = start
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._gatherer = Gatherer()
        self._words = b""
        self._pause, self._start_at = _FIRST_PAUSE, float("-inf")
        self._position = checkpoint.position if checkpoint else 0
        self._cursor = self._accounted = checkpoint.cursor if checkpoint else None
        self._accounted_to = self._position
        self._held: deque[Chunk] = deque()
        self.behind = False
        self.troubles: dict[str, str] = {}

    def poll(self, now: float) -> list[Chunk | Notice]:
        """Return what has come. Never raises for what the outside world does."""
        if self._process is None and now >= self._start_at:
            try:
                self._process = self._start(self._arguments())
            except OSError as error:
                return self._failed(now, f"journalctl {cannot_open('journalctl', error)}")
        if self._process is None:
            return []
        assert self._process.stdout is not None
        items: list[Chunk | Notice] = []
        left = (
            0 if self._position - self._accounted_to >= self._limits.held_bytes else self._limits.poll_bytes
        )
        while left > 0:
            try:
                data = read_ready(self._process.stdout.fileno())
            except OSError as error:
                self._words = reason(error).encode()
                data = b""
            if data is None:
                break
            if not data:
                return items + self._ended(now)
            left -= len(data)
            for lines, lost in self._gatherer.feed(data):
                items += self._handed_out(lines, lost)
        self._listen()
        self.behind = left <= 0
        return items

    def checkpoints(self, open_at: Mapping[str, int] | None = None) -> list[JournalCheckpoint]:
        """Return where to go on; see `Follower.checkpoints`. `position` is where the entry after the cursor is."""
        self._release((open_at or {}).get(self._stream, self._position))
        return [JournalCheckpoint(self._stream, self._accounted_to, self._accounted)]

    def close(self) -> None:
        """End journalctl."""
        if self._process is not None:
            self._process.kill()
            self._reap(self._process)
        self._process = None

    def _arguments(self) -> list[str]:
        # Without --all, long fields are left out; without --no-tail, all but the last ten entries.
        tail = "--lines=0" if self._from_end and self._cursor is None else "--no-tail"
        after = [] if self._cursor is None else [f"--after-cursor={self._cursor}"]
        return ["--output=json", "--all", "--follow", tail, "--quiet", *after, *self._matches]

    def _handed_out(self, data: bytes, lost: int) -> list[Chunk | Notice]:
        items: list[Chunk | Notice] = []
        if lost:
            detail = "holds an entry that is too long, which was cut"
            items.append(Notice(NoticeKind.LONG_LINE, self._stream, self._stream, detail, lost))
        flaw = Flaw.CUT if lost else None
        chunk = Chunk(self._stream, self._position, data, self._stream, 1, self._position, 0, flaw)
        self._position = chunk.end
        self._cursor = _last_cursor(data) or self._cursor
        self._held.append(chunk)
        self._pause = _FIRST_PAUSE
        self.troubles = {}
        return [*items, chunk]

    def _release(self, position: int) -> None:
        """Note that all whole lines before `position` are accounted for."""
        while self._held and self._held[0].end <= position:
            chunk = self._held.popleft()
            self._accounted = _last_cursor(chunk.data) or self._accounted
            self._accounted_to = chunk.end
        if self._held:
            chunk = self._held[0]
            end = chunk.data.rfind(b"\n", 0, max(position - chunk.position, 0)) + 1
            self._accounted = _last_cursor(chunk.data[:end]) or self._accounted
            self._accounted_to = chunk.position + end

    def _ended(self, now: float) -> list[Chunk | Notice]:
        """Account for a journalctl that ended; half an entry of it will come again."""
        assert self._process is not None
        process, self._process = self._process, None
        self._gatherer = Gatherer()
        status = self._reap(process)
        words = self._words.decode("utf-8", "backslashreplace").strip().rpartition("\n")[2]
        self._words = b""
        return self._failed(now, f"journalctl ended with status {status}" + (f": {words}" if words else ""))

    def _failed(self, now: float, sentence: str) -> list[Chunk | Notice]:
        self._start_at = now + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        self.behind = False
        if self.troubles.get(self._stream) == sentence:
            return []
        self.troubles = {self._stream: sentence}
        return [Notice(NoticeKind.UNREADABLE, self._stream, self._stream, sentence)]

    def _listen(self) -> None:
        """Take what journalctl says, so that it never waits for us to."""
        assert self._process is not None
        assert self._process.stderr is not None
        while words := _ready_words(self._process.stderr.fileno()):
            self._words = (self._words + words)[-_HELD_WORDS:]

    def _reap(self, process: subprocess.Popen[bytes]) -> int:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        try:
            status = process.wait(1.0)  # its output has ended: so has it, or will at once
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        self._words = (self._words + _rest(process.stderr.fileno()))[-_HELD_WORDS:]
        process.stderr.close()
        return status


def _last_cursor(data: bytes) -> str | None:
    """Return the cursor of the last line that has one."""
    end = len(data)
    while end > 0:
        start = data.rfind(b"\n", 0, end - 1) + 1
        match = _CURSOR.search(data, start, end)
        if match:
            return match[1].decode("ascii", "replace")
        end = start
    return None


def _ready_words(descriptor: int) -> bytes:
    try:
        return read_ready(descriptor) or b""
    except OSError:
        return b""


def _rest(descriptor: int) -> bytes:
    words = b""
    while more := _ready_words(descriptor):
        words = (words + more)[-_HELD_WORDS:]
    return words
