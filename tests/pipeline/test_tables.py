"""Purchase orders as people save them: what is read, and how every fault is told by row and column."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from logwatch.pipeline.errors import UnreadableOrderError
from logwatch.pipeline.parsing import ParsedDocument, choose_parser
from logwatch.pipeline.parsing.document import MAX_LINES

PARSER = choose_parser(None, None, "")
NO_LINES = "expected a list of lines, or an object with `lines`: [{name, quantity, …}]"
CUT_OFF = "not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
TOO_DEEP = "not JSON: maximum recursion depth exceeded while decoding a JSON array from a unicode string"


def read(filename: str, content: bytes | str) -> ParsedDocument:
    return PARSER.parse(filename, content.encode() if isinstance(content, str) else content, 60.0)


def faults(filename: str, content: bytes | str) -> tuple[str, ...]:
    with pytest.raises(UnreadableOrderError) as caught:
        read(filename, content)
    return caught.value.faults


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


ROWS = (
    ("Name", "SKU", "Qty", "Unit Price", "PO Number", "Vendor"),
    ("Green Tea", 4711, 2, 3.5, "PO-7", "Acme"),
)


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("o.csv", "Name,SKU,Qty,Unit Price,PO Number,Vendor\nGreen Tea,4711,2,3.5,PO-7,Acme\n"),
        (
            "o.csv",
            "\ufeffproduct;item_code;count;cost;order-number;supplier\r\n"
            "Green Tea;4711;2;$3.50;PO-7;Acme\r\n",
        ),
        (
            "o.CSV",
            "\n\nname\tcode\tunits\tprice\tpo.number\tvendor\n Green Tea \t4711\t2\t€3.5\tPO-7\tAcme\n\n",
        ),
        ("o.xlsx", workbook(*ROWS)),
        (
            "o.json",
            json.dumps(
                {
                    "supplier": "Acme",
                    "number": "PO-7",
                    "lines": [{"name": "Green Tea", "sku": 4711, "quantity": 2, "unit_price": 3.5}],
                }
            ),
        ),
        (
            "o.json",
            json.dumps(
                [
                    {
                        "title": "Green Tea",
                        "article": "4711",
                        "qty": "2",
                        "cost": "3.50",
                        "po_number": "PO-7",
                        "vendor": "Acme",
                    }
                ]
            ),
        ),
    ],
)
def test_the_same_order_reads_the_same_from_every_kind_of_file(filename: str, content: bytes | str) -> None:
    document = read(filename, content)
    assert document.model_dump() == {
        "supplier": "Acme",
        "number": "PO-7",
        "lines": ({"name": "Green Tea", "sku": "4711", "quantity": 2.0, "unit_price_cents": 350},),
    }
    assert document.total_cents == 700


def test_without_quantity_column_a_line_is_one_and_without_price_there_is_no_total() -> None:
    document = read("o.csv", "name,price\nGreen Tea,3.50\nSugar,\n")
    assert [(line.quantity, line.unit_price_cents) for line in document.lines] == [(1.0, 350), (1.0, None)]
    assert document.total_cents is None


def test_a_cell_may_hold_the_delimiter_and_line_ends_when_it_is_quoted() -> None:
    document = read("o.csv", 'name,qty\n"Tea, green\nloose",2\n')
    assert document.lines[0].name == "Tea, green loose"


def test_every_fault_is_told_with_its_row_and_column_at_once() -> None:
    assert faults("o.csv", "name,qty,price\n,2,1.00\n\nTea,two,1.00\nSugar,0,1,5\n") == (
        "o.csv: row 5: 4 columns where the header has 3; quote cells that hold a ','",
    )
    assert faults("o.csv", "name,qty,price\n,2,1.00\n\nTea,two,1.00\nSugar,0,-1\nSalt,,\n") == (
        "o.csv: row 2, column 'name': the name is missing",
        "o.csv: row 4, column 'qty': 'two' is not a quantity above 0 (like 3 or 0.5)",
        "o.csv: row 5, column 'qty': '0' is not a quantity above 0 (like 3 or 0.5)",
        "o.csv: row 5, column 'price': '-1' is not a price (like 12.50)",
        "o.csv: row 6, column 'qty': the quantity is missing",
    )


def test_a_row_longer_than_the_header_is_a_fault_and_never_shifts_its_cells() -> None:
    # Told of a header, pandas reads such a first row as an index and moves every cell one column to the left.
    assert faults("o.csv", "name,qty\nTea, green,2\n") == (
        "o.csv: row 2: 3 columns where the header has 2; quote cells that hold a ','",
    )


def test_rows_count_as_the_file_shows_them_also_below_blank_lines() -> None:
    assert faults("o.csv", "\n\nname,qty\nTea,x\n") == (
        "o.csv: row 4, column 'qty': 'x' is not a quantity above 0 (like 3 or 0.5)",
    )
    assert faults("o.csv", '\nname,qty\nTea,1\n"Sugar,2\n') == (
        "o.csv: row 4: a quote is opened and never closed",
    )


def test_a_workbook_and_json_tell_their_rows_in_their_own_words() -> None:
    assert faults("o.xlsx", workbook(("name", "qty"), ("Tea", 1), ("Sugar", "many"), ("#REF!", 1))) == (
        "o.xlsx: row 3, column 'qty': 'many' is not a quantity above 0 (like 3 or 0.5)",
        "o.xlsx: row 4, column 'name': the cell holds the error #REF!",
    )
    assert faults("o.json", '{"lines": [{"name": "Tea"}, {"name": ["x"], "qty": true}]}') == (
        "o.json: line 1, column 'qty': the quantity is missing",
        "o.json: line 2, column 'name': expected text or a number, not list",
        "o.json: line 2, column 'qty': expected text or a number, not bool",
    )


def test_only_the_first_twenty_faults_are_spelled_out() -> None:
    told = faults("o.csv", "name,qty\n" + "Tea,x\n" * 25)
    assert len(told) == 21
    assert told[-1] == "o.csv: and 5 more faults"


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("o.pdf", b"%PDF-1.7", "not a .csv, .json or .xlsx file; save it as one of these"),
        ("o.csv", b" \n \n", "the file is empty"),
        ("o.csv", b"name,qty\nTea,1\nS\xfc\xdfe,1\n", "row 3: not UTF-8 text; save the file as UTF-8"),
        ("o.csv", b"qty,price\n1,2\n", "no column for the product's name; call one 'name' or 'description'"),
        ("o.csv", b"name,qty\n", "the header is there, but no line of an order"),
        ("o.csv", b"name,qty\n,\n , \n", "the header is there, but no line of an order"),
        ("o.json", b"{", CUT_OFF),
        ("o.json", b"[" * 100_000, TOO_DEEP),
        ("o.json", b'{"rows": []}', NO_LINES),
        ("o.json", b'["Tea"]', NO_LINES),
        (
            "o.json",
            b'{"number": {"a": 1}, "lines": [{"name": "Tea"}]}',
            "'number': expected text or a number, not dict",
        ),
        ("o.xlsx", b"PK\x03\x04 not really", "not an XLSX workbook: File is not a zip file"),
        ("o.xlsx", workbook(), "the first sheet is empty"),
    ],
)
def test_what_is_no_order_is_said_in_one_sentence(name: str, content: bytes, fault: str) -> None:
    assert faults(name, content) == (f"{name}: {fault}",)


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("Tea\x00", "contains the control character U+0000"),
        ("\ud800", "contains the control character U+D800"),
        ("\x1b[2J", "contains the control character U+001B"),
        ("x" * 401, "longer than 400 characters"),
    ],
)
def test_a_name_that_no_database_or_terminal_could_bear_is_a_fault(cell: str, fault: str) -> None:
    assert faults("o.json", json.dumps([{"name": cell}])) == (f"o.json: line 1, column 'name': {fault}",)


@pytest.mark.parametrize("cell", ["NaN", "Infinity", "1e400", "1,200.00", "3,50", "0.0001", "1e10", "١x"])
def test_a_quantity_is_a_plain_number_in_bounds(cell: str) -> None:
    assert faults("o.json", json.dumps([{"name": "Tea", "qty": cell}])) == (
        f"o.json: line 1, column 'qty': '{cell}' is not a quantity above 0 (like 3 or 0.5)",
    )


def test_an_order_whose_total_no_column_can_hold_is_a_fault() -> None:
    assert faults("o.csv", "name,qty,price\nTea,1000000000,1000000000\n") == (
        "o.csv: the total is over 10000000000000",
    )


def _many_lines() -> bytes:
    return b"name\n" + b"Tea\n" * (MAX_LINES + 1)


def _many_names() -> bytes:
    return json.dumps([{"name": "Tea", **{f"x{n}": 1 for n in range(200)}}]).encode()


def _unpacks_to_a_lot() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (201 * 1024 * 1024))
    return target.getvalue()


@pytest.mark.parametrize(
    ("filename", "content", "fault"),
    [
        ("o.csv", _many_lines, "o.csv: more than 5000 lines; split the order"),
        ("o.json", _many_names, "o.json: more than 200 different names in the lines"),
        (
            "o.xlsx",
            _unpacks_to_a_lot,
            "o.xlsx: the workbook unpacks to 210763776 bytes, over 209715200; "
            "save the order alone in a new workbook",
        ),
    ],
)
def test_a_small_file_cannot_make_a_huge_table(
    filename: str, content: Callable[[], bytes], fault: str
) -> None:
    assert faults(filename, content()) == (fault,)


def test_cells_far_to_the_right_of_a_workbook_are_left_alone() -> None:
    book = openpyxl.Workbook()
    book.active.append(("name", "qty"))
    book.active.append(("Tea", 2))
    book.active["XFD2"] = "far away"
    target = io.BytesIO()
    book.save(target)
    assert [(line.name, line.quantity) for line in read("o.xlsx", target.getvalue()).lines] == [("Tea", 2.0)]
