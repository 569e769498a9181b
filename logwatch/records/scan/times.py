"""The times of the records of a block, to the last figure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import numpy as np

from logwatch.records.formats.form import Start
from logwatch.records.scan.json_stamps import JsonStamper
from logwatch.records.scan.stamps import Places, Stamped, Stamper

AnyStamper = Stamper | JsonStamper


class Times:
    """The times of what `stamper` has found in `data`."""

    def __init__(self, stamper: AnyStamper, data: bytes, stamped: Stamped) -> None:
        self._stamper = stamper
        self._data = data
        self._stamped = stamped

    def of(self, record: int) -> datetime:
        """Return the time of a record; that of the one before where it says none."""
        stamped = self._stamped
        if stamped.undated is not None:
            while stamped.undated[record]:
                record -= 1
        place = int(stamped.starts[record])
        time = stamped.known[place] if place in stamped.known else self._stamper.time(self._data, place)
        assert time is not None
        return time

    def said(self, text: bytes) -> Start | None:
        """Return what a record says that has `text` behind a usual head."""
        return self._stamper.said(text)

    def first(self, records: Places) -> datetime:
        """Return the earliest time of records of the same second."""
        return min(self._candidates(records))

    def last(self, records: Places) -> datetime:
        """Return the latest time of records of the same second."""
        return max(self._candidates(records))

    def _candidates(self, records: Places) -> Iterable[datetime]:
        """Yield times of which one is the earliest, and one the latest."""
        stamped = self._stamped
        # Those that say none have the time of one before that does, of these as well.
        dated = records if stamped.undated is None else records[~stamped.undated[records]]
        if stamped.known:
            odd = np.isin(stamped.starts[dated], list(stamped.known))
            yield from map(self.of, dated[odd].tolist())
            dated = dated[~odd]
        if len(dated):
            later = stamped.finer(dated)
            yield self.of(int(dated[later.argmin()]))
            yield self.of(int(dated[later.argmax()]))
