"""The record: one event of a log, as every later step sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import msgspec

Scalar = str | int | float | bool | None
NO_ATTRIBUTES: Mapping[str, Scalar] = MappingProxyType({})


class Record(msgspec.Struct, frozen=True):
    """One record, with its place in its source.

    `ordinal` ascends in reading order (from the last record's negative to 0, where a source is newest first).
    `offset` (bytes) and `line` (from 1; 0: not counted) are the place of its first physical line; `lines` says
    how many it spans. `time` is the event time in UTC (None: nothing in the source carries a time); `inherited` says
    that it was taken from a neighbour. `message` is what patterns see: peeled, joined, decoded, without colours,
    lines separated by newline. `original` is the text as it stood where that differs by more than colours
    (mojibake), else None. `attributes` are the structured fields, nested names joined by dots. `outer_time`
    is the envelope's time.
    """

    source: str
    ordinal: int
    offset: int
    line: int
    lines: int
    time: datetime | None
    message: str
    inherited: bool = False
    level: str | None = None
    attributes: Mapping[str, Scalar] = NO_ATTRIBUTES
    outer_time: datetime | None = None
    original: str | None = None
    truncated: bool = False
