"""The JSON report is a contract: these names, in this order, with these meanings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta, timezone
from typing import Any

import jsonschema
import pytest

from logwatch.engine.tally import RunCounts
from logwatch.records.coverage import Window
from logwatch.reports import RenderOptions, render
from logwatch.reports.json_schema import report_schema
from logwatch.ruleset.model import Kind
from logwatch.verdict.verdict import Exposure, LabelCount, Quantiles, Rate, Status, Verdict
from tests.reports.world import (
    HOSTILE,
    RUN_COUNTS,
    T0,
    WINDOW,
    at,
    coverage,
    evidence,
    failing,
    healthy,
    hostile,
    incident,
    pair,
    rule,
    source,
    verdict,
)

VALIDATOR = jsonschema.Draft202012Validator(report_schema())


def report(judged: Verdict) -> Any:
    return json.loads(render("json", judged, RenderOptions()))


def one(judged_rule: Any) -> Any:
    return report(verdict(judged_rule))["rules"][0]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(report_schema())


@pytest.mark.parametrize(
    "world", [incident, healthy, hostile, lambda: verdict(problems=("nothing was read",))]
)
def test_every_report_is_as_the_schema_says(world: Callable[[], Verdict]) -> None:
    VALIDATOR.validate(report(world()))


def test_the_names_stand_in_the_order_of_the_contract() -> None:
    found = report(incident())
    assert list(found) == ["schema", "verdict", "assurance", "window", "as_of", "coverage", "rules"]
    assert list(found["window"]) == ["since", "until"]
    assert list(found["coverage"]) == ["records", "lines", "bytes", "undated", "buckets", "sources"]
    assert list(found["coverage"]["buckets"]) == ["total", "with_records"]
    assert list(found["coverage"]["sources"][0]) == (
        ["name", "format", "order", "lines", "records", "first", "last", "encoding", "truncated", "errors"]
    )
    assert {tuple(told) for told in found["rules"]} == {
        (
            "id",
            "kind",
            "severity",
            "verdict",
            "summary",
            "counts",
            "rate",
            "first_attempt_rate",
            "quantiles",
            "exposure",
            "by_label",
            "first",
            "last",
            "evidence",
        )
    }


def test_the_head_says_what_was_judged() -> None:
    found = report(incident())
    assert (found["schema"], found["verdict"], found["assurance"]) == (1, "fail", "quick")
    assert found["window"] == {"since": "2025-10-11T17:35:00.000Z", "until": "2025-10-11T18:05:00.000Z"}
    assert found["as_of"] == "2025-10-11T18:05:00.000Z"
    sources = found["coverage"].pop("sources")
    assert found["coverage"] == {
        "records": 2305,
        "lines": 4445,
        "bytes": 200_500,
        "undated": 2,
        "buckets": {"total": 6, "with_records": 6},
    }
    assert sources[1] == {
        "name": "old.log.gz",
        "format": "iso8601",
        "order": "newest_first",
        "lines": 10,
        "records": 10,
        "first": "2025-10-11T17:35:00.000Z",
        "last": "2025-10-11T18:05:00.000Z",
        "encoding": "utf-8",
        "truncated": False,
        "errors": ["ends in the middle of a gzip member"],
    }


def test_times_are_utc_with_milliseconds_whatever_their_zone() -> None:
    east = timezone(timedelta(hours=2))
    window = Window(T0.astimezone(east), at(0.001999), WINDOW.as_of)
    found = report(verdict(rule(), window=window))
    assert found["window"] == {"since": "2025-10-11T17:35:00.000Z", "until": "2025-10-11T17:35:00.001Z"}


def test_a_source_without_a_record_has_no_times() -> None:
    read = coverage(source(first=None, last=None, truncated=True))
    (told,) = report(verdict(rule(), coverage=read))["coverage"]["sources"]
    assert (told["first"], told["last"], told["truncated"]) == (None, None, True)


def test_a_forbid_tells_matches_labels_exposure_and_evidence() -> None:
    told = one(
        failing(
            "it broke",
            summary="1 match at 17:35:01Z",
            exposure=Exposure("job", 24, 5, 0.18),
            by_label=(LabelCount({"stage": "undefined", "queue": "q"}, 1),),
            first=at(1),
            last=at(1),
        )
    )
    assert told == {
        "id": "foreign-key-violation",
        "kind": "forbid",
        "severity": "critical",
        "verdict": "fail",
        "summary": "1 match at 17:35:01Z",
        "counts": {"matches": 1},
        "rate": None,
        "first_attempt_rate": None,
        "quantiles": None,
        "exposure": {"rule": "job", "n": 24, "required": 5, "upper": 0.18},
        "by_label": [{"labels": {"stage": "undefined", "queue": "q"}, "n": 1}],
        "first": "2025-10-11T17:35:01.000Z",
        "last": "2025-10-11T17:35:01.000Z",
        "evidence": [
            {
                "source": "worker.log",
                "line": 1,
                "offset": 100,
                "time": "2025-10-11T17:35:01.000Z",
                "text": "it broke",
                "role": "match",
            }
        ],
    }


def test_a_pair_tells_all_its_counts_its_rate_and_its_durations() -> None:
    told = one(pair(rate=Rate(0.5, 0.1, 0.9, 4, 0.99, 0.5), first_attempt_rate=0.25))
    assert list(told["counts"]) == list(RunCounts.__struct_fields__) == list(RUN_COUNTS)
    assert told["rate"] == {"value": 0.5, "lower": 0.1, "upper": 0.9, "n": 4, "target": 0.99, "reject": 0.5}
    assert told["first_attempt_rate"] == 0.25
    assert told["quantiles"] == {"unit": "s", "p50": 19.2, "p95": None, "p99": None, "max": 41.1, "n": 24}


def test_a_sequence_tells_where_its_runs_stopped() -> None:
    told = next(told for told in report(incident())["rules"] if told["kind"] == "sequence")
    assert list(told["counts"]) == [*RUN_COUNTS, "stopped_at"]
    assert told["counts"]["stopped_at"] == {"queued": 9}


def test_the_record_of_a_step_is_a_match() -> None:
    found = (evidence("a", 1, "queueing"), evidence("b", 2, "start"), evidence("c", 3, "end"))
    told = one(pair("steps", Status.FAIL, kind=Kind.SEQUENCE, evidence=found))
    assert [cited["role"] for cited in told["evidence"]] == ["match", "start", "end"]


def test_emoji_stay_legible_and_nothing_can_drive_a_terminal() -> None:
    text = render(
        "json", verdict(failing("💥 \x1b[2J \x9b \x7f \u202e \U000e0041 ##[error]")), RenderOptions()
    )
    assert r'"text": "💥 \u001b[2J \u009b \u007f \u202e \udb40\udc41 \u0023#[error]"' in text


def test_text_reads_back_as_it_was() -> None:
    (told,) = report(hostile())["rules"]
    whole = HOSTILE.replace("\ud800\udcff", r"\ud800\xff")
    assert told["evidence"][0]["text"] == whole
    assert told["by_label"][0]["labels"] == {"stage": whole}
    assert re.search("[\ud800-\udfff]", json.dumps(told, ensure_ascii=False)) is None


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (lambda found: found.pop("as_of"), "'as_of' is a required property"),
        (lambda found: found.update(more=1), "Additional properties are not allowed ('more' was unexpected)"),
        (lambda found: found.update(verdict="info"), "'info' is not one of ['pass', 'fail', 'inconclusive']"),
        (lambda found: found.update(as_of="2025-10-11T18:05:00Z"), "'2025-10-11T18:05:00Z' does not match"),
        (lambda found: found["rules"][0]["counts"].update(failed=1), "('failed' was unexpected)"),
        (lambda found: found["rules"][2]["counts"].pop("skewed"), "'skewed' is a required property"),
        (lambda found: found["rules"][4]["counts"].pop("stopped_at"), "'stopped_at' is a required property"),
        (lambda found: found["rules"][1]["evidence"][0].update(role="queued"), "'queued' is not one of"),
    ],
)
def test_the_schema_refuses_what_is_not_in_the_contract(fault: Callable[[Any], Any], says: str) -> None:
    found = report(incident())
    fault(found)
    assert any(says in told for told in _messages(VALIDATOR.iter_errors(found)))


def _messages(errors: Any) -> list[str]:
    return [told for error in errors for told in (error.message, *_messages(error.context))]


def test_the_schema_allows_records_to_be_unknown() -> None:
    """Where the scan skipped what no rule asks for."""
    found = report(incident())
    found["coverage"].update(records=None, undated=None)
    VALIDATOR.validate(found)


def test_a_figure_that_json_has_no_number_for_is_an_error_and_no_broken_report() -> None:
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        report(verdict(rule(quantiles=Quantiles("s", float("nan"), None, None, 1.0, 1))))
