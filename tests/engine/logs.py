"""Logs for property tests of the scan: jobs whose records lie among each other, told in many formats, seldom neat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from logwatch.sources.source import Block, Health
from tests.records.world import MemorySource

BEGIN = datetime(2025, 10, 11, 17, 29, tzinfo=UTC)
Story = tuple[tuple[float, str], ...]


@dataclass
class DivisibleSource(MemorySource):
    """A source whose blocks have one size, of which parts can be read, by several processes as well."""

    block: int = 1 << 20

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        end = len(self.data) if stop is None else min(stop, len(self.data))
        for begin, until in pairwise((*range(start, end, self.block), end)):
            yield Block(begin, self.data[begin:until])

    def data_from(self, offset: int) -> int:
        return offset

    def read_elsewhere(self, count: int) -> None:
        self.consumed += count


@dataclass(frozen=True)
class Log:
    """The bytes of a source; it is `broken` if more of them are known to be missing."""

    name: str
    data: bytes
    broken: bool = False

    def source(self, block: int) -> DivisibleSource:
        return DivisibleSource(self.data, self.name, health=Health(truncated=self.broken), block=block)


@dataclass(frozen=True)
class Case:
    """Logs, and what is asked of them."""

    logs: tuple[Log, ...]
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    deployment: frozenset[str] = frozenset()
    zone: tzinfo = UTC


PLAIN: tuple[Story, ...] = (
    ((0, "starts"), (3, "ends after 70ms")),
    ((0, "starts"), (0.4, "ends after 70ms")),
    ((0, "starts"), (3, "ends after 70ms"), (3, "ends after 70ms")),
    ((0, "starts"), (1, "works"), (2, "ends after 1.5ms"), (9, "ends after 1.5ms")),
    ((0, "starts"), (2, "fails")),
)
"""What mostly becomes of a job: words that are logged of it, so many seconds after it began."""
TWISTED: tuple[Story, ...] = (
    ((0, "starts"), (2, "fails"), (5, "starts"), (6, "fails"), (30, "starts"), (31, "ends after xms")),
    ((0, "starts"), (2, "fails"), (2, "fails"), (50, "starts"), (51, "ends after 1ms")),
    ((0, "starts"),),
    ((0, "starts"), (20, "ends after 20000ms")),
    ((0, "starts"), (20.001, "ends after 20001ms")),
    ((0, "starts"), (25, "fails"), (26, "ends after 1ms")),
    ((0, "starts"), (90, "ends after 90000ms")),
    ((2, "starts"), (0, "ends after 1ms")),
    ((2, "starts"), (0, "ends after 1ms"), (3, "ends after 1ms")),
    ((15, "starts"), (0, "ends after 1ms")),
    ((0, "ends after 1ms"),),
    ((0, "ends after 1ms"), (1, "fails"), (2, "starts")),
    ((0, "starts"), (1, "starts"), (2, "ends after 1ms"), (3, "ends after 1ms")),
    ((0, "starts"), (12, "starts"), (24, "starts"), (30, "ends after 1ms")),
    ((0, "starts"), (1, "ends after 1ms"), (2, "starts"), (3, "ends after 1ms")),
    ((0, "starts"), (1, "ends after 1ms"), (70, "starts"), (71, "ends after 1ms"), (140, "ends after 1ms")),
    ((0, "waits"), (1, "starts"), (2, "ends after 1ms")),
    ((0.001, "waits"), (0, "starts"), (2, "ends after 1ms")),
    ((0, "starts"), (1, "ends after 1ms"), (1, "waits"), (2, "starts"), (3, "fails")),
    ((0, "starts"), (1, "waits"), (2, "starts"), (3, "ends after 1ms"), (4, "ends after 1ms")),
    ((0, "starts"), (12, "waits"), (13, "starts"), (14, "fails"), (15, "waits"), (16, "starts")),
    ((0, "starts"), (2, "skips")),
    ((0, "starts"), (2, "skips"), (3, "ends after 1ms"), (4, "starts")),
    ((0, "starts"), (2, "ends after 1ms"), (3, "fails")),
    ((0, "starts"), (2, "fails"), (3, "ends after 1ms")),
    ((0, "starts, ends after 1ms"),),
    ((0, "starts"), (0, "ends after 1ms"), (0, "starts"), (0, "ends after 1ms")),
    ((0, "ends, starts"), (1, "fails, ends after 1ms")),
    ((0, "starts"), (1, "works"), (3, "stops"), (4, "ends after 1ms")),
    ((0, "works"), (3, "ends after 1ms")),
    ((0, "works"), (0.5, "works"), (1, "rests"), (2, "starts")),
    ((0, "starts"), (40, "works"), (41, "ends after 1ms")),
)
NOISE = (
    "nothing to see",
    "very bad luck",
    "very bad",
    "very bad slow luck",
    "heartbeat of w1",
    "heartbeat of w2",
    "images: 3, drafts: 4",
    "images: 0.1, images: 0.2",
    "drafts: many",
    "drafts: 1",
    "job  starts",
    "job  ends",
    "took 5ms, took 7ms, took xms",
    "took 9007199254740993ms",
    "took 0.1ms",
    "job 1 slow, starts",
)
_PATHS = (
    b"%b",
    b"[info] %b",
    b"[error] %b",
    b"ERROR %b",
    b"7 %b",
    "✅ %b".encode(),
    b"\x1b[31m%b\x1b[0m",
    b"\xff%b",
    b"%b \xb9",
    b"%b\r",
    b"%b\n  goes on",
    b"%b\n\n",
    b"goes on\n %b",
    b"%b \x00",
    b"%b " + b"long " * 50,
    b"host web[7]: %b",
    b"host other[7]: %b",
    b"host web: %b",
)
_JOINTS = (b" ", b" UTC ", b"+02:00 ", b"Z ", b" Z ", b".5 ", b"5 ", b",", b"| ", b"\t", b"", b" +02:00 ")


_ISO = "{t:%Y-%m-%dT%H:%M:%S}"
_LOCAL = "{local:%Y-%m-%dT%H:%M:%S}"
_FRACTIONS = ("", ".{ms:03d}", ".{us:06d}", ".{us:06d}789", ",{ms:03d}")
HEADS = (
    *(f"{_ISO}{fraction}Z" for fraction in _FRACTIONS),
    *(f"{_LOCAL}{fraction}" for fraction in _FRACTIONS),
    "[{local:%Y-%m-%d %H:%M:%S}]",
    "{east:%Y-%m-%dT%H:%M:%S}.{ms:03d}+02:00",
    "{t:%Y%m%dT%H%M%S}Z",
    "{s}",
    "{s}.{ms:03d}",
    "{s}.{us:06d}",
    "{s}.{us:06d}789",
    "{s}{ms:03d}",
    "{local:%b %d %H:%M:%S}",
    "{local:%b %d %H:%M:%S}.{ms:03d}",
    "<13>{local:%b %d %H:%M:%S}",
    "<11>{local:%b %d %H:%M:%S}.{us:06d}",
    "{local:%b %d %H:%M:%S}\n",
)
JSON_HEADS = (
    f'"time":"{_ISO}.{{ms:03d}}Z"',
    f'"time":"{_ISO}Z"',
    '"timestamp": {s}{ms:03d}',
    '"ts":{s}.{ms:03d}',
)
_EAST = timezone(timedelta(hours=2))
_OFTEN = 4
"""How much more likely the usual is than all the rest, about."""


def _head(shape: str, moment: datetime, zone: timezone) -> bytes:
    us, s = moment.microsecond, int(moment.timestamp())
    local, east = moment.astimezone(zone), moment.astimezone(_EAST)
    return shape.format(t=moment, local=local, east=east, s=s, us=us, ms=us // 1000).encode()


def _seldom(usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, _OFTEN).flatmap(lambda n: other if n == _OFTEN else usual)


@dataclass(frozen=True)
class _Line:
    """Something that is logged: when, how much later than that, in which log, and what."""

    moment: datetime
    delay: float
    log: int
    said: bytes


_KEYS = st.one_of(st.none(), st.none(), st.sampled_from(("1", "2", "3", "☕", "x\xad", "key=" + "k" * 220)))
_DELAYS = _seldom(st.just(0.0), st.sampled_from((0.5, 3.0, 9.999, 10.0, 10.001, 13.0, 45.0)))
_GAPS = st.sampled_from((0.0, 0.0, 0.001, 0.25, 1.0, 1.0, 4.0, 13.0, 70.0))
_SELDOM = _seldom(st.just(False), st.just(True))
_TOLD = _seldom(st.one_of(st.sampled_from(PLAIN), st.sampled_from(NOISE)), st.sampled_from(TWISTED))


@st.composite
def _lines(draw: st.DrawFn, logs: int) -> list[_Line]:
    """What is logged, in the order in which it is written."""
    usual = draw(st.sampled_from(_PATHS[:5]))
    moment, lines = BEGIN + timedelta(seconds=6), []
    for number in range(draw(st.integers(4, 30))):
        moment += timedelta(seconds=draw(_GAPS))
        told, path = draw(_TOLD), draw(_seldom(st.just(usual), st.sampled_from(_PATHS)))
        log, strays = draw(st.integers(0, logs - 1)), draw(st.integers(0, 9)) == 0
        if isinstance(told, str):
            lines.append(_Line(moment, draw(_DELAYS), log, path % told.encode()))
            continue
        key = draw(_KEYS) or f"n{number}"
        delayed, delay = draw(st.integers(0, len(told) - 1)), draw(_DELAYS)
        for n, (after, word) in enumerate(told):
            where = (log + (strays and n > 0)) % logs
            said = path % f"job {key} {word}".encode()
            lines.append(_Line(moment + timedelta(seconds=after), delay if n == delayed else 0, where, said))
    return sorted(lines, key=lambda line: line.moment + timedelta(seconds=line.delay))


@st.composite
def _shapes(draw: st.DrawFn) -> Callable[[datetime, bytes, timezone], bytes]:
    """How lines are written: what is said at a moment to bytes."""
    if draw(st.integers(0, 3)) == 0:
        time, app = draw(st.sampled_from(JSON_HEADS)), draw(st.sampled_from((b"web", b"other", b"")))
        escaped = draw(st.booleans())

        def write(moment: datetime, said: bytes, zone: timezone) -> bytes:
            if escaped:
                said = said.replace(b"\n", b"\\n").replace(b"\x1b", b"\\u001b")
            by = b'"app":"%b",' % app if app else b""
            return b'{%b,%b"msg":"%b"}' % (_head(time, moment, zone), by, said)

        return write
    head = draw(st.sampled_from(HEADS))
    joint = b"" if head.endswith("\n") else draw(_seldom(st.just(b" "), st.sampled_from(_JOINTS)))
    return lambda moment, said, zone: _head(head, moment, zone) + joint + said


@st.composite
def cases(draw: st.DrawFn, newest_first: st.SearchStrategy[bool] = _SELDOM) -> Case:
    """Logs that are mostly in one format each, mostly in order, oldest or newest first, and a window that may cut
    through them.
    """
    count = draw(st.integers(1, 2))
    zone = draw(st.sampled_from((UTC, _EAST)))
    lines = draw(_lines(count))
    logs = []
    for n in range(count):
        usual = draw(_shapes())
        other = draw(_seldom(st.just(usual), _shapes()))
        misplaced = draw(st.sets(st.integers(0, 60), max_size=3))
        own = [line for line in lines if line.log == n]
        turned = draw(newest_first)
        begin = max((line.moment for line in own), default=BEGIN) if turned else BEGIN
        heads = [begin + timedelta(seconds=second) for second in (0, 0, 1, 1, 2, 3, 3)]
        if turned:
            heads.reverse()
            own.reverse()
        texts = [usual(moment, "✅ begins".encode(), zone) for moment in heads]
        for place, line in enumerate(own):
            texts.append((other if place in misplaced else usual)(line.moment, line.said, zone))
        data = draw(st.sampled_from((b"\n", b"\n", b"\r\n"))).join(texts)
        data += draw(st.sampled_from((b"", b"\n", b"\n\n \n", b"\n2025-10-11T17:29:5")))
        codec = draw(_seldom(st.none(), st.sampled_from(("mac_roman", "latin-1"))))
        if codec:
            data = data.decode("utf-8", "replace").encode().decode(codec).encode()
        logs.append(Log(f"{'ab'[n]}.log", data, broken=draw(st.integers(0, 9)) == 0))
    moments = [line.moment + timedelta(milliseconds=n) for line in lines for n in (-1, 0, 1)]
    asked = _seldom(st.none(), st.sampled_from(moments)) if draw(st.booleans()) else st.none()
    since, until, as_of = draw(asked), draw(asked), draw(asked)
    if since and until and until < since:
        since, until = until, since
    if as_of is not None:
        as_of = max(as_of, since or as_of, until or as_of)
    deployment = draw(_seldom(st.just(()), st.sampled_from((("web",), ("other", "w")))))
    return Case(tuple(logs), since, until, as_of, frozenset(deployment), zone)
