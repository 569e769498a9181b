"""JUnit XML: a test case a rule, for CI servers.

What decides and fails is a `failure`; what decides and is inconclusive is an `error`, since `skipped` reads
as green. What decides nothing is `skipped`, so that the report is red exactly where the exit code is.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from logwatch.evidence.escape import escape
from logwatch.reports.citations import citation_lines
from logwatch.reports.heading import judged
from logwatch.reports.outcome import Outcome, grounds, outcome
from logwatch.timespec import iso_millis
from logwatch.verdict.verdict import RuleVerdict, Status, Verdict

_CLASS = "logwatch.check"
GROUNDS = "grounds"
"""The test case of what the verdict rests on: all was read, and there is a rule that decides. No rule can be
taken for it: they are in the class of their kind.
"""


def junit(verdict: Verdict) -> str:
    """Return the verdict as JUnit XML."""
    suite = ET.Element("testsuite", name=_CLASS, timestamp=iso_millis(verdict.window.until))
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("verdict", verdict.status.value),
        ("judged", ", ".join(judged(verdict))),
        *(("note", escape(note)) for note in verdict.notes),
    ):
        ET.SubElement(properties, "property", name=name, value=value)
    for rule in verdict.rules:
        _add_rule(suite, rule, verdict)
    _add_grounds(suite, verdict)
    _count(suite)
    suites = ET.Element("testsuites", {"name": "logwatch", **_totals(suite)})
    suites.append(suite)
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _add_rule(suite: ET.Element, rule: RuleVerdict, verdict: Verdict) -> None:
    case = ET.SubElement(
        suite, "testcase", classname=f"{_CLASS}.{rule.kind.value}", name=escape(rule.id), time="0"
    )
    summary = escape(rule.summary)
    proof = [escape(rule.title), *map(escape, rule.remarks), *citation_lines(rule, verdict.window)]
    body = "\n".join(proof)
    out = outcome(rule)
    if out is Outcome.FAILED:
        ET.SubElement(case, "failure", type=out.value, message=summary).text = body
    elif out is Outcome.INCONCLUSIVE and rule.decides:
        ET.SubElement(case, "error", type=out.value, message=summary).text = body
    else:
        if out is not Outcome.OK:
            ET.SubElement(case, "skipped", message=f"{out.value}, decides nothing: {summary}")
        ET.SubElement(case, "system-out").text = "\n".join([summary, *proof])


def _add_grounds(suite: ET.Element, verdict: Verdict) -> None:
    case = ET.SubElement(suite, "testcase", classname=_CLASS, name=GROUNDS, time="0")
    reasons = [escape(reason) for reason in grounds(verdict)]
    if reasons:
        error = ET.SubElement(case, "error", type=Status.INCONCLUSIVE.value, message=reasons[0])
        error.text = "\n".join(reasons)


def _count(suite: ET.Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    for word, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(word, str(len(suite.findall(f"testcase/{tag}"))))


def _totals(suite: ET.Element) -> dict[str, str]:
    return {word: suite.attrib[word] for word in ("tests", "failures", "errors", "skipped")}
