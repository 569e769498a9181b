"""The seconds of a block in which every line begins with a head of one look: told by counting lines that say the same.

The next second, where lines are newest first the one before, is looked for where another begins, and mostly found.
Whether there are others is told by the lines: as many must begin with the seconds that were found, about where each
was, as there are.
"""

from __future__ import annotations

from typing import NamedTuple

from stringzilla import count, find, rfind

from logwatch.records.scan.heads import Heads, Look

_PAIRS = tuple(b"%02d" % n for n in range(100))
_FIGURES = tuple(b"%d" % n for n in range(10))
_TENS = {b"0": _FIGURES, b"9": _FIGURES[::-1]}
"""The last figures of ten seconds that follow each other, by the first one, oldest or newest first."""
_MOST_SECONDS = 500
"""Seconds of a block past which it takes longer to look for each than to look at every line."""
_MOST_STEPS = 200
"""Steps to a second that is not the next, past which that is so."""
_NEAR = 64 << 10
"""Bytes within which the next second is looked for by its name."""
_STRAYED = 512 << 10
"""Bytes, in all, that are looked through for lines of a second before and behind those that are together."""


class Turns(NamedTuple):
    """The seconds of a block, each by its name: the newline and what a head begins with, up to the seconds.

    `stretches` are the places between which all lines lie of some name, or of all ten that differ in the last figure.
    """

    seconds: dict[bytes, int]
    stretches: dict[bytes, tuple[int, int]]

    def stretch(self, name: bytes) -> tuple[int, int]:
        """Return the places between which all lines of a second lie."""
        return self.stretches.get(name) or self.stretches[name[:-1]]


def turns_of(data: bytes, heads: Heads, look: Look, length: int, lines: int) -> Turns | None:
    """Return the seconds of so many lines, from 0 on to `length`, which begin with heads of that look.

    None where that is not sure, or they are too many.
    """
    found = _found(data, heads, look, length)
    if found is None:
        return None
    names, places = list(found), [*(place for _, place in found.values()), length]
    strayed = _STRAYED // (2 * len(names))
    stretches: dict[bytes, tuple[int, int]] = {}
    seen = 1  # no newline before the first line
    n = 0
    while n < len(names):
        same, many = names[n], 1
        ten = same[:-1]
        figures = _TENS.get(same[-1:])
        if figures and names[n : n + 10] == [ten + figure for figure in figures]:
            same, many = ten, 10
        begin, end = max(places[n] - strayed, 0), min(places[n + many] + strayed, length)
        seen += count(data, same, begin, end)
        stretches[same] = begin, end
        n += many
    if seen != lines:
        return None
    return Turns({name: second for name, (second, _) in found.items()}, stretches)


def _found(data: bytes, heads: Heads, look: Look, length: int) -> dict[bytes, tuple[int, int]] | None:
    """Return seconds by their names, and where each was met first: all of them, if lines are nearly in order."""
    assert look.second is not None
    begin, end = look.second.start, look.second.stop
    step = _direction(data, look, length)
    found: dict[bytes, tuple[int, int]] = {}
    place = steps = 0
    while place < length:
        minute = heads.minute(data[place : place + len(look.head)], look)
        past = int(data[place + begin : place + end])
        steps += 1
        if minute is None or past > look.most or steps > _MOST_STEPS or len(found) > _MOST_SECONDS:
            return None
        shown = b"\n" + data[place : place + begin]
        if not place and 0 <= past - step <= look.most:  # the first line may have come too early
            before = shown + _PAIRS[past - step]
            if find(data, before, 0, min(_NEAR, length)) >= 0:
                found[before] = minute + past - step, 0
        name = shown + _PAIRS[past]
        found.setdefault(name, (minute + past, place))
        while 0 <= past + step <= look.most:
            following = shown + _PAIRS[past + step]
            turn = find(data, following, place, min(place + _NEAR, length)) + 1
            if not turn:
                break
            name, past, place = following, past + step, turn
            found.setdefault(name, (minute + past, place))
        last = rfind(data, name, place, min(place + _NEAR, length))
        place = data.find(b"\n", max(last + 1, place)) + 1
    return found


def _direction(data: bytes, look: Look, length: int) -> int:
    """Return how seconds follow each other: 1, or -1 where the last line is before the first one, by its figures."""
    assert look.second is not None
    last, width = data.rfind(b"\n", 0, length - 1) + 1, look.second.stop
    return -1 if data[last : last + width] < data[:width] else 1
