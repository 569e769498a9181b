"""From a table's rows to the lines of an order: which column is what, and what is wrong with which cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

import pandas as pd
from openpyxl.cell.cell import ERROR_CODES  # type: ignore[import-untyped]
from pydantic import ValidationError

from logwatch.pipeline.errors import UnreadableOrderError

from .document import (
    LEAST_QUANTITY,
    LONGEST_CODE,
    LONGEST_NAME,
    MAX_LINES,
    MOST_CENTS,
    MOST_QUANTITY,
    ParsedDocument,
    ParsedLine,
    control_character,
    one_line,
)

# What people call the columns; matched without case, spaces, dots, dashes and underscores.
_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "product", "productname", "description", "item", "title"),
    "sku": ("sku", "code", "itemcode", "productcode", "article", "articlenumber"),
    "quantity": ("quantity", "qty", "count", "units"),
    "price": ("unitprice", "price", "cost", "unitcost"),
    "supplier": ("supplier", "vendor"),
    "number": ("ponumber", "ordernumber", "purchaseorder"),
}
_HEAD_ALIASES: Final = {"supplier": _ALIASES["supplier"], "number": ("number", *_ALIASES["number"])}
_LONGEST: Final = {
    "name": LONGEST_NAME,
    "sku": LONGEST_CODE,
    "supplier": LONGEST_NAME,
    "number": LONGEST_CODE,
}
_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: `first_row` is the number, as people count, of the frame's first row.

    `row_word` is what they call it. `head`: what the file says of the order outside the table.
    """

    frame: pd.DataFrame
    header: tuple[str, ...]
    first_row: int
    row_word: str
    head: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class _Cells:
    """The cells of one row that mean something; what is wrong with them is added to `faults`."""

    where: str
    columns: Mapping[str, str]
    faults: list[str]
    faults_before: int
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def faulty(self) -> bool:
        return len(self.faults) > self.faults_before

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def fault(self, name: str, what: str) -> None:
        self.faults.append(f"{self.where}, column '{self.columns[name]}': {what}")

    def require(self, name: str) -> None:
        """Find fault with a cell that is empty; not with one that was found faulty already."""
        if self.texts.get(name) == "":
            self.fault(name, f"the {name} is missing")

    def number(self, name: str, least: Decimal, most: Decimal, expected: str) -> Decimal | None:
        text = self.text(name)
        if not text:
            return None
        try:
            read = Decimal(re.sub(r"^[$€£]\s*", "", text))
        except InvalidOperation:
            read = Decimal("NaN")
        if read.is_finite() and least <= read <= most:
            return read
        self.fault(name, f"'{text[:40]}' is not {expected}")
        return None


def read_sheet(filename: str, sheet: Sheet) -> ParsedDocument:
    """Return the order in a table. Raises UnreadableOrderError with all faults, the first twenty told."""
    columns = {
        name: at for name, aliases in _ALIASES.items() if (at := _find(aliases, sheet.header)) is not None
    }
    if "name" not in columns:
        raise UnreadableOrderError(
            (f"{filename}: no column for the product's name; call one 'name' or 'description'",)
        )
    if len(sheet.frame) > MAX_LINES:
        raise UnreadableOrderError((f"{filename}: more than {MAX_LINES} lines; split the order",))
    faults: list[str] = []
    head = _head(filename, sheet.head, faults)
    lines: list[ParsedLine] = []
    for number, row in enumerate(sheet.frame.itertuples(index=False, name=None), start=sheet.first_row):
        if all(_is_empty(value) for value in row):
            continue
        cells = _read_cells(f"{filename}: {sheet.row_word} {number}", sheet, columns, row, faults)
        line = _line(cells)
        if line is not None:
            lines.append(line)
        head = {name: head[name] or cells.text(name) for name in head}
    if not lines and not faults:
        faults.append(f"{filename}: the header is there, but no line of an order")
    if faults:
        more = len(faults) - _MOST_FAULTS
        shown = faults[:_MOST_FAULTS] + ([f"{filename}: and {more} more faults"] if more > 0 else [])
        raise UnreadableOrderError(tuple(shown))
    try:
        return ParsedDocument(
            supplier=head["supplier"] or None, number=head["number"] or None, lines=tuple(lines)
        )
    except ValidationError as error:
        first = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise UnreadableOrderError((f"{filename}: {first}",)) from None


def _find(aliases: tuple[str, ...], header: tuple[str, ...]) -> int | None:
    keys = [_key(name) for name in header]
    return next((keys.index(alias) for alias in aliases if alias in keys), None)


def _key(name: str) -> str:
    return re.sub(r"[\s._-]+", "", name).lower()


def _head(filename: str, head: Mapping[str, object], faults: list[str]) -> dict[str, str]:
    names = tuple(head)
    found: dict[str, str] = {}
    for name, aliases in _HEAD_ALIASES.items():
        at = _find(aliases, names)
        text, fault = ("", None) if at is None else _text(head[names[at]], _LONGEST[name])
        if at is not None and fault is not None:
            faults.append(f"{filename}: '{names[at]}': {fault}")
        found[name] = text
    return found


def _read_cells(
    where: str, sheet: Sheet, columns: Mapping[str, int], row: tuple[object, ...], faults: list[str]
) -> _Cells:
    cells = _Cells(where, {name: sheet.header[at] for name, at in columns.items()}, faults, len(faults))
    for name, at in columns.items():
        text, fault = _text(row[at], _LONGEST.get(name))
        if fault is None:
            cells.texts[name] = text
        else:
            cells.fault(name, fault)
    return cells


def _line(cells: _Cells) -> ParsedLine | None:
    cells.require("name")
    cells.require("quantity")
    quantity = cells.number(
        "quantity", Decimal(str(LEAST_QUANTITY)), Decimal(MOST_QUANTITY), "a quantity above 0 (like 3 or 0.5)"
    )
    price = cells.number("price", Decimal(0), Decimal(MOST_CENTS) / 100, "a price (like 12.50)")
    if cells.faulty:
        return None
    return ParsedLine(
        name=cells.text("name"),
        sku=cells.text("sku") or None,
        quantity=1.0 if quantity is None else float(quantity),
        unit_price_cents=None if price is None else int((price * 100).to_integral_value()),
    )


def _is_empty(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and pd.isna(value))


def _text(value: object, longest: int | None) -> tuple[str, str | None]:
    """Return a cell's text, and what is wrong with it, if anything."""
    if _is_empty(value):
        return "", None
    if isinstance(value, (bool, dict, list)):
        return "", f"expected text or a number, not {type(value).__name__}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value)), None
    text = one_line(str(value))
    if text in ERROR_CODES:
        return "", f"the cell holds the error {text}"
    control = control_character(text)
    if control is not None:
        return "", f"contains the control character {control}"
    if longest is not None and len(text) > longest:
        return "", f"longer than {longest} characters"
    return text, None
