"""Text in the columns of a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from itertools import accumulate
from unicodedata import category, east_asian_width

from logwatch.evidence.escape import escape

_GLUE = "\u00a0"
"""Stands for a space at which no line is broken: between a figure and its unit."""


def cells(text: str) -> int:
    """Return how many columns `text` takes (emoji and East Asian characters take two)."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def cut(text: str, width: int | None) -> str:
    """Return `text` in at most `width` columns, with `…` where something is missing; None: as it is."""
    if width is None or cells(text) <= width:
        return text
    fit = sum(taken < width for taken in accumulate(map(_cells, text)))
    return text[:fit] + "…"


def wrap(text: str, width: int | None, first: str, rest: str) -> list[str]:
    """Return `text`, which is escaped, in lines of at most `width` columns, indented by `first` and `rest`.

    Words are never cut, and a percentage keeps its sign on its line.
    """
    if width is None:
        return [first + text]
    lines = textwrap.wrap(
        text.replace(" %", _GLUE + "%"),
        width=width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    # once more: what was no command in the middle of a line may begin one now
    return [escape(line.replace(_GLUE, " ")) for line in lines] or [first.rstrip()]


def flow(parts: Iterable[str], width: int | None, gap: str = "   ", rest: str = "  ") -> list[str]:
    """Return parts side by side, those that find no room on the next line; none is broken."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}{gap}{part}" if lines else part
        if lines and width is not None and cells(longer) > width:
            lines.append(rest + part)
        else:
            lines[-1:] = [longer]
    return lines


def _cells(char: str) -> int:
    if category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if east_asian_width(char) in {"W", "F"} else 1
