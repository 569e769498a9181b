"""JUnit XML: a test case an item, a suite a phase.

A failed item that decides is a `failure`; one that decides and ended without an answer is an `error`, since
`skipped` reads as green. What is not due, was skipped or decides nothing is `skipped`.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from logwatch.evidence.escape import escape
from logwatch.timespec import iso_millis
from logwatch.verify.board import WELL, Board, Row, State
from logwatch.verify.checklist import Phase
from logwatch.verify.reports.wording import beside, figure, verdict_word

_CLASS = "logwatch.verify"
_WORDS = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))


def junit(board: Board) -> str:
    """Return the board as JUnit XML."""
    suites = ET.Element("testsuites", name="logwatch verify")
    for phase, rows in board.phases:
        suites.append(_suite(phase, rows, board))
    for word in ("tests", *(word for word, _ in _WORDS)):
        suites.set(word, str(sum(int(suite.attrib[word]) for suite in suites)))
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _suite(phase: Phase, rows: tuple[Row, ...], board: Board) -> ET.Element:
    suite = ET.Element("testsuite", name=f"{_CLASS}.{phase.id}", timestamp=iso_millis(board.now))
    properties = ET.SubElement(suite, "properties")
    for name, value in (("verdict", verdict_word(board)), ("deployment", escape(board.label))):
        ET.SubElement(properties, "property", name=name, value=value)
    for row in rows:
        _case(suite, phase, row, board)
    suite.set("tests", str(len(rows)))
    for word, tag in _WORDS:
        suite.set(word, str(len(suite.findall(f"testcase/{tag}"))))
    return suite


def _case(suite: ET.Element, phase: Phase, row: Row, board: Board) -> None:
    case = ET.SubElement(suite, "testcase", classname=f"{_CLASS}.{phase.id}", name=row.item.id, time="0")
    said = figure(row, board.now)
    body = "\n".join([row.item.title, said, *beside(row)])
    if row.state in WELL and row.state is not State.SKIPPED:
        ET.SubElement(case, "system-out").text = body
    elif row.state is State.FAILED and row.decides:
        ET.SubElement(case, "failure", type=row.state.value, message=said).text = body
    elif row.ended and row.decides:
        ET.SubElement(case, "error", type=row.state.value, message=said).text = body
    else:
        why = f"{row.state}, decides nothing" if row.ended else row.state.value
        ET.SubElement(case, "skipped", message=f"{why}: {said}")
        ET.SubElement(case, "system-out").text = body
