"""Rule files that say what no rule can mean: each fault with file, line, rule and remedy, all at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from logwatch.errors import ConfigError
from logwatch.ruleset.load import load_rules
from tests.ruleset.world import FORBID, PAIR, loaded, refused, written


def test_all_faults_of_all_files_are_told_at_once_in_their_order(tmp_path: Path) -> None:
    first = written(
        tmp_path,
        r"""
        - id: lease-lost
          kind: forbid
          title: A lease was lost
          severity: critcal
          wndow: 5m
          pattern: 'lease (lost'
          exposure: jobs
        - id: job
          kind: pair
          title: Jobs end
          severity: critical
          start: 'job (?P<job>\d+) starts'
          outcomes: {failed: 'job fails'}
          timeout: soon
        """,
        "a.yml",
    )
    second = written(
        tmp_path,
        """
        - id: lease-lost
          kind: forbidden
          title: Another
          severity: info
          pattern: 'x y'
        """,
        "b.yml",
    )
    assert refused(first, second) == [
        "a.yml:6: rule 'lease-lost': 'severity' is 'critcal', which is none of critical, warning, info; "
        "did you mean 'critical'?",
        "a.yml:7: rule 'lease-lost': unknown key 'wndow'; known here: id, kind, title, severity, description, "
        "labels, samples, pattern, exposure, prior, reject",
        "a.yml:8: rule 'lease-lost': 'pattern' is no regular expression: missing ) at position 11",
        "a.yml:9: rule 'lease-lost': 'exposure' names no rule: 'jobs'; did you mean 'job'?",
        "a.yml:15: rule 'job': 'outcomes' has no 'completed': the run succeeded",
        "a.yml:16: rule 'job': 'timeout' is 'soon', which is no time span; write it like 90s, 30m or 1h30m",
        "b.yml:3: rule 'lease-lost': the id is taken already (at a.yml:3); ids are unique over all files",
        "b.yml:4: rule 'lease-lost': 'kind' is 'forbidden', which is none of forbid, expect, pair, sequence, "
        "ratio, measure, count; did you mean 'forbid'?",
    ]


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (
            "kind: alert",
            4,
            "'kind' is 'alert', which is none of forbid, expect, pair, sequence, ratio, measure, count",
        ),
        ("kind:", 4, "'kind' is empty; it must be a text"),
        ("title: ' '", 5, "'title' is empty; it must be a text"),
        ('title: "a\\nb"', 5, "'title' is 'a\\nb'; write it like Jobs complete, on one line"),
        ("severity: 1", 6, "'severity' must be a text, and YAML reads 1 as a number; put it in quotes: '1'"),
        (
            "pattern: 500",
            7,
            "'pattern' must be a text, and YAML reads 500 as a number; put it in quotes: '500'",
        ),
        ("pattern: ''", 7, "'pattern' is empty; it must be a text"),
        ("pattern: [a]", 7, "'pattern' must be a text, not a list"),
        (
            "pattern: 'x*'",
            7,
            "'pattern' matches the empty text, so it holds for every record; say what must stand there",
        ),
        ("pattern: '(?P<a>x'", 7, "'pattern' is no regular expression: missing ) at position 7"),
        (
            "pattern: 'a{5000}'",
            7,
            "'pattern' repeats too much: counts may be at most 1,000, and all of them written out "
            "at most 10,000 elements; use + or * instead",
        ),
        ("pattern: {all: []}", 7, "'pattern' all: is an empty list; name at least one condition"),
        ("pattern: {any: x}", 7, "'pattern' any: must be a list ([a, b] or lines with -), not 'x'"),
        ("pattern: {not: '('}", 7, "'pattern' not: is no regular expression: missing ) at position 1"),
        (
            "pattern: {field: level}",
            7,
            "'pattern' needs 'field' with 'equals' or 'pattern', or one of 'all', 'any', 'not'",
        ),
        (
            "pattern: {field: a, equals: NO}",
            7,
            "'pattern' equals: is NO, which YAML reads as true or false; "
            "write true or false, or put it in quotes: 'NO'",
        ),
        ("pattern: {field: a, equals: ~}", 7, "'pattern' equals: is empty; put the text in quotes: '~'"),
        ("pattern: {feld: a, equals: b}", 7, "unknown key 'feld'; did you mean 'field'?"),
        ("exposure: job", 8, "'exposure' names no rule: 'job'; name the id of a rule in these files"),
        ("exposure: no-error", 8, "'exposure' names 'no-error', a forbid rule; name a pair or sequence rule"),
        ("samples: {match: x}", 9, "'match' must be a list ([a, b] or lines with -), not 'x'"),
        (
            "samples: {match: [1]}",
            9,
            "an item of 'match' must be a text, and YAML reads 1 as a number; put it in quotes: '1'",
        ),
        ("labels: [a, a]", 10, "'labels' names 'a' twice; remove one"),
        (
            "labels: [job-id]",
            10,
            "an item of 'labels' is 'job-id'; write it like job or attributes.requestId",
        ),
        ("prior: 2", 10, "'prior' is 2; it must be between 0 and 1, such as 0.99"),
        ("reject: high", 10, "'reject' must be a number, not 'high'"),
    ],
)
def test_a_value_that_means_nothing_is_told_with_the_remedy(
    tmp_path: Path, change: str, line: int, message: str
) -> None:
    lines = FORBID.strip("\n").splitlines()
    key = change.partition(":")[0]
    place = next((n for n, text in enumerate(lines) if text.strip().startswith(f"{key}:")), len(lines))
    lines[place : place + 1] = [f"      {change}"]
    assert f"rules.yml:{line}: rule 'no-error': {message}" in refused(written(tmp_path, "\n".join(lines)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "id: No-Error",
            "rule 'No-Error': 'id' is 'No-Error'; "
            "write it like unknown-workflow-stage (a-z, 0-9 and single - or _)",
        ),
        (
            "id: NO",
            "rule 'NO': 'id' must be a text, and YAML reads NO as true or false; put it in quotes: 'NO'",
        ),
        ("id: none", "rule 'none': no rule can have the id 'none': exposure: none has a meaning"),
        ("id: [a]", "rule 1: 'id' must be a text, not a list"),
    ],
)
def test_an_id_that_can_be_none_is_told(tmp_path: Path, change: str, message: str) -> None:
    path = written(tmp_path, FORBID.replace("id: no-error", change))
    assert refused(path)[0] == f"rules.yml:3: {message}"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            "{kind: expect, pattern: tick}",
            "the rule says nothing; give 'at_least' or 'every'",
        ),
        (
            r"{kind: expect, pattern: 'tick (?P<a>\d)', at_least: 1, expected: [a]}",
            "'expected' lists the values of one key; give 'key' with one name",
        ),
        (
            "{kind: sequence, steps: [{name: a, pattern: x}]}",
            "'steps' has 1; it needs at least 2 steps",
        ),
        (
            "{kind: sequence, steps: []}",
            "'steps' has none; it needs at least 2 steps",
        ),
        (
            "{kind: sequence, steps: [{name: a, pattern: x}, {name: b, pattern: y}]}",
            "step 2 has no 'within': how long after the step before; every step but the first needs it",
        ),
        (
            "{kind: sequence, steps: [{name: a, pattern: x, within: 1m}, {name: b, pattern: y, within: 1m}]}",
            "the first step has no step before it; remove 'within'",
        ),
        (
            "{kind: sequence, steps: [{name: a, pattern: x}, {name: a, pattern: y, within: 1m}]}",
            "step 'a' is named already; give it another name",
        ),
        (
            "{kind: sequence, steps: [{name: a, pattern: x}, {name: never, pattern: y, within: 1m}]}",
            "step 'never' is named already; give it another name",
        ),
        (
            "{kind: pair, start: x, outcomes: {completed: y}, timeout: 4m, objective: {target: 0.8, reject: 0.9}}",
            "'reject' is 0.9; it must be less than 'target', 0.8",
        ),
        (
            "{kind: pair, start: x, outcomes: {completed: y}, timeout: 4m, objective: {reject: 0.995}}",
            "'reject' is 0.995; it must be less than 'target', 0.99",
        ),
        (
            "{kind: pair, start: x, outcomes: {completed: y}, timeout: 4m, objective: {}}",
            "'objective' says nothing; give 'target' or 'reject'",
        ),
        (
            "{kind: pair, start: x, outcomes: {completed: y}, timeout: 4m, duration: {p50: 30}}",
            "'p50' is '30', which is no time span; write it like 90s, 30m or 1h30m",
        ),
        (
            "{kind: pair, start: x, outcomes: {completed: y}, timeout: 0s}",
            "'timeout' must be longer than zero",
        ),
        (
            "{kind: pair, start: x, outcomes: {completed: y, done: z}, timeout: 4m}",
            "unknown key 'done'; known here: completed, failed, skipped",
        ),
        (
            r"{kind: ratio, numerator: {pattern: 'a (?P<n>\d+)', sum: m}, denominator: {pattern: b}}",
            "'sum' names no capture of the pattern; write (?P<m>…) in it",
        ),
        (
            r"{kind: ratio, numerator: {pattern: {all: ['(?P<a>x)', '(?P<n>y)']}, sum: n}, denominator: {pattern: b}}",
            "'sum' names a capture beside the one whose occurrences count; "
            "put the pattern with (?P<n>…) first under all:",
        ),
        (
            r"{kind: measure, pattern: 'took (?P<ms>\d+)', value: ms, unit: hours}",
            "'unit' is 'hours', which is none of ms, s, bytes, count",
        ),
        (
            r"{kind: measure, pattern: 'took (?P<ms>\d+)', value: ms, unit: bytes, limits: {p95: 3s}}",
            "'p95' must be a plain number here",
        ),
        (
            r"{kind: measure, pattern: 'took (?P<ms>\d+)', value: ms, unit: ms, limits: {p95: 1e3}}",
            "'p95' must be a time span like 36s here",
        ),
        (
            "{kind: count, pattern: x, limit: -1}",
            "'limit' is -1; it must be at least 0",
        ),
        (
            "{kind: count, pattern: x, limit: 1.5}",
            "'limit' must be a whole number, not '1.5'",
        ),
        (
            "{kind: count, pattern: x, per: x}",
            "'per' names 'x', a count rule; name a pair rule",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(tmp_path: Path, rule: str, message: str) -> None:
    path = written(tmp_path, "- " + rule.replace("{", "{id: x, title: X, severity: info, ", 1))
    assert refused(path) == [f"rules.yml:3: rule 'x': {message}"]


def test_one_fault_of_a_rule_hides_no_other(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        - id: walk
          kind: sequence
          title: Steps
          severity: info
          steps:
            - {name: a, pattern: '(', within: 1m}
            - {name: b, pattern: x}
          objective: {target: 0.5, reject: 0.6}
        - kind: count
          title: 3
        - just a text
        """,
    )
    assert refused(path) == [
        "rules.yml:8: rule 'walk': 'pattern' is no regular expression: missing ) at position 1",
        "rules.yml:8: rule 'walk': the first step has no step before it; remove 'within'",
        "rules.yml:9: rule 'walk': step 2 has no 'within': how long after the step before; "
        "every step but the first needs it",
        "rules.yml:10: rule 'walk': 'reject' is 0.6; it must be less than 'target', 0.5",
        "rules.yml:11: rule 2: the rule has no 'id': the name of the rule, unique over all files",
        "rules.yml:11: rule 2: the rule has no 'pattern': the condition of the records that count",
        "rules.yml:12: rule 2: 'title' must be a text, and YAML reads 3 as a number; put it in quotes: '3'",
        "rules.yml:13: rule 3 must be a mapping (key: value), not 'just a text'",
    ]


