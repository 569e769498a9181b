"""Reads purchase orders from CSV, JSON and XLSX through pandas, with faults told by row and column."""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import PurePath

import pandas as pd

from logwatch.pipeline.errors import UnreadableOrderError

from .document import MAX_LINES, ParsedDocument, ParsedLine

# What people call the columns; matched without case, spaces, dots, dashes and underscores.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "product", "productname", "description", "item", "title"),
    "sku": ("sku", "code", "itemcode", "productcode", "article", "articlenumber"),
    "quantity": ("quantity", "qty", "count", "units"),
    "price": ("unitprice", "price", "cost", "unitcost"),
}
_SUPPLIER = ("supplier", "vendor")
_NUMBER = ("number", "ponumber", "ordernumber", "purchaseorder")
_MAX_FAULTS = 20


@dataclass(frozen=True, slots=True)
class TableParser:
    """Parser for files that are tables; the first row holds the names of the columns."""

    name: str = "table"

    def parse(self, filename: str, content: bytes, timeout_seconds: float) -> ParsedDocument:
        """Return the order in a `.csv`, `.json` or `.xlsx` file; see Parser."""
        del timeout_seconds  # reading a table of bounded size takes no time to speak of
        reader = _READERS.get(PurePath(filename).suffix.lower())
        if reader is None:
            raise UnreadableOrderError(
                (f"{filename}: not a .csv, .json or .xlsx file; save it as one of these",)
            )
        if not content.strip():
            raise UnreadableOrderError((f"{filename}: the file is empty",))
        sheet = reader(filename, content)
        return _document(filename, sheet)


@dataclass(frozen=True, slots=True)
class _Sheet:
    frame: pd.DataFrame
    first_row: int  # the number, as people count it, of the frame's first row
    row_word: str
    supplier: str | None = None
    number: str | None = None


def _read_csv(filename: str, content: bytes) -> _Sheet:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableOrderError(
            (f"{filename}: row {line}: not UTF-8 text; save the file as UTF-8",)
        ) from None
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=delimiter, dtype=str, keep_default_na=False, skip_blank_lines=False
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
        fault = (
            f"row {found[2]}: {found[3]} columns where the header has {found[1]}; "
            f"quote cells that hold a '{delimiter}'"
            if found
            else f"not a CSV table: {str(error).strip()}"
        )
        raise UnreadableOrderError((f"{filename}: {fault}",)) from None
    return _Sheet(frame, 2, "row")


def _read_xlsx(filename: str, content: bytes) -> _Sheet:
    try:
        frame = pd.read_excel(io.BytesIO(content), engine="openpyxl", dtype=object, nrows=MAX_LINES + 1)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise UnreadableOrderError((f"{filename}: not an XLSX workbook: {str(error).strip()}",)) from None
    return _Sheet(frame, 2, "row")


def _read_json(filename: str, content: bytes) -> _Sheet:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableOrderError((f"{filename}: not JSON: {str(error)[:200]}",)) from None
    head: dict[str, object] = {}
    if isinstance(data, dict):
        head = {_key(str(name)): value for name, value in data.items()}
        data = next((data[name] for name in data if _key(str(name)) in ("lines", "items", "lineitems")), None)
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise UnreadableOrderError(
            (f"{filename}: expected a list of lines, or an object with `lines`: [{{name, quantity, …}}]",)
        )
    return _Sheet(pd.DataFrame(data, dtype=object), 1, "line", _first(head, _SUPPLIER), _first(head, _NUMBER))


_READERS: Mapping[str, Callable[[str, bytes], _Sheet]] = {
    ".csv": _read_csv,
    ".json": _read_json,
    ".xlsx": _read_xlsx,
}


def _key(name: str) -> str:
    return re.sub(r"[\s._-]+", "", name).lower()


def _first(head: Mapping[str, object], names: tuple[str, ...]) -> str | None:
    return next((str(head[name]) for name in names if head.get(name) not in (None, "")), None)


def _document(filename: str, sheet: _Sheet) -> ParsedDocument:
    columns = {_key(str(column)): str(column) for column in sheet.frame.columns}
    used = {
        field: next((columns[name] for name in names if name in columns), None)
        for field, names in _COLUMNS.items()
    }
    if used["name"] is None:
        raise UnreadableOrderError(
            (f"{filename}: no column for the product's name; call one 'name' or 'description'",)
        )
    if len(sheet.frame) > MAX_LINES:
        raise UnreadableOrderError((f"{filename}: more than {MAX_LINES} lines; split the order",))
    faults: list[str] = []
    lines: list[ParsedLine] = []
    supplier, number = sheet.supplier, sheet.number
    for offset, row in enumerate(sheet.frame.to_dict(orient="records")):
        cells = {str(column): _text(value) for column, value in row.items()}
        if not any(cells.values()):
            continue
        where = f"{filename}: {sheet.row_word} {sheet.first_row + offset}"
        line = _line(
            where,
            {field: (cells.get(column, ""), column) for field, column in used.items() if column},
            faults,
        )
        if line is not None:
            lines.append(line)
        supplier = supplier or _first({_key(name): value for name, value in cells.items()}, _SUPPLIER)
        number = number or _first({_key(name): value for name, value in cells.items()}, _NUMBER)
    if faults:
        more = len(faults) - _MAX_FAULTS
        shown = faults[:_MAX_FAULTS] + ([f"{filename}: and {more} more faults"] if more > 0 else [])
        raise UnreadableOrderError(tuple(shown))
    if not lines:
        raise UnreadableOrderError((f"{filename}: the header is there, but no line of an order",))
    return ParsedDocument(
        supplier=supplier[:400] if supplier else None,
        number=number[:200] if number else None,
        lines=tuple(lines),
    )


def _line(where: str, cells: Mapping[str, tuple[str, str]], faults: list[str]) -> ParsedLine | None:
    before = len(faults)
    name, name_column = cells["name"]
    if not name:
        faults.append(f"{where}, column '{name_column}': the name is missing")
    elif len(name) > 400:
        faults.append(f"{where}, column '{name_column}': the name is longer than 400 characters")
    quantity = Decimal(1)
    if "quantity" in cells:
        text, column = cells["quantity"]
        read = _number(text)
        if read is None or read <= 0 or read > 10**9:
            faults.append(f"{where}, column '{column}': '{text[:40]}' is not a quantity above 0")
        else:
            quantity = read
    cents: int | None = None
    if cells.get("price", ("", ""))[0]:
        text, column = cells["price"]
        read = _number(text)
        if read is None or read < 0 or read > 10**11:
            faults.append(f"{where}, column '{column}': '{text[:40]}' is not a price (like 12.50)")
        else:
            cents = int((read * 100).to_integral_value())
    if len(faults) > before:
        return None
    return ParsedLine(
        name=name,
        sku=cells.get("sku", ("", ""))[0][:200] or None,
        quantity=float(quantity),
        unit_price_cents=cents,
    )


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _number(text: str) -> Decimal | None:
    try:
        read = Decimal(re.sub(r"^[$€£]\s*", "", text))
    except InvalidOperation:
        return None
    return read if read.is_finite() else None
