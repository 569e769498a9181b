"""What the texts of a batch mean: each is looked at once, and those that begin with one phrase are matched together."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from logwatch.engine.matcher import Matcher, Part
from logwatch.engine.pairing import Played
from logwatch.engine.phrases import Matched, Phrase, Phrases
from logwatch.evidence import shown
from logwatch.records.finish import Dialect
from logwatch.records.scan.record_batch import RecordBatch, Text

_TOGETHER = 4
"""Texts with one phrase from which on they are matched together."""
_REMEMBERED = 4096
"""Texts of which it is remembered what they mean."""


class TextMeaning(msgspec.Struct, gc=False):
    """What the records mean that have one text: what of it may be counted in any order, what is paired, and the rest.

    `whole` is the text that evidence is made of, `cited` what it shows of that; None: nobody asked yet. `which` are
    those of the batch at hand.
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


class Together(msgspec.Struct, gc=False):
    """What those records of a batch mean of which several texts begin with one phrase: what of it may be counted in any
    order, and what is paired.
    """

    which: list[int]
    counted: tuple[Part, ...]
    paired: list[Played]


class Meant(msgspec.Struct, gc=False):
    """What a batch means: record by record in `said`, or `together`; `odd` are those that must be looked at themselves.

    `messages` are the texts that evidence is made of, of those that are together; of others once they are asked for.
    """

    said: list[TextMeaning | None]
    together: list[Together]
    odd: list[int]
    messages: list[str]

    def whole(self, which: int) -> str:
        """Return the text that evidence is made of."""
        said = self.said[which]
        return self.messages[which] if said is None else said.whole


class _Known:
    """What is known of the texts of one dialect."""

    def __init__(self, matcher: Matcher, opening: int) -> None:
        self.texts: dict[Text | None, TextMeaning] = {}
        self.phrases = Phrases(matcher, opening) if opening else None

    def remember(self, text: Text, meaning: TextMeaning) -> None:
        """Remember what a text means."""
        if len(self.texts) >= _REMEMBERED:
            self.texts.clear()
        self.texts[text] = meaning


class TextMeanings:
    """Finds out what texts mean, as `matcher` has it.

    `counts` says whether the matches of a rule may be counted in any order, `pairs` whether those that have a key, or
    none, are put together to runs.
    """

    def __init__(
        self, matcher: Matcher, counts: Callable[[str], bool], pairs: Callable[[str, bool], bool]
    ) -> None:
        self._matcher = matcher
        self._counts = counts
        self._pairs = pairs
        self._known: dict[Dialect, _Known] = {}

    def of(self, batch: RecordBatch) -> Meant:
        """Return what the records of a batch mean."""
        known = self._known.get(batch.dialect)
        if known is None:
            known = self._known[batch.dialect] = _Known(self._matcher, batch.opening)
        said: list[TextMeaning | None] = list(map(known.texts.get, batch.texts))
        unknown = [n for n, meaning in enumerate(said) if meaning is None]
        meant = Meant(said, [], [], [""] * len(said))
        if known.phrases is not None and len(unknown) >= _TOGETHER:
            unknown = self._together(known.phrases, batch, unknown, meant)
        for n in unknown:
            said[n] = known.texts.get(batch.texts[n]) or self._learned(batch, n, known)
            if said[n] is None:
                meant.odd.append(n)
        return meant

    def _together(self, phrases: Phrases, batch: RecordBatch, unknown: list[int], meant: Meant) -> list[int]:
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
            matched = phrases.matched(phrase, texts) if together else None
            if matched is None:
                rest += which
            else:
                self._take(matched, which, meant)
        return rest

    def _take(self, matched: Matched, which: list[int], meant: Meant) -> None:
        columns, messages = matched
        counted: list[Part] = []
        paired: list[Played] = []
        for part, keys in columns:
            if self._counts(part.rule):
                counted.append(part)
            elif keys is None and self._pairs(part.rule, False):
                paired.append(Played(part.rule, part.role, None, which))
            elif keys is not None and self._pairs(part.rule, True):
                whole = [key for key in keys if key is not None]
                if len(whole) == len(keys):
                    paired.append(Played(part.rule, part.role, whole, which))
        if len(counted) + len(paired) == len(columns):
            meant.together.append(Together(which, tuple(counted), paired))
            for n, message in zip(which, messages, strict=True):
                meant.messages[n] = message
        else:
            for row, n in enumerate(which):
                parts = (column.of(row) for column in columns)
                meant.said[n] = self._meaning(parts, messages[row], None)

    def _learned(self, batch: RecordBatch, which: int, known: _Known) -> TextMeaning | None:
        record, text = batch.sample(which), batch.texts[which]
        if record is None or text is None:
            return None
        found = self._matcher.meaning(record)
        if found.timeouts:
            return None
        whole = record.original or record.message
        meaning = self._meaning(found.parts, whole, self._matcher.deployment(record))
        if not any(part.key for part in (*meaning.paired, *meaning.rest)):  # keys are seldom said again
            known.remember(text, meaning)
        if known.phrases is not None and isinstance(text, bytes) and not record.attributes:
            known.phrases.learn(text, whole)
        return meaning

    def _meaning(self, parts: Iterable[Part], whole: str, deployment: str | None) -> TextMeaning:
        counted, paired, rest = [], [], []
        for part in parts:
            if self._counts(part.rule):
                counted.append(part)
            elif deployment is None and self._pairs(part.rule, part.key is not None):
                paired.append(part)
            else:
                rest.append(part)
        return TextMeaning(tuple(counted), tuple(paired), tuple(rest), whole, deployment, [])
