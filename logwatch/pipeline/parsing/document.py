"""What a parser returns: the order in the file, checked."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_LINES = 5_000

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class ParsedLine(BaseModel):
    """One line of the order; the price is in cents of the order's currency."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Name
    sku: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    quantity: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)] = 1.0
    unit_price_cents: Annotated[int, Field(ge=0, le=10**13)] | None = None


class ParsedDocument(BaseModel):
    """The whole order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    supplier: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] | None = None
    number: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    lines: Annotated[tuple[ParsedLine, ...], Field(min_length=1, max_length=MAX_LINES)]

    @property
    def total_cents(self) -> int | None:
        """The order's total, or None where a line has no price."""
        total = 0.0
        for line in self.lines:
            if line.unit_price_cents is None:
                return None
            total += line.quantity * line.unit_price_cents
        return round(total)
