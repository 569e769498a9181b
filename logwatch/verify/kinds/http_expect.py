"""What a step over HTTP expects of the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

from logwatch.ruleset.condition import PatternTimeout
from logwatch.ruleset.patterns import BadPatternError, Pattern, compile_pattern
from logwatch.verify.json_path import FORM, Json, JsonPath
from logwatch.verify.web import Answer
from logwatch.yamlfiles.fields import Field, Fields, ListOf, Values
from logwatch.yamlfiles.fieldtypes import Integer, Text
from logwatch.yamlfiles.fieldtypes import Json as Schema
from logwatch.yamlfiles.nodes import Node
from logwatch.yamlfiles.reader import Reader, is_number


class Condition(Protocol):
    """What must hold of a value."""

    def holds(self, value: Json) -> bool:
        """Whether it does."""
        ...

    def __str__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Equals:
    """The value, written as JSON writes it (texts without quotes), is `text`."""

    text: str

    def holds(self, value: Json) -> bool:
        """Whether it does."""
        return written(value) == self.text

    def __str__(self) -> str:
        return f"'{self.text}'"


@dataclass(frozen=True, slots=True)
class Matches:
    """The pattern is found in the value as it is written."""

    pattern: Pattern

    def holds(self, value: Json) -> bool:
        """Whether it does; a pattern that runs out of time found nothing."""
        try:
            return self.pattern.search(written(value)) is not None
        except PatternTimeout:
            return False

    def __str__(self) -> str:
        return f"a text that matches {self.pattern.source}"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The value is a number of at least `least`, or a list of at least as many items."""

    least: float

    def holds(self, value: Json) -> bool:
        """Whether it does."""
        size = len(value) if isinstance(value, list) else value
        return isinstance(size, int | float) and not isinstance(size, bool) and size >= self.least

    def __str__(self) -> str:
        return f"at least {self.least:.10g}"


@dataclass(frozen=True, slots=True)
class Present:
    """The value is there, and is neither null nor empty."""

    def holds(self, value: Json) -> bool:
        """Whether it does."""
        return value not in (None, "", [], {})

    def __str__(self) -> str:
        return "a value"


@dataclass(frozen=True, slots=True)
class At:
    """`condition` holds of all values at `path`, of which there is at least one."""

    path: JsonPath
    condition: Condition

    def fault(self, document: Json) -> str | None:
        """Return what is wrong, None where all is well."""
        values = self.path.find(document)
        if not values:
            return f"nothing at {self.path.text}, expected {self.condition}"
        for value in values:
            if not self.condition.holds(value):
                return f"{self.path.text} is {_shown(value)}, expected {self.condition}"
        return None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the answer must be: its status (None: any that says success), texts at places of its JSON."""

    status: int | None = None
    places: tuple[At, ...] = ()

    def fault(self, answer: Answer) -> str | None:
        """Return what is wrong with the answer, None where nothing is."""
        if self.status is None and not 200 <= answer.status < 300:
            return f"status {answer.status}, expected success (2xx)"
        if self.status is not None and answer.status != self.status:
            return f"status {answer.status}, expected {self.status}"
        if not self.places:
            return None
        document = parsed(answer)
        if document is None:
            return f"status {answer.status}, but the answer is no JSON"
        return next(filter(None, (place.fault(document.value) for place in self.places)), None)


@dataclass(frozen=True, slots=True)
class Document:
    """JSON that was read; `null` is a document as well."""

    value: Json


def parsed(answer: Answer) -> Document | None:
    """Return the answer as JSON; None where it is none."""
    try:
        return Document(json.loads(answer.body))
    except (ValueError, RecursionError):
        return None


def written(value: Json) -> str:
    """Return a value as JSON writes it; a text as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _shown(value: Json, longest: int = 80) -> str:
    text = written(value)
    return f"'{text if len(text) <= longest else text[: longest - 1] + '…'}'"


@dataclass(frozen=True, slots=True)
class _Scalar:
    """A text, a number, true or false as it is written."""

    def read(self, reader: Reader, node: Node, what: str) -> str | None:
        return reader.scalar(node, what)

    def schema(self) -> Schema:
        return {"type": ["string", "number", "boolean"]}


@dataclass(frozen=True, slots=True)
class _Regex:
    """A pattern."""

    def read(self, reader: Reader, node: Node, what: str) -> Pattern | None:
        source = reader.text(node, what)
        try:
            return None if source is None else compile_pattern(source)
        except BadPatternError as error:
            reader.problem(node.location, f"{what} {error}")
            return None

    def schema(self) -> Schema:
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class _Number:
    """A number."""

    def read(self, reader: Reader, node: Node, what: str) -> float | None:
        if is_number(node):
            return reader.number(node, what, lambda _: True, "")
        reader.problem(node.location, f"{what} must be a number")
        return None

    def schema(self) -> Schema:
        return {"type": "number"}


@dataclass(frozen=True, slots=True)
class _Yes:
    """`true`, for a condition that has no value."""

    def read(self, reader: Reader, node: Node, what: str) -> bool | None:
        if reader.boolean(node, what) is False:
            reader.problem(node.location, f"{what} can only be true")
            return None
        return True

    def schema(self) -> Schema:
        return {"const": True}


PATH = Field("path", Text(FORM, "status or drafts[*].images[0].id"), "a place in the JSON", required=True)
EQUALS = Field("equals", _Scalar(), "what stands there")
PATTERN = Field("pattern", _Regex(), "what is found in it")
AT_LEAST = Field("at_least", _Number(), "the least number, or the least length of a list")
PRESENT = Field("present", _Yes(), "something stands there: neither null nor empty")
_CONDITIONS = (EQUALS, PATTERN, AT_LEAST, PRESENT)
STATUS = Field("status", Integer(100), "the status of the answer (default: any 2xx)")
JSON = Field(
    "json",
    ListOf(Fields((PATH, *_CONDITIONS), any_of=_CONDITIONS), "expectation"),
    "what stands in the answer",
)


def expectation(values: Values) -> Expectation:
    """Return what a step expects. A place with several conditions must meet all of them."""
    places = tuple(
        At(JsonPath(one[PATH]), condition) for one in values.get(JSON) or () for condition in _conditions(one)
    )
    return Expectation(values.get(STATUS), places)


def _conditions(values: Values) -> tuple[Condition, ...]:
    equals, pattern, least = values.get(EQUALS), values.get(PATTERN), values.get(AT_LEAST)
    found: list[Condition] = []
    if equals is not None:
        found.append(Equals(equals))
    if pattern is not None:
        found.append(Matches(pattern))
    if least is not None:
        found.append(AtLeast(least))
    if values.get(PRESENT):
        found.append(Present())
    return tuple(found)
