"""The source of a rule: its own lines, comments included, and nothing of its neighbours."""

from __future__ import annotations

from pathlib import Path

import pytest

from logwatch.errors import ConfigError
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.model import RuleSet
from logwatch.ruleset.shipped import shipped_rules
from logwatch.ruleset.source_text import source_text

COUNT = "kind: count, title: T, severity: info, pattern: x"


def rules(folder: Path, content: str) -> RuleSet:
    path = folder / "rules.yml"
    path.write_text(content, encoding="utf-8")
    return load_rules([path])


def test_a_rule_with_its_comments_and_without_those_of_others(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        """# About the file.
version: 1
rules:
  # About the first:
  # two lines.
  - kind: count
    # within
    id: first
    title: T  # at the end
    severity: info
    description: |
      # no comment, but text

      after a blank line
    pattern: x
    # still the first

  # About the second.

  # About what follows.
  - id: second
    kind: count
    title: T
    severity: info
    pattern: y


""",
    )
    assert (
        source_text(found["first"])
        == """# About the first:
# two lines.
- kind: count
  # within
  id: first
  title: T  # at the end
  severity: info
  description: |
    # no comment, but text

    after a blank line
  pattern: x
  # still the first"""
    )
    assert (
        source_text(found["second"])
        == """# About what follows.
- id: second
  kind: count
  title: T
  severity: info
  pattern: y"""
    )


def test_other_ways_to_write_a_list(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        f"""rules:
-
  id: a
  kind: count
  title: T
  severity: info
  pattern: x
-
  {{id: b, {COUNT}}}
- {{id: c, {COUNT}}}
version: 1
""",
    )
    assert source_text(found["a"]) == "-\n  id: a\n  kind: count\n  title: T\n  severity: info\n  pattern: x"
    assert source_text(found["b"]) == f"-\n  {{id: b, {COUNT}}}"
    assert source_text(found["c"]) == f"- {{id: c, {COUNT}}}"


def test_a_list_on_one_line_is_shown_as_that_line(tmp_path: Path) -> None:
    line = f"rules: [{{id: a, {COUNT}}}]"
    assert source_text(rules(tmp_path, f"version: 1\n{line}\n")["a"]) == line


def test_every_shipped_rule_shows_itself_alone() -> None:
    for rule in shipped_rules().rules:
        lines = source_text(rule).splitlines()
        assert [line for line in lines if line.startswith("- id: ")] == [f"- id: {rule.id}"]
        assert {line[:2] for line in lines if line} <= {"- ", "  ", "# "}


def test_a_file_that_has_changed_is_told(tmp_path: Path) -> None:
    found = rules(tmp_path, f"version: 1\nrules:\n- {{id: a, {COUNT}}}\n")["a"]
    path = tmp_path / "rules.yml"
    path.write_text(f"version: 1\nrules:\n- {{id: b, {COUNT}}}\n")
    with pytest.raises(ConfigError) as caught:
        source_text(found)
    assert str(caught.value) == f"{path}:3: rule 'a' stands here no longer; the file has changed, try again"
    path.unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        source_text(found)
