"""`manual`: what only a person can know, signed with a name, a time and a note."""

from __future__ import annotations

from dataclasses import dataclass

from logwatch.verify.checklist import Item
from logwatch.verify.kinds.kind import Kind
from logwatch.verify.work import Context, Result, unknown
from logwatch.yamlfiles.fields import Fields, Values


@dataclass(frozen=True, slots=True)
class ManualWork:
    """Waits for a signature: nothing that a machine could find out ends it, but its deadline does."""

    def run(self, item: Item, context: Context) -> Result:
        """Return that nobody has signed."""
        return unknown(f"not signed; sign it with: logwatch verify sign {item.id} --by NAME --note TEXT")


def _build(_values: Values) -> ManualWork:
    return ManualWork()


MANUAL_KIND = Kind(Fields(()), _build, by_hand=True)
