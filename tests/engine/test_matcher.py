"""Matching: which roles a record plays in which rules, with what key, labels, numbers and evidence."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from logwatch.engine import matcher as matcher_module
from logwatch.engine.captured import LONGEST_VALUE
from logwatch.engine.match import Match
from logwatch.engine.matcher import Matcher
from logwatch.engine.roles import roles_of
from logwatch.evidence import Evidence
from logwatch.records.record import Record
from logwatch.ruleset.conditions import AllOf, FieldEquals, MessageMatches
from logwatch.ruleset.model import Rule, RuleSet
from logwatch.ruleset.patterns import compile_pattern

from .world import Words, at, count, expect, forbid, measure, pair, ratio, record, sequence


def text(pattern: str) -> MessageMatches:
    return MessageMatches(compile_pattern(pattern))


def matches(rule: Rule, one: Record) -> tuple[Match, ...]:
    event = Matcher(RuleSet((rule,))).event(one)
    return event.matches if event is not None else ()


def roles(rule: Rule, message: str) -> list[str]:
    return [match.role for match in matches(rule, record(0, message))]


def test_a_record_that_concerns_no_rule_is_no_event() -> None:
    assert Matcher(RuleSet((forbid(), pair()))).event(record(0, "hello")) is None


def test_an_event_holds_the_matches_of_all_rules_in_their_order() -> None:
    matcher = Matcher(RuleSet((count(pattern=Words("start")), forbid(pattern=Words("start")), pair())))
    event = matcher.event(record(5, "start 1", "b.log", 7))
    assert event is not None
    assert (event.time, event.source, event.ordinal) == (at(5), "b.log", 7)
    assert [(m.rule, m.role) for m in event.matches] == [
        ("uploads", "match"), ("bad", "match"), ("job", "start"),
    ]  # fmt: skip


def test_outcomes_exclude_each_other_and_the_first_that_holds_counts() -> None:
    rule = pair(
        outcomes={"completed": text("done"), "failed": text("(?:fail|done)"), "skipped": text("done")}
    )
    assert roles(rule, "done 1") == ["completed"]
    assert roles(rule, "fail 1") == ["failed"]


def test_a_record_may_be_enqueued_start_and_end_in_that_order() -> None:
    rule = pair(enqueued=text("x"), start=text("x"), outcomes={"completed": text("x")})
    assert roles(rule, "x") == ["enqueued", "start", "completed"]


def test_a_sequence_has_a_role_for_every_step_and_every_way_to_leave_it() -> None:
    assert [role.name for role in roles_of(sequence())] == [
        "never", "one", "two", "three", "skipped:two", "skipped:three",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "cited"),
    [
        (forbid(), {"match"}),
        (count(), {"match"}),
        (expect(), {"match"}),
        (measure(), {"match"}),
        (ratio(), {"match"}),
        (pair(), {"match", "start", "end"}),
        (sequence(), {"start", "end"}),
        (sequence(key=()), {"match"}),
    ],
)
def test_evidence_shows_a_record_as_match_start_or_end(rule: Rule, cited: set[str]) -> None:
    assert {role.cited for role in roles_of(rule)} == cited


def test_evidence_is_the_same_record_in_the_role_that_it_plays() -> None:
    rule = pair(start=text("x"), outcomes={"completed": text("x")})
    first, second = (
        m.evidence for m in matches(rule, record(1, "x token=hunter2-hunter2-hunter2", ordinal=3))
    )
    assert (first.role, second.role) == ("start", "end")
    assert (first.text, first.line, first.time) == (second.text, 4, at(1))


def test_evidence_says_where_and_when_and_shows_the_text_as_it_stood() -> None:
    matcher = Matcher(RuleSet((forbid(pattern=text("bad")),)))
    for original in (None, "âœ… bad", None):
        event = matcher.event(Record("b.log", 7, 70, 8, 1, at(3), "✅ bad", original=original))
        assert event is not None
        (match,) = event.matches
        assert match.evidence == Evidence("b.log", 8, 70, at(3), original or "✅ bad", "match")


def test_what_a_record_means_does_not_depend_on_the_records_before() -> None:
    ruleset = RuleSet(
        (
            pair(key=("job", "attributes.region"), start=text(r"start (?P<job>\w+)")),
            forbid(pattern=AllOf((text("start"), FieldEquals("attributes.retry", "true")))),
            count(pattern=FieldEquals("level", "error"), labels=("attributes.level",)),
        )
    )
    said = ({}, {"region": None}, {"region": "null"}, {"region": 1}, {"region": True}, {"region": "1"}, {"retry": True},
            {"retry": 1}, {"retry": "true"}, {"level": 50}, {"region": "x" * 600}, {"region": "x" * 601})  # fmt: skip
    records = [
        record(n, f"start {job}{half}", attributes=attributes, level=level)
        for n, (job, half, attributes, level) in enumerate(
            product(("a", "b", "x" * 600), ("", "\ud83d"), said, (None, "error"))
        )
    ]
    matcher = Matcher(ruleset)
    for _ in range(2):
        assert [matcher.event(one) for one in records] == [Matcher(ruleset).event(one) for one in records]


def test_a_matcher_remembers_a_bounded_number_of_texts() -> None:
    matcher = Matcher(RuleSet((forbid(pattern=text(r"bad (?P<n>\d+)")),)))
    events = [matcher.event(record(n, f"bad {n}")) for n in range(3 * matcher_module._REMEMBERED)]
    assert all(events)
    assert len(matcher._known) <= matcher_module._REMEMBERED


def test_a_key_is_made_of_captures_and_of_attributes() -> None:
    rule = pair(key=("job", "attributes.req.id"), start=text(r"start (?P<job>\S*)"))
    attributes: dict[str, Any] = {"req.id": 7, "other": None}
    assert matches(rule, record(0, "start 1", attributes=attributes))[0].key == ("1", "7")
    assert matches(rule, record(0, "start 1", attributes={"req.id": True}))[0].key == ("1", "true")
    for message, fields in (("start 1", {}), ("start 1", {"req.id": None}), ("start 1", {"req.id": ""})):
        assert matches(rule, record(0, message, attributes=fields))[0].key is None
    assert matches(rule, record(0, "start ", attributes=attributes))[0].key is None


def test_labels_are_captures_or_attributes_and_a_capture_is_not_taken_for_an_attribute() -> None:
    rule = forbid(pattern=text(r"bad(?: (?P<stage>\w+))?"), labels=("stage", "attributes.region"))
    attributes = {"stage": "wrong", "region": "eu"}
    assert matches(rule, record(0, "bad upload", attributes=attributes))[0].labels == ("upload", "eu")
    assert matches(rule, record(0, "bad", attributes=attributes))[0].labels == ("", "eu")


def test_long_keys_and_labels_are_cut_and_still_tell_apart() -> None:
    rule = count(pattern=text(r"upload (?P<order>\S+)"))
    long = "x" * 100_000
    one, other = (matches(rule, record(0, f"upload {long}{end}"))[0].labels[0] for end in "ab")
    assert len(one) == len(other) == LONGEST_VALUE
    assert one != other
    assert matches(rule, record(0, "upload " + "y" * LONGEST_VALUE))[0].labels == ("y" * LONGEST_VALUE,)


@pytest.mark.parametrize(
    ("pattern", "message", "label"),
    [
        (r"password=(?P<v>\S+)", "password=hunter2 was wrong", "[redacted secret]"),
        (r"user (?P<v>\S+)", "user ghp_0123456789abcdef0123 came", "[redacted github-token]"),
        (r"(?P<v>login .*)", "login password=hunter2 failed", "login password=[redacted password] failed"),
        (r"for (?P<token>\w+)", "for abcdef123456", "[redacted secret]"),
        (r"(?P<v>\S+) failed, (?=password)", "hunter2 failed, password=hunter2", "hunter2"),
        (r"password=(?P<v>\S+)", "x" * 9000 + " password=hunter2", "[redacted secret]"),
        (r"user (?P<v>\S+)", "x" * 9000 + " user mara", "mara"),
    ],
)
def test_labels_are_without_secrets_by_their_look_their_name_and_their_place(
    pattern: str, message: str, label: str
) -> None:
    name = "token" if "token" in pattern else "v"
    assert matches(count(pattern=text(pattern), labels=(name,)), record(0, message))[0].labels == (label,)


def test_a_secret_attribute_is_told_by_its_name() -> None:
    rule = count(pattern=text("seen"), labels=("attributes.auth.token", "attributes.user"))
    fields = {"auth.token": "abcdef123456", "user": "mara"}
    assert matches(rule, record(0, "seen", attributes=fields))[0].labels == ("[redacted secret]", "mara")


def test_keys_that_are_secrets_tell_runs_apart_and_nobody_can_read_them() -> None:
    rule = pair(start=text(r"start (?P<job>\S+)"), outcomes={"completed": text(r"\bend=(?P<job>\S+)")})
    start, end, other = (
        matches(rule, record(0, message))[0].key
        for message in (
            "start sk-abcdefgh-ijklmnop-1",
            "end=sk-abcdefgh-ijklmnop-1",
            "end=sk-abcdefgh-ijklmnop-2",
        )
    )
    assert start == end != other
    assert start is not None
    assert start[0].startswith("[redacted api-key]…")


def test_a_key_that_the_rule_expects_by_name_is_no_secret() -> None:
    rule = expect(pattern=text(r"beat of (?P<token>\S+)"), key=("token",), expected=("billing",))
    assert matches(rule, record(0, "beat of billing"))[0].key == ("billing",)
    assert matches(rule, record(0, "beat of shipping"))[0].key != ("shipping",)


def test_every_number_in_a_record_is_captured() -> None:
    rule = measure(pattern=text(r"took (?P<ms>\d+)"))
    [match] = matches(rule, record(0, "took 5, then took 7\ntook 9"))
    assert match.values == (0.005, 0.007, 0.009)


@pytest.mark.parametrize(
    ("attributes", "deployment"),
    [
        ({"deploymentId": "dpl_1"}, "dpl_1"),
        ({"deploymentId": 17}, "17"),
        ({"deploymentId": ""}, None),
        ({}, None),
    ],
)
def test_the_deployment_is_an_attribute_where_records_carry_one(
    attributes: dict[str, Any], deployment: str | None
) -> None:
    assert matches(forbid(), record(0, "bad", attributes=attributes))[0].deployment == deployment


def test_the_attribute_of_the_deployment_can_be_another_one() -> None:
    event = Matcher(RuleSet((forbid(),)), "release").event(record(0, "bad", attributes={"release": "v2"}))
    assert event is not None
    assert event.matches[0].deployment == "v2"


def test_a_record_without_a_time_takes_the_one_it_is_given_and_its_evidence_claims_none() -> None:
    undated = Record("a.log", 0, 0, 1, 1, None, "bad")
    event = Matcher(RuleSet((forbid(),))).event(undated, at(9))
    assert event is not None
    assert (event.time, event.matches[0].time, event.matches[0].evidence.time) == (None, at(9), None)
    assert not event.matches[0].dated


def test_a_condition_without_literals_sees_every_record() -> None:
    rule = forbid(pattern=FieldEquals("level", "error"))
    assert roles(rule, "anything") == []
    assert [m.role for m in matches(rule, record(0, "anything", level="error"))] == ["match"]
