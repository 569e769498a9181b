"""Lint: rules that load, and yet cannot do what their author means. Each test causes one finding and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from logwatch.ruleset.lint import Level, lint
from logwatch.ruleset.lint.reach import covers
from logwatch.ruleset.model import ForbidRule
from logwatch.ruleset.shipped import shipped_rules
from tests.ruleset.world import FORBID, PAIR, linted, loaded, refused, written

SEQUENCE = r"""
    - id: walk
      kind: sequence
      title: Steps are taken
      severity: warning
      key: [job]
      steps:
        - {name: one, pattern: 'job (?P<job>\d+) first'}
        - {name: two, pattern: 'job (?P<job>\d+) second', within: 1m, skipped: 'job (?P<job>\d+) is empty'}
        - {name: three, pattern: 'job (?P<job>\d+) third', within: 1m, skipped: 'job (?P<job>\d+) is empty'}
      samples: {match: ['job 1 first', 'job 1 second', 'job 1 third', 'job 1 is empty']}
"""
RATIO = r"""
    - id: images
      kind: ratio
      title: Images
      severity: warning
      numerator: {pattern: '- Images: (?P<n>\S+)', sum: n}
      denominator: {pattern: '- Drafts: \d+'}
      samples: {match: ['- Images: 3', '- Drafts: 4']}
"""
COUNT = """
    - id: uploads
      kind: count
      title: Uploads
      severity: info
      pattern: 'manual upload'
      samples: {match: ['a manual upload']}
