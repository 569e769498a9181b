"""The shape of a regular expression and what it tells: its size, its repeats, its captures, its text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, takewhile
from math import prod

import msgspec

UNBOUNDED = 1 << 30
_IN_LINE = frozenset(
    {".", "^", "$", r"\b", r"\S", r"\d", r"\w", "[0-9]", "[a-f0-9]", "[0-9a-f]", "[a-z]", "[A-Z]"}
)
"""Elements that take no newline; where lines begin and end is the same in one line as in many."""


class Letter(msgspec.Struct, frozen=True):
    """One literal character."""

    text: str


class Other(msgspec.Struct, frozen=True):
    """One element that is not literal; `source` is its text in the pattern (`\\S`, `[a-z]`, `.`, `^`)."""

    source: str


class Look(msgspec.Struct, frozen=True):
    """A look ahead or behind: it takes no text. `wanted`: it must hold, not fail."""

    source: str
    body: Shape
    wanted: bool


class Capture(msgspec.Struct, frozen=True):
    """A named group."""

    name: str
    body: Shape


class Sequence(msgspec.Struct, frozen=True):
    """Elements one after the other."""

    parts: tuple[Shape, ...]


class Branch(msgspec.Struct, frozen=True):
    """Alternatives."""

    options: tuple[Shape, ...]


class Repeat(msgspec.Struct, frozen=True):
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


def stays_in_line(shape: Shape) -> bool:
    """Whether a match holds no newline, and depends on nothing beyond those around it."""
    match shape:
        case Letter(text):
            return text != "\n"
        case Other(source):
            return source in _IN_LINE
        case Sequence(parts) | Branch(parts):
            return all(map(stays_in_line, parts))
        case Capture(_, body) | Repeat(body):
            return stays_in_line(body)
    return False


class Effort(msgspec.Struct, frozen=True):
    """How long a search can take: at most `factor` * n ** `power` steps in a text of n characters."""

    factor: float
    power: int

    def longest(self, steps: float) -> int:
        """Return the length of text for which as many steps are enough, at least."""
        return int((steps / self.factor) ** (1 / self.power))


def effort_of(shape: Shape) -> Effort | None:
    """Return the effort of a search that goes back whenever it fails; None where that cannot be told.

    Each repeat of single characters can end at n places, each alternative be tried; where repeats stand in repeats, or
    are looked at from aside, nobody multiplies. A search begins anew at every place where its first letters stand.
    """
    known = _choices(shape)
    if known is None:
        return None
    alternatives, repeated = known
    return Effort(alternatives * _pieces(shape) / _step(_first_letters(shape)), repeated + 1)


def _choices(shape: Shape) -> tuple[int, int] | None:
    """Return between how many alternatives, and how many times between n places, there is to choose."""
    match shape:
        case Letter():
            return 1, 0
        case Other(source):
            return None if source.startswith("(") or source[1:].isdigit() else (1, 0)
        case Capture(_, body):
            return _choices(body)
        case Look(_, body):
            inner = _choices(body)
            return inner if inner is not None and not inner[1] else None
        case Repeat(body, least, most):
            inner = _choices(body)
            if most == 1 or (least == most and inner == (1, 0)):
                return None if inner is None else (inner[0] * (1 + most - least), inner[1])
            return (1, 1) if inner == (1, 0) else None
        case Sequence(parts):
            all_of = [_choices(part) for part in parts]
            known = [one for one in all_of if one is not None]
            return (prod(a for a, _ in known), sum(r for _, r in known)) if len(known) == len(parts) else None
        case Branch(options):
            any_of = [_choices(option) for option in options]
            known = [one for one in any_of if one is not None]
            return (
                (sum(a for a, _ in known), max(r for _, r in known)) if len(known) == len(options) else None
            )


def _pieces(shape: Shape) -> int:
    """Return the number of elements, letters that follow each other being one."""
    match shape:
        case Sequence(parts):
            letters = [isinstance(part, Letter) for part in parts]
            return sum(map(_pieces, parts)) - sum(a and b for a, b in pairwise(letters))
        case Branch(options):
            return sum(map(_pieces, options))
        case Repeat(body, least, most):
            return _pieces(body) * (least if least == most else 1)
        case Capture(_, body) | Look(_, body):
            return _pieces(body)
    return 1


def _first_letters(shape: Shape) -> str:
    """Return the letters with which every match begins."""
    parts = shape.parts if isinstance(shape, Sequence) else (shape,)
    return "".join(part.text for part in takewhile(lambda part: isinstance(part, Letter), parts))  # type: ignore[union-attr]


def _step(text: str) -> int:
    """Return how far apart two occurrences of `text` are at least."""
    return next((n for n in range(1, len(text)) if text.startswith(text[n:])), max(len(text), 1))
