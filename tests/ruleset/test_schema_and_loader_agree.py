"""The published JSON Schema: editors accept what the loader accepts, and refuse what it refuses."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from logwatch.errors import ConfigError
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.schema import json_schema
from logwatch.ruleset.shipped import shipped_rules_dir

SCHEMA = jsonschema.Draft202012Validator(json_schema())
DUMPER = getattr(
    yaml, "CSafeDumper", yaml.SafeDumper
)  # in C where it was built with it: thousands of files are written
# One rule of each kind, with every field that it can have.
RULES: list[dict[str, Any]] = [
    {
        "id": "no-error",
        "kind": "forbid",
        "title": "No errors",
        "severity": "critical",
        "description": "why",
        "pattern": {
            "all": ["error", {"not": "known"}, {"any": [{"field": "level", "equals": "error"}, "x"]}]
        },
        "labels": ["stage", "attributes.host"],
        "exposure": "job",
        "prior": 0.5,
        "reject": 0.8,
        "samples": {"match": ["error"], "no_match": ["known"]},
    },
    {
        "id": "heartbeat",
        "kind": "expect",
        "title": "Beats",
        "severity": "warning",
        "pattern": {"field": "name", "pattern": "beat"},
        "at_least": 2,
        "every": "5m",
        "key": ["attributes.host"],
        "expected": ["a", "b"],
    },
    {
        "id": "run",
        "kind": "pair",
        "title": "Jobs end",
        "severity": "critical",
        "start": "job (?P<job>.) starts",
        "outcomes": {"skipped": "none", "completed": "ends", "failed": "fails"},
        "enqueued": "added",
        "key": ["job"],
        "timeout": "4m",
        "retry_within": "1h30m",
        "on_restart": "replace",
        "max_open": 10,
        "objective": {"target": 0.9, "reject": 0.8},
        "duration": {"p50": "30s", "p95": "1.5m"},
    },
    {
        "id": "steps",
        "kind": "sequence",
        "title": "Steps",
        "severity": "info",
        "steps": [
            {"name": "one", "pattern": "first"},
            {"name": "two", "pattern": "second", "within": "1m", "skipped": "none"},
        ],
        "never": "error",
        "key": ["job"],
        "max_open": 5,
        "objective": {"target": 0.9},
    },
    {
        "id": "images",
        "kind": "ratio",
        "title": "Images",
        "severity": "warning",
        "numerator": {"pattern": "(?P<n>.) images", "sum": "n"},
        "denominator": {"pattern": "draft"},
        "floor": {"reject": 0.5},
        "baseline": {"margin": 0.1, "worse": "lower"},
    },
    {
        "id": "latency",
        "kind": "measure",
        "title": "Latency",
        "severity": "info",
        "pattern": "took (?P<ms>.)",
        "value": "ms",
        "unit": "bytes",
        "limits": {"p50": 12, "p95": 12.5},
    },
    {
        "id": "uploads",
        "kind": "count",
        "title": "Uploads",
        "severity": "info",
        "pattern": "upload",
        "limit": 3,
        "per": "job",
        "baseline": {"worse": "higher"},
    },
]
OTHER = {
    "id": "job",
    "kind": "pair",
    "title": "What others refer to",
    "severity": "info",
    "start": "starts",
    "outcomes": {"completed": "ends"},
    "timeout": "4m",
}
WRONG: tuple[Any, ...] = (
    "", " ", "no", "Job Done", "5 minutes", "0s", 0, -1, 2, 1.5, True, None, [], [""], ["a", "a"], {}, {"x": 1}
)  # fmt: skip
BEYOND_A_SCHEMA = re.compile(
    "names no rule|names no capture|names a capture beside|is no regular expression|matches the empty text"
    "|lists the values of one key|has no 'within'|no step before it|is named already|less than 'target'"
    "|must be a plain number here|must be a time span like 36s here|rule; name a|the id is taken"
)
"""What only the loader can tell: references, captures, patterns, and what fields mean together."""


def problems(folder: Path, document: object) -> list[str]:
    path = folder / "any.yml"
    path.write_text(yaml.dump(document, Dumper=DUMPER, allow_unicode=True, sort_keys=False), encoding="utf-8")
    try:
        load_rules([path])
    except ConfigError as error:
        return [problem.message for problem in error.problems]
    return []


def assert_agreement(folder: Path, document: object) -> None:
    told = problems(folder, document)
    if SCHEMA.is_valid(document):
        assert [message for message in told if not BEYOND_A_SCHEMA.search(message)] == []
    else:
        assert told != []


def places(node: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a rule, as the keys and indexes that lead there."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def changed(rule: dict[str, Any], path: tuple[Any, ...], change: str, value: object = None) -> object:
    """A file with the rule, one place of it replaced, removed, renamed, or given a neighbour."""
    rule = copy.deepcopy(rule)
    parent: Any = rule
    for key in path[:-1]:
        parent = parent[key]
    if change == "replace":
        parent[path[-1]] = value
    elif change == "remove":
        del parent[path[-1]]
    elif isinstance(parent, dict):
        parent["unknown"] = parent[path[-1]] if change == "add" else parent.pop(path[-1])
    else:
        parent.append({"unknown": 1})
    return {"version": 1, "rules": [rule, OTHER]}


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("path", sorted(shipped_rules_dir().glob("*.yml")), ids=lambda path: path.name)
def test_the_shipped_rules_are_valid(path: Path) -> None:
    SCHEMA.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_every_field_of_every_kind_is_known_to_both(tmp_path: Path) -> None:
    document = {"version": 1, "rules": [*RULES, OTHER]}
    SCHEMA.validate(document)
    assert problems(tmp_path, document) == []
    kinds: Any = json_schema()["$defs"]
    for rule in RULES:
        assert set(kinds[rule["kind"]]["properties"]) - set(rule) <= {"description", "labels", "samples"}


@pytest.mark.parametrize(
    "document",
    [[], {}, {"version": 1}, {"rules": RULES}, {"version": 2, "rules": [OTHER]}, {"version": 1, "rules": []}],
)
def test_both_refuse_a_file_that_is_none(tmp_path: Path, document: object) -> None:
    assert not SCHEMA.is_valid(document)
    assert problems(tmp_path, document) != []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["kind"])
def test_both_refuse_what_is_missing_or_unknown(tmp_path: Path, rule: dict[str, Any]) -> None:
    for path in places(rule):
        for change in ("remove", "rename", "add"):
            assert_agreement(tmp_path, changed(rule, path, change))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["kind"])
def test_both_refuse_values_of_the_wrong_type_or_form(tmp_path: Path, rule: dict[str, Any]) -> None:
    for path in places(rule):
        for value in WRONG:
            assert_agreement(tmp_path, changed(rule, path, "replace", value))
