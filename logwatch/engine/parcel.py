"""Events on their way from the process that read them to the one that takes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

import msgspec

from logwatch.engine.match import Event, Key, Match
from logwatch.evidence import Evidence

Way = tuple[str, str, str]
"""A rule, a role in it, and the role under which evidence shows the record."""


class _Parcel(msgspec.Struct, array_like=True):
    """Events column by column, and their matches, of which each event has some; `ways` are named by number."""

    ways: list[Way]
    times: list[datetime]
    ordinals: list[int]
    lines: list[int]
    offsets: list[int]
    texts: list[str]
    deployments: list[str | None]
    timeouts: list[tuple[str, ...]]
    sizes: list[int]
    played: list[int]
    keys: list[Key | None]
    labels: list[tuple[str, ...]]
    values: list[tuple[float, ...]]


_OF_EVENTS = ("times", "ordinals", "lines", "offsets", "texts", "deployments", "timeouts", "sizes")
_OF_MATCHES = ("played", "keys", "labels", "values")
_decode = msgspec.msgpack.Decoder(_Parcel).decode


def packed(events: Iterable[Event]) -> bytes:
    """Return events of records with a time as MessagePack, without their source, whose name need not be text."""
    parcel = _Parcel(*([] for _ in _Parcel.__struct_fields__))
    numbers: dict[Way, int] = {}
    for event in events:
        assert event.time is not None
        matches = event.matches
        cited = matches[0].evidence if matches else None
        parcel.times.append(event.time)
        parcel.ordinals.append(event.ordinal)
        parcel.lines.append(cited.line if cited else 0)
        parcel.offsets.append(cited.offset if cited else 0)
        parcel.texts.append(cited.text if cited else "")
        parcel.deployments.append(matches[0].deployment if matches else None)
        parcel.timeouts.append(event.timeouts)
        parcel.sizes.append(len(matches))
        for match in matches:
            way = (match.rule, match.role, match.evidence.role)
            parcel.played.append(numbers.setdefault(way, len(numbers)))
            parcel.keys.append(match.key)
            parcel.labels.append(match.labels)
            parcel.values.append(match.values)
    parcel.ways = list(numbers)
    return msgspec.msgpack.encode(parcel)


def unpacked(data: bytes, source: str, line: int) -> Iterator[Event]:
    """Yield the events, as those of `source`; their lines were counted from 1, where they begin with `line`."""
    parcel = _decode(data)
    ways = parcel.ways
    columns = [getattr(parcel, name) for name in _OF_EVENTS]
    played = zip(*(getattr(parcel, name) for name in _OF_MATCHES), strict=True)
    for time, ordinal, number, offset, text, deployment, timeouts, size in zip(*columns, strict=True):
        evidence: Evidence | None = None
        matches = []
        for way, key, labels, values in islice(played, size):
            rule, role, cited = ways[way]
            if evidence is None or evidence.role != cited:
                evidence = Evidence(source, placed(number, line), offset, time, text, cited)
            matches.append(Match(rule, role, time, source, evidence, key, labels, values, deployment))
        yield Event(time, source, ordinal, tuple(matches), timeouts)


def placed(line: int, first: int) -> int:
    """Return the number of a line that was counted from 1 where the source has line `first`; 0: not counted."""
    return max(line + first - 1, 0)
