"""Events of what readers yield. What may be counted in any order is counted at once, however often it was said, and
plain runs are put together; the rest comes record by record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from logwatch.engine.aggregation import Aggregation
from logwatch.engine.bulk_count import BulkCount
from logwatch.engine.match import Event
from logwatch.engine.matcher import Matcher, matches_of
from logwatch.engine.meanings import TextMeaning, TextMeanings
from logwatch.engine.pairing import Pairing, Played
from logwatch.engine.plain_runs import PlainRuns
from logwatch.evidence import Evidence
from logwatch.records.reads import Read
from logwatch.records.record import Record
from logwatch.records.scan.record_batch import RecordBatch
from logwatch.timespec import moment_of

_STRETCH = 20_000
"""Events that wait, and matches that are paired, at once."""

Said = Sequence[tuple[int, TextMeaning]]
"""Records of a batch, and what each says."""


class EventMaker:
    """Makes events of what readers yield, as `matcher` has it.

    What `counting` may count in any order is counted there, and is no event; None: nothing is. `pairing` puts runs
    together, where there is one; what is read must come from one source then. A record without a time is taken to be
    of `at`. All is there once the `rest` is taken.
    """

    def __init__(
        self, matcher: Matcher, at: datetime, counting: Aggregation | None, pairing: Pairing | None = None
    ) -> None:
        self._matcher = matcher
        self._at = at
        self.counting = counting
        self._bulk = BulkCount(counting) if counting else None
        self._pairing = pairing
        self._waiting: list[Event] = []
        self._source = ""
        self._meanings = TextMeanings(
            matcher,
            counting.unordered.__contains__ if counting else _never,
            pairing.pairs if pairing else _never,
        )

    def anew(self) -> EventMaker:
        """Return one that knows the same and has counted nothing."""
        counting, pairing = self.counting, self._pairing
        other = EventMaker(self._matcher, self._at, counting and counting.anew(), pairing and pairing.anew())
        other._meanings = self._meanings
        return other

    def events(self, read: Read) -> Iterable[Event | PlainRuns]:
        """Return the events of one record, or of several; where runs are put together they may wait, until `rest`."""
        if isinstance(read, Record):
            events: Iterable[Event] = self._arriving(self._of_records((read,)))
        elif self.counting is None or self._bulk is None or not self.counting.holds(*read.span):
            events = self._arriving(self._of_records(read))
        else:
            events = self._of_batch(read, self._bulk)
        if self._pairing is None:
            return events
        self._source = read.source
        for event in events:
            self._pairing.misses(event)
            self._waiting.append(event)
        return self._settled(self._pairing) if self._pairing.size + len(self._waiting) >= _STRETCH else ()

    def rest(self) -> Iterable[Event | PlainRuns]:
        """Return what waits."""
        if self._bulk is not None:
            self._bulk.settle()
        return () if self._pairing is None else self._settled(self._pairing)

    def _settled(self, pairing: Pairing) -> Iterable[Event | PlainRuns]:
        waiting, self._waiting = self._waiting, []
        return sorted((*waiting, *pairing.settle(self._source)), key=by_ordinal)

    def _arriving(self, events: Iterable[Event]) -> Iterable[Event]:
        if self._pairing is None:
            return events
        found = list(events)
        self._pairing.arrive([moment_of(event.time) for event in found if event.time is not None])
        return found

    def _of_records(self, records: Iterable[Record]) -> Iterator[Event]:
        event, counting, at = self._matcher.event, self.counting, self._at
        for record in records:
            found = event(record, at)
            if found is not None and counting is not None:
                found = counting.count(found)
            if found is not None:
                yield found

    def _of_batch(self, batch: RecordBatch, bulk: BulkCount) -> list[Event]:
        meant = self._meanings.of(batch)
        texts: list[TextMeaning] = []
        rest: list[tuple[int, TextMeaning]] = []
        for n, meaning in enumerate(meant.said):
            if meaning is None:
                continue
            if not meaning.which:
                texts.append(meaning)
            meaning.which.append(n)
            if meaning.paired:
                meant.messages[n] = meaning.whole
            if meaning.rest:
                rest.append((n, meaning))
        played = [*_paired(texts), *(played for said in meant.together for played in said.paired)]
        bulk.count(batch, meant, texts)
        events = _events(batch, rest)
        for n in meant.odd:
            events += self._of_records(batch.made(n))
        if meant.odd:
            events.sort(key=by_ordinal)
        if self._pairing is not None:
            self._pairing.arrive(_moments(batch, played, events))
            self._pairing.take(batch, meant.messages, played)
        return events


def _events(batch: RecordBatch, said: Said) -> list[Event]:
    """Return what records say that is taken in order."""
    events = []
    for n, meaning in said:
        time, (offset, line) = batch.time(n), batch.place(n)
        cited = Evidence(batch.source, line, offset, time, meaning.shown, meaning.rest[0].cited)
        events.append(
            Event(
                time,
                batch.source,
                batch.ordinals[n],
                matches_of(meaning.rest, time, cited, meaning.deployment),
            )
        )
    return events


def _paired(texts: Iterable[TextMeaning]) -> Iterator[Played]:
    """Yield the matches of records that are put together to runs."""
    for text in texts:
        for part in text.paired:
            keys = None if part.key is None else [part.key] * len(text.which)
            yield Played(part.rule, part.role, keys, text.which)


def _moments(batch: RecordBatch, played: Iterable[Played], events: Iterable[Event]) -> list[int]:
    """Return when matches were, in the order of the source; where that is that of time, the first and the last."""
    moments, ordinals = batch.moments, batch.ordinals
    which = {n for some in played for n in some.which}
    if batch.ordered and which:
        which = {min(which), max(which)}
    found = [(ordinals[n], moments[n]) for n in which]
    found += [(event.ordinal, moment_of(event.time)) for event in events if event.time is not None]
    return [moment for _, moment in sorted(found)]


def by_ordinal(event: Event | PlainRuns) -> int:
    """Return where in its source an event stands."""
    return event.ordinal


def _never(*_: object) -> bool:
    return False
