"""Samples: a rule is proven by the texts that it must find and must not find."""

from __future__ import annotations

from pathlib import Path

import pytest

from logwatch.ruleset.condition import PatternTimeout
from logwatch.ruleset.samples import matched_by, proven, sample_record
from tests.ruleset.world import FORBID, PAIR, one


@pytest.mark.parametrize(
    ("samples", "holds"),
    [
        ("{match: ['a fatal error']}", True),
        ("{match: ['a fatal error', 'fatal errors'], no_match: ['an error']}", True),
        ("{match: ['a fatal error', 'an error']}", False),
        ("{match: ['a fatal error'], no_match: ['no fatal error']}", False),
        ("{}", True),
    ],
)
def test_a_rule_is_proven_by_all_of_its_samples(tmp_path: Path, samples: str, holds: bool) -> None:
    assert proven(one(tmp_path, FORBID.replace("{match: ['a fatal error']}", samples))) == holds


def test_a_pattern_that_hangs_on_a_sample_proves_nothing(tmp_path: Path) -> None:
    hanging = f"['{'a' * 70}b']"
    rule = one(tmp_path, FORBID.replace("'fatal error'", "'(a|aa)+$'").replace("['a fatal error']", hanging))
    assert not proven(rule)
    with pytest.raises(PatternTimeout):
        matched_by(rule, rule.samples.match[0])


def test_the_conditions_that_hold_for_a_sample_are_named(tmp_path: Path) -> None:
    rule = one(tmp_path, PAIR)
    assert matched_by(rule, "job 1 starts") == ("start",)
    assert matched_by(rule, "job 1 starts and job 1 ends") == ("start", "completed")
    assert matched_by(rule, "nothing") == ()


def test_a_sample_is_a_message_or_a_line_of_json() -> None:
    assert sample_record("two\nlines").message == "two\nlines"
    assert sample_record("two\nlines").lines == 2
    drained = sample_record('{"message": "text", "level": "error", "proxy": {"path": "/api"}, "ok": true}')
    assert (drained.message, drained.level) == ("text", "error")
    assert (drained.attributes["proxy.path"], drained.attributes["ok"]) == ("/api", True)
    assert sample_record("{ not json }").message == "{ not json }"
