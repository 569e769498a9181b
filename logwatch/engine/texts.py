"""Events of what readers yield. Of the records of a batch that say the same, one is looked at; and what may be counted
in any order is counted at once, however often it was said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from logwatch.engine.aggregation import Aggregation
from logwatch.engine.match import Event, Key
from logwatch.engine.matcher import Matcher, Part, matches_of
from logwatch.engine.pairing import Pairing, PlainRuns, Row
from logwatch.engine.phrases import Phrase, Phrases
from logwatch.engine.samples import KEPT
from logwatch.evidence import Evidence, shown
from logwatch.records.finish import Dialect
from logwatch.records.reading import Read
from logwatch.records.record import Record
from logwatch.records.scan.record_batch import RecordBatch, Text

_TOGETHER = 8
"""Texts with one phrase from which on they are matched together."""
_STRETCH = 20_000
"""Events that wait, and matches that are paired, at once."""
_REMEMBERED = 4096
"""Texts of which it is remembered what they mean."""
_MICROSECONDS = 1_000_000


class _Text(msgspec.Struct, gc=False):
    """What the records mean that have one text: what of it may be counted in any order, and the rest.

    `paired` are roles in runs that may be put together at once. `whole` is the text that evidence is made of, `cited`
    what it shows of that; None: nobody asked yet. `which` are those of the batch at hand.
    """

    counted: tuple[Part, ...]
    paired: tuple[Part, ...]
    rest: tuple[Part, ...]
    whole: str
    deployment: str | None
    which: list[int]
    cited: str | None = None

    @property
    def shown(self) -> str:
        """What evidence shows."""
        if self.cited is None:
            self.cited = shown(self.whole)
        return self.cited


class _Known:
    """What is known of the texts of one dialect."""

    def __init__(self, matcher: Matcher, opening: int) -> None:
        self.texts: dict[Text | None, _Text] = {}
        self.phrases = Phrases(matcher, opening) if opening else None

    def remember(self, text: Text, meaning: _Text) -> None:
        """Remember what a text means."""
        if len(self.texts) >= _REMEMBERED:
            self.texts.clear()
        self.texts[text] = meaning


class EventMaker:
    """Makes events of what readers yield, as `matcher` has it.

    What `counting` may count in any order is counted there, and is no event; None: nothing is. `pairing` puts runs
    together, where there is one; what is read must come from one source then. A record without a time is taken to be
    of `at`.
    """

    def __init__(
        self, matcher: Matcher, at: datetime, counting: Aggregation | None, pairing: Pairing | None = None
    ) -> None:
        self._matcher = matcher
        self._at = at
        self.counting = counting
        self._pairing = pairing
        self._waiting: list[Event] = []
        self._source = ""
        self._known: dict[Dialect, _Known] = {}

    def anew(self) -> EventMaker:
        """Return one that knows the same and has counted nothing."""
        counting, pairing = self.counting, self._pairing
        other = EventMaker(self._matcher, self._at, counting and counting.anew(), pairing and pairing.anew())
        other._known = self._known
        return other

    def events(self, read: Read) -> Iterable[Event | PlainRuns]:
        """Return the events of one record, or of several; where runs are put together they may wait, until `rest`."""
        if isinstance(read, Record):
            events: Iterable[Event] = self._of_records((read,))
        elif self.counting is None or not self.counting.holds(*read.span):
            events = self._of_records(read)
        else:
            events = self._of_batch(read, self.counting)
        if self._pairing is None:
            return events
        self._source = read.source
        self._waiting += events
        return self.rest() if self._pairing.size + len(self._waiting) >= _STRETCH else ()

    def rest(self) -> Iterable[Event | PlainRuns]:
        """Return what waits."""
        if self._pairing is None:
            return ()
        for event in self._waiting:
            self._pairing.misses(event)
        waiting, self._waiting = self._waiting, []
        return sorted((*waiting, *self._pairing.settle(self._source)), key=_by_ordinal)

    def _of_records(self, records: Iterable[Record]) -> Iterator[Event]:
        event, counting, at = self._matcher.event, self.counting, self._at
        for record in records:
            found = event(record, at)
            if found is not None and counting is not None:
                found = counting.count(found)
            if found is not None:
                yield found

    def _of_batch(self, batch: RecordBatch, counting: Aggregation) -> list[Event]:
        counted: list[_Text] = []
        rest: list[int] = []
        paired: list[int] = []
        special: list[Event] = []
        known = self._known_of(batch)
        said: list[_Text | None] = list(map(known.texts.get, batch.texts))
        self._learn(batch, said, counting, known)
        for n, meaning in enumerate(said):
            if meaning is None:
                special += self._of_records(batch.made(n))
                continue
            if meaning.counted:
                if not meaning.which:
                    counted.append(meaning)
                meaning.which.append(n)
            if meaning.rest:
                rest.append(n)
            if meaning.paired:
                paired.append(n)
        cited = _Cited(batch, said)
        _count(counted, cited, counting)
        if self._pairing is not None:
            cited.pair(paired, self._pairing)
        events = cited.events(rest)
        return sorted(events + special, key=_by_ordinal) if special else events

    def _learn(
        self, batch: RecordBatch, said: list[_Text | None], counting: Aggregation, known: _Known
    ) -> None:
        """Find out what the texts mean of which that is not known, those with one phrase together."""
        unknown = [n for n, meaning in enumerate(said) if meaning is None]
        if known.phrases is not None and len(unknown) >= _TOGETHER:
            unknown = self._together(known.phrases, batch, unknown, said, counting)
        for n in unknown:
            said[n] = known.texts.get(batch.texts[n]) or self._learned(batch, n, counting, known)

    def _known_of(self, batch: RecordBatch) -> _Known:
        known = self._known.get(batch.dialect)
        if known is None:
            known = self._known[batch.dialect] = _Known(self._matcher, batch.opening)
        return known

    def _together(
        self,
        phrases: Phrases,
        batch: RecordBatch,
        unknown: list[int],
        said: list[_Text | None],
        counting: Aggregation,
    ) -> list[int]:
        """Find out what texts with one phrase mean; return those that are to be looked at one by one."""
        rest: list[int] = []
        groups: dict[bytes, tuple[Phrase, list[int], list[bytes]]] = {}
        for n in unknown:
            text = batch.texts[n]
            phrase = phrases.of(text) if isinstance(text, bytes) else None
            if phrase is None or not isinstance(text, bytes):
                rest.append(n)
                continue
            _, which, texts = groups.setdefault(phrase.text, (phrase, [], []))
            which.append(n)
            texts.append(text)
        for phrase, which, texts in groups.values():
            # Whether the heads end where the texts begin is the same for all: that is seen from what all begin with.
            together = len(which) >= _TOGETHER and batch.sample(which[0]) is not None
            meanings = phrases.meanings(phrase, texts) if together else None
            if meanings is None:
                rest += which
                continue
            for n, (parts, message) in zip(which, meanings, strict=True):
                said[n] = self._text(parts, message, None, counting)
        return rest

    def _learned(
        self, batch: RecordBatch, which: int, counting: Aggregation, known: _Known
    ) -> _Text | None:
        """Return what the text means of the `which`-th record; None where that must be looked at itself."""
        record, text = batch.sample(which), batch.texts[which]
        if record is None or text is None:
            return None
        meaning = self._matcher.meaning(record)
        if meaning.timeouts:
            return None
        whole = record.original or record.message
        learned = self._text(meaning.parts, whole, self._matcher.deployment(record), counting)
        if not any(part.key for part in (*learned.paired, *learned.rest)):  # keys are seldom said again
            known.remember(text, learned)
        if known.phrases is not None and isinstance(text, bytes) and not record.attributes:
            known.phrases.learn(text, whole)
        return learned

    def _text(
        self, parts: Iterable[Part], whole: str, deployment: str | None, counting: Aggregation
    ) -> _Text:
        pairing = self._pairing if deployment is None else None
        counted, paired, rest = [], [], []
        for part in parts:
            if part.rule in counting.unordered:
                counted.append(part)
            elif pairing is not None and part.key is not None and pairing.pairs(part.rule):
                paired.append(part)
            else:
                rest.append(part)
        return _Text(tuple(counted), tuple(paired), tuple(rest), whole, deployment, [])


class _Cited:
    """The records of a batch, and what each says, as evidence and events show them."""

    def __init__(self, batch: RecordBatch, said: Sequence[_Text | None]) -> None:
        self._batch = batch
        self._said = said
        self.moments = batch.moments

    def events(self, which: Sequence[int]) -> list[Event]:
        """Return what these say that is taken in order."""
        source, events = self._batch.source, []
        for n in which:
            text, time = self._said[n], self._batch.time(n)
            assert text is not None
            offset, line = self._batch.place(n)
            cited = Evidence(source, line, offset, time, text.shown, text.rest[0].cited)
            matches = matches_of(text.rest, time, cited, text.deployment)
            events.append(Event(time, source, offset, matches))
        return events

    def pair(self, which: Sequence[int], pairing: Pairing) -> None:
        """Hand over the matches of these that are put together to runs."""
        batch, moments = self._batch, self.moments
        taken: list[tuple[str, Key, Row]] = []
        for n in which:
            text = self._said[n]
            assert text is not None
            offset, line = batch.place(n)
            for part in text.paired:
                assert part.key is not None
                taken.append((part.rule, part.key, Row(part.role, moments[n], offset, line, text.whole)))
        pairing.take(taken)

    def evidence(self, which: Sequence[int], role: str) -> Iterator[Evidence]:
        """Yield what is shown of these, which are in any order."""
        for n in which:
            text = self._said[n]
            assert text is not None
            offset, line = self._batch.place(n)
            yield Evidence(self._batch.source, line, offset, self._batch.time(n), text.shown, role)


def _count(texts: Iterable[_Text], cited: _Cited, counting: Aggregation) -> None:
    """Count what texts say that may be counted in any order."""
    found: dict[tuple[str, str], tuple[Part, list[int]]] = {}
    for text in texts:
        which, text.which = text.which, []
        judged = counting.judges(text.deployment)
        for part in text.counted:
            aggregator = counting.unordered[part.rule]
            if not judged:
                aggregator.sums.older += len(which)
                continue
            aggregator.count(part, len(which))
            found.setdefault((part.rule, part.role), (part, []))[1].extend(which)
    for part, which in found.values():
        aggregator = counting.unordered[part.rule]
        which.sort()
        which.sort(key=cited.moments.__getitem__)
        if aggregator.timed:
            aggregator.note(part, [cited.moments[n] / _MICROSECONDS for n in which])
        ends = which if len(which) <= 2 * KEPT else which[:KEPT] + which[-KEPT:]
        for evidence in cited.evidence(ends, part.cited):
            aggregator.cite(part.role, evidence)


def _by_ordinal(event: Event | PlainRuns) -> int:
    return event.ordinal
