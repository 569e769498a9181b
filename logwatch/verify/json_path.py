"""Places in a JSON document: `drafts[0].images[*].id`. Names, numbers and `*`, and nothing to learn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

FORM = r"(?:\$\.?)?(?:[^.\[\]\s]+|\[(?:\d{1,6}|\*)\])(?:\.[^.\[\]\s]+|\[(?:\d{1,6}|\*)\])*"
_STEP = re.compile(r"\[(\d+|\*)\]|\.?([^.\[\]\s]+)")

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path as it is written. `$` may stand at its beginning."""

    text: str

    def find(self, document: Json) -> list[Json]:
        """Return what stands there, in order: several values with `[*]`, none where there is no such place."""
        found = [document]
        for number, name in _STEP.findall(self.text.removeprefix("$")):
            found = [inner for value in found for inner in _inside(value, number, name)]
        return found


def _inside(value: Json, number: str, name: str) -> Iterator[Json]:
    if isinstance(value, dict) and name in value:
        yield value[name]
    elif isinstance(value, list) and number == "*":
        yield from value
    elif isinstance(value, list) and number and int(number) < len(value):
        yield value[int(number)]
