"""YAML as nodes that know their lines: built from parser events, within bounds, constructing nothing."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import yaml

from logwatch.errors import Location

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 100_000
"""Nodes of a file, aliases counted as often as they are used."""

_NULL = re.compile("~|null|", re.IGNORECASE)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class YamlText(msgspec.Struct, frozen=True):
    """A scalar as it is written; `plain` where it stands without quotes and is not a block."""

    location: Location
    text: str
    plain: bool
    size: int = 1
    height: int = 1

    @property
    def empty(self) -> bool:
        """Whether nothing stands there: `key:`, `~` or `null`."""
        return self.plain and _NULL.fullmatch(self.text) is not None


class YamlList(msgspec.Struct, frozen=True):
    """A sequence."""

    location: Location
    items: tuple[Node, ...]
    size: int = 1
    height: int = 1


class YamlMapping(msgspec.Struct, frozen=True):
    """A mapping, in the order of the file; its keys are unique."""

    location: Location
    entries: tuple[tuple[YamlText, Node], ...]
    size: int = 1
    height: int = 1


Node = YamlText | YamlList | YamlMapping


def shown(text: str, longest: int = 80) -> str:
    """Return `text` on one line, cut to `longest` characters, with whatever drives a terminal escaped."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def kind_of(node: Node) -> str:
    """Return what `node` is, for messages: `a list`, `a mapping`, `nothing`, or the text in quotes."""
    if isinstance(node, YamlMapping):
        return "a mapping"
    if isinstance(node, YamlList):
        return "a list"
    return "nothing" if node.empty else f"'{shown(node.text)}'"


class Unreadable(Exception):  # noqa: N818 - carried to a Reader, which tells it as a problem
    """The file as a whole, or from `line` on, is no YAML of ours."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


_TOO_DEEP = f"is nested deeper than {MAX_DEPTH} levels; flatten it"

Note = Callable[[Location, str], None]
"""Takes the place and the text of a problem."""


def parse_yaml(path: Path, note: Note) -> Node:
    """Return the root node of the file; `note` is told of keys that occur twice, of which the first counts.

    Raises `Unreadable` for what is no YAML within the bounds, `OSError` for what cannot be opened.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise Unreadable(0, "is a directory; name a YAML file")
    if not stat.S_ISREG(mode):
        raise Unreadable(0, "is not a regular file; copy it into one")
    with path.open("rb") as stream:
        content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Unreadable(0, "is larger than 1 MiB; split it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, f"byte 0x{content[error.start]:02x} is not UTF-8; save it as UTF-8") from None
    odd = _UNPRINTABLE.search(text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        raise Unreadable(
            line, f"control character U+{ord(odd[0]):04X}; remove it, or write \\x.. in double quotes"
        )
    try:
        return _Builder(str(path), note).document(_events(text))
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, text) from None
    except yaml.YAMLError as error:  # the reader's own, which has no mark
        raise Unreadable(0, f"is not YAML: {shown(str(error), 200)}; save it as plain text") from None


def _syntax(error: yaml.MarkedYAMLError, text: str) -> Unreadable:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = text.splitlines()
    here = lines[line] if line < len(lines) else ""
    indent = here[: len(here) - len(here.lstrip())]
    if "\t" in indent or here[column:].startswith("\t"):
        return Unreadable(line + 1, "a tab where YAML allows only spaces; indent with spaces")
    if "nesting depth" in (error.problem or ""):  # libyaml looks ahead, and gives up before the builder does
        return Unreadable(line + 1, _TOO_DEEP)
    reason = shown(error.problem or "syntax error", 200)
    return Unreadable(line + 1, f"is not YAML: {reason}; check quotes and indentation")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _events(text: str) -> Iterator[yaml.Event]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=loader)
    return events


class _Builder:
    """Builds nodes from parser events, never deeper than `MAX_DEPTH` and never more than `MAX_NODES`.

    An aliased node is shared, not copied; its `size` and `height` count wherever it is used, so that
    exponential expansion is refused before anybody walks it. An alias inside the node that it names is
    unknown there, so there are no cycles.
    """

    def __init__(self, file: str, note: Note) -> None:
        self._file = file
        self._note = note
        self._anchors: dict[str, Node] = {}
        self._events: Iterator[yaml.Event] = iter(())

    def document(self, events: Iterator[yaml.Event]) -> Node:
        """Return the only document's root; an empty file is an empty text."""
        self._events = events
        root: Node = YamlText(Location(self._file, 1), "", plain=True)
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise Unreadable(_line(event), "a second document begins (---); keep one per file")
                root = self._node(next(events), 1)
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        line = _line(event)
        if depth > MAX_DEPTH:
            raise Unreadable(line, _TOO_DEEP)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                name = shown(event.anchor or "")
                raise Unreadable(line, f"alias *{name} names no anchor that is complete here")
            node = self._anchors[event.anchor]
            if depth + node.height - 1 > MAX_DEPTH:
                raise Unreadable(line, _TOO_DEEP)
            return node
        assert isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent))
        if event.tag is not None and event.tag != "!":
            raise Unreadable(line, f"tag {shown(event.tag)} is not allowed; write the plain value")
        node = self._fresh(event, Location(self._file, line), depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _fresh(self, event: yaml.Event, where: Location, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return YamlText(where, event.value, plain=not event.style and event.tag is None)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(where, depth)
        return self._mapping(where, depth)

    def _list(self, where: Location, depth: int) -> YamlList:
        items: list[Node] = []
        size = 1
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
            size = self._grown(size, items[-1])
        return YamlList(where, tuple(items), size, 1 + max((n.height for n in items), default=0))

    def _mapping(self, where: Location, depth: int) -> YamlMapping:
        entries: dict[str, tuple[YamlText, Node]] = {}
        size = 1
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            size = self._grown(self._grown(size, key), value)
            if not isinstance(key, YamlText):
                raise Unreadable(key.location.line, f"a key must be a text, not {kind_of(key)}")
            if key.text in entries:
                line = entries[key.text][0].location.line
                again = Location(self._file, _line(event))
                self._note(again, f"key '{shown(key.text)}' occurs twice (first on line {line}); remove one")
            else:
                entries[key.text] = (key, value)
        height = 1 + max((value.height for _, value in entries.values()), default=0)
        return YamlMapping(where, tuple(entries.values()), size, height)

    def _grown(self, size: int, node: Node) -> int:
        if size + node.size > MAX_NODES:
            raise Unreadable(
                node.location.line,
                f"holds more than {MAX_NODES:,} values once aliases are expanded; write less of them",
            )
        return size + node.size
