"""The first sheet of an XLSX workbook as a frame. A small file can hold a huge sheet: all is bounded."""

from __future__ import annotations

import io
import zipfile
from typing import Final

import openpyxl  # type: ignore[import-untyped]
import pandas as pd

from logwatch.pipeline.errors import UnreadableOrderError

from .document import MAX_LINES

MAX_COLUMNS: Final = 200
_MOST_UNPACKED_BYTES: Final = 200 * 1024 * 1024


def read_rows(filename: str, content: bytes) -> pd.DataFrame:
    """Return the sheet's rows, the header among them, at most one more than an order may have.

    Raises UnreadableOrderError for what is no workbook, or unpacks to more than 200 MiB.
    """
    try:
        # The archive's own figures can be trusted: zipfile reads no further than they say.
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > _MOST_UNPACKED_BYTES:
            raise UnreadableOrderError(
                (f"{filename}: the workbook unpacks to {unpacked} bytes, over {_MOST_UNPACKED_BYTES}; "
                 "save the order alone in a new workbook",)
            )  # fmt: skip
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # the size a sheet states of itself can be wrong
            rows = list(sheet.iter_rows(max_row=MAX_LINES + 2, max_col=MAX_COLUMNS, values_only=True))
        finally:
            book.close()
    except UnreadableOrderError:
        raise
    except Exception as error:  # whatever its XML makes openpyxl stumble over: the file is what is wrong
        detail = str(error).strip() or type(error).__name__
        raise UnreadableOrderError((f"{filename}: not an XLSX workbook: {detail[:200]}",)) from None
    return pd.DataFrame(rows, dtype=object).dropna(axis="columns", how="all")
