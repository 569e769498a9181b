"""Conditions: when a rule's pattern holds for a record, and what it captures there."""

from __future__ import annotations

from pathlib import Path

import pytest

from logwatch.ruleset.condition import Condition
from logwatch.ruleset.conditions import field_text
from logwatch.ruleset.model import ForbidRule, RatioRule, RuleSet
from logwatch.ruleset.prefilter import prefilter, required_by
from tests.ruleset.world import FORBID, PAIR, loaded, one, record


def condition(folder: Path, pattern: str) -> Condition:
    rule = one(folder, FORBID.replace("'fatal error'", pattern))
    assert isinstance(rule, ForbidRule)
    return rule.pattern


def test_a_text_pattern_sees_the_whole_message_continuation_lines_included(tmp_path: Path) -> None:
    found = condition(tmp_path, r"'stage: (?P<stage>\w+)'")
    assert found.search(record("PROCESSOR ERROR:\nUnknown workflow stage: undefined")) == {
        "stage": "undefined"
    }
    assert found.search(record("all is well")) is None
    assert [o["stage"] for o in found.occurrences(record("stage: a\nstage: b"))] == ["a", "b"]


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ("{field: stage, equals: parse}", True),
        ("{field: attributes.stage, equals: parse}", True),
        ("{field: stage, equals: pars}", False),
        ("{field: status, equals: 500}", True),
        ("{field: status, equals: '500'}", True),
        ("{field: ok, equals: true}", True),
        ("{field: ok, equals: 'True'}", False),
        ("{field: error, equals: 'null'}", True),
        ("{field: missing, equals: ''}", False),
        ("{field: http.path, equals: /api}", True),
        ("{field: level, equals: error}", True),
        ("{field: attributes.level, equals: error}", True),
        ("{field: stage, pattern: '^pa'}", True),
        ("{field: stage, pattern: '^a'}", False),
        ("{field: missing, pattern: '.*'}", False),
        ("{not: {field: missing, pattern: '.*'}}", True),
    ],
)
def test_fields_are_compared_as_they_read_in_json(tmp_path: Path, pattern: str, holds: bool) -> None:
    found = condition(tmp_path, pattern)
    seen = record("text", "error", stage="parse", status=500, ok=True, error=None, http__path="/api")
    assert (found.search(seen) is not None) == holds
    assert (list(found.occurrences(seen)) != []) == holds


def test_the_level_is_what_the_logger_writes_and_what_that_means(tmp_path: Path) -> None:
    pino = record("text", "error", level=50)
    for pattern in ("equals: error", "equals: 50", "pattern: '^err'", "pattern: '^50$'"):
        assert condition(tmp_path, f"{{field: level, {pattern}}}").search(pino) == {}
    assert condition(tmp_path, "{field: level, equals: info}").search(pino) is None
    assert condition(tmp_path, "{field: level, equals: error}").search(record("text")) is None


def test_a_field_pattern_captures(tmp_path: Path) -> None:
    found = condition(tmp_path, r"{field: path, pattern: 'jobs/(?P<job>\d+)'}")
    assert found.search(record("text", path="/jobs/7")) == {"job": "7"}
    assert [o["job"] for o in found.occurrences(record("text", path="jobs/7 jobs/8"))] == ["7", "8"]
    assert list(found.occurrences(record("text"))) == []


def test_all_needs_every_part_and_captures_what_any_of_them_captures(tmp_path: Path) -> None:
    found = condition(
        tmp_path,
        r"{all: ['job (?P<job>\d+)', 'took (?P<ms>\d+)', {field: level, equals: info}, {not: 'dry run'}]}",
    )
    assert found.search(record("job 7 took 12", "info")) == {"job": "7", "ms": "12"}
    assert found.search(record("job 7 took 12", "warn")) is None
    assert found.search(record("job 7 took 12 in a dry run", "info")) is None
    assert found.search(record("job 7", "info")) is None
    assert found.captures == {"job", "ms"}


def test_all_takes_a_name_from_the_first_part_that_captures_it(tmp_path: Path) -> None:
    found = condition(tmp_path, r"{all: ['first (?P<n>\d+)', 'second (?P<n>\d+)']}")
    assert found.search(record("second 2 first 1")) == {"n": "1"}
    assert list(found.occurrences(record("first 1 first 3 second 2"))) == [{"n": "1"}, {"n": "3"}]
    assert list(found.occurrences(record("first 1"))) == []


