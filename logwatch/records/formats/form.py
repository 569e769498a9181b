"""What a format makes of a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from logwatch.records.dating import Calendar
from logwatch.records.record import NO_ATTRIBUTES, Scalar


@dataclass(frozen=True, slots=True)
class Start:
    """The first line of a record. `time` None: the record does not say."""

    time: datetime | None
    message: str
    level: str | None = None
    attributes: Mapping[str, Scalar] = field(default_factory=lambda: NO_ATTRIBUTES)


class Format(Protocol):
    """How the records of a source begin."""

    name: str

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return what the line begins; None if it continues the record before."""
        ...


@dataclass(frozen=True, slots=True)
class Peeled:
    """What an envelope holds. `partial`: the text goes on in the next envelope of the same stream."""

    time: datetime | None
    text: str
    stream: str
    partial: bool
    attributes: Mapping[str, Scalar] = field(default_factory=lambda: NO_ATTRIBUTES)


class Envelope(Protocol):
    """A wrapping of each line by what carried it."""

    name: str

    def peel(self, text: str, calendar: Calendar) -> Peeled | None:
        """Return what the line wraps; None if it is no such envelope."""
        ...


LEVELS = frozenset(
    {"trace", "debug", "info", "notice", "warn", "warning", "error", "err", "fatal", "critical"}
)


def level_of(word: str) -> str | None:
    """Return the level that `word` names, in lower case."""
    word = word.lower()
    return word if word in LEVELS else None
