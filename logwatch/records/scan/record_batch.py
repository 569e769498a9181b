"""The records of a block that can matter, column by column: most need not be made, since others say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from datetime import datetime
from functools import cached_property
from itertools import islice
from operator import le

from logwatch.records.finish import Finish
from logwatch.records.formats.form import Start
from logwatch.records.record import Record
from logwatch.records.reversal import turned
from logwatch.records.scan.dated import Dated, Hits
from logwatch.records.scan.json_texts import JsonText
from logwatch.timespec import time_of

Make = Callable[[int, int, int], Sequence[Record]]
"""Makes the record that begins and ends at two places of a block, with a line (from 0): seldom several, or none."""
Text = bytes | JsonText
"""What determines all that a record says but when and where."""


class RecordBatch:
    """Records of one block of a source, in order, or all `last_first`; all that can matter are among them.

    `texts` are what stands behind their heads, of JSON lines what is looked at: records with the same text say the
    same, but when and where. None where that is not sure. `opening` bytes of a text tell where its message begins; 0:
    all of it. The same text says the same wherever `dialect` is the same. `span` are the earliest and the latest second
    of the block; `place` are its offset and its first line.
    """

    def __init__(
        self, finish: Finish, data: bytes, dated: Dated, hits: Hits, place: tuple[int, int], make: Make
    ) -> None:
        self.source = finish.source
        self.dialect = finish.dialect
        self.opening = finish.opening
        self.span = dated.span
        self._finish = finish
        self._dated = dated
        self._begins, self._ends, self._counted = hits.begins, hits.ends, hits.numbers
        self._offset, self._number = place
        self._make = make
        self.texts: Sequence[Text | None] = (
            _texts(data, hits) if finish.json_texts is None else finish.json_texts.of(data, hits)
        )
        self.backwards = False

    def last_first(self) -> RecordBatch:
        """Return the same records last first; nothing may have been asked of these yet."""
        batch = copy(self)
        batch.backwards = True
        batch.texts, batch.moments = self.texts[::-1], self.moments[::-1]
        batch._begins, batch._ends = self._begins[::-1], self._ends[::-1]
        batch._numbers = self._numbers[::-1]
        return batch

    def __iter__(self) -> Iterator[Record]:
        for which in range(len(self.texts)):
            yield from self.made(which)

    def made(self, which: int) -> Sequence[Record]:
        """Return the `which`-th record."""
        made = self._make(self._begins[which], self._ends[which], self._numbers[which])
        return list(turned(made)) if self.backwards else made

    def sample(self, which: int) -> Record | None:
        """Return a record that says what all say with the text of the `which`-th, but for time and place, as far as it
        is looked at.

        None if they may differ.
        """
        text, json_texts = self.texts[which], self._finish.json_texts
        start: Start | None = None
        if json_texts is not None:
            start = None if text is None else json_texts.said(text)
        elif isinstance(text, bytes):
            start = self._dated.said(text)
        return None if start is None else self._finish.sample(start)

    def time(self, which: int) -> datetime:
        """Return when the `which`-th was, which has a text."""
        return time_of(self.moments[which])

    def place(self, which: int) -> tuple[int, int]:
        """Return where the `which`-th begins in the source, and the number of its line (0: not counted)."""
        return self._offset + self._begins[which], self.lines[which]

    @cached_property
    def ordinals(self) -> list[int]:
        """Where they stand among all of the source: where they begin, negative if the last comes first."""
        offset = self._offset
        return [-offset - begin if self.backwards else offset + begin for begin in self._begins]

    @cached_property
    def lines(self) -> list[int]:
        """The numbers of the lines that they begin with (0: not counted)."""
        first = self._number
        return [first + number if first >= 0 else 0 for number in self._numbers]

    @cached_property
    def moments(self) -> list[int]:
        """When they were, in microseconds of the epoch; of those without a text it is not known."""
        return self._dated.moments(self._begins)

    @cached_property
    def ordered(self) -> bool:
        """Whether none was before the one in front of it."""
        moments = self.moments
        return all(map(le, moments, islice(moments, 1, None)))

    @cached_property
    def _numbers(self) -> list[int]:
        return self._dated.numbers(self._begins) if self._counted is None else self._counted


def _texts(data: bytes, hits: Hits) -> list[bytes | None]:
    width = hits.width
    if not width:
        return [None] * len(hits.begins)
    texts: list[bytes | None] = [
        data[begin + width : end - 1] for begin, end in zip(hits.begins, hits.ends, strict=True)
    ]
    if hits.alike is None:
        return texts
    return [text if alike else None for text, alike in zip(texts, hits.alike, strict=True)]
