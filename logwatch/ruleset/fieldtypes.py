"""Types of values in rule files: each reads a node and says as JSON Schema what it reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, Protocol, TypeVar

from logwatch.errors import Location
from logwatch.yamlfile import Reader
from logwatch.yamlnodes import Node, YamlMapping, YamlText, shown

Json = dict[str, object]
T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Type(Protocol[T_co]):
    """A type of value. `read` returns None after noting a problem."""

    def read(self, reader: Reader, node: Node, what: str) -> T_co | None:
        """Return what `node` says."""
        ...

    def schema(self) -> Json:
        """Return the JSON Schema of what `read` accepts."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A text; `form` is the regular expression that all of it must match, `example` the remedy."""

    form: str | None = None
    example: str = ""

    def read(self, reader: Reader, node: Node, what: str) -> str | None:
        """Return the text."""
        text = reader.text(node, what)
        if text is None or self.form is None or re.fullmatch(self.form, text):
            return text
        reader.problem(node.location, f"{what} is '{shown(text)}'; write it like {self.example}")
        return None

    def schema(self) -> Json:
        """Return a string type."""
        plain: Json = {"type": "string"}
        return plain | {"pattern": f"^(?:{self.form})$"} if self.form else plain


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, reader: Reader, node: Node, what: str) -> str | None:
        """Return the word."""
        return reader.choice(node, what, self.words)

    def schema(self) -> Json:
        """Return an enumeration."""
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of texts."""

    item: Text = Text()

    def read(self, reader: Reader, node: Node, what: str) -> tuple[str, ...] | None:
        """Return the texts."""
        items = reader.items(node, what)
        if items is None:
            return None
        texts = [self.item.read(reader, item, f"each item of {what}") for item in items]
        return tuple(text for text in texts if text is not None)

    def schema(self) -> Json:
        """Return an array of strings."""
        return {"type": "array", "items": self.item.schema()}


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number of at least `least`."""

    least: int = 0

    def read(self, reader: Reader, node: Node, what: str) -> int | None:
        """Return the number."""
        return reader.integer(node, what, self.least)

    def schema(self) -> Json:
        """Return an integer with a minimum."""
        return {"type": "integer", "minimum": self.least}


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion, between 0 and 1 and neither."""

    def read(self, reader: Reader, node: Node, what: str) -> float | None:
        """Return the proportion."""
        return reader.number(node, what, lambda x: 0 < x < 1, "between 0 and 1, such as 0.99")

    def schema(self) -> Json:
        """Return a number within open bounds."""
        return {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}


@dataclass(frozen=True, slots=True)
class Span:
    """A time span."""

    def read(self, reader: Reader, node: Node, what: str) -> timedelta | None:
        """Return the span."""
        return reader.span(node, what)

    def schema(self) -> Json:
        """Return a string of numbers with units."""
        return {"type": "string", "pattern": r"^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A limit of something measured: a time span, or a plain number of at least zero."""

    def read(self, reader: Reader, node: Node, what: str) -> timedelta | float | None:
        """Return a span, or a number."""
        if isinstance(node, YamlText) and re.fullmatch(r"[-+]?[\d.]+", node.text):
            return reader.number(node, what, lambda x: x >= 0, "at least 0")
        return reader.span(node, what)

    def schema(self) -> Json:
        """Return either type."""
        return {"anyOf": [Span().schema(), {"type": "number", "minimum": 0}]}


@dataclass(frozen=True, slots=True)
class Field(Generic[T_co]):
    """A key of a mapping, its type, and what it means to those who write rules."""

    name: str
    type: Type[T_co]
    meaning: str
    required: bool = False


class Values:
    """What a mapping says: every required field is there, and every field that is there was read."""

    def __init__(self, node: YamlMapping, values: Mapping[str, object]) -> None:
        self.node = node
        self._values = values

    def __getitem__(self, field: Field[T]) -> T:
        """Return the value of a required field."""
        value: T = self._values[field.name]  # type: ignore[assignment]
        return value

    def get(self, field: Field[T]) -> T | None:
        """Return the value of a field, None where it is not given."""
        value: T | None = self._values.get(field.name)  # type: ignore[assignment]
        return value

    def given(self, *fields: Field[object]) -> dict[str, Any]:
        """Return, by name, those of `fields` that are given: the rest is left to the model's defaults."""
        return {field.name: self._values[field.name] for field in fields if field.name in self._values}

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are given, in the order of the file."""
        return tuple(key.text for key, _ in self.node.entries)

    def location(self, field: Field[object]) -> Location:
        """Return where the field's value stands, or the mapping where it is not given."""
        return next(
            (value.location for key, value in self.node.entries if key.text == field.name), self.node.location
        )


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping with known fields."""

    fields: tuple[Field[object], ...]

    def read(self, reader: Reader, node: Node, what: str) -> Values | None:
        """Return the values; None after noting every field that is unknown, missing or wrong."""
        before = len(reader.problems)
        given = reader.mapping(node, what, (field.name for field in self.fields))
        if given is None or not isinstance(node, YamlMapping):
            return None
        values = {}
        for field in self.fields:
            if field.name in given:
                values[field.name] = field.type.read(reader, given[field.name], f"'{field.name}'")
            elif field.required:
                reader.problem(node.location, f"{what} has no '{field.name}': {field.meaning}")
        return Values(node, values) if len(reader.problems) == before else None

    def schema(self) -> Json:
        """Return an object type that knows its properties."""
        return {
            "type": "object",
            "properties": {f.name: f.type.schema() | {"description": f.meaning} for f in self.fields},
            "required": [f.name for f in self.fields if f.required],
            "additionalProperties": False,
        }


@dataclass(frozen=True, slots=True)
class ListOf(Generic[T_co]):
    """A list with at least one item."""

    item: Type[T_co]
    name: str

    def read(self, reader: Reader, node: Node, what: str) -> tuple[T_co, ...] | None:
        """Return the items."""
        items = reader.items(node, what)
        if items is None:
            return None
        if not items:
            reader.problem(node.location, f"{what} is empty; it needs at least one {self.name}")
            return None
        read = [self.item.read(reader, item, f"{self.name} {n}") for n, item in enumerate(items, 1)]
        return tuple(item for item in read if item is not None)

    def schema(self) -> Json:
        """Return an array."""
        return {"type": "array", "items": self.item.schema(), "minItems": 1}
