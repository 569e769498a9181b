"""Whatever a log holds, no report can be driven, forged or broken by it."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatch.evidence.escape import UNSAFE, escape
from logwatch.reports import FORMATS, RenderOptions, render
from logwatch.reports.github_summary import github_summary
from logwatch.verdict.verdict import LabelCount
from tests.reports.world import HOSTILE, coverage, evidence, failing, hostile, source, verdict

_SGR = re.compile("\x1b\\[[0-9;]*m")


def assert_safe(text: str) -> None:
    left = [match.group() for line in text.split("\n") for match in UNSAFE.finditer(line)]
    assert [one for one in left if not one.strip().startswith(":")] == []
    text.encode("utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_no_report_holds_anything_unsafe(name: str) -> None:
    assert_safe(render(name, hostile(), RenderOptions()))
    assert_safe(render(name, hostile(), RenderOptions(width=80, verbose=True)))


def test_the_only_sequences_in_color_are_those_of_the_report() -> None:
    assert_safe(_SGR.sub("", render("text", hostile(), RenderOptions(color=True))))


def test_the_summary_holds_nothing_unsafe() -> None:
    assert_safe(github_summary(hostile()))


def test_junit_holds_the_text_and_no_element_of_its_making() -> None:
    root = ET.fromstring(render("junit", hostile(), RenderOptions()))
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.attrib["message"] == escape(f"1 match {HOSTILE}")
    assert "<script>alert(1)</script> `code` ]]>" in (failure.text or "")
    assert {element.tag for element in root.iter()} == {
        *("testsuites", "testsuite", "properties", "property", "testcase", "failure", "error")
    }


@given(st.text(max_size=30), st.sampled_from(sorted(FORMATS)))
def test_any_text_anywhere_is_safe_in_every_report(text: str, name: str) -> None:
    judged = verdict(
        failing(
            title=text,
            summary=text,
            details=(text,),
            by_label=(LabelCount({"a": text}, 1),),
            evidence=(evidence(text, source=text),),
        ),
        coverage=coverage(source(text, notes=[text], errors=[text])),
        notes=(text,),
        problems=(text,),
        deployment=text,
    )
    report = render(name, judged, RenderOptions())
    assert_safe(report)
    if name == "junit":
        ET.fromstring(report)
    assert_safe(github_summary(judged))
