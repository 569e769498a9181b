"""The shape of a regular expression and what it tells: its size, its repeats, its captures, its text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

UNBOUNDED = 1 << 30


@dataclass(frozen=True, slots=True)
class Letter:
    """One literal character."""

    text: str


@dataclass(frozen=True, slots=True)
class Other:
    """One element that is not literal; `source` is its text in the pattern (`\\S`, `[a-z]`, `.`, `^`)."""

    source: str


@dataclass(frozen=True, slots=True)
class Look:
    """A look ahead or behind: it takes no text. `wanted`: it must hold, not fail."""

    source: str
    body: Shape
    wanted: bool


@dataclass(frozen=True, slots=True)
class Capture:
    """A named group."""

    name: str
    body: Shape


@dataclass(frozen=True, slots=True)
class Sequence:
    """Elements one after the other."""

    parts: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """Alternatives."""

    options: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`body`, at least `least` times and at most `most` (`UNBOUNDED`: no limit)."""

    body: Shape
    least: int
    most: int


Shape = Letter | Other | Look | Capture | Sequence | Branch | Repeat


def expanded_size(shape: Shape) -> int:
    """Return the number of elements once every counted repeat is written out (unbounded: its minimum)."""
    match shape:
        case Sequence(parts) | Branch(parts):
            return sum(map(expanded_size, parts))
        case Repeat(body, least, most):
            return expanded_size(body) * max(1, least if most == UNBOUNDED else most)
        case Capture(_, body) | Look(_, body):
            return expanded_size(body)
    return 1


def repeats(shape: Shape) -> Iterator[Repeat]:
    """Yield every repeat, outer ones first."""
    match shape:
        case Sequence(parts) | Branch(parts):
            for part in parts:
                yield from repeats(part)
        case Repeat(body):
            yield shape
            yield from repeats(body)
        case Capture(_, body) | Look(_, body):
            yield from repeats(body)


def certain_captures(shape: Shape) -> frozenset[str]:
    """Return the names of the groups that take part in every match."""
    match shape:
        case Capture(name, body):
            return certain_captures(body) | {name}
        case Sequence(parts):
            return frozenset().union(*map(certain_captures, parts))
        case Branch(options):
            return frozenset.intersection(*map(certain_captures, options))
        case Repeat(body, least) if least:
            return certain_captures(body)
        case Look(_, body, wanted) if wanted:
            return certain_captures(body)
    return frozenset()


def plain_text(shape: Shape) -> str | None:
    """Return the text that is all of the pattern, None where it is more than a text."""
    match shape:
        case Letter(text):
            return text
        case Sequence(parts):
            texts = [plain_text(part) for part in parts]
            return "".join(text for text in texts if text is not None) if None not in texts else None
    return None
