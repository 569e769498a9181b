"""Checklist files are read strictly, all problems told at once; what loads and cannot work is found by lint."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml

from logwatch.errors import ConfigError
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.shipped import shipped_rules, shipped_rules_dir
from logwatch.verify.checklist import Checklist, Severity
from logwatch.verify.kinds import KINDS
from logwatch.verify.lint import lint
from logwatch.verify.load import load_checklist, shipped_checklist
from logwatch.verify.schema import checklist_schema

SHIPPED = yaml.safe_load(shipped_checklist().read_text(encoding="utf-8"))


def loaded(tmp_path: Path, text: str) -> Checklist:
    (tmp_path / "c.yml").write_text(text)
    return load_checklist(tmp_path / "c.yml", shipped_rules())


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as told:
        loaded(tmp_path, text)
    return [str(problem).removeprefix(f"{tmp_path}/c.yml") for problem in told.value.problems]


def findings(tmp_path: Path, text: str) -> list[str]:
    checklist = loaded(tmp_path, text)
    return [
        str(finding).removeprefix(f"{tmp_path}/c.yml")
        for finding in lint(checklist, shipped_rules(), tmp_path)
    ]


ONE = """version: 1
title: Test
phases:
  - id: one
    deadline: 10m
    items:
"""


def test_items_take_their_times_from_their_phase_where_they_have_none(tmp_path: Path) -> None:
    checklist = loaded(
        tmp_path,
        """version: 1
title: Test
phases:
  - id: one
    title: One (10 minutes)
    due: 1m
    deadline: 10m
    every: 30s
    items:
      - {id: a, kind: manual, title: A}
      - {id: b, kind: manual, title: B, due: 2m, deadline: 5m, every: 1s, after: [a], severity: warning, watch: true}
  - id: two
    items:
      - {id: c, kind: manual, title: C, deadline: 1d}
""",
    )
    a, b, c = checklist.items
    assert (a.due, a.deadline, a.every) == (
        timedelta(minutes=1),
        timedelta(minutes=10),
        timedelta(seconds=30),
    )
    assert (b.due, b.deadline, b.every) == (timedelta(minutes=2), timedelta(minutes=5), timedelta(seconds=1))
    assert (b.after, b.severity, b.watch, b.by_hand) == (("a",), Severity.WARNING, True, True)
    assert (c.due, c.deadline, c.every) == (timedelta(), timedelta(days=1), timedelta(seconds=10))
    assert [(phase.id, phase.title) for phase in checklist.phases] == [
        ("one", "One (10 minutes)"),
        ("two", "two"),
    ]


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = """version: 2
titel: Test
phases:
  - id: one
    due: soon
    items:
      - {id: a, kind: rules, title: A, rules: [unknown-workflow-stag], deadline: 5m, due: 5m}
      - {id: a, kind: manuel, title: A}
      - {id: b, kind: manual, title: B, afer: [a]}
      - {kind: manual, deadline: 1m}
      - {id: c, title: C}
      - text
  - id: one
    items: []