def test_all_without_captures_occurs_once(tmp_path: Path) -> None:
    found = condition(tmp_path, "{all: ['a b', 'c d']}")
    assert list(found.occurrences(record("a b a b c d"))) == [{}]


def test_any_needs_one_part_and_captures_what_the_first_of_them_does(tmp_path: Path) -> None:
    found = condition(tmp_path, r"{any: ['job (?P<job>\d+)', 'task (?P<task>\d+)']}")
    assert found.search(record("task 2 of job 1")) == {"job": "1"}
    assert found.search(record("task 2")) == {"task": "2"}
    assert found.search(record("run 3")) is None
    assert [dict(o) for o in found.occurrences(record("task 2 of job 1"))] == [{"job": "1"}, {"task": "2"}]


def test_not_holds_where_its_part_does_not_and_captures_nothing(tmp_path: Path) -> None:
    found = condition(tmp_path, r"{not: 'job (?P<job>\d+)'}")
    assert found.search(record("job 1")) is None
    assert found.search(record("text")) == {}
    assert list(found.occurrences(record("text"))) == [{}]
    assert found.captures == frozenset()


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("'job ended'", {"job ended"}),
        ("{any: ['job ended', 'task ended']}", {"job ended", "task ended"}),
        ("{any: ['job ended', {field: a, equals: b}]}", None),
        ("{any: ['job ended', '(?i)task']}", None),
        ("{all: ['job', 'has ended', {field: a, equals: b}]}", {"has ended"}),
        ("{all: [{field: a, pattern: 'long text'}, {not: 'another'}]}", None),
        ("{not: 'job ended'}", None),
    ],
)
def test_literals_are_required_of_the_message_alone(
    tmp_path: Path, pattern: str, literals: set[str] | None
) -> None:
    assert condition(tmp_path, pattern).literals == literals


def test_the_prefilter_lets_through_what_any_rule_could_match(tmp_path: Path) -> None:
    ruleset = loaded(tmp_path, PAIR + FORBID)
    assert required_by(ruleset) == {" starts", " ends", "fatal error"}
    wanted = prefilter(ruleset)
    assert wanted("job 1 starts")
    assert wanted("it was a fatal error")
    assert not wanted("nothing of note")


def test_a_literal_that_holds_another_one_is_left_out(tmp_path: Path) -> None:
    ruleset = loaded(tmp_path, FORBID.replace("'fatal error'", "{any: ['error', 'fatal error', 'warning']}"))
    assert required_by(ruleset) == {"error", "warning"}


def test_one_rule_without_literals_turns_the_prefilter_off(tmp_path: Path) -> None:
    ruleset = loaded(tmp_path, PAIR + FORBID.replace("'fatal error'", "'(?i)fatal'"))
    assert required_by(ruleset) is None
    assert prefilter(ruleset)("nothing of note")


def test_no_rules_want_nothing() -> None:
    assert not prefilter(RuleSet(()))("anything")


def test_fields_say_one_thing_to_keys_and_labels() -> None:
    assert field_text(record("text", "error", level=50), "attributes.level") == "50"
    assert field_text(record("text", "error"), "level") == "error"
    assert field_text(record("text"), "level") is None


def test_a_field_pattern_names_what_it_captures(tmp_path: Path) -> None:
    assert condition(tmp_path, "{field: path, pattern: '(?P<a>x)(?P<b>y)?'}").captures == {"a", "b"}


def test_sums_under_any_may_come_from_either_part(tmp_path: Path) -> None:
    rule = one(
        tmp_path,
        r"""
        - id: images
          kind: ratio
          title: Images
          severity: info
          numerator:
            pattern: {any: ['found (?P<n>\d+)', {all: ['seen (?P<n>\d+)', 'twice']}]}
            sum: n
          denominator: {pattern: draft}
        """,
    )
    assert isinstance(rule, RatioRule)
    seen = record("found 1 found 2, seen 3 twice")
    assert [o["n"] for o in rule.numerator.pattern.occurrences(seen)] == ["1", "2", "3"]
