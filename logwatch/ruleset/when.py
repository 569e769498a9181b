"""The type of conditions in rule files."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from logwatch.ruleset.condition import Condition, PatternTimeout
from logwatch.ruleset.conditions import AllOf, AnyOf, FieldEquals, FieldMatches, MessageMatches, Not
from logwatch.ruleset.patterns import BadPatternError, Pattern, compile_pattern
from logwatch.yamlfiles.fieldtypes import Json, Text
from logwatch.yamlfiles.nodes import Node, YamlMapping
from logwatch.yamlfiles.reader import Reader


class When(msgspec.Struct, frozen=True):
    """A condition: a pattern over the message, or a mapping over attributes and other conditions."""

    def read(self, reader: Reader, node: Node, what: str) -> Condition | None:
        """Return the condition."""
        if not isinstance(node, YamlMapping):
            pattern = _pattern(reader, node, what)
            return None if pattern is None else MessageMatches(pattern)
        known = ("field", "equals", "pattern", "all", "any", "not")
        parts = reader.mapping(node, what, known)
        given = set(parts or ())
        if given in ({"field", "equals"}, {"field", "pattern"}):
            return _field(reader, parts or {}, what)
        if parts and len(given) == 1 and not given & {"field", "equals", "pattern"}:
            [(word, part)] = parts.items()
            return self._combined(reader, word, part, f"{what} {word}:")
        reader.problem(
            node.location,
            f"{what} needs 'field' with 'equals' or 'pattern', or one of 'all', 'any', 'not'",
        )
        return None

    def _combined(self, reader: Reader, word: str, node: Node, what: str) -> Condition | None:
        if word == "not":
            part = self.read(reader, node, what)
            return None if part is None else Not(part)
        items = reader.items(node, what)
        if items is None:
            return None
        if not items:
            reader.problem(node.location, f"{what} is an empty list; name at least one condition")
            return None
        parts = [self.read(reader, item, what) for item in items]
        sound = tuple(part for part in parts if part is not None)
        if len(sound) < len(parts):
            return None
        return AllOf(sound) if word == "all" else AnyOf(sound)

    def schema(self) -> Json:
        """Return a reference to the definition of conditions."""
        return {"$ref": "#/$defs/condition"}

    @staticmethod
    def definition() -> Json:
        """Return the definition that `schema` refers to."""
        this = {"$ref": "#/$defs/condition"}
        plain = {"type": ["string", "number", "boolean"]}

        def shape(**properties: object) -> Json:
            return {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            }

        several: Json = {"type": "array", "items": this, "minItems": 1}
        return {
            "anyOf": [
                Text().schema(),
                shape(field=Text().schema(), equals=plain),
                shape(field=Text().schema(), pattern=Text().schema()),
                shape(all=several),
                shape(any=several),
                shape(**{"not": this}),
            ]
        }


def _pattern(reader: Reader, node: Node, what: str, *, may_be_empty: bool = False) -> Pattern | None:
    source = Text().read(reader, node, what)
    if source is None:
        return None
    try:
        pattern = compile_pattern(source)
        if not may_be_empty and pattern.search("") is not None:
            raise BadPatternError(
                "matches the empty text, so it holds for every record; say what must stand there"
            )
    except BadPatternError as error:
        reader.problem(node.location, f"{what} {error}")
        return None
    except PatternTimeout:
        reader.problem(node.location, f"{what} uses up its time budget on the empty text; simplify it")
        return None
    return pattern


def _field(reader: Reader, parts: Mapping[str, Node], what: str) -> Condition | None:
    name = Text().read(reader, parts["field"], f"{what} field:")
    if "equals" in parts:
        value = reader.scalar(parts["equals"], f"{what} equals:")
        return None if name is None or value is None else FieldEquals(name, value)
    pattern = _pattern(reader, parts["pattern"], f"{what} pattern:", may_be_empty=True)
    return None if name is None or pattern is None else FieldMatches(name, pattern)
