"""Matches of a batch that may be counted in any order: counted text by text, and cited only where they are in the end.

Of matches that are counted the first few and the last few are cited. In a log that is in order each batch has later
ones than those before: so its last few are only held until it is known that no later ones come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from logwatch.engine.aggregation import Aggregation
from logwatch.engine.matcher import Part
from logwatch.engine.meanings import Meant, TextMeaning
from logwatch.engine.samples import KEPT
from logwatch.evidence import Evidence, shown
from logwatch.records.scan.record_batch import RecordBatch
from logwatch.timespec import time_of

_MICROSECONDS = 1_000_000


class _Place(NamedTuple):
    """Where a record stands in the order of time, and what it says."""

    moment: int
    source: str
    offset: int
    line: int
    text: str

    def evidence(self, role: str) -> Evidence:
        """Return what is shown of it."""
        return Evidence(self.source, self.line, self.offset, time_of(self.moment), shown(self.text), role)


class BulkCount:
    """Counts what texts say into `counting`; what it holds is there once it is `settled`."""

    def __init__(self, counting: Aggregation) -> None:
        self._counting = counting
        self._held: dict[tuple[str, str], tuple[Part, list[_Place]]] = {}

    def count(self, batch: RecordBatch, meant: Meant, texts: Iterable[TextMeaning]) -> None:
        """Count what the records at hand mean, which lie in the window; `texts` are what some say, each by itself."""
        found: dict[tuple[str, str], tuple[Part, list[int]]] = {}
        for text in texts:
            which, text.which = text.which, []
            self._count(text.counted, text.deployment, which, found)
        for said in meant.together:
            self._count(said.counted, None, said.which, found)
        for part, which in found.values():
            which.sort(reverse=batch.backwards)  # of the same moment, the first of the source come first
            if batch.backwards or not batch.ordered:
                which.sort(key=batch.moments.__getitem__)
            self._note(batch, part, which, meant)

    def _count(
        self,
        parts: Iterable[Part],
        deployment: str | None,
        which: list[int],
        found: dict[tuple[str, str], tuple[Part, list[int]]],
    ) -> None:
        judged = self._counting.judges(deployment)
        for part in parts:
            aggregator = self._counting.unordered[part.rule]
            if not judged:
                aggregator.sums.older += len(which)
                continue
            aggregator.count(part, len(which))
            found.setdefault((part.rule, part.role), (part, []))[1].extend(which)

    def settle(self) -> None:
        """Cite what is held."""
        for part, last in self._held.values():
            for place in last:
                self._counting.unordered[part.rule].cite(part.role, place.evidence(part.cited))
        self._held.clear()

    def _note(self, batch: RecordBatch, part: Part, which: list[int], meant: Meant) -> None:
        """Note when matches of a role were that are counted, and cite them, or hold them; `which` are in order."""
        aggregator, moments = self._counting.unordered[part.rule], batch.moments
        if aggregator.timed:
            aggregator.note(part, [moments[n] / _MICROSECONDS for n in which])
        early = aggregator.cites(part.role, time_of(moments[which[0]]))
        first = min(KEPT, len(which)) if early else 0
        for place in _places(batch, which[:first], meant):
            aggregator.cite(part.role, place.evidence(part.cited))
        last = _places(batch, which[first:][-KEPT:], meant)
        _, held = self._held.get((part.rule, part.role), (part, []))
        held = sorted((*held, *last), key=_order)[-KEPT:]
        self._held[part.rule, part.role] = part, held


def _places(batch: RecordBatch, which: Iterable[int], meant: Meant) -> Iterator[_Place]:
    for n in which:
        yield _Place(batch.moments[n], batch.source, *batch.place(n), meant.whole(n))


def _order(place: _Place) -> tuple[int, str, int]:
    return place.moment, place.source, place.offset
