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
"""Repetitions that only exponential time makes long."""
LONG = 20_000
"""Characters that quadratic time makes long enough; records can be larger."""

_CANDIDATES = "a0 -_:/.,;A\t\n=\"'()[]{}<>é!"


def exponential_attacks(pattern: Pattern) -> Iterator[str]:
    """Yield short strings on which nested repeats take exponential time."""
    for start, pumped in _pumps(pattern):
        for spoiler in _spoilers(pattern):
            yield start + pumped * SHORT + spoiler


def polynomial_attacks(pattern: Pattern) -> Iterator[str]:
    """Yield strings of some 20,000 characters on which overlapping repeats take quadratic time or worse."""
    for start, pumped in _pumps(pattern):
        for spoiler in _spoilers(pattern):
            yield start + pumped * (LONG // len(pumped)) + spoiler


def has_nested_repeats(pattern: Pattern) -> bool:
    """Whether a repeat's body can be nothing but another repeat, both without a limit."""
    shape = _shape(pattern)
    return shape is not None and any(
        outer.most == UNBOUNDED and _bare_repeat(outer.body) for outer in repeats(shape)
    )


def _spoilers(pattern: Pattern) -> Iterator[str]:
    """Yield endings that keep the pattern from matching.

    The last one has the literals that it requires, since `regex` gives up early on a text without them.
    """
    yield "\x00"
    yield "\n\x00"
    if pattern.literals:
        yield "\x00" + "\x00".join(sorted(pattern.literals)) + "\x00"


def _pumps(pattern: Pattern) -> Iterator[tuple[str, str]]:
    """Yield (what comes before, what is repeated), for each repeat and for the pattern as a whole."""
    shape = _shape(pattern)
    if shape is None:
        yield from (("", c) for c in _CANDIDATES)
        return
    for optional in (0, 1):
        for repeat in repeats(shape):
            pumped = _example(repeat.body, optional)
            if repeat.most >= SHORT and pumped:
                yield _before(shape, repeat, optional) or "", pumped
        whole = _example(shape, optional)[:-1]
        if whole:
            yield "", whole


def _shape(pattern: Pattern) -> Shape | None:
    try:
        return parse(pattern.source)
    except UnfamiliarError:
        return None


def _example(shape: Shape, optional: int) -> str:
    """Return a text that `shape` is likely to match; what may be left out occurs `optional` times."""
    match shape:
        case Letter(text):
            return text
        case Other(source):
            return _character(source)
        case Sequence(parts):
            return "".join(_example(part, optional) for part in parts)
        case Branch(options):
            return _example(options[0], optional)
        case Repeat(body, least, most):
            return _example(body, optional) * min(max(least, optional), most)
        case Capture(_, body):
            return _example(body, optional)
    return ""  # a look takes no text


def _before(shape: Shape, target: Repeat, optional: int) -> str | None:
    """Return an example of what comes before `target` in `shape`; None if it is not in there."""
    if shape is target:
        return ""
    match shape:
        case Sequence(parts):
            text = ""
            for part in parts:
                inner = _before(part, target, optional)
                if inner is not None:
                    return text + inner
                text += _example(part, optional)
        case Branch(options):
            return next((t for o in options if (t := _before(o, target, optional)) is not None), None)
        case Repeat(body) | Capture(_, body) | Look(_, body):
            return _before(body, target, optional)
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
