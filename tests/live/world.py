"""Chunks as a follower hands them out, and what a stream makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from logwatch.following import Chunk
from logwatch.live.options import Reading
from logwatch.live.stream import FollowedStream, StreamFacts
from logwatch.records.assembly import Draft
from logwatch.records.record import Record

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Source:
    """A stream that is written piece by piece; `now` and `wall` move together."""

    def __init__(
        self, facts: StreamFacts | None = None, *, at: int = 0, written: datetime | None = None
    ) -> None:
        self.now = 0.0
        self.wall = NOON
        self.position = at
        self.line = 1
        self.accounted: list[Draft] = []
        reading = Reading(UTC, quiet=5.0, modified=lambda _: written)
        self.stream = FollowedStream(
            "/logs/worker.log",
            facts or StreamFacts(since=NOON),
            reading,
            lambda _: True,
            lambda _, draft: self.accounted.append(draft),
        )

    def write(self, text: str, *, seconds: float = 0.0, offset: int | None = None) -> list[Record]:
        """Let time pass and hand out lines."""
        self._pass(seconds)
        data = text.encode()
        place = self.position if offset is None else offset
        chunk = Chunk("/logs/worker.log", self.position, data, "/logs/worker.log", 1, place, self.line)
        self.position += len(data)
        self.line += data.count(b"\n")
        return list(self.stream.feed(chunk, self.now, self.wall))

    def wait(self, seconds: float) -> list[Record]:
        """Let time pass in silence."""
        self._pass(seconds)
        return list(self.stream.pass_time(self.now, self.wall))

    def _pass(self, seconds: float) -> None:
        self.now += seconds
        self.wall += timedelta(seconds=seconds)
