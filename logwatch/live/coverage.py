"""The account of what is read, minute by minute: what every verdict's proof starts from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from logwatch.following import Notice, NoticeKind
from logwatch.live.ring import MINUTE, Ring, minute_of, start_of
from logwatch.records.assembly import Draft
from logwatch.records.coverage import Coverage, SourceReport, Timeline, Window, buckets
from logwatch.timespec import EARLIEST

_APART = 100
"""Streams that are counted apart in one minute; the rest is counted under `OTHERS`."""
OTHERS = "other sources"
_DAMAGES = 100
_MINUTES_OF_HOUR = 60


class _Counted(msgspec.Struct, array_like=True):
    first: datetime
    last: datetime
    lines: int = 0
    bytes: int = 0
    records: int = 0
    undated: int = 0
    truncated: int = 0

    def include(self, other: _Counted) -> None:
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.lines += other.lines
        self.bytes += other.bytes
        self.records += other.records
        self.undated += other.undated
        self.truncated += other.truncated


class CoverageMinute(msgspec.Struct, array_like=True):
    """One minute: its seconds in which a record lies, as bits, and what each stream gave."""

    seconds: int = 0
    streams: dict[str, _Counted] = {}


class Damage(msgspec.Struct, array_like=True):
    """What a stream logged between two moments is lost; `sentence` goes on from its name."""

    stream: str
    after: datetime
    before: datetime
    sentence: str


class CoverageMinutes:
    """Counts records by the minute of their time. `damages` are the last losses."""

    def __init__(self, longest: timedelta) -> None:
        self._ring = Ring[CoverageMinute](longest)
        self.damages: list[Damage] = []
        self.earliest: datetime | None = None
        self.latest: datetime | None = None
        self._stream = ""
        self._begin = self._end = EARLIEST
        self._minute: CoverageMinute | None = None
        self._counted: _Counted | None = None

    @property
    def changed(self) -> set[int]:
        """The minutes that are not as they were written down last (`written`)."""
        return self._ring.changed

    def add(self, stream: str, draft: Draft) -> None:
        """Account for one record; one without a time counts nowhere."""
        time = draft.time
        if time is None:
            return
        if self.earliest is None or time < self.earliest:
            self.earliest = time
        if self.latest is None or time > self.latest:
            self.latest = time
        if stream != self._stream or not self._begin <= time < self._end:
            self._turn_to(stream, time)
        minute, counted = self._minute, self._counted
        if counted is None or minute is None:
            return
        minute.seconds |= 1 << time.second
        counted.lines += draft.lines + draft.gap_lines
        counted.bytes += draft.size + draft.gap_size
        counted.records += 1
        counted.undated += draft.inherited
        counted.truncated += draft.truncated
        if time > counted.last:
            counted.last = time
        elif time < counted.first:
            counted.first = time

    def _turn_to(self, stream: str, time: datetime) -> None:
        """Have records of that stream and that minute counted: most records are of the same as the one before."""
        number = minute_of(time)
        self._stream, self._begin = stream, start_of(number)
        self._end = self._begin + MINUTE
        self._minute = self._counted = None
        if number <= self._ring.forgotten:
            return
        minute = self._ring.minutes.get(number)
        if minute is None:
            minute = self._ring.minutes[number] = CoverageMinute()
        counted = minute.streams.get(stream)
        if counted is None:
            name = stream if len(minute.streams) < _APART else OTHERS
            counted = minute.streams.setdefault(name, _Counted(time, time))
        self.changed.add(number)
        self._minute, self._counted = minute, counted

    def written(self) -> None:
        """Note that what changed was written down."""
        self.changed.clear()
        self._end = self._begin

    def heed(self, notice: Notice, newest: datetime | None, wall: datetime) -> None:
        """Note a loss, where a notice tells of one: what came after the `newest` record and before now is missing."""
        if notice.kind is NoticeKind.GAP:
            sentence = f"lost data: {notice.detail}"
            self.damages.append(Damage(notice.stream, newest or EARLIEST, wall, sentence))
            del self.damages[:-_DAMAGES]

    def coverage(
        self,
        window: Window,
        formats: Mapping[str, str],
        troubles: Mapping[str, str],
    ) -> Coverage:
        """Return the account of a window. `formats` are those of the streams that are followed, `troubles` what cannot
        be read now, and why.
        """
        timeline, sums = Timeline(), dict[str, _Counted]()
        for minute in range(minute_of(window.since), minute_of(window.until) + 1):
            known = self._ring.minutes.get(minute)
            if known is None:
                continue
            hour, place = divmod(minute, _MINUTES_OF_HOUR)
            timeline.hours[hour] = timeline.hours.get(hour, 0) | known.seconds << 60 * place
            for name, counted in known.streams.items():
                if name in sums:
                    sums[name].include(counted)
                else:
                    sums[name] = msgspec.structs.replace(counted)
        names = dict.fromkeys([*formats, *sums, *troubles])
        reports = (
            self._report(name, sums.get(name), window, formats.get(name, "unknown"), troubles)
            for name in names
        )
        return Coverage(tuple(reports), buckets(window, timeline), self.earliest, self.latest)

    def advance(self, watermark: datetime) -> list[int]:
        """Forget what is too old at `watermark`; return those minutes."""
        gone = self._ring.advance(watermark)
        if gone:
            self._end = self._begin
        oldest = start_of(max(self._ring.forgotten, 0))
        self.damages = [damage for damage in self.damages if damage.before >= oldest]
        return gone

    def state(self, minute: int) -> bytes:
        """Return what is known of a minute, to be written down."""
        return msgspec.msgpack.encode(self._ring.minutes[minute])

    def restore(self, minute: int, state: bytes) -> None:
        """Know what another one knew of a minute. Raises `msgspec.DecodeError` if it is no state."""
        self._ring.minutes[minute] = msgspec.msgpack.decode(state, type=CoverageMinute)

    def _report(
        self, name: str, counted: _Counted | None, window: Window, form: str, troubles: Mapping[str, str]
    ) -> SourceReport:
        lost = [
            damage.sentence
            for damage in self.damages
            if damage.stream == name and damage.after <= window.until and damage.before >= window.since
        ]
        errors = [*([troubles[name]] if name in troubles else []), *dict.fromkeys(lost)]
        report = SourceReport(name, form, truncated=bool(lost), errors=errors)
        if counted is not None:
            report.lines, report.bytes = counted.lines, counted.bytes
            report.records, report.undated = counted.records, counted.undated
            report.first, report.last = counted.first, counted.last
            report.truncated = report.truncated or counted.truncated > 0
        return report
