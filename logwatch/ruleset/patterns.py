"""Text patterns: compiled within bounds, run within a time budget."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator
from functools import cached_property

import regex

from logwatch.ruleset.condition import Captures, PatternTimeout
from logwatch.ruleset.literals import required_literals
from logwatch.ruleset.shape import certain_captures, effort_of, expanded_size, plain_text, stays_in_line
from logwatch.ruleset.syntax import UnfamiliarError, parse

BUDGET_SECONDS = 0.25
"""Processor time that one call of a pattern may take.

`regex` counts that of the whole process, and lets go of the interpreter while it matches: `concurrent=False` keeps
the other threads of a server from spending a pattern's budget.
"""
_STEPS = 5e6
"""Steps of a search that take a tenth of the budget, or less."""
MAX_LENGTH = 4096
MAX_EXPANDED = 10_000
FLAGS = regex.VERSION0 | regex.MULTILINE
"""`^` and `$` hold at every line of a record and `.` stays within a line, as in grep.

A pattern that begins with `(?s)` or `(?i)` says otherwise.
"""
_MAX_COUNT = 1000
_LENIENT = 10
"""Where the nesting of repeats cannot be told, they are taken as nested, and so much larger is allowed."""
_OVER_LINES = re.compile(r"\(\?[a-z]*(?:s|-[a-z]*m)")
"""A flag with which `.` is a newline as well, or `^` and `$` hold at the ends of a text alone."""
_COUNTS = re.compile(r"\{(\d*),?(\d*)\}")


class BadPatternError(ValueError):
    """A pattern that cannot be compiled, or not safely; the message is for people."""


class Pattern:
    """A compiled pattern, equal to others of its `source`. Every call raises `PatternTimeout` past its time budget."""

    def __init__(self, source: str, compiled: regex.Pattern[str]) -> None:
        self.source = source
        self._compiled = compiled

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self.source == other.source

    def __hash__(self) -> int:
        return hash(self.source)

    def __repr__(self) -> str:
        return f"Pattern({self.source!r})"

    def search(self, text: str) -> Captures | None:
        """Return the captures of the first occurrence in `text`."""
        if len(text) <= self._surely_fast:
            match = self._compiled.search(text)
            return None if match is None else self._captures(match)
        try:
            match = self._compiled.search(text, timeout=BUDGET_SECONDS, concurrent=False)
        except TimeoutError:
            raise PatternTimeout(self.source) from None
        return None if match is None else self._captures(match)

    def occurrences(self, text: str) -> Iterator[Captures]:
        """Yield the captures of each occurrence in `text`, which do not overlap; the budget is for all of them."""
        if len(text) <= self._surely_fast:
            return map(self._captures, self._compiled.finditer(text))
        try:
            matches = self._compiled.finditer(text, timeout=BUDGET_SECONDS, concurrent=False)
            # All at once: the budget counts processor time, and so would count what is done between two of them.
            found = [self._captures(match) for match in matches]
        except TimeoutError:
            raise PatternTimeout(self.source) from None
        return iter(found)

    def in_lines(self, text: str, lines: int, longest: int) -> tuple[int, dict[str, list[str]]] | None:
        """Return in how many of the lines of `text` the pattern occurs, none or all, and what its groups capture.

        What a group captures that takes no part is empty. None where the pattern occurs in some lines, or in one
        several times, or that cannot be told of all together. `longest` are the characters of the longest line.
        """
        if longest > self._surely_fast or not self._stays_in_line:
            return None
        names = self._names
        found = self._compiled.findall(text)
        if not found:
            return 0, {}
        if len(found) != lines:
            return None
        if self._compiled.groups <= 1:
            return lines, {name: found for name, _ in names}
        return lines, {name: [groups[number - 1] for groups in found] for name, number in names}

    def _captures(self, match: regex.Match[str]) -> Captures:
        captures = {}
        for name, group in self._names:
            text = match[group]
            if text is not None:
                captures[name] = text
        return captures

    @cached_property
    def _names(self) -> tuple[tuple[str, int], ...]:
        """Names of groups and their numbers: faster than `groupdict`."""
        return tuple(self._compiled.groupindex.items())

    @cached_property
    def _surely_fast(self) -> int:
        """Characters of a text on which no search can spend the budget: asking for the time costs more than most do."""
        try:
            effort = effort_of(parse(self.source))
        except UnfamiliarError:
            return 0
        return 0 if effort is None else effort.longest(_STEPS)

    @cached_property
    def _stays_in_line(self) -> bool:
        return not _OVER_LINES.search(self.source) and stays_in_line(parse(self.source))

    @cached_property
    def literals(self) -> frozenset[str] | None:
        """Required literals; None where there is no such set."""
        return required_literals(self.source)

    @property
    def captures(self) -> frozenset[str]:
        """Names of the groups."""
        return frozenset(self._compiled.groupindex)

    @property
    def certain_captures(self) -> frozenset[str]:
        """Names of the groups that take part in every match; all of them where that cannot be told."""
        try:
            return certain_captures(parse(self.source))
        except UnfamiliarError:
            return self.captures

    @property
    def plain_text(self) -> str | None:
        """The text that is all of the pattern; None where it is more than a text, or cannot be told."""
        try:
            return plain_text(parse(self.source))
        except UnfamiliarError:
            return None


def compile_pattern(source: str) -> Pattern:
    """Return `source` compiled with `FLAGS`.

    Raises `BadPatternError` for what is no pattern, and for what could not be compiled in bounded time and
    memory: the time budget covers matching, not compiling.
    """
    if len(source) > MAX_LENGTH:
        raise BadPatternError(f"is longer than {MAX_LENGTH:,} characters; split it with any:")
    _bound(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = regex.compile(source, FLAGS, cache_pattern=False)
    except regex.error as error:
        raise BadPatternError(f"is no regular expression: {error}") from None
    except (RecursionError, OverflowError, MemoryError, ValueError, LookupError, TypeError, AttributeError):
        raise BadPatternError("is no regular expression that can be compiled; simplify it") from None
    return Pattern(source, compiled)


def _bound(source: str) -> None:
    """Refuse repeats that multiply: `regex` lays them out in memory while it compiles."""
    counts = [int((high or low)[:9]) for low, high in _COUNTS.findall(source) if high or low]
    try:
        size = expanded_size(parse(source))
    except UnfamiliarError:  # the counts may all be nested around all of it
        size = math.prod(max(1, n) for n in counts) * len(source) // _LENIENT
    if size > MAX_EXPANDED or max(counts, default=0) > _MAX_COUNT:
        raise BadPatternError(
            f"repeats too much: counts may be at most {_MAX_COUNT:,}, and all of them written out at most "
            f"{MAX_EXPANDED:,} elements; use + or * instead"
        )
