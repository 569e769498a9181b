"""A kind of item: what its YAML may say, and how that becomes work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from logwatch.verify.work import Work
from logwatch.yamlfiles.fields import Field, Fields, Values
from logwatch.yamlfiles.reader import Reader


def _nothing(_reader: Reader, _values: Values) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Kind:
    """`fields` are those that the kind has besides the common ones; `build` makes the work of their values.

    `check` notes what does not fit together. `rules` and `item` are the fields that name rules, and an item
    that this one continues. `by_hand`, `anytime`, `live`: as `Item` has them.
    """

    fields: Fields
    build: Callable[[Values], Work]
    check: Callable[[Reader, Values], None] = _nothing
    rules: Field[tuple[str, ...]] | None = None
    item: Field[str] | None = None
    by_hand: bool = False
    anytime: bool = False
    live: bool = False
