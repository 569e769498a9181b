"""The follower of files: poll by poll, what was written since."""

# Paths are text here, see sighting.
# ruff: noqa: PTH100, PTH112, PTH120

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from logwatch.following.checkpoint import FileCheckpoint
from logwatch.following.chunk import Chunk, Notice, NoticeKind
from logwatch.following.descriptors import Descriptors
from logwatch.following.finding import Finder, stream_of
from logwatch.following.limits import Limits
from logwatch.following.locating import locate
from logwatch.following.reading import read
from logwatch.following.sighting import Sighting, look
from logwatch.following.stream import Stream
from logwatch.following.turn import Turn
from logwatch.following.verifying import recover, verify

_REMEMBERED = 16
"""Files of one stream that are gone and were said to be so, but may be recognised in a late copy."""


class Follower:
    """Follows files, directories and globs, which are looked up anew at every poll.

    `checkpoints` are those that were stored last; then reading goes on there. A file that is seen for the first time
    is read from its start; with `from_end`, what is there at the first poll of logs without a checkpoint is left out.
    """

    def __init__(
        self,
        names: Sequence[str],
        checkpoints: Iterable[FileCheckpoint] = (),
        *,
        from_end: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self._names = tuple(names)
        self._limits = limits or Limits()
        self._descriptors = Descriptors(self._limits.descriptors)
        self._finder = Finder(from_end=from_end)
        self._streams: dict[str, Stream] = {}
        self._first = True
        self._clock: float | None = None  # what the last poll was told
        self._elapsed = 0.0
        self._start = 0
        self.behind = False
        self.troubles: dict[str, str] = {}
        for checkpoint in checkpoints:
            self._stream(checkpoint.stream).restore(checkpoint)

    def poll(self, now: float) -> list[Chunk | Notice]:
        """Return what came since the last poll, in order. Never raises for what the outside world does.

        `now` is in seconds, of whatever clock; one that goes back stands still for that while.
        """
        turn = Turn(
            now=self._time(now),
            view=look(self._names),
            limits=self._limits,
            descriptors=self._descriptors,
            left=self._limits.poll_bytes,
            first=self._first,
        )
        for stream in self._streams.values():
            locate(stream, turn)
        for stream in self._streams.values():
            verify(stream, turn)
        self._find(turn)
        self._read(turn)
        self._forget(turn)
        self._complain(turn)
        self._first = False
        self.behind = turn.behind
        return turn.items

    def checkpoints(self, open_at: Mapping[str, int] | None = None) -> list[FileCheckpoint]:
        """Return where to go on if all that was handed out is accounted for, oldest file of each stream first.

        `open_at` names, by stream, the position from which on that is not so yet: where the open record begins. It
        is taken back to the beginning of its line, and never goes back behind what an earlier call was given. The
        list is complete: what is not in it is forgotten.
        """
        for stream in self._streams.values():
            stream.ledger.release((open_at or {}).get(stream.id, stream.position))
        return [checkpoint for stream in self._streams.values() for checkpoint in stream.checkpoints()]

    @property
    def full(self) -> bool:
        """Whether so much is not accounted for that nothing is read until `checkpoints` is called."""
        return sum(stream.ledger.held for stream in self._streams.values()) >= self._limits.held_bytes

    @property
    def unread(self) -> dict[str, int]:
        """Bytes of each stream that were seen and not handed out."""
        return {
            stream.id: sum(file.unread for file in stream.files if not file.settled)
            for stream in self._streams.values()
            if stream.active
        }

    def directories(self) -> set[str]:
        """Return the directories in which something that matters may happen."""
        places = {os.path.dirname(file.path) for stream in self._streams.values() for file in stream.files}
        for name in self._names:
            path = os.path.abspath(name)
            places.add(path if os.path.isdir(path) else os.path.dirname(path))
        return {place for place in places if os.path.isdir(place)}

    def close(self) -> None:
        """Close every descriptor. What was handed out and not stored will be handed out again, by another follower."""
        self._descriptors.close_all()

    def _time(self, now: float) -> float:
        if self._clock is not None:
            self._elapsed += max(now - self._clock, 0.0)
        self._clock = now
        return self._elapsed

    def _stream(self, path: str) -> Stream:
        if path not in self._streams:
            self._streams[path] = Stream(path)
        return self._streams[path]

    def _find(self, turn: Turn) -> None:
        """Give every file that was seen to its stream, and see what is new in it."""
        owners = {
            file.file: stream for stream in self._streams.values() for file in stream.files if file.file
        }
        fresh: dict[str, list[Sighting]] = {}
        for sighting in turn.view.files.values():
            owner = owners.get(sighting.file)
            if owner is not None:
                continue
            path = stream_of(sighting, self._streams, turn)
            stream = self._stream(path)
            stream.named = True
            if stream.files and not stream.active:
                turn.behind = True  # what is known of it is looked for first, in the next poll
                continue
            stream.active = True
            fresh.setdefault(path, []).append(sighting)
        taken = {*owners, *turn.view.files}
        relatives: dict[str, list[Stream]] = {}
        for stream in self._streams.values():
            relatives.setdefault(stream.base, []).append(stream)
        for stream in self._streams.values():
            if stream.active and (stream.id in fresh or stream.disturbed):
                self._finder.find(stream, fresh.get(stream.id, ()), taken, relatives[stream.base], turn)
                taken.update(file.file for file in stream.files if file.file)
            recover(stream, turn)

    def _read(self, turn: Turn) -> None:
        """Read every stream, beginning with the one that was not reached the last time."""
        if self.full:
            return
        streams = [stream for stream in self._streams.values() if stream.active]
        start = self._start % max(len(streams), 1)
        self._start = start
        for index in range(len(streams)):
            place = (start + index) % len(streams)
            if turn.left <= 0:
                self._start = place
                turn.behind = True
                break
            read(streams[place], turn)

    def _forget(self, turn: Turn) -> None:
        for stream in list(self._streams.values()):
            gone = [file for file in stream.files if file.seen is None and file.settled]
            last = turn.now - self._limits.forget_after
            for index, file in enumerate(reversed(gone)):
                if index >= _REMEMBERED or (file.gone_at is not None and file.gone_at <= last):
                    stream.files.remove(file)
            if not stream.active and turn.now >= self._limits.forget_after:
                self._forget_gone(stream, turn)
            if not stream.files and stream.id not in turn.view.by_path:
                del self._streams[stream.id]

    @staticmethod
    def _forget_gone(stream: Stream, turn: Turn) -> None:
        """Forget the files of a stream to which no name leads any more, as far as there are none."""
        for file in list(stream.files):
            if not os.path.lexists(file.path):
                stream.files.remove(file)
                if file.unread:
                    lost = f"is gone before {file.unread:,} bytes of it were read"
                    turn.note(NoticeKind.GAP, file, lost, file.unread)

    def _complain(self, turn: Turn) -> None:
        troubles = turn.view.troubles | turn.troubles
        for name, sentence in troubles.items():
            if self.troubles.get(name) != sentence:
                stream = name if name in self._streams else ""
                turn.items.append(Notice(NoticeKind.UNREADABLE, stream, name, sentence))
        self.troubles = troubles
