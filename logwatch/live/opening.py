"""Names become what is followed: files, directories and globs, systemd's journal, standard input."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from logwatch.config import JOURNAL
from logwatch.errors import UsageError
from logwatch.following import Checkpoint, FileCheckpoint, Follower, Following, JournalCheckpoint, Limits
from logwatch.following.journal import JournalFollower
from logwatch.following.pipe import PipeFollower
from logwatch.sources.stdin import STDIN


@dataclass(frozen=True, slots=True)
class Followings:
    """All that is followed. `files` is the one among `parts` that follows files, None where no name is of any."""

    parts: tuple[Following, ...]
    files: Follower | None

    def directories(self) -> Iterable[str]:
        """Return the directories in which something that matters may happen."""
        return self.files.directories() if self.files else ()

    def close(self) -> None:
        """Give up descriptors and processes."""
        for part in self.parts:
            part.close()


def open_followings(
    names: Sequence[str],
    checkpoints: Iterable[Checkpoint] = (),
    *,
    from_end: bool = False,
    stdin: int | None = None,
    limits: Limits | None = None,
) -> Followings:
    """Return what follows `names`, from `checkpoints` on. `stdin` is the descriptor that `-` stands for.

    Raises `UsageError` where `-` is named and there is none.
    """
    known = list(checkpoints)
    journals = {point.stream: point for point in known if isinstance(point, JournalCheckpoint)}
    parts: list[Following] = []
    files: list[str] = []
    for name in dict.fromkeys(names):
        if name == STDIN:
            if stdin is None:
                raise UsageError("-: standard input is closed; name a file, or pipe something in")
            parts.append(PipeFollower(stdin, limits=limits))
        elif name.startswith(JOURNAL):
            parts.append(
                JournalFollower(
                    journals.get(name), stream=name, matches=_matches(name), from_end=from_end, limits=limits
                )
            )
        else:
            files.append(name)
    follower = None
    if files:
        at = [point for point in known if isinstance(point, FileCheckpoint)]
        follower = Follower([str(Path(name)) for name in files], at, from_end=from_end, limits=limits)
        parts.append(follower)
    return Followings(tuple(parts), follower)


def _matches(name: str) -> list[str]:
    """Return the arguments of journalctl that a journal's name holds; bare words are units."""
    try:
        words = shlex.split(name.removeprefix(JOURNAL))
    except ValueError as error:
        raise UsageError(f"{name}: is no journal ({error}); write it like journal:worker.service") from None
    if any(word.startswith("-") for word in words):
        return words
    return [f"--unit={word}" for word in words]
