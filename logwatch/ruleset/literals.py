"""Required literals: texts of which every match of a pattern contains at least one, to the letter.

They are what a scan looks for before any pattern runs, so they are cut to characters that stand in the bytes
of a log as they stand in the message: printable ASCII that no usual JSON encoder escapes.
"""

from __future__ import annotations

from collections.abc import Iterator

from logwatch.ruleset.shape import Branch, Capture, Letter, Repeat, Sequence, Shape
from logwatch.ruleset.syntax import UnfamiliarError, parse

SHORTEST = 3
"""Shorter literals are in nearly every line, and so are no help."""
MOST = 64
"""Alternatives past which the search for them costs more than it saves."""

_PLAIN = frozenset(map(chr, range(0x20, 0x7F))) - frozenset("\"\\/<>&'+`")


def required_literals(pattern: str) -> frozenset[str] | None:
    """Return the pattern's best set of required literals; None where there is none or it cannot be told."""
    try:
        best = _best(parse(pattern))
    except UnfamiliarError:
        return None
    return best if best and min(map(len, best)) >= SHORTEST else None


def any_of(sets: list[frozenset[str] | None]) -> frozenset[str] | None:
    """Return the literals required where at least one of several patterns must match."""
    union: set[str] = set()
    for literals in sets:
        if literals is None:
            return None
        union |= literals
    return frozenset(union) if 0 < len(union) <= MOST else None


def all_of(sets: list[frozenset[str] | None]) -> frozenset[str] | None:
    """Return the best of the sets that are required where all of several patterns must match."""
    return max((s for s in sets if s), key=_worth, default=None)


def _worth(literals: frozenset[str]) -> tuple[int, int, list[str]]:
    """Longer is better, then fewer; the texts decide between equals, so that the choice is stable."""
    return min(map(len, literals)), -len(literals), sorted(literals)


def _best(shape: Shape) -> frozenset[str] | None:
    match shape:
        case Branch(options):
            return any_of([_best(option) for option in options])
        case Repeat(body, least, _):
            return _best(body) if least else None
        case Letter() | Capture() | Sequence():
            return all_of(_candidates(shape))
    return None


def _candidates(shape: Shape) -> list[frozenset[str] | None]:
    """Return what each run of letters, and each part between them, requires."""
    found: list[frozenset[str] | None] = []
    run = ""
    for part in _elements(shape):
        if isinstance(part, Letter) and part.text in _PLAIN:
            run += part.text
            continue
        found += [frozenset({run}) if run else None, None if isinstance(part, Letter) else _best(part)]
        run = ""
    return [*found, frozenset({run}) if run else None]


def _elements(shape: Shape) -> Iterator[Shape]:
    """Yield what stands one after the other, groups opened."""
    match shape:
        case Sequence(parts):
            for part in parts:
                yield from _elements(part)
        case Capture(_, body):
            yield from _elements(body)
        case _:
            yield shape
