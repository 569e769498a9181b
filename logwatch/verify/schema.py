"""What checklist files may say, in one place: the loader reads by it, and editors get it as JSON Schema."""

from __future__ import annotations

from dataclasses import dataclass

from logwatch.verify.checklist import Severity
from logwatch.verify.kinds import KINDS
from logwatch.yamlfiles.fields import Field, Fields
from logwatch.yamlfiles.fieldtypes import Choice, Json, Span, Text, Texts
from logwatch.yamlfiles.nodes import Node
from logwatch.yamlfiles.reader import Reader

VERSION = 1

_ID = Text(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", "upload-test-order (a-z, 0-9 and single - or _)")
_LINE = Text(r"\S.*", "Upload a test order, on one line")

ID = Field("id", _ID, "the name of the item, unique over all phases", required=True)
KIND = Field("kind", Choice(tuple(KINDS)), "how it is verified", required=True)
TITLE = Field("title", _LINE, "the item in one line", required=True)
DESCRIPTION = Field("description", Text(), "why the item is there, and what to do when it fails")
SEVERITY = Field(
    "severity",
    Choice(tuple(s.value for s in Severity)),
    "critical (the default) decides the verdict, warning is shown",
)
DUE = Field("due", Span(), "when it is due, from the promotion on (default: at once)")
DEADLINE = Field("deadline", Span(), "until when it is asked again, from the promotion on")
EVERY = Field("every", Span(), "how often it is asked until it is decided (default 10s)")
AFTER = Field("after", Texts(unique=True), "the items that must have come out well before")


@dataclass(frozen=True, slots=True)
class _Switch:
    """True or false."""

    def read(self, reader: Reader, node: Node, what: str) -> bool | None:
        return reader.boolean(node, what)

    def schema(self) -> Json:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class _Anything:
    """The items of a phase: the loader reads them one by one, each by its kind."""

    def read(self, reader: Reader, node: Node, what: str) -> tuple[Node, ...] | None:
        items = reader.items(node, what)
        if items == ():
            reader.problem(node.location, f"{what} is empty; it needs at least one item")
        return items

    def schema(self) -> Json:
        return {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/item"}}


WATCH = Field("watch", _Switch(), "ask before it is due as well: a fail then ends it at once")
COMMON = (ID, KIND, TITLE, DESCRIPTION, SEVERITY, DUE, DEADLINE, EVERY, AFTER, WATCH)

PHASE_ID = Field("id", _ID, "the name of the phase", required=True)
PHASE_TITLE = Field("title", _LINE, "the phase in one line (default its id)")
ITEMS = Field("items", _Anything(), "what is verified, in order", required=True)
PHASE = Fields((PHASE_ID, PHASE_TITLE, DUE, DEADLINE, EVERY, ITEMS))


def fields_of(kind: str) -> Fields:
    """Return all the fields of an item of `kind`."""
    return Fields((*COMMON, *KINDS[kind].fields.fields))


def checklist_schema() -> Json:
    """Return the JSON Schema (draft 2020-12) of a checklist file."""
    kinds: list[Json] = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"$ref": f"#/$defs/{kind}"},
        }
        for kind in KINDS
    ]
    item: Json = {
        "type": "object",
        "properties": {KIND.name: KIND.type.schema() | {"description": KIND.meaning}},
        "required": [KIND.name],
        "allOf": kinds,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "logwatch checklist",
        "type": "object",
        "properties": {
            "version": {"const": VERSION, "description": "the version of this format"},
            "title": TITLE.type.schema() | {"description": "the checklist in one line"},
            "phases": {"type": "array", "minItems": 1, "items": PHASE.schema()},
        },
        "required": ["version", "title", "phases"],
        "additionalProperties": False,
        "$defs": {"item": item} | {kind: fields_of(kind).schema() for kind in KINDS},
    }