def test_a_reference_to_a_rule_that_is_itself_wrong_is_no_second_fault(tmp_path: Path) -> None:
    path = written(tmp_path, FORBID.replace("none", "job") + PAIR.replace("4m", "4 minutes"))
    assert refused(path) == [
        "rules.yml:18: rule 'job': 'timeout' is '4 minutes', which is no time span; "
        "write it like 90s, 30m or 1h30m"
    ]


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        ("", ["x.yml:1: the file must be a mapping (key: value), not nothing"]),
        ("- a\n", ["x.yml:1: the file must be a mapping (key: value), not a list"]),
        (
            "rule: []\n",
            [
                "x.yml:1: unknown key 'rule'; did you mean 'rules'?",
                "x.yml:1: the file has no 'version'; write version: 1",
                "x.yml:1: the file has no 'rules'; write rules: and a list of them",
            ],
        ),
        (
            "version: 2\nrules: []\n",
            [
                "x.yml:1: 'version' is 2; this logwatch reads version 1",
                "x.yml:2: 'rules' is empty; it needs at least one rule",
            ],
        ),
        (
            "version: one\nrules: x\n",
            [
                "x.yml:1: 'version' must be a whole number, not 'one'",
                "x.yml:2: 'rules' must be a list ([a, b] or lines with -), not 'x'",
            ],
        ),
    ],
)
def test_a_file_that_holds_no_rules_says_so(tmp_path: Path, content: str, messages: list[str]) -> None:
    path = tmp_path / "x.yml"
    path.write_text(content)
    assert refused(path) == messages


