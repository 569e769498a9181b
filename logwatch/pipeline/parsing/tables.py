"""Reads purchase orders from CSV, JSON and XLSX through pandas, with faults told by row and column."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

import pandas as pd

from logwatch.pipeline.errors import UnreadableOrderError

from .document import MAX_LINES, ParsedDocument
from .rows import Sheet, read_sheet
from .workbook import MAX_COLUMNS, read_rows

_LINES: Final = ("lines", "items", "lineitems")


@dataclass(frozen=True, slots=True)
class TableParser:
    """Parser for files that are tables; the first row holds the names of the columns."""

    name: str = "table"

    def parse(self, filename: str, content: bytes, timeout_seconds: float) -> ParsedDocument:
        """Return the order in a `.csv`, `.json` or `.xlsx` file; see Parser."""
        del timeout_seconds  # reading a table of bounded size takes no time to speak of
        reader = _READERS.get(PurePath(filename).suffix.lower())
        if reader is None:
            raise _unreadable(filename, "not a .csv, .json or .xlsx file; save it as one of these")
        if not content.strip():
            raise _unreadable(filename, "the file is empty")
        return read_sheet(filename, reader(filename, content))


def _unreadable(filename: str, fault: str) -> UnreadableOrderError:
    return UnreadableOrderError((f"{filename}: {fault}",))


def _read_csv(filename: str, content: bytes) -> Sheet:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise _unreadable(filename, f"row {row}: not UTF-8 text; save the file as UTF-8") from None
    table = text.lstrip("\r\n")
    header_row = 1 + text[: len(text) - len(table)].count("\n")
    delimiter = max(",;\t", key=table.partition("\n")[0].count)
    try:
        # The header is read as a row: told that there is one, pandas takes a row that is longer than it for
        # a row with an index in front, and every cell moves a column to the left.
        frame = pd.read_csv(
            io.StringIO(table),
            sep=delimiter,
            dtype=str,
            header=None,
            keep_default_na=False,
            skip_blank_lines=False,
        )
    except ValueError as error:  # ParserError and EmptyDataError among them
        raise _unreadable(filename, _csv_fault(str(error), header_row, delimiter)) from None
    return _headed(frame, header_row)


def _csv_fault(text: str, header_row: int, delimiter: str) -> str:
    if found := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", text):
        return (
            f"row {int(found[2]) + header_row - 1}: {found[3]} columns where the header has {found[1]}; "
            f"quote cells that hold a '{delimiter}'"
        )
    if found := re.search(r"EOF inside string starting at row (\d+)", text):
        return f"row {int(found[1]) + header_row}: a quote is opened and never closed"
    return f"not a CSV table: {text.strip()}"


def _read_xlsx(filename: str, content: bytes) -> Sheet:
    frame = read_rows(filename, content)
    if frame.empty:
        raise _unreadable(filename, "the first sheet is empty")
    return _headed(frame, 1)


def _headed(frame: pd.DataFrame, header_row: int) -> Sheet:
    header = tuple("" if pd.isna(name) else str(name).strip() for name in frame.iloc[0])
    return Sheet(frame.iloc[1:], header, header_row + 1, "row")


def _read_json(filename: str, content: bytes) -> Sheet:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _unreadable(filename, f"not JSON: {str(error)[:200]}") from None
    head: dict[str, object] = {}
    if isinstance(data, dict):
        head = data
        data = next((data[name] for name in data if name.lower().replace("_", "") in _LINES), None)
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise _unreadable(
            filename, "expected a list of lines, or an object with `lines`: [{name, quantity, …}]"
        )
    names = dict.fromkeys(name for row in data[: MAX_LINES + 1] for name in row)
    if len(names) > MAX_COLUMNS:
        raise _unreadable(filename, f"more than {MAX_COLUMNS} different names in the lines")
    frame = pd.DataFrame(data[: MAX_LINES + 1], columns=list(names), dtype=object)
    return Sheet(frame, tuple(names), 1, "line", head)


_READERS: Mapping[str, Callable[[str, bytes], Sheet]] = {
    ".csv": _read_csv,
    ".json": _read_json,
    ".xlsx": _read_xlsx,
}
