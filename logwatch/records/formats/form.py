"""What a format makes of a line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Protocol, runtime_checkable

from logwatch.records.dating import Calendar

NO_FIELDS: Mapping[str, object] = MappingProxyType({})


class Start(NamedTuple):
    """The first line of a record. `time` None: the record does not say, or says one that no calendar has.

    `fields` are as they came, nested. `lost`: the record came without its message.
    """

    time: datetime | None
    message: str
    level: str | None = None
    fields: Mapping[str, object] = NO_FIELDS
    lost: bool = False


class Format(Protocol):
    """How the records of a source begin."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def start(self, text: str, calendar: Calendar) -> Start | None:
        """Return what the line begins; None if it continues the record before. A blank line begins nothing."""
        ...


class Stamp(NamedTuple):
    """How a line shows the time of the record that it begins.

    The head ends at `end`, a space behind it included; what it says is the same wherever its other characters are the
    same and its digits are others. The digits in `fine` say what is finer than a second, the later the greater.
    """

    end: int
    fine: slice


@runtime_checkable
class StampedFormat(Format, Protocol):
    """A format whose records begin with a time that says all by itself, or all but the year (`yearless`), whatever was
    said before.
    """

    yearless: bool
    opening: int
    """Bytes behind the head on which it depends where the message begins, and what the level is; 0: on any number."""
    begins: bytes
    """The bytes of which a head that `stamp` knows begins with one."""

    def stamp(self, text: str) -> Stamp | None:
        """Return the stamp at the head of a line; None where there is none."""
        ...

    def said(self, text: str, begin: int) -> Start:
        """Return what a line begins whose head ends at `begin`, and holds nothing but the time."""
        ...


class Peeled(NamedTuple):
    """What an envelope holds. `partial`: the data go on in the next envelope of the same stream."""

    time: datetime | None
    data: bytes
    stream: str
    partial: bool
    fields: Mapping[str, object] = NO_FIELDS


class Envelope(Protocol):
    """A wrapping of each line by what carried it."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def peel(self, data: bytes, calendar: Calendar) -> Peeled | None:
        """Return what the line wraps; None if it is no such envelope."""
        ...


_LEVELS = (
    *("trace", "verbose", "debug", "info", "notice", "warn", "warning", "error", "err"),
    *("fatal", "critical", "crit", "alert", "emerg", "panic"),
)
_SPELLINGS = {spelt: word for word in _LEVELS for spelt in (word, word.upper(), word.title())}
SEVERITIES = ("fatal", "fatal", "critical", "error", "warning", "notice", "info", "debug")
"""The levels of syslog's severities, from 0."""


def level_of(word: str) -> str | None:
    """Return the level that `word` names, in lower case."""
    return _SPELLINGS.get(word)
