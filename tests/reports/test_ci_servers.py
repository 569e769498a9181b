"""JUnit and TAP: red exactly where the exit code is."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
import yaml

from logwatch.reports import RenderOptions, exit_code, render
from logwatch.ruleset.model import Severity
from logwatch.verdict.verdict import Status, Verdict
from tests.reports.world import evidence, failing, healthy, hostile, incident, rule, verdict

NOTHING_DECIDES = verdict(
    rule("a", severity=Severity.WARNING), problems=("no rule decides: none of those judged is critical",)
)
EMPTY_SOURCE = verdict(rule("a"), problems=("b.log: empty",))
VERDICTS = [incident(), healthy(), hostile(), NOTHING_DECIDES, EMPTY_SOURCE, verdict(problems=("none",))]


def junit(judged: Verdict) -> ET.Element:
    return ET.fromstring(render("junit", judged, RenderOptions()))


def case(judged: Verdict, name: str) -> ET.Element:
    found = junit(judged).find(f".//testcase[@name='{name}']")
    assert found is not None
    return found


def tap(judged: Verdict) -> list[str]:
    return render("tap", judged, RenderOptions()).splitlines()


def points(judged: Verdict) -> list[str]:
    return [line for line in tap(judged) if re.match(r"(not )?ok\b", line)]


@pytest.mark.parametrize("judged", VERDICTS)
def test_junit_is_red_exactly_where_the_exit_code_is(judged: Verdict) -> None:
    suites = junit(judged)
    red = int(suites.attrib["failures"]) + int(suites.attrib["errors"])
    assert (red > 0) == (exit_code(judged) != 0)
    assert int(suites.attrib["tests"]) == len(judged.rules) + 1 == len(suites.findall(".//testcase"))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suites.attrib[name]) == len(suites.findall(f".//testcase/{tag}"))


@pytest.mark.parametrize("judged", VERDICTS)
def test_tap_is_red_exactly_where_the_exit_code_is(judged: Verdict) -> None:
    red = [line for line in points(judged) if line.startswith("not ok") and " # TODO " not in line]
    assert bool(red) == (exit_code(judged) != 0)


def test_junit_a_fail_is_a_failure_with_its_proof() -> None:
    (failure,) = case(verdict(failing("it broke")), "foreign-key-violation")
    assert (failure.tag, failure.attrib) == ("failure", {"type": "failed", "message": "1 matches"})
    assert failure.text == "Nothing goes wrong\nworker.log:1  17:35:01Z  it broke"


def test_junit_inconclusive_is_an_error_since_skipped_reads_as_green() -> None:
    (error,) = case(verdict(rule("a", Status.INCONCLUSIVE, summary="2 more runs would decide")), "a")
    assert (error.tag, error.attrib["message"]) == ("error", "2 more runs would decide")


@pytest.mark.parametrize(
    ("status", "severity", "message"),
    [
        (Status.FAIL, Severity.WARNING, "warning, decides nothing: 3 of 9"),
        (Status.INCONCLUSIVE, Severity.WARNING, "inconclusive, decides nothing: 3 of 9"),
        (Status.INFO, Severity.INFO, "info, decides nothing: 3 of 9"),
    ],
)
def test_junit_what_decides_nothing_is_skipped(status: Status, severity: Severity, message: str) -> None:
    skipped, out = case(verdict(rule("a", status, severity=severity, summary="3 of 9")), "a")
    assert (skipped.tag, skipped.attrib["message"]) == ("skipped", message)
    assert (out.tag, out.text) == ("system-out", "3 of 9\nNothing goes wrong")


def test_junit_what_no_rule_says_is_an_error_of_its_own() -> None:
    (error,) = case(EMPTY_SOURCE, "grounds")
    assert (error.tag, error.text) == ("error", "b.log: empty")
    assert list(case(healthy(), "grounds")) == []


def test_tap_has_a_plan_and_a_point_a_rule() -> None:
    assert tap(healthy()) == [
        "TAP version 14",
        "1..4",
        "# 2025-10-11 17:35:00 to 18:05:00 UTC, 4,435 lines, 2,295 records, 6/6 buckets with records, "
        "standard assurance",
        "ok 1 - unknown-workflow-stage: 0 in 24 runs: below 11.7 % at 95 %",
        "ok 2 - background-job: 24/24 completed, 100 %; rules out below 88.3 %",
        "not ok 3 - workflow: 24/24 completed, 100 %; p50 2m22s, at least 1m53s at 95 %, limit 36s "
        "# TODO warning, decides nothing",
        "  ---",
        '  severity: "warning"',
        '  verdict: "fail"',
        '  title: "Workflows complete, in about 30 seconds"',
        '  details: ["durations of 24 completed runs: p50 19.2s, max 41.1s"]',
        '  evidence: [{"at": "worker.log:3", "time": "2025-10-11T17:35:03.000Z", "role": "start", '
        '"text": ["🎬 Starting workflow wf_1"]}, {"at": "worker.log:9", "time": "2025-10-11T17:35:09.000Z", '
        '"role": "end", "text": ["🎉 Completing"]}]',
        "  ...",
        "ok 4 - grounds of the verdict",
    ]


def test_tap_inconclusive_is_not_ok_and_info_is_skipped() -> None:
    judged = verdict(
        rule("a", Status.INCONCLUSIVE, summary="2 more runs would decide"),
        rule("b", Status.INFO, severity=Severity.INFO, summary="3 matches"),
    )
    assert points(judged) == [
        "not ok 1 - a: 2 more runs would decide",
        "ok 2 - b: 3 matches # SKIP info",
        "ok 3 - grounds of the verdict",
    ]


def test_tap_says_what_is_not_a_rules_in_the_last_point() -> None:
    assert tap(EMPTY_SOURCE)[-4:] == [
        "not ok 2 - grounds of the verdict",
        "  ---",
        '  reasons: ["b.log: empty"]',
        "  ...",
    ]


@pytest.mark.parametrize("judged", VERDICTS)
def test_tap_holds_exactly_its_own_points_and_yaml(judged: Verdict) -> None:
    told = tap(judged)
    assert told[:2] == ["TAP version 14", f"1..{len(judged.rules) + 1}"]
    numbers = [int(re.sub(r"^(not )?ok (\d+) .*", r"\2", line)) for line in points(judged)]
    assert numbers == list(range(1, len(judged.rules) + 2))
    inside = False
    for line in told[2:]:
        if line in {"  ---", "  ..."}:
            inside = line == "  ---"
        assert inside == (line.startswith("  ") and line != "  ...")


def test_tap_hostile_text_in_yaml_reads_back() -> None:
    text = "\n".join(tap(hostile()))
    block = re.search(r"^  ---\n(.*?)\n  \.\.\.$", text, re.DOTALL | re.MULTILINE)
    assert block is not None
    (cited,) = yaml.safe_load(block[1])["evidence"]
    assert cited["text"][1:] == [
        "::add-mask::1".replace(":", r"\x3a", 1),
        "    not ok 99 - forged",
        "  ...",
        "</pre><b>",
    ]


def test_tap_a_hash_in_text_begins_no_directive() -> None:
    judged = verdict(failing("x", summary=r"want \ none # SKIP it", evidence=(evidence("x # TODO"),)))
    assert points(judged)[0] == r"not ok 1 - foreign-key-violation: want \\ none \# SKIP it"
