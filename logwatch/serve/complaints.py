"""Complaints: what cannot be read, told once to whoever watches the exporter's own output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

_PATIENCE = 10.0
"""Seconds that a trouble must last to be told: a rotation may leave a name without a file for a moment."""
_AT_ONCE = 20
"""Sentences that are told at once; of more, how many they are."""


class Complaints:
    """Tells `say` what cannot be read, by the names that people know, and when it can be again.

    What cannot be read at the first look is told at once.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._since: dict[str, float] = {}
        self._told: dict[str, str] = {}
        self._first = True

    def hear(self, troubles: Mapping[str, str], now: float) -> None:
        """Take what cannot be read `now` (seconds of a clock that never goes back), with sentences that say why."""
        self._since = {name: self._since.get(name, now) for name in troubles}
        lasting = {
            name: why
            for name, why in troubles.items()
            if self._told.get(name) != why and (self._first or now - self._since[name] >= _PATIENCE)
        }
        over = [name for name in self._told if name not in troubles]
        self._first = False
        self._tell([f"{name}: {why}" for name, why in lasting.items()])
        self._tell([f"{name}: can be read now" for name in over])
        self._told |= lasting
        for name in over:
            del self._told[name]

    def _tell(self, sentences: Iterable[str]) -> None:
        shown = list(sentences)
        for sentence in shown[:_AT_ONCE]:
            self._say(sentence)
        if len(shown) > _AT_ONCE:
            self._say(f"… and {len(shown) - _AT_ONCE:,} more; they are all in /api/v1/status")
