"""Types of values: each reads a node and says as JSON Schema what it reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol, TypeVar

import msgspec

from logwatch.timespec import format_span
from logwatch.yamlfiles.nodes import Node, YamlText, shown
from logwatch.yamlfiles.reader import Reader, is_number

Json = dict[str, object]
T_co = TypeVar("T_co", covariant=True)


class Type(Protocol[T_co]):
    """A type of value. `read` returns None after noting a problem."""

    def read(self, reader: Reader, node: Node, what: str) -> T_co | None:
        """Return what `node` says."""
        ...

    def schema(self) -> Json:
        """Return the JSON Schema of what `read` accepts."""
        ...


class Text(msgspec.Struct, frozen=True):
    """A text that is not blank. All of it must match the regular expression `form`; `example` is the remedy.

    Forms are kept to what means the same here and in the JavaScript of editors; classes are ASCII.
    """

    form: str | None = None
    example: str = ""

    def read(self, reader: Reader, node: Node, what: str) -> str | None:
        """Return the text."""
        text = reader.text(node, what)
        if text is None:
            return None
        if not text.strip():
            reader.problem(node.location, f"{what} is empty; it must be a text")
            return None
        if self.form is not None and not re.fullmatch(self.form, text, re.ASCII):
            reader.problem(node.location, f"{what} is '{shown(text)}'; write it like {self.example}")
            return None
        return text

    def schema(self) -> Json:
        """Return a string type."""
        return {"type": "string", "pattern": f"^(?:{self.form})$" if self.form else r"\S"}


class Choice(msgspec.Struct, frozen=True):
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, reader: Reader, node: Node, what: str) -> str | None:
        """Return the word."""
        return reader.choice(node, what, self.words)

    def schema(self) -> Json:
        """Return an enumeration."""
        return {"enum": list(self.words)}


class Texts(msgspec.Struct, frozen=True):
    """A list of texts; `unique`: none of them twice."""

    item: Text = Text()
    unique: bool = False

    def read(self, reader: Reader, node: Node, what: str) -> tuple[str, ...] | None:
        """Return the texts."""
        items = reader.items(node, what)
        if items is None:
            return None
        texts: list[str] = []
        for item in items:
            text = self.item.read(reader, item, f"an item of {what}")
            if self.unique and text in texts:
                reader.problem(item.location, f"{what} names '{shown(text or '')}' twice; remove one")
            elif text is not None:
                texts.append(text)
        return tuple(texts)

    def schema(self) -> Json:
        """Return an array of strings."""
        array: Json = {"type": "array", "items": self.item.schema()}
        return array | {"uniqueItems": True} if self.unique else array


class Integer(msgspec.Struct, frozen=True):
    """A whole number of at least `least`."""

    least: int = 0

    def read(self, reader: Reader, node: Node, what: str) -> int | None:
        """Return the number."""
        return reader.integer(node, what, self.least)

    def schema(self) -> Json:
        """Return an integer with a minimum."""
        return {"type": "integer", "minimum": self.least}


class Share(msgspec.Struct, frozen=True):
    """A proportion, between 0 and 1 and neither."""

    def read(self, reader: Reader, node: Node, what: str) -> float | None:
        """Return the proportion."""
        return reader.number(node, what, lambda x: 0 < x < 1, "between 0 and 1, such as 0.99")

    def schema(self) -> Json:
        """Return a number within open bounds."""
        return {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}


class Span(msgspec.Struct, frozen=True):
    """A time span."""

    def read(self, reader: Reader, node: Node, what: str) -> timedelta | None:
        """Return the span."""
        return reader.span(node, what)

    def schema(self) -> Json:
        """Return a string of numbers with units, not all of them zero."""
        return {"type": "string", "pattern": r"^(?=.*[1-9])(?:\d{1,9}(?:\.\d{1,6})?(?:ms|[smhdw]))+$"}


class Spans(msgspec.Struct, frozen=True):
    """A list of time spans from `least` to `most`, at least one and none of them twice."""

    least: timedelta
    most: timedelta

    def read(self, reader: Reader, node: Node, what: str) -> Mapping[str, timedelta] | None:
        """Return the spans by what they are called: as they are written."""
        items = reader.items(node, what)
        if items is None:
            return None
        if not items:
            reader.problem(node.location, f"{what} is empty; name at least one time span, such as 30m")
        spans: dict[str, timedelta] = {}
        for item in items:
            span = reader.span(item, f"an item of {what}")
            if span is None or not isinstance(item, YamlText):
                continue
            if not self.least <= span <= self.most:
                limits = f"from {format_span(self.least)} to {format_span(self.most)}"
                reader.problem(item.location, f"{what} holds {format_span(span)}; a span {limits} is needed")
            elif span in spans.values():
                reader.problem(item.location, f"{what} names {format_span(span)} twice; remove one")
            else:
                spans[item.text] = span
        return spans

    def schema(self) -> Json:
        """Return an array of spans; how long they are is for `read`."""
        return {"type": "array", "items": Span().schema(), "minItems": 1, "uniqueItems": True}


class Quantity(msgspec.Struct, frozen=True):
    """A limit of something measured: a time span, or a plain number of at least zero."""

    def read(self, reader: Reader, node: Node, what: str) -> timedelta | float | None:
        """Return a span, or a number."""
        if is_number(node):
            return reader.number(node, what, lambda x: x >= 0, "at least 0")
        return reader.span(node, what)

    def schema(self) -> Json:
        """Return either type."""
        return {"anyOf": [Span().schema(), {"type": "number", "minimum": 0}]}
