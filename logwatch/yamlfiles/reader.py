"""YAML files that people write: nodes that know their lines, and every fault of a file told at once.

A `Reader` collects problems instead of raising: read a file into nodes, take them apart with its accessors,
then call `raise_problems`. Only plain YAML is understood: no tags, one document, no key twice, and no value
that YAML 1.1 would quietly turn into something else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import msgspec

from logwatch.errors import ConfigError, Location, Problem, did_you_mean
from logwatch.timespec import parse_span
from logwatch.yamlfiles.nodes import (
    Node,
    Unreadable,
    YamlList,
    YamlMapping,
    YamlText,
    kind_of,
    parse_yaml,
    shown,
)

MAX_PROBLEMS = 100

_BOOLEAN = re.compile("yes|no|on|off|true|false", re.IGNORECASE)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})", re.ASCII)
_NUMBER = re.compile(r"[-+]?\d{1,18}(?:\.\d{1,18})?(?:[eE][-+]?\d{1,2})?", re.ASCII)


def is_number(node: Node) -> bool:
    """Whether `node` is written as a decimal number, without quotes."""
    return isinstance(node, YamlText) and node.plain and _NUMBER.fullmatch(node.text) is not None


class Reader(msgspec.Struct, frozen=True):
    """Reads files and collects `problems`. `context` (such as `rule 'x'`) begins each message.

    The accessors return what a node says, or None after noting why it does not say it; `what` names the value
    for people (`'timeout'`).
    """

    problems: list[Problem] = msgspec.field(default_factory=list)
    context: str = ""

    def inside(self, context: str) -> Reader:
        """Return a reader that adds to the same problems and begins its messages with `context`."""
        return Reader(self.problems, context)

    def problem(self, where: Location, message: str) -> None:
        """Note a problem. Past 100 they only say that there are more."""
        if len(self.problems) < MAX_PROBLEMS:
            text = f"{self.context}: {message}" if self.context else message
            self.problems.append(Problem(where, text))
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append(Problem(where, "more problems follow; mend these first"))

    def raise_problems(self) -> None:
        """Raise `ConfigError` with all problems, in the order of files and lines, if there are any."""
        if self.problems:
            files = list(dict.fromkeys(p.location.file for p in self.problems if p.location))

            def place(problem: Problem) -> tuple[int, int]:
                where = problem.location
                return (files.index(where.file), where.line) if where else (-1, 0)

            told, more = self.problems[:MAX_PROBLEMS], self.problems[MAX_PROBLEMS:]
            raise ConfigError(*sorted(told, key=place), *more)

    def read(self, path: Path) -> Node | None:
        """Return the root of the YAML file at `path`; None if it cannot be read or is not YAML.

        Keys that occur twice are noted and the first one counts.
        """
        try:
            return parse_yaml(path, self.problem)
        except Unreadable as error:
            self.problem(Location(str(path), error.line), error.message)
        except (OSError, ValueError) as error:  # ValueError: a path that holds NUL
            reason = getattr(error, "strerror", None) or str(error)
            where = Location(str(path))
            self.problem(where, f"cannot be read ({reason}); check the path and its permissions")
        return None

    def mapping(self, node: Node, what: str, known: Iterable[str] | None = None) -> dict[str, Node] | None:
        """Return the mapping's values by key; keys not among `known` (None: all are) are problems."""
        if not isinstance(node, YamlMapping):
            self.problem(node.location, f"{what} must be a mapping (key: value), not {kind_of(node)}")
            return None
        words = None if known is None else tuple(known)
        found = {}
        for key, value in node.entries:
            if words is None or key.text in words:
                found[key.text] = value
            elif len(self.problems) <= MAX_PROBLEMS:
                hint = did_you_mean(key.text[:100], words) or f"; known here: {', '.join(words)}"
                self.problem(key.location, f"unknown key '{shown(key.text)}'{hint}")
        return found

    def items(self, node: Node, what: str) -> tuple[Node, ...] | None:
        """Return the items of a list."""
        if isinstance(node, YamlList):
            return node.items
        self.problem(node.location, f"{what} must be a list ([a, b] or lines with -), not {kind_of(node)}")
        return None

    def text(self, node: Node, what: str) -> str | None:
        """Return a text. What YAML 1.1 takes for something else must stand in quotes."""
        if not isinstance(node, YamlText):
            self.problem(node.location, f"{what} must be a text, not {kind_of(node)}")
        elif not node.plain:
            return node.text
        elif node.empty:
            self.problem(node.location, f"{what} is empty; it must be a text")
        elif _BOOLEAN.fullmatch(node.text):
            self.problem(
                node.location,
                f"{what} must be a text, and YAML reads {node.text} as true or false; "
                f"put it in quotes: '{node.text}'",
            )
        elif is_number(node):
            self.problem(
                node.location,
                f"{what} must be a text, and YAML reads {shown(node.text)} as a number; "
                f"put it in quotes: '{shown(node.text)}'",
            )
        else:
            return node.text
        return None

    def scalar(self, node: Node, what: str) -> str | None:
        """Return a text, a number, true or false as it is written."""
        if not isinstance(node, YamlText):
            wanted = "must be a text, a number, true or false"
            self.problem(node.location, f"{what} {wanted}, not {kind_of(node)}")
        elif node.empty:
            self.problem(node.location, f"{what} is empty; put the text in quotes: '{node.text or 'null'}'")
        elif node.plain and _BOOLEAN.fullmatch(node.text) and node.text not in {"true", "false"}:
            self.problem(
                node.location,
                f"{what} is {node.text}, which YAML reads as true or false; "
                f"write true or false, or put it in quotes: '{node.text}'",
            )
        else:
            return node.text
        return None

    def choice(self, node: Node, what: str, choices: Iterable[str]) -> str | None:
        """Return one of `choices`."""
        text = self.text(node, what)
        words = tuple(choices)
        if text is None or text in words:
            return text
        hint = did_you_mean(text[:100], words)
        self.problem(node.location, f"{what} is '{shown(text)}', which is none of {', '.join(words)}{hint}")
        return None

    def boolean(self, node: Node, what: str) -> bool | None:
        """Return what `true` or `false` says."""
        if isinstance(node, YamlText) and node.plain and node.text in {"true", "false"}:
            return node.text == "true"
        self.problem(node.location, f"{what} must be true or false, not {kind_of(node)}")
        return None

    def integer(self, node: Node, what: str, least: int = 0) -> int | None:
        """Return a whole number of at least `least`."""
        if isinstance(node, YamlText) and node.plain and _INTEGER.fullmatch(node.text):
            number = int(node.text)
            if number >= least:
                return number
            self.problem(node.location, f"{what} is {number}; it must be at least {least}")
            return None
        self.problem(node.location, f"{what} must be a whole number, not {kind_of(node)}")
        return None

    def number(self, node: Node, what: str, holds: Callable[[float], bool], condition: str) -> float | None:
        """Return a decimal number for which `holds` is true; `condition` says the same to people."""
        if isinstance(node, YamlText) and is_number(node):
            number = float(node.text)
            if holds(number):
                return number
            self.problem(node.location, f"{what} is {node.text}; it must be {condition}")
            return None
        self.problem(node.location, f"{what} must be a number, not {kind_of(node)}")
        return None

    def span(self, node: Node, what: str) -> timedelta | None:
        """Return a time span that is longer than zero, written like 90s, 30m or 1h30m."""
        if isinstance(node, YamlText) and not node.empty:
            try:
                span = parse_span(node.text)
            except ValueError:
                self.problem(
                    node.location,
                    f"{what} is '{shown(node.text)}', which is no time span; write it like 90s, 30m or 1h30m",
                )
                return None
            if span:
                return span
            self.problem(node.location, f"{what} must be longer than zero")
            return None
        self.problem(node.location, f"{what} must be a time span like 90s, 30m or 1h30m, not {kind_of(node)}")
        return None
