"""Strings made to hurt a pattern: what it repeats, repeated, and then what it does not expect."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import regex

from logwatch.ruleset.patterns import FLAGS, Pattern
from logwatch.ruleset.shape import (
    UNBOUNDED,
    Branch,
    Capture,
    Letter,
    Look,
    Other,
    Repeat,
    Sequence,
    Shape,
    repeats,
)
from logwatch.ruleset.syntax import UnfamiliarError, parse

SHORT = 64
"""Repetitions that take long only where time grows exponentially, or with a high power of the length."""
LONG = 40_000
"""Characters: enough for the square of it to be twice the time budget or more, and records can be larger."""

_CANDIDATES = "a0 -_:/.,;A\t\n=\"'()[]{}<>é!"
_ALTERNATIVES = 3


def short_attacks(pattern: Pattern) -> Iterator[str]:
    """Yield strings of some hundred characters."""
    for start, pumped in _pumps(pattern):
        for ending in _endings(pattern):
            yield start + pumped * SHORT + ending


def long_attacks(pattern: Pattern) -> Iterator[str]:
    """Yield strings of some 40,000 characters."""
    for start, pumped in _pumps(pattern):
        for ending in _endings(pattern):
            yield start + pumped * (LONG // len(pumped)) + ending


def has_nested_repeats(pattern: Pattern) -> bool:
    """Whether a repeat's body can be nothing but another repeat, both without a limit."""
    shape = _shape(pattern)
    return shape is not None and any(
        outer.most == UNBOUNDED and _bare_repeat(outer.body) for outer in repeats(shape)
    )


def _endings(pattern: Pattern) -> Iterator[str]:
    """Yield endings that keep the pattern from matching.

    Some have the literals that it requires, since `regex` gives up early on a text without them.
    """
    for stop in ("\x00", "\n\x00"):
        yield stop
        if pattern.literals:
            yield stop + stop[0].join(["", *sorted(pattern.literals), ""])


def _pumps(pattern: Pattern) -> list[tuple[str, str]]:
    """Return (what comes before, what is repeated), for each repeat and for the pattern as a whole."""
    shape = _shape(pattern)
    if shape is None:
        return [("", c) for c in _CANDIDATES]
    pumps: list[tuple[str, str]] = []
    for repeat in repeats(shape):
        if repeat.most >= SHORT:
            examples = _examples(repeat.body)
            before = _before(shape, repeat) or ""
            pumps += [(before, example) for example in (*examples, "".join(examples))]
    pumps += [("", example[:-1]) for example in _examples(shape)]
    return [pump for pump in dict.fromkeys(pumps) if pump[1]]


def _shape(pattern: Pattern) -> Shape | None:
    try:
        return parse(pattern.source)
    except UnfamiliarError:
        return None


def _examples(shape: Shape) -> list[str]:
    """Return texts that `shape` is likely to match, with and without what is optional, by several alternatives."""
    found = (_example(shape, optional, chosen) for optional in (0, 1) for chosen in range(_ALTERNATIVES))
    return list(dict.fromkeys(found))


def _example(shape: Shape, optional: int, chosen: int) -> str:
    """Return a text that `shape` is likely to match.

    What may be left out occurs `optional` times; of alternatives the one numbered `chosen` is taken.
    """
    match shape:
        case Letter(text):
            return text
        case Other(source):
            return _character(source)
        case Sequence(parts):
            return "".join(_example(part, optional, chosen) for part in parts)
        case Branch(options):
            return _example(options[chosen % len(options)], optional, chosen)
        case Repeat(body, least, most):
            return _example(body, optional, chosen) * min(max(least, optional), most)
        case Capture(_, body):
            return _example(body, optional, chosen)
    return ""  # a look takes no text


def _before(shape: Shape, target: Repeat) -> str | None:
    """Return an example of what comes before `target` in `shape`; None if it is not in there."""
    if shape is target:
        return ""
    match shape:
        case Sequence(parts):
            text = ""
            for part in parts:
                inner = _before(part, target)
                if inner is not None:
                    return text + inner
                text += _example(part, 1, 0)
        case Branch(options):
            return next((t for o in options if (t := _before(o, target)) is not None), None)
        case Repeat(body) | Capture(_, body) | Look(_, body):
            return _before(body, target)
    return None


@lru_cache(maxsize=1024)
def _character(source: str) -> str:
    """Return a character that the element `source` matches; nothing where it is an assertion."""
    try:
        compiled = regex.compile(source, FLAGS)
    except regex.error:  # a reference to a group that stands elsewhere
        return ""
    if compiled.fullmatch("", timeout=1):
        return ""
    return next((c for c in _CANDIDATES if compiled.fullmatch(c, timeout=1)), "")


def _bare_repeat(shape: Shape) -> bool:
    match shape:
        case Repeat(_, _, most):
            return most == UNBOUNDED
        case Capture(_, body):
            return _bare_repeat(body)
        case Branch(options):
            return any(_bare_repeat(option) for option in options)
        case Sequence(parts):
            needed = [part for part in parts if not (isinstance(part, Repeat) and part.least == 0)]
            loops = [part for part in parts if isinstance(part, Repeat) and part.most == UNBOUNDED]
            return (not needed and bool(loops)) or (len(needed) == 1 and _bare_repeat(needed[0]))
    return False