def test_a_key_that_occurs_twice_in_a_rule_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, FORBID + "      severity: info\n")
    assert refused(path) == ["rules.yml:10: key 'severity' occurs twice (first on line 6); remove one"]


def test_a_directory_gives_its_rule_files_by_name_and_hidden_ones_are_left_alone(tmp_path: Path) -> None:
    written(tmp_path, FORBID.replace("no-error", "second"), "b.yaml")
    written(tmp_path, FORBID.replace("no-error", "first"), "a.yml")
    written(tmp_path, FORBID, ".#a.yml")
    written(tmp_path, FORBID, "notes.txt")
    assert load_rules([tmp_path]).ids == ("first", "second")


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = written(tmp_path, FORBID)
    (tmp_path / "link.yml").symlink_to(path)
    assert load_rules([path, tmp_path, tmp_path / "link.yml"]).ids == ("no-error",)


def test_paths_that_hold_no_rule_files_are_told(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    circle = tmp_path / "circle.yml"
    circle.symlink_to(circle)
    os.mkfifo(tmp_path / "pipe.yml")
    told = refused(empty, tmp_path / "none.yml", circle, tmp_path / "a\0b.yml", tmp_path / "pipe.yml")
    assert told[0] == "empty: holds no .yml or .yaml file; name a file or another directory"
    assert (
        told[1] == "none.yml: cannot be read (No such file or directory); check the path and its permissions"
    )
    assert told[2].startswith("circle.yml: cannot be read (")
    assert "cannot be read (embedded null byte)" in told[3]
    assert told[4] == "pipe.yml: is not a regular file; copy it into one"
    with pytest.raises(ConfigError, match="no rules: name a rule file, or a directory of them"):
        load_rules([])


def test_hundreds_of_faults_end_in_one_line(tmp_path: Path) -> None:
    path = written(tmp_path, "\n".join("- {}" for _ in range(500)))
    told = refused(path)
    assert len(told) == 101
    assert told[-1].endswith("more problems follow; mend these first")


def test_rules_keep_the_order_of_their_files_and_their_place(tmp_path: Path) -> None:
    ruleset = loaded(tmp_path, PAIR + FORBID)
    assert ruleset.ids == ("job", "no-error")
    assert [rule.location.line for rule in ruleset.rules] == [3, 13]
    with pytest.raises(KeyError):
        ruleset["other"]
