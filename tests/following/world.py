"""A reader that stores what it read with its checkpoints, and may be killed; the oracle is what it stored."""

from __future__ import annotations

import itertools
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from logwatch.following import Checkpoint, Chunk, Flaw, Follower, Limits, Notice, NoticeKind
from logwatch.following.checkpoint import FileCheckpoint

_MTIMES = itertools.count(1_700_000_000_000_000_000, 1_000_000_000)


def tick(path: Path | int) -> None:
    """Give a file that was just written an mtime of its own: tests are faster than the clock of a file system."""
    moment = next(_MTIMES)
    os.utime(path, ns=(moment, moment))


def write(path: Path, data: bytes | str, mode: str = "ab") -> None:
    """Append `data` to the file at `path`, as a writer that opens it for that."""
    with path.open(mode) as file:
        file.write(data.encode() if isinstance(data, str) else data)
    tick(path)


def lines(first: int, last: int, *, pad: str = "") -> str:
    """Return lines with the sequence ids `first` to `last`."""
    return "".join(f"<{n}>{pad}\n" for n in range(first, last + 1))


class Reader:
    """Drives a follower as the exporter does: what chunks say takes effect together with the checkpoints, or not."""

    def __init__(
        self, *names: Path | str, from_end: bool = False, limits: Limits | None = None, now: float = 0.0
    ) -> None:
        self.names: Sequence[str] = [str(name) for name in names]
        self.limits = limits
        self.now = now
        self.stored: list[Checkpoint] = []
        self.committed: list[tuple[str, int, bytes]] = []  # the same as is pending, once
        self.pending: list[tuple[str, int, bytes]] = []  # (stream, position, line)
        self.chunks: list[Chunk] = []
        self.notices: list[Notice] = []
        self.follower = self._new(from_end=from_end)

    def _new(self, *, from_end: bool = False) -> Follower:
        files = [checkpoint for checkpoint in self.stored if isinstance(checkpoint, FileCheckpoint)]
        return Follower(self.names, files, from_end=from_end, limits=self.limits)

    def poll(self, seconds: float = 1.0, *, times: int = 10_000) -> list[Chunk | Notice]:
        """Let `seconds` pass and poll until nothing more is ready, at most `times`; return all that came."""
        self.now += seconds
        items: list[Chunk | Notice] = []
        for _ in range(times):
            items += self.follower.poll(self.now)
            if not self.follower.behind:
                break
        for item in items:
            if isinstance(item, Notice):
                self.notices.append(item)
                continue
            self.chunks.append(item)
            assert item.data.endswith(b"\n")
            position = item.position
            for line in item.data.splitlines(keepends=True):
                self.pending.append((item.stream, position, line))
                position += len(line)
        return items

    def commit(self, open_at: dict[str, int] | None = None) -> None:
        """Store what was read, up to what `open_at` says is still open, with the checkpoints that belong to it."""
        checkpoints = self.follower.checkpoints(open_at)
        self.stored = msgspec.msgpack.decode(msgspec.msgpack.encode(checkpoints), type=list[Checkpoint])
        bound = open_at or {}
        self.committed += [item for item in self.pending if item[1] < bound.get(item[0], item[1] + 1)]
        self.pending = [item for item in self.pending if item[1] >= bound.get(item[0], item[1] + 1)]

    def kill(self) -> None:
        """Drop the follower and all that was not committed; begin again with what was stored last."""
        self.follower.close()
        self.pending = []
        self.follower = self._new()

    def finish(self) -> None:
        """Read all there is, waiting as long as any file is waited for, and commit it."""
        for _ in range(4):
            self.poll(100.0)
        self.commit()
        self.follower.close()

    @property
    def ids(self) -> list[int]:
        """The sequence ids in what was committed, in order."""
        return [int(n) for _, _, line in self.committed for n in re.findall(rb"<(\d+)>", line)]

    def kinds(self) -> list[NoticeKind]:
        """The kinds of all notices so far."""
        return [notice.kind for notice in self.notices]

    def gaps(self) -> list[Notice]:
        """The gaps that were reported."""
        return [notice for notice in self.notices if notice.kind is NoticeKind.GAP]

    def halves(self) -> list[bytes]:
        """The half lines that were handed out."""
        return [chunk.data for chunk in self.chunks if chunk.flaw is Flaw.HALF]


def each_once(ids: Iterable[int], first: int, last: int) -> bool:
    """Whether `ids` are `first` to `last`, each once, in any order."""
    return Counter(ids) == Counter(range(first, last + 1))
