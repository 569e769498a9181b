"""What goes wrong, said so that the reader can mend it. Imports nothing of logwatch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Location(NamedTuple):
    """A place in a file: `file` as the user named it, `line` counted from 1 (0: the file as a whole)."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Problem(NamedTuple):
    """One fault in what the user wrote: where it is, what is wrong, and the remedy."""

    location: Location | None
    message: str

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message


class LogwatchError(Exception):
    """Base of every error that is told to people without a traceback.

    `exit_code` is the command's exit code when the error ends it: 2 usage or configuration, 3 what may be right the
    next time: a source that cannot be read, a state that cannot be written.
    """

    exit_code = 2

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(Problem(None, p) if isinstance(p, str) else p for p in problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class UsageError(LogwatchError):
    """The command line asks for something that has no meaning."""


class ConfigError(LogwatchError):
    """A configuration, rule or marker file is wrong; carries all of the file's problems at once."""


class SourceError(LogwatchError):
    """A source cannot be read."""

    exit_code = 3


class StateError(LogwatchError):
    """A state cannot be used now, though it may be later: the disk is full, the file is locked."""

    exit_code = 3


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the known word nearest to `word`, else the empty string."""
    from difflib import get_close_matches  # noqa: PLC0415 - only mistakes need it

    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""
