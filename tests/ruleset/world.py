"""A small world for rule tests: rule files written where the test lives, and what is said of them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from logwatch.errors import ConfigError
from logwatch.records.record import Record, Scalar
from logwatch.ruleset.lint import lint
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.model import Rule, RuleSet

FORBID = """
    - id: no-error
      kind: forbid
      title: No errors
      severity: critical
      pattern: 'fatal error'
      exposure: none
      samples: {match: ['a fatal error']}
"""
PAIR = r"""
    - id: job
      kind: pair
      title: Jobs end
      severity: critical
      start: 'job (?P<job>\d+) starts'
      outcomes: {completed: 'job (?P<job>\d+) ends'}
      key: [job]
      timeout: 4m
      samples: {match: ['job 1 starts', 'job 1 ends']}
"""


def written(folder: Path, rules: str, name: str = "rules.yml") -> Path:
    """Write a rule file with `rules`, a list of rules at any indentation."""
    path = folder / name
    body = textwrap.indent(textwrap.dedent(rules).strip("\n"), "  ")
    path.write_text(f"version: 1\nrules:\n{body}\n", encoding="utf-8")
    return path


def loaded(folder: Path, rules: str) -> RuleSet:
    return load_rules([written(folder, rules)])


def one(folder: Path, rules: str, rule_id: str | None = None) -> Rule:
    """The only rule of a file, or the one that is asked for."""
    ruleset = loaded(folder, rules)
    return ruleset[rule_id] if rule_id else ruleset.rules[0]


def refused(*paths: Path) -> list[str]:
    """What the loader says of the files, without the folder that they are in."""
    with pytest.raises(ConfigError) as caught:
        load_rules(paths)
    folder = paths[0].parent
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def linted(folder: Path, rules: str) -> list[str]:
    """What lint finds in a file, as `level: check: message; remedy`."""
    return [f"{f.level}: {f.check}: {f.message}; {f.remedy}" for f in lint(loaded(folder, rules))]


def record(message: str, level: str | None = None, /, **attributes: Scalar) -> Record:
    """A record without a place or a time."""
    fields = {name.replace("__", "."): value for name, value in attributes.items()}
    return Record("test.log", 0, 0, 1, 1, None, message, level=level, attributes=fields)