"""
    assert problems(tmp_path, text) == [
        ":1: the file has no 'title'; see: logwatch verify schema",
        ":1: 'version' is 2; this logwatch reads version 1",
        ":2: unknown key 'titel'; did you mean 'title'?",
        ":5: phase 1: 'due' is 'soon', which is no time span; write it like 90s, 30m or 1h30m",
        ":7: item 'a': 'deadline' must be later than 'due'",
        ":7: item 'a': there is no rule 'unknown-workflow-stag'; did you mean 'unknown-workflow-stage'?",
        f":8: item 'a': the id is taken already (at {tmp_path}/c.yml:7); give it another one",
        ":8: item 'a': 'kind' is 'manuel', which is none of rules, deployment, http, pipeline, baseline, command, "
        "manual; did you mean 'manual'?",
        ":9: item 'b': unknown key 'afer'; did you mean 'after'?",
        ":9: item 'b': has no 'deadline', nor has its phase: until when it is asked again, from the promotion on",
        ":10: item 4: the item has no 'id': the name of the item, unique over all phases",
        ":10: item 4: the item has no 'title': the item in one line",
        ":11: item 'c': the item has no 'kind': one of rules, deployment, http, pipeline, baseline, command, manual",
        ":12: item 6 must be a mapping (key: value), not 'text'",
        ":13: phase 2: the id 'one' is taken already; give it another one",
        ":14: phase 2: 'items' is empty; it needs at least one item",
    ]


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (["{id: a, kind: manual, title: A, after: [b]}"],
         [":7: item 'a': 'after' names no item: 'b'; name the id of an item in this file"]),
        (["{id: a, kind: manual, title: A, after: [a]}"], [":7: item 'a': waits for itself; mend 'after'"]),
        (
            ["{id: a, kind: manual, title: A, after: [b]}", "{id: b, kind: manual, title: B, after: [c]}",
             "{id: c, kind: manual, title: C, after: [a]}"],
            [f":{n}: item '{i}': waits for itself; mend 'after'" for n, i in ((7, "a"), (8, "b"), (9, "c"))],
        ),
        (["{id: a, kind: command, title: A, command: []}"], [":7: item 'a': 'command' is empty; name a program"]),
        (["{id: a, kind: pipeline, title: A, see: upload, within: 3m}"],
         [":7: item 'a': see: upload has no 'file': the purchase order to upload, from the checklist's folder",
          ":7: item 'a': see: upload has no use for 'within'; remove it"]),
        (["{id: a, kind: pipeline, title: A, see: images, order: b, within: 3m}"],
         [":7: item 'a': 'order' names no item: 'b'; name the id of an item in this file"]),
        (["{id: a, kind: http, title: A, steps: [{url: 'http://x/${deploymnt.id}'}]}"],
         [":7: item 'a': '${deploymnt.id}' stands for nothing; did you mean 'deployment.id'?"]),
        (["{id: a, kind: http, title: A, steps: [{url: 'http://x/${y}'}, {url: 'http://x', keep: {y: id}}]}"],
         [":7: item 'a': '${y}' stands for nothing; known here: deployment.id, deployment.commit, env.NAME"]),
        (["{id: a, kind: http, title: A, steps: [{url: 'http://x', json: [{path: 'a b', equals: 1}]}]}"],
         [":7: item 'a': 'path' is 'a b'; write it like status or drafts[*].images[0].id"]),
        (["{id: a, kind: http, title: A, steps: [{url: 'http://x', json: [{path: a}]}]}"],
         [":7: item 'a': expectation 1 says nothing; give 'equals' or 'pattern' or 'at_least' or 'present'"]),
        (["{id: a, kind: http, title: A, steps: [{url: 'http://x', json: [{path: a, pattern: '('}]}]}"],
         [":7: item 'a': 'pattern' is no regular expression: missing ) at position 1"]),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(tmp_path: Path, items: list[str], said: list[str]) -> None:
    assert problems(tmp_path, ONE + "".join(f"      - {item}\n" for item in items)) == said


def test_a_file_that_is_no_checklist_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, "- a\n") == [":1: the file must be a mapping (key: value), not a list"]
    assert problems(tmp_path, "version: 1\nrules: []\n") == [
        ":1: the file has no 'title'; see: logwatch verify schema",
        ":1: the file has no 'phases'; see: logwatch verify schema",
        ":2: unknown key 'rules'; known here: version, title, phases",
    ]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("{id: a, kind: rules, title: A, rules: [background-job, foreign-key-violation], due: 1m, watch: true}",
         ":7: warning: item 'a': is watched, and background-job may fail early by chance; "
         "remove 'watch', or watch rules of kind forbid only"),
        ("{id: a, kind: rules, title: A, rules: [foreign-key-violation], watch: true}",
         ":7: warning: item 'a': is watched until it is due, which is at once; give it 'due', or remove 'watch'"),
        ("{id: a, kind: manual, title: A}",
         ":7: warning: item 'a': asks a person, and does not say what to look at; give it a 'description'"),
        ("{id: a, kind: pipeline, title: A, see: upload, file: none.csv}",
         ":7: error: item 'a': uploads 'none.csv', which is not there; name a file beside the checklist"),
        ("{id: a, kind: baseline, title: A, rules: [background-job], baseline: before}",
         ":7: error: item 'a': compares 'background-job' with a baseline, and that rule has none to say what is "
         "tolerated; give the rule 'baseline', or make the item one of kind rules"),
    ],
)  # fmt: skip
def test_what_loads_and_cannot_work_is_found(tmp_path: Path, item: str, said: str) -> None:
    assert findings(tmp_path, f"{ONE}      - {item}\n") == [said]


def test_items_that_cannot_build_on_each_other_are_found(tmp_path: Path) -> None:
    items = """      - {id: a, kind: command, title: A, command: [x]}
      - {id: b, kind: pipeline, title: B, see: images, order: a, within: 1m}
      - {id: c, kind: rules, title: C, rules: [workflow], after: [a], deadline: 5m}
"""
    assert findings(tmp_path, ONE + items) == [
        ":8: error: item 'b': looks at the order of 'a', which uploads none; name an item with see: upload",
        ":9: warning: item 'c': waits for 'a', whose deadline is later than its own; give it a later 'deadline'",
    ]


# ---------------------------------------------------------------- the shipped one


def test_the_shipped_checklist_is_that_of_the_incident() -> None:
    checklist = load_checklist(shipped_checklist(), shipped_rules())
    assert [(phase.id, len(phase.items)) for phase in checklist.phases] == [
        ("immediate", 4),
        ("short-term", 5),
        ("long-term", 4),
    ]
    assert [phase.title for phase in checklist.phases] == [
        "Immediate (5 minutes)",
        "Short-term (30 minutes)",
        "Long-term (24 hours)",
    ]
    assert {item.kind for item in checklist.items} == {"deployment", "rules", "pipeline", "baseline"}
    assert all(item.severity is Severity.CRITICAL for item in checklist.items)


def test_the_shipped_checklist_is_clean() -> None:
    path = shipped_checklist()
    ruleset = shipped_rules()
    assert lint(load_checklist(path, ruleset), ruleset, path.parent) == []


def test_checklists_are_not_taken_for_rules() -> None:
    assert (shipped_rules_dir() / "checklists").is_dir()
    assert "deployment-succeeded" not in load_rules([shipped_rules_dir()]).ids


# ---------------------------------------------------------------- the schema


def test_the_schema_is_a_schema_and_the_shipped_checklist_keeps_to_it() -> None:
    schema = checklist_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(SHIPPED, schema)
    assert set(KINDS) < set(schema["$defs"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "item",
    [
        "{id: a, kind: manual, title: A, colour: red}",
        "{id: a, kind: rules, title: A}",
        "{id: A B, kind: manual, title: A}",
        "{id: a, kind: nothing, title: A}",
        "{id: a, kind: manual, title: A, due: 5}",
        "{id: a, kind: http, title: A, steps: []}",
        "{id: a, kind: http, title: A, steps: [{url: 'http://x', json: [{path: a}]}]}",
        "{id: a, kind: pipeline, title: A, see: nothing}",
    ],
)
def test_what_the_loader_refuses_the_schema_refuses(tmp_path: Path, item: str) -> None:
    text = f"{ONE}      - {item}\n"
    assert problems(tmp_path, text)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), checklist_schema())
