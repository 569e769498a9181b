"""Mappings with known fields, and lists of them: read as far as they can be, described as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec

from logwatch.errors import Location
from logwatch.yamlfiles.fieldtypes import Json, Type
from logwatch.yamlfiles.nodes import Node, YamlMapping
from logwatch.yamlfiles.reader import Reader

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Field(msgspec.Struct, Generic[T_co], frozen=True):
    """A key of a mapping, its type, and what it means to those who write rules."""

    name: str
    type: Type[T_co]
    meaning: str
    required: bool = False


class Values:
    """What a mapping says. Fields that are missing or could not be read have no value; why is noted."""

    def __init__(self, node: YamlMapping, values: Mapping[str, object]) -> None:
        self.node = node
        self._values = values

    def __getitem__(self, field: Field[T]) -> T:
        """Return the value of a required field, once no problem was noted."""
        value: T = self._values[field.name]  # type: ignore[assignment]
        return value

    def get(self, field: Field[T]) -> T | None:
        """Return the value of a field, None where it has none."""
        value: T | None = self._values.get(field.name)  # type: ignore[assignment]
        return value

    def given(self, *fields: Field[object]) -> dict[str, Any]:
        """Return, by name, those of `fields` that have a value: the rest is left to the model's defaults."""
        return {field.name: self._values[field.name] for field in fields if field.name in self._values}

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are given, whether their values could be read or not, in the order of the file."""
        return tuple(key.text for key, _ in self.node.entries)

    def location(self, field: Field[object]) -> Location:
        """Return where the field's value stands, or the mapping where it is not given."""
        return next(
            (value.location for key, value in self.node.entries if key.text == field.name), self.node.location
        )


class Fields(msgspec.Struct, frozen=True):
    """A mapping with known fields; `any_of` names those of which at least one must be given."""

    fields: tuple[Field[object], ...]
    any_of: tuple[Field[object], ...] = ()

    def read(self, reader: Reader, node: Node, what: str) -> Values | None:
        """Return what could be read after noting every field that is unknown, missing or wrong.

        So that what fields mean together can be checked although another one is wrong. None: `node` is no
        mapping.
        """
        given = reader.mapping(node, what, (field.name for field in self.fields))
        if given is None or not isinstance(node, YamlMapping):
            return None
        values: dict[str, object] = {}
        for field in self.fields:
            if field.name in given:
                value = field.type.read(reader, given[field.name], f"'{field.name}'")
                if value is not None:
                    values[field.name] = value
            elif field.required:
                reader.problem(node.location, f"{what} has no '{field.name}': {field.meaning}")
        if self.any_of and not any(field.name in given for field in self.any_of):
            names = " or ".join(f"'{field.name}'" for field in self.any_of)
            reader.problem(node.location, f"{what} says nothing; give {names}")
        return Values(node, values)

    def schema(self) -> Json:
        """Return an object type that knows its properties."""
        known: Json = {
            "type": "object",
            "properties": {f.name: f.type.schema() | {"description": f.meaning} for f in self.fields},
            "required": [f.name for f in self.fields if f.required],
            "additionalProperties": False,
        }
        return known | {"anyOf": [{"required": [f.name]} for f in self.any_of]} if self.any_of else known


class ListOf(msgspec.Struct, Generic[T_co], frozen=True):
    """A list with at least `least` items, each a `name`."""

    item: Type[T_co]
    name: str
    least: int = 1

    def read(self, reader: Reader, node: Node, what: str) -> tuple[T_co, ...] | None:
        """Return the items."""
        items = reader.items(node, what)
        if items is None:
            return None
        if len(items) < self.least:
            wanted = f"{self.least} {self.name}s" if self.least > 1 else f"one {self.name}"
            reader.problem(node.location, f"{what} has {len(items) or 'none'}; it needs at least {wanted}")
        read = [self.item.read(reader, item, f"{self.name} {n}") for n, item in enumerate(items, 1)]
        return tuple(item for item in read if item is not None)

    def schema(self) -> Json:
        """Return an array."""
        return {"type": "array", "items": self.item.schema(), "minItems": self.least}
