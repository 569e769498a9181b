"""Which messages can matter at all."""

from __future__ import annotations

import re


class Wanted:
    """A test that holds for every message that contains one of `literals`; None: for all, of none: for none.

    Called with a message, it makes one pass over it, whatever the number of literals.
    """

    def __init__(self, literals: frozenset[str] | None) -> None:
        self.literals = literals
        self._search = re.compile("|".join(map(re.escape, sorted(literals)))).search if literals else None

    def __call__(self, message: str) -> bool:
        """Whether the message can matter."""
        if self._search is None:
            return self.literals is None
        return self._search(message) is not None
