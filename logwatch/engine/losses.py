"""Where sources lost data: what may have been logged there, nobody knows."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Losses(msgspec.Struct):
    """Spans of time in which records of a source are missing, by source; both ends are open."""

    spans: dict[str, list[tuple[datetime, datetime]]] = msgspec.field(default_factory=dict)

    def add(self, source: str, after: datetime, before: datetime) -> None:
        """Note that records of `source` between the two moments are missing."""
        spans = self.spans.setdefault(source, [])
        if spans and spans[-1][0] <= after <= spans[-1][1]:
            after, before = spans[-1][0], max(before, spans[-1][1])
            spans.pop()
        spans.append((after, before))

    def touch(self, source: str, first: datetime, last: datetime) -> bool:
        """Whether a record of `source` from `first` to `last` may be missing."""
        return any(after < last and first < before for after, before in self.spans.get(source, ()))
