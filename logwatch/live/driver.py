"""The driver: what was written since the last turn, as entries for a course."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from logwatch.engine.matcher import Matcher
from logwatch.following import Checkpoint, Chunk, Notice, NoticeKind
from logwatch.live.entries import Advanced, Entry, Lost, Seen
from logwatch.live.opening import Followings
from logwatch.live.options import Reading
from logwatch.live.stream import FollowedStream, StreamFacts
from logwatch.live.watermark import Watermark
from logwatch.records.assembly import Draft
from logwatch.records.record import Record
from logwatch.ruleset.model import RuleSet
from logwatch.ruleset.prefilter import prefilter
from logwatch.sources.stdin import NAME as STDIN_NAME
from logwatch.timespec import EARLIEST


class LiveDriver:
    """Reads what is followed. `facts` are what was stored of the streams, by name.

    `account` is told of every record, `heed` of every notice about a stream, with the time
    of the newest record in it and that of now. After a turn, `behind` says that there
    is more to read at once, and `news` that anything was read or noted in it.
    """

    def __init__(
        self,
        followings: Followings,
        ruleset: RuleSet,
        reading: Reading,
        *,
        account: Callable[[str, Draft], None],
        heed: Callable[[Notice, datetime | None, datetime], None],
        facts: Mapping[str, StreamFacts] | None = None,
    ) -> None:
        self.followings = followings
        self._matcher = Matcher(ruleset, reading.deployment_attribute)
        self._wanted = prefilter(ruleset)
        self._reading = reading
        self._account = account
        self._heed = heed
        self._watermark = Watermark(reading.lateness)
        self._advanced = EARLIEST
        self.streams: dict[str, FollowedStream] = {}
        self.behind = True
        self.news = False
        for name, known in (facts or {}).items():
            if name == STDIN_NAME:
                known.counted = 0  # it begins anew with every process
            self.streams[name] = self._stream(name, known)

    def turn(self, now: float, wall: datetime) -> list[Entry]:
        """Return what happened since the last turn, in order.

        `now` is in seconds of a clock that never goes back, `wall` the time of day. Never raises for what the
        outside world does.
        """
        entries: list[Entry] = []
        self.behind = self.news = False
        for following in self.followings.parts:
            for item in following.poll(now):
                self.news = True
                entries += self._read(item, now, wall) if isinstance(item, Chunk) else self._noted(item, wall)
            self.behind = self.behind or following.behind
        for stream in self.streams.values():
            entries += self._seen(stream, stream.pass_time(now, wall), wall)
        watermark = self._watermark.at(now, wall, self._coming())
        if watermark != self._advanced:
            self._advanced = watermark
            entries.append(Advanced(watermark, wall))
        return entries

    def finish(self, now: float, wall: datetime) -> list[Entry]:
        """Return what is open in the streams, as it stands: nothing more will come."""
        silence = now + self._reading.quiet
        return [
            entry
            for stream in self.streams.values()
            for entry in self._seen(stream, stream.pass_time(silence, wall), wall)
        ]

    def checkpoints(self) -> list[Checkpoint]:
        """Return where to go on, if all entries so far are accounted for; forget the streams that are over."""
        open_at = {name: stream.begins for name, stream in self.streams.items()}
        points = [point for part in self.followings.parts for point in part.checkpoints(open_at)]
        if self.followings.files is not None:
            known = {point.stream for point in points} | set(self.unread())
            for name in [name for name in self.streams if _is_file(name) and name not in known]:
                del self.streams[name]
                self._watermark.forget(name)
        return points

    def unread(self) -> dict[str, int]:
        """Bytes of each followed file that were seen and not read."""
        return self.followings.files.unread if self.followings.files else {}

    def troubles(self) -> dict[str, str]:
        """What cannot be read for now, and why, by the names that people know."""
        shown = self._reading.shown
        return {shown(name): why for part in self.followings.parts for name, why in part.troubles.items()}

    def _read(self, chunk: Chunk, now: float, wall: datetime) -> Iterator[Entry]:
        stream = self.streams.get(chunk.stream)
        if stream is None:
            stream = self.streams[chunk.stream] = self._stream(chunk.stream, StreamFacts(since=wall))
        yield from self._seen(stream, stream.feed(chunk, now, wall), wall)

    def adopt(self, ruleset: RuleSet) -> None:
        """Go on by other rules."""
        self._matcher = Matcher(ruleset, self._reading.deployment_attribute)
        self._wanted = prefilter(ruleset)
        for stream in self.streams.values():
            stream.wanted = self._wanted

    def _seen(self, stream: FollowedStream, records: Iterable[Record], wall: datetime) -> Iterator[Entry]:
        before = stream.facts.records
        for record in records:
            event = self._matcher.event(record, wall)
            if event is not None:
                yield Seen(record.time or wall, event)
        if stream.facts.records > before:
            self._watermark.hear(stream.name, stream.facts.newest, stream.heard_at)

    def _noted(self, notice: Notice, wall: datetime) -> Iterator[Entry]:
        """Account for a notice. What a gap held was logged after what was read, and before now."""
        stream = self.streams.get(notice.stream)
        if stream is None and notice.stream:
            stream = self.streams[notice.stream] = self._stream(notice.stream, StreamFacts(since=wall))
        if stream is None:
            return
        facts = stream.facts
        self._heed(replace(notice, stream=stream.shown), facts.newest, wall)
        match notice.kind:
            case NoticeKind.ROTATED:
                facts.rotations += 1
            case NoticeKind.TRUNCATED:
                facts.truncations += 1
            case NoticeKind.HALF_LINE:
                facts.half_lines += 1
            case NoticeKind.NULS:
                facts.nul_bytes += notice.size
            case NoticeKind.GAP:
                facts.gaps += 1
                facts.gap_bytes += notice.size
                yield Lost(stream.shown, facts.newest or EARLIEST, wall)

    def _coming(self) -> frozenset[str]:
        """The streams of which there is more to come at once: unread, or read and not understood yet."""
        files = self.followings.files
        coming = {name for name, stream in self.streams.items() if not stream.settled}
        if files is not None and (files.behind or files.full):
            coming |= {name for name, size in files.unread.items() if size}
        if any(part.behind for part in self.followings.parts if part is not files):
            coming |= {name for name in self.streams if not _is_file(name)}
        return frozenset(coming)

    def _stream(self, name: str, facts: StreamFacts) -> FollowedStream:
        return FollowedStream(name, facts, self._reading, self._wanted, self._account)


def _is_file(stream: str) -> bool:
    """Whether a stream is one of files: those are named by absolute paths."""
    return stream.startswith("/")
