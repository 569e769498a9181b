"""What reports need to know besides the verdict."""

from __future__ import annotations

from datetime import timedelta

import msgspec


class RenderOptions(msgspec.Struct, frozen=True):
    """How to show a verdict. Formats for machines look at none of it.

    `width`: columns of the terminal, None where there is none. `age`: how old the last record is, where that
    is what the verdict is as of. `verbose`: the evidence of every rule, all that was kept of it.
    """

    color: bool = False
    width: int | None = None
    verbose: bool = False
    age: timedelta | None = None
