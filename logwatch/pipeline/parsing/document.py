"""What a parser returns: the order in the file, checked."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

MAX_LINES = 5_000
LONGEST_NAME = 400
LONGEST_CODE = 200
LEAST_QUANTITY = 0.001  # quantities are kept to three places
MOST_QUANTITY = 10**9
MOST_CENTS = 10**15


def one_line(text: str) -> str:
    """Return a name without the line ends, tabs and doubled spaces that come out of cells and models."""
    return " ".join(text.split())


def control_character(text: str) -> str | None:
    """Return the first character, as `U+0000`, that no name holds and databases refuse; None without one."""
    found = next((char for char in text if unicodedata.category(char) in ("Cc", "Cs")), None)
    return None if found is None else f"U+{ord(found):04X}"


def _name(text: str) -> str:
    found = control_character(one_line(text))
    if found is not None:
        raise ValueError(f"contains the control character {found}")
    return one_line(text)


def _text(longest: int, shortest: int = 0) -> tuple[StringConstraints, AfterValidator]:
    limits = StringConstraints(strip_whitespace=True, min_length=shortest, max_length=longest)
    return limits, AfterValidator(_name)


_Name = Annotated[str, *_text(LONGEST_NAME, shortest=1)]
_Supplier = Annotated[str, *_text(LONGEST_NAME)]
_Code = Annotated[str, *_text(LONGEST_CODE)]


class ParsedLine(BaseModel):
    """One line of the order; the price is in cents of the order's currency."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: _Name
    sku: _Code | None = None
    quantity: Annotated[float, Field(ge=LEAST_QUANTITY, le=MOST_QUANTITY, allow_inf_nan=False)] = 1.0
    unit_price_cents: Annotated[int, Field(ge=0, le=MOST_CENTS)] | None = None


class ParsedDocument(BaseModel):
    """The whole order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    supplier: _Supplier | None = None
    number: _Code | None = None
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

    @model_validator(mode="after")
    def _total_in_bounds(self) -> Self:
        if (self.total_cents or 0) > MOST_CENTS:
            raise ValueError(f"the total is over {MOST_CENTS // 100}")
        return self
