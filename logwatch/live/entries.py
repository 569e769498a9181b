"""Entries: all that happens to a course. What it knows follows from them, in their order, and from nothing else."""

from __future__ import annotations

from datetime import datetime

import msgspec

from logwatch.engine.match import Event


class Seen(msgspec.Struct, frozen=True, tag="seen", array_like=True):
    """An event was read. `at` is its place in time: its own, or that of its reading where its source carries none."""

    at: datetime
    event: Event


class Lost(msgspec.Struct, frozen=True, tag="lost", array_like=True):
    """What a source logged between two moments is missing."""

    source: str
    after: datetime
    before: datetime


class Advanced(msgspec.Struct, frozen=True, tag="advanced", array_like=True):
    """Input is complete up to, and without, `watermark`; it was `wall` then."""

    watermark: datetime
    wall: datetime


Entry = Seen | Lost | Advanced
