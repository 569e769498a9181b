"""From a regular expression to its shape.

A small parser of the syntax that rules use (the `regex` module, version 0). It looks only as deep as the
questions asked of it: what it does not know, it gives up on rather than guess.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

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
)

MAX_DEPTH = 50
"""Groups within groups."""

_COUNT = re.compile(r"\{(\d{1,9})\}|\{(\d{0,9}),(\d{0,9})\}", re.ASCII)
_FUZZY = frozenset("0123456789,eids <>=")
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_CODE = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})")
_DIGITS = re.compile(r"\d+", re.ASCII)
_PROPERTY = re.compile(r"[pP]\{\^?[\w =:-]{1,60}\}", re.ASCII)
_GROUP = re.compile(r"\?:|\?>|\?P?<([A-Za-z_]\w*)>")
_LOOK = re.compile(r"\?<?([=!])")
_FLAGS = re.compile(r"\?([aimsux]*)(?:-([imsx]+))?([:)])")
_COMMENT = re.compile(r"\?#[^)]*\)")
_BACKREFERENCE = re.compile(r"\?P=\w+\)")


class UnfamiliarError(Exception):
    """The pattern uses syntax that this parser does not know."""


@lru_cache(maxsize=256)  # one pattern is asked for its size, its effort, its literals, its captures
def parse(pattern: str) -> Shape:
    """Return the shape of `pattern`, in which case-insensitive letters are `Other`.

    Raises `UnfamiliarError`.
    """
    parser = _Parser(pattern)
    shape = parser.branch()
    if parser.at < len(pattern):
        raise UnfamiliarError(f"unbalanced parenthesis at {parser.at}")
    return shape


class _Parser(msgspec.Struct):
    """Recursive descent over the pattern; `at` is the next character."""

    pattern: str
    at: int = 0
    depth: int = 0
    caseless: bool = False
    verbose: bool = False

    def branch(self) -> Shape:
        """Parse alternatives up to a closing parenthesis or the end."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnfamiliarError(f"groups nested deeper than {MAX_DEPTH}")
        options = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            options.append(self._sequence())
        self.depth -= 1
        return options[0] if len(options) == 1 else Branch(tuple(options))

    def _sequence(self) -> Shape:
        parts: list[Shape] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            parts.extend(self._element())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _element(self) -> tuple[Shape, ...]:
        """Parse one element with its quantifiers; a group in line gives its parts."""
        start = self.at
        char = self.pattern[start]
        self.at += 1
        if self.verbose and (char.isspace() or char == "#"):
            if char == "#":
                end = self.pattern.find("\n", start)
                self.at = len(self.pattern) if end < 0 else end
            return ()
        element: Shape | None
        if char == "(":
            element = self._group()
        elif char == "[":
            element = self._class(start)
        elif char == "\\":
            element = self._escape(start)
        elif char in ".^$":
            element = Other(char)
        elif char in "*+?":
            raise UnfamiliarError(f"nothing to repeat at {start}")
        elif char == "{" and (not self._peek() or self._peek() in _FUZZY):
            raise UnfamiliarError(f"brace at {start}")
        else:
            element = self._letter(char)
        if element is None:
            return ()
        quantified = self._quantified(element)
        return quantified.parts if isinstance(quantified, Sequence) else (quantified,)

    def _letter(self, char: str) -> Shape:
        return Other(re.escape(char)) if self.caseless else Letter(char)

    def _quantified(self, element: Shape) -> Shape:
        while (char := self._peek()) and char in "*+?{":
            least, most = {"*": (0, UNBOUNDED), "+": (1, UNBOUNDED), "?": (0, 1), "{": (1, 1)}[char]
            if char == "{":
                count = _COUNT.match(self.pattern, self.at)
                if count is None:
                    if self.pattern[self.at + 1 : self.at + 2] in _FUZZY:
                        raise UnfamiliarError(f"brace at {self.at}")
                    break
                exact, low, high = count.groups()
                least = int(exact or low or 0)
                most = int(exact or high or UNBOUNDED)
                self.at = count.end()
            else:
                self.at += 1
            if self._peek() in {"?", "+"}:
                self.at += 1
            element = Repeat(element, least, most)
        return element

    def _class(self, start: int) -> Shape:
        at = start + 1
        at += self.pattern[at : at + 1] == "^"
        at += self.pattern[at : at + 1] == "]"
        while (char := self.pattern[at : at + 1]) != "]":
            if not char or self.pattern.startswith("[:", at):
                raise UnfamiliarError(f"class at {start}")
            at += 2 if char == "\\" else 1
        self.at = at + 1
        return Other(self.pattern[start : self.at])

    def _escape(self, start: int) -> Shape:
        char = self._peek()
        if char.isdigit():
            digits = _DIGITS.match(self.pattern, self.at)
            self.at = digits.end() if digits else self.at + 1
            return Other(self.pattern[start : self.at])
        if taken := _PROPERTY.match(self.pattern, self.at):
            self.at = taken.end()
            return Other(self.pattern[start : self.at])
        code = _CODE.match(self.pattern, self.at)
        if code:
            self.at = code.end()
            return self._letter(chr(int(code[1] or code[2], 16)))
        self.at += 1
        if char in _CONTROL:
            return self._letter(_CONTROL[char])
        if char and char in "dDwWsSbBAZ":
            return Other("\\" + char)
        if not char or char.isalnum():
            raise UnfamiliarError(f"escape at {start}")
        return self._letter(char)

    def _group(self) -> Shape | None:
        """Parse what follows an opening parenthesis; None for what matches nothing."""
        start, caseless = self.at - 1, self.caseless
        name: str | None = None
        look: str | None = None
        if opened := _COMMENT.match(self.pattern, self.at):
            self.at = opened.end()
            return None
        if opened := _BACKREFERENCE.match(self.pattern, self.at):
            self.at = opened.end()
            return Other(self.pattern[start : self.at])
        if opened := _GROUP.match(self.pattern, self.at):
            name = opened[1]
        elif opened := _LOOK.match(self.pattern, self.at):
            look = opened[1]
        elif opened := _FLAGS.match(self.pattern, self.at):
            on, off = opened[1], opened[2] or ""
            if opened[3] == ")":
                self.at = opened.end()
                self._global_flags(start, on, off)
                return None
            if "x" in on + off:
                raise UnfamiliarError(f"flag at {start}")
            self.caseless = "i" in on or (self.caseless and "i" not in off)
        elif self._peek() in {"?", "*"}:
            raise UnfamiliarError(f"group at {start}")
        self.at = opened.end() if opened else self.at
        body = self.branch()
        if self._peek() != ")":
            raise UnfamiliarError(f"group at {start} is not closed")
        self.at += 1
        self.caseless = caseless
        if look is not None:
            return Look(self.pattern[start : self.at], body, wanted=look == "=")
        return body if name is None else Capture(name, body)

    def _global_flags(self, start: int, on: str, off: str) -> None:
        """Take `(?i)`: it holds for the whole pattern, so that it is understood only where that begins."""
        if start or off:
            raise UnfamiliarError(f"flags at {start}")
        self.caseless = "i" in on
        self.verbose = "x" in on
