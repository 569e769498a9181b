"""Events on their way from the process that read them to the one that takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from logwatch.engine.match import Event, Key, Match
from logwatch.evidence import Evidence


class _Part(msgspec.Struct, array_like=True, gc=False):
    """What of a match is not the same for all matches of an event."""

    rule: str
    role: str
    cited: str
    key: Key | None
    labels: tuple[str, ...]
    values: tuple[float, ...]


class _Packed(msgspec.Struct, array_like=True, gc=False):
    time: datetime
    ordinal: int
    line: int
    offset: int
    text: str
    deployment: str | None
    parts: list[_Part]
    timeouts: tuple[str, ...]


_decode = msgspec.msgpack.Decoder(list[_Packed]).decode


def packed(events: Iterable[Event]) -> bytes:
    """Return events of records with a time as MessagePack, without their source, whose name need not be text."""
    return msgspec.msgpack.encode([_packed(event) for event in events])


def _packed(event: Event) -> _Packed:
    assert event.time is not None
    matches = event.matches
    parts = [_Part(m.rule, m.role, m.evidence.role, m.key, m.labels, m.values) for m in matches]
    if not matches:
        return _Packed(event.time, event.ordinal, 0, 0, "", None, parts, event.timeouts)
    cited, deployment = matches[0].evidence, matches[0].deployment
    return _Packed(
        event.time, event.ordinal, cited.line, cited.offset, cited.text, deployment, parts, event.timeouts
    )


def unpacked(data: bytes, source: str, line: int) -> Iterator[Event]:
    """Yield the events, as those of `source`; their lines were counted from 1, where they begin with `line`."""
    for one in _decode(data):
        time, offset, text, deployment = one.time, one.offset, one.text, one.deployment
        number = placed(one.line, line)
        evidence: Evidence | None = None
        matches = []
        for part in one.parts:
            if evidence is None or evidence.role != part.cited:
                evidence = Evidence(source, number, offset, time, text, part.cited)
            matches.append(
                Match(
                    part.rule,
                    part.role,
                    time,
                    source,
                    evidence,
                    part.key,
                    part.labels,
                    part.values,
                    deployment,
                )
            )
        yield Event(time, source, one.ordinal, tuple(matches), one.timeouts)


def placed(line: int, first: int) -> int:
    """Return the number of a line that was counted from 1 where the source has line `first`; 0: not counted."""
    return max(line + first - 1, 0)