"""


@pytest.mark.parametrize("rules", [FORBID, PAIR, SEQUENCE, RATIO, COUNT])
def test_sound_rules_lint_clean(tmp_path: Path, rules: str) -> None:
    assert linted(tmp_path, rules) == []


def test_the_shipped_rules_lint_clean() -> None:
    assert [str(finding) for finding in lint(shipped_rules())] == []


def test_a_finding_names_file_line_rule_and_remedy(tmp_path: Path) -> None:
    [finding] = lint(loaded(tmp_path, COUNT.replace("a manual upload", "an upload")))
    assert finding.level is Level.ERROR
    assert str(finding) == (
        f"{tmp_path}/rules.yml:3: error: rule 'uploads': no pattern matches the sample 'an upload'; "
        "mend the pattern or the sample"
    )


# Proof


def test_a_sample_that_no_pattern_matches(tmp_path: Path) -> None:
    rules = FORBID.replace("'a fatal error'", "'a fatal error', \"two\\nlines\"")
    assert linted(tmp_path, rules) == [
        "error: samples: no pattern matches the sample 'two\\nlines'; mend the pattern or the sample"
    ]


def test_a_sample_that_must_not_match_and_does(tmp_path: Path) -> None:
    rules = FORBID.replace(
        "{match: ['a fatal error']}", "{match: ['a fatal error'], no_match: ['no fatal error', 'x']}"
    )
    assert linted(tmp_path, rules) == [
        "error: samples: 'pattern' matches the sample 'no fatal error', which is under no_match; "
        "narrow the pattern or move the sample"
    ]


def test_a_sample_that_is_a_json_line_is_read_as_one(tmp_path: Path) -> None:
    rules = FORBID.replace(
        "'fatal error'", "{all: ['fatal error', {field: level, equals: error}, {field: a.b, equals: 1}]}"
    )
    rules = rules.replace("['a fatal error']", """['{"level": 50, "msg": "a fatal error", "a": {"b": 1}}']""")
    assert linted(tmp_path, rules) == []


def test_a_forbid_that_says_nothing_of_exposure(tmp_path: Path) -> None:
    assert linted(tmp_path, FORBID.replace("      exposure: none\n", "")) == [
        "error: unproven: says nothing of exposure, so that its silence never passes; "
        "write exposure: and the pair rule whose runs could cause it, or exposure: none"
    ]


def test_a_forbid_without_samples(tmp_path: Path) -> None:
    assert linted(tmp_path, FORBID.replace("      samples: {match: ['a fatal error']}\n", "")) == [
        "error: unproven: has no sample that matches, so that its silence never passes; "
        "add a line that it must find under samples: match:"
    ]


def test_a_rule_of_another_kind_without_samples(tmp_path: Path) -> None:
    assert linted(tmp_path, COUNT.replace("      samples: {match: ['a manual upload']}\n", "")) == [
        "warning: unproven: has no samples; add the lines that it must find under samples: match:"
    ]


def test_a_pattern_that_no_sample_shows(tmp_path: Path) -> None:
    assert linted(tmp_path, PAIR.replace(", 'job 1 ends'", "")) == [
        "warning: unshown: no sample shows 'completed'; add a line that it must find"
    ]


# Fields that change nothing


@pytest.mark.parametrize("field", ["prior", "reject"])
@pytest.mark.parametrize("exposure", ["      exposure: none\n", ""])
def test_a_figure_of_exposure_where_no_runs_are_counted(tmp_path: Path, field: str, exposure: str) -> None:
    rules = FORBID.replace("      exposure: none\n", f"{exposure}      {field}: 0.5\n")
    found = [finding for finding in linted(tmp_path, rules) if "unproven" not in finding]
    assert found == [
        f"warning: unused: '{field}' changes nothing where no runs are counted; name a rule as exposure, or remove it"
    ]


def test_a_figure_of_exposure_is_used_where_runs_are_counted(tmp_path: Path) -> None:
    rules = FORBID.replace("exposure: none", "exposure: job\n      prior: 0.5\n      reject: 0.9")
    assert linted(tmp_path, rules + PAIR) == []


def test_a_count_per_runs_without_a_baseline(tmp_path: Path) -> None:
    rules = COUNT.replace("severity: info", "severity: info\n      per: job") + PAIR
    assert linted(tmp_path, rules) == [
        "warning: unused: 'per' changes nothing without a baseline; add baseline, or remove it"
    ]


def test_a_count_compared_with_a_baseline_per_nothing(tmp_path: Path) -> None:
    rules = COUNT.replace("severity: info", "severity: info\n      baseline: {}")
    assert linted(tmp_path, rules) == [
        "warning: unused: 'baseline' changes nothing without runs to compare per; "
        "add per and a pair rule, or remove it"
    ]


COMPARED_COUNT = COUNT.replace(
    "severity: info", "severity: info\n      per: job\n      limit: 5\n      baseline: {}"
)
COMPARED_RATIO = RATIO.replace(
    "severity: warning", "severity: warning\n      floor: {target: 0.5}\n      baseline: {}"
)


def test_a_limit_and_a_baseline_that_leave_no_change_welcome(tmp_path: Path) -> None:
    assert linted(tmp_path, COMPARED_COUNT.replace("{}", "{worse: lower}") + PAIR) == [
        "warning: contradiction: 'limit' fails when the figure rises, 'baseline' when it falls; "
        "turn 'worse' round, or remove one of them"
    ]
    assert linted(tmp_path, COMPARED_RATIO.replace("{}", "{worse: higher}")) == [
        "warning: contradiction: 'floor' fails when the figure falls, 'baseline' when it rises; "
        "turn 'worse' round, or remove one of them"
    ]


def test_of_a_count_more_is_worse_and_of_a_ratio_less_unless_it_is_said(tmp_path: Path) -> None:
    assert linted(tmp_path, COMPARED_COUNT + PAIR) == []
    assert linted(tmp_path, COMPARED_RATIO) == []


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("enqueued: 'job added'", "'enqueued' changes nothing where runs have no key; add key, or remove it"),
        ("on_restart: replace", "'on_restart' changes nothing where runs have no key; add key, or remove it"),
    ],
)
def test_fields_of_keys_where_there_is_none(tmp_path: Path, field: str, message: str) -> None:
    rules = PAIR.replace("key: [job]", field).replace("'job 1 starts'", "'job 1 starts', 'job added'")
    if "enqueued" not in field:
        rules = rules.replace(", 'job added'", "")
    assert linted(tmp_path, rules) == [f"warning: unused: {message}"]


def test_a_new_life_where_every_start_is_a_run_of_its_own(tmp_path: Path) -> None:
    rules = PAIR.replace(
        "key: [job]", "key: [job]\n      on_restart: separate\n      enqueued: 'add (?P<job>.)'"
    )
    assert linted(tmp_path, rules.replace("'job 1 starts'", "'job 1 starts', 'add 1'")) == [
        "warning: unused: 'enqueued' changes nothing where every start is a run of its own; remove it",
    ]


# Captures


@pytest.mark.parametrize(
    "pattern",
    [
        "'job ends'",
        r"'job (?:(?P<job>\d+) )?ends'",
        r"'job (?P<job>\d+) ends|job ends'",
        r"{any: ['job (?P<job>\d+) ends', 'jobs end']}",
        "{field: event, equals: end}",
    ],
)
def test_a_key_that_an_outcome_does_not_always_capture(tmp_path: Path, pattern: str) -> None:
    rules = PAIR.replace(r"'job (?P<job>\d+) ends'", pattern)
    found = [finding for finding in linted(tmp_path, rules) if "key" in finding]
    assert found == [
        "error: key: 'key' names 'job', which 'completed' does not always capture; "
        "write (?P<job>…) in it, or attributes.job for an attribute"
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        r"{all: ['job (?P<job>\d+)', 'ends']}",
        r"{any: ['job (?P<job>\d+) ends', 'done with (?P<job>\d+)']}",
        r"'(?=job (?P<job>\d+)).* ends'",
    ],
)
def test_a_key_that_is_captured_one_way_or_another(tmp_path: Path, pattern: str) -> None:
    assert linted(tmp_path, PAIR.replace(r"'job (?P<job>\d+) ends'", pattern)) == []


def test_a_key_that_is_an_attribute_needs_no_capture(tmp_path: Path) -> None:
    assert linted(tmp_path, PAIR.replace("key: [job]", "key: [attributes.requestId]")) == []


def test_a_key_that_a_step_does_not_capture(tmp_path: Path) -> None:
    assert linted(tmp_path, SEQUENCE.replace(r"'job (?P<job>\d+) third'", "'third'")) == [
        "error: key: 'key' names 'job', which 'three' does not always capture; "
        "write (?P<job>…) in it, or attributes.job for an attribute"
    ]


def test_a_label_that_no_pattern_captures(tmp_path: Path) -> None:
    assert linted(tmp_path, FORBID + "      labels: [stage, attributes.host]\n") == [
        "error: label: no pattern captures the label 'stage'; "
        "write (?P<stage>…) in one, or attributes.stage for an attribute"
    ]


def test_a_number_that_a_sample_shows_to_be_none(tmp_path: Path) -> None:
    assert linted(tmp_path, RATIO.replace("Images: 3", "Images: 3,5")) == [
        "error: number: 'numerator' captures '3,5' as 'n', which is no number; "
        r"capture digits alone, such as (?P<n>\d+)"
    ]


def test_a_measured_number_that_a_sample_shows_to_be_none(tmp_path: Path) -> None:
    rules = r"""
    - id: latency
      kind: measure
      title: Latency
      severity: info
      pattern: 'took (?P<time>\S+)'
      value: time
      unit: s
      samples: {match: ['took 12s']}
    """
    assert linted(tmp_path, rules) == [
        "error: number: 'pattern' captures '12s' as 'time', which is no number; "
        r"capture digits alone, such as (?P<n>\d+)"
    ]


def test_a_number_that_no_sample_shows(tmp_path: Path) -> None:
    assert linted(
        tmp_path, RATIO.replace("'- Images: 3', ", "").replace("'- Drafts: 4'", "'- Drafts: 4', '- Images: '")
    ) == [
        "error: samples: no pattern matches the sample '- Images: '; mend the pattern or the sample",
        "warning: unshown: no sample shows 'numerator'; add a line that it must find",
        "warning: number: no sample shows a number captured as 'n' by 'numerator'; add one to samples",
    ]


# Reach


def test_an_outcome_with_the_pattern_of_another_part(tmp_path: Path) -> None:
    rules = PAIR.replace("ends'}", r"ends', failed: 'job (?P<job>\d+) ends'}")
    assert linted(tmp_path, rules) == [
        "error: unreachable: 'failed' has the same pattern as 'completed'; "
        "a record must tell them apart; change one of them"
    ]


def test_an_outcome_that_an_earlier_one_leaves_nothing(tmp_path: Path) -> None:
    rules = PAIR.replace("      key: [job]\n", "").replace(
        r"{completed: 'job (?P<job>\d+) ends'}",
        "{completed: {any: ['all done', ' ends']}, failed: 'job ends badly'}",
    )
    assert linted(tmp_path, rules.replace("'job 1 ends'", "'job 1 ends', 'job ends badly'")) == [
        "error: unreachable: 'completed' comes first and takes all that 'failed' would match; "
        "narrow it, or put it after"
    ]


def test_an_outcome_whose_samples_an_earlier_one_takes(tmp_path: Path) -> None:
    rules = PAIR.replace("ends'}", r"ends', failed: 'job (?P<job>\d+) \w+ badly'}")
    assert linted(tmp_path, rules.replace("'job 1 ends'", "'job 1 ends', 'job 1 ends badly'")) == [
        "error: unreachable: 'completed' comes first and takes every sample of 'failed'; narrow it, or put it after"
    ]


def test_outcomes_that_overlap_and_still_tell_apart_are_fine(tmp_path: Path) -> None:
    rules = PAIR.replace("{completed:", r"{failed: 'job (?P<job>\d+) ends badly', completed:")
    assert linted(tmp_path, rules.replace("'job 1 ends'", "'job 1 ends', 'job 1 ends badly'")) == []


@pytest.mark.parametrize(
    ("wide", "narrow", "holds"),
    [
        ("job ends", "job ends badly", True),
        ("job ends badly", "job ends", False),
        ("ends", "job (?:ends|ended) badly", False),
        ("badly", "job (?:ends|ended) badly", True),
        (r"ends\b", "job ends badly", False),
        ("ends", "{any: [job ends badly, job ends well]}", True),
        ("badly", "{any: [job ends badly, job ends well]}", False),
        ("ends", "{all: [badly, job ends]}", True),
        ("{any: [starts, ends]}", "job ends", True),
        ("{all: [job, ends]}", "job ends", True),
        ("{all: [job, badly]}", "job ends", False),
        ("{field: a, equals: b}", "{field: a, equals: b}", True),
        ("{field: a, equals: b}", "{field: a, equals: c}", False),
        ("job ends", "{field: a, equals: job ends}", False),
        ("{not: job}", "ends", False),
    ],
)
def test_one_condition_covers_another_where_that_is_certain(
    tmp_path: Path, wide: str, narrow: str, holds: bool
) -> None:
    rules = FORBID.replace("'fatal error'", wide) + FORBID.replace("'fatal error'", narrow).replace(
        "no-error", "b"
    )
    first, second = loaded(tmp_path, rules).rules
    assert isinstance(first, ForbidRule)
    assert isinstance(second, ForbidRule)
    assert covers(first.pattern, second.pattern) == holds


def test_needless_alternatives_are_found_wherever_they_stand(tmp_path: Path) -> None:
    needless = "{any: [error, fatal error]}"
    for pattern in (f"{{all: [fatal, {needless}]}}", f"{{any: [{needless}, alarm]}}"):
        [finding] = linted(tmp_path, FORBID.replace("'fatal error'", pattern))
        assert finding.startswith(
            "warning: unreachable: 'pattern' any: alternative 1 takes all that alternative 2 "
        )
    found = linted(tmp_path, FORBID.replace("'fatal error'", f"{{all: [fatal error, {{not: {needless}}}]}}"))
    assert [finding for finding in found if "unreachable" in finding] != []


def test_an_alternative_that_an_earlier_one_makes_needless(tmp_path: Path) -> None:
    rules = FORBID.replace(
        "'fatal error'", "{any: ['error', {all: ['fatal error', {field: a, equals: b}]}, 'alarm']}"
    )
    assert linted(tmp_path, rules) == [
        "warning: unreachable: 'pattern' any: alternative 1 takes all that alternative 2 would match; "
        "remove one of them"
    ]


def test_a_step_with_the_pattern_of_another(tmp_path: Path) -> None:
    assert linted(tmp_path, SEQUENCE.replace("third'", "second'").replace(", 'job 1 third'", "")) == [
        "error: unreachable: 'three' has the same pattern as 'two'; a record must tell them apart; change one of them"
    ]


def test_steps_of_a_funnel_cannot_share_what_skips_them(tmp_path: Path) -> None:
    assert linted(tmp_path, SEQUENCE.replace("      key: [job]\n", "")) == [
        "error: unreachable: 'three skipped' has the same pattern as 'two skipped'; "
        "a record must tell them apart; change one of them"
    ]


# Cost


def test_a_pattern_without_literals_falls_back_to_the_plain_path(tmp_path: Path) -> None:
    assert linted(tmp_path, FORBID.replace("'fatal error'", "'(?i)fatal error'")) == [
        "warning: literal: 'pattern' requires no literal text: the scan falls back to the plain path, line by line; "
        "give it three or more fixed characters outside (?i), or add such a pattern with all:"
    ]


REMEDY = r"let repeats not overlap, begin them at a fixed text or \b, or bound them ({0,200})"


@pytest.mark.parametrize(
    "pattern",
    [
        "error (a|aa)+$",
        "(?:x|y|xy)*error",
        "(a|aa)+ error$",
        r"^error(?:\s|a|\sa)+b",
        "(.*),(.*),(.*),(.*),(.*),(.*)error",
    ],
)
def test_a_pattern_that_a_short_line_brings_to_its_budget(tmp_path: Path, pattern: str) -> None:
    rules = FORBID.replace("'fatal error'", f"'{pattern}'")
    found = [finding for finding in linted(tmp_path, rules) if ": samples:" not in finding]
    assert found == [
        f"error: catastrophic: 'pattern' ({pattern}) uses up its time budget on a short line; {REMEDY}"
    ]


@pytest.mark.parametrize("pattern", [r"\s+error\s+$", r"\d+ error", "start.*end.*fin"])
def test_a_pattern_that_a_long_line_brings_to_its_budget(tmp_path: Path, pattern: str) -> None:
    rules = FORBID.replace("'fatal error'", f"'{pattern}'")
    found = [finding for finding in linted(tmp_path, rules) if ": samples:" not in finding]
    assert found == [
        f"warning: catastrophic: 'pattern' ({pattern}) uses up its time budget on a long line; {REMEDY}"
    ]


@pytest.mark.parametrize(
    "pattern",
    [r"\b\d+ error", "PROCESSOR ERROR.*job", r"job (?P<j>\S+) in (?P<ms>\d+)ms", r'error="(?:[^"\\]|\\.)*"'],
)
def test_patterns_as_people_write_them_are_fast_enough(tmp_path: Path, pattern: str) -> None:
    found = linted(tmp_path, FORBID.replace("'fatal error'", f"'{pattern}'"))
    assert [finding for finding in found if ": samples:" not in finding] == []


def test_a_repeat_of_a_repeat(tmp_path: Path) -> None:
    rules = FORBID.replace("'fatal error'", "'fatal error (?P<x>a+)+'").replace(
        "a fatal error", "a fatal error a"
    )
    message = "'pattern' (fatal error (?P<x>a+)+) repeats a repeat, which can take exponential time"
    assert linted(tmp_path, rules) == [f"warning: catastrophic: {message}; {REMEDY}"]


def test_a_sample_on_which_a_pattern_hangs(tmp_path: Path) -> None:
    rules = FORBID.replace("'fatal error'", "'(a|aa)+$'").replace("['a fatal error']", f"['{'a' * 70}b']")
    told = (
        f"error: samples: a pattern uses up its time budget on the sample '{'a' * 70}b'; simplify the pattern"
    )
    assert linted(tmp_path, rules)[0] == told
    assert linted(tmp_path, rules.replace("match:", "match: ['aaa'], no_match:"))[0] == told


def test_a_pattern_that_is_too_odd_to_be_understood_is_attacked_blindly(tmp_path: Path) -> None:
    for pattern in (r"(?:a|aa)+$|\Xb", "{not: '(?:a|aa)+$'}", "{all: [fatal error, '(?:0|00)+$']}"):
        rules = FORBID.replace("'fatal error'", pattern if pattern[0] == "{" else f"'{pattern}'")
        assert "uses up its time budget on a" in " ".join(linted(tmp_path, rules))


def test_a_pattern_that_refers_to_itself_is_attacked_without_what_that_would_be(tmp_path: Path) -> None:
    rules = FORBID.replace("'fatal error'", r"'(?P<quote>.)fatal error(?P=quote)'")
    assert linted(tmp_path, rules.replace("['a fatal error']", "['!fatal error!']")) == []


# What the loader finds before lint can


def test_an_id_twice_is_an_error_of_loading(tmp_path: Path) -> None:
    first = written(tmp_path, COUNT, "a.yml")
    second = written(tmp_path, COUNT, "b.yml")
    assert refused(first, second) == [
        "b.yml:3: rule 'uploads': the id is taken already (at a.yml:3); ids are unique over all files"
    ]
