"""The checklist as everything else knows it: loaded, linked and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from logwatch.errors import Location
from logwatch.verify.work import Work


class Severity(StrEnum):
    """How much an item decides."""

    CRITICAL = "critical"
    """Decides the verdict."""
    WARNING = "warning"
    """Is shown; decides nothing."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to verify. `due` and `deadline` count from the promotion of the deployment.

    It is looked at when it is due, every `every` until it passes or fails, and at the deadline for the last
    time. `watch`: it is looked at before it is due as well, and a fail then ends it. `after` names the items
    that must have come out well before. `by_hand`: a person signs it. `anytime`: it needs no promotion.
    `live`: it does something now and cannot be made up for from the logs, so that where it comes late it is given
    its time anew.
    """

    id: str
    kind: str
    title: str
    severity: Severity
    location: Location
    due: timedelta
    deadline: timedelta
    every: timedelta
    work: Work
    after: tuple[str, ...] = ()
    watch: bool = False
    by_hand: bool = False
    anytime: bool = False
    live: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """Items that belong together, in their order."""

    id: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """Phases in their order. Ids of items are unique over all of them; `after` names items, never in a circle."""

    title: str
    phases: tuple[Phase, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, in order."""
        return tuple(item for phase in self.phases for item in phase.items)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all items, in order."""
        return tuple(item.id for item in self.items)

    def __getitem__(self, item_id: str) -> Item:
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    def limited_to(self, phases: tuple[str, ...]) -> Checklist:
        """Return the checklist with these phases alone (none named: with all of them)."""
        if not phases:
            return self
        return Checklist(self.title, tuple(phase for phase in self.phases if phase.id in phases))
