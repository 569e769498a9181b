"""Which messages can matter at all, and what is looked at besides them."""

from __future__ import annotations

import re


class Wanted:
    """A test that holds for every message that contains one of `literals`; None: for all, of none: for none.

    Called with a message, it makes one pass over it, whatever the number of literals.

    `attributes` are the names of the attributes at which whoever wants the messages looks (`level`: also at the level);
    None: at any.
    """

    def __init__(self, literals: frozenset[str] | None, attributes: frozenset[str] | None = None) -> None:
        self.literals = literals
        self.attributes = attributes
        self._search = re.compile("|".join(map(re.escape, sorted(literals)))).search if literals else None

    def __call__(self, message: str) -> bool:
        """Whether the message can matter."""
        if self._search is None:
            return self.literals is None
        return self._search(message) is not None

    def looking_at(self, attribute: str) -> Wanted:
        """Return the same for one who looks at this attribute as well."""
        return Wanted(self.literals, None if self.attributes is None else self.attributes | {attribute})
