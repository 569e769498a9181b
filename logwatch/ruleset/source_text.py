"""A rule as it stands in its file, comments included."""

from __future__ import annotations

import textwrap
from pathlib import Path

from logwatch.errors import ConfigError, Problem
from logwatch.ruleset import schema
from logwatch.ruleset.model import Rule
from logwatch.yamlfiles.nodes import Node, YamlList, YamlMapping, YamlText
from logwatch.yamlfiles.reader import Reader


def source_text(rule: Rule) -> str:
    """Return the lines of `rule` in its file, without the indentation they share and the last newline.

    Comment lines right above the rule belong to it. Raises `ConfigError` where the file cannot be read any
    more, or no longer holds the rule where it was loaded from.
    """
    reader = Reader()
    path = Path(rule.location.file)
    root = reader.read(path)
    reader.raise_problems()
    assert root is not None
    starts, begin = _starts(root), None
    for item in _items(root):
        name = _value(item, schema.ID.name)
        if isinstance(name, YamlText) and (name.text, name.location) == (rule.id, rule.location):
            begin = item.location.line
    if begin is None:
        raise ConfigError(
            Problem(rule.location, f"rule '{rule.id}' stands here no longer; the file has changed, try again")
        )
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    end = min((line for line in starts if line > begin), default=len(lines) + 1)
    return textwrap.dedent("\n".join(_own(lines, begin - 1, end - 1)))


def _own(lines: list[str], begin: int, end: int) -> list[str]:
    """Return the lines from `begin` to before `end`, with the comment above, without that of what follows."""
    if begin and lines[begin - 1].strip() == "-":
        begin -= 1
    margin = _indent(lines[begin])
    while begin and _is_comment(lines[begin - 1], margin):
        begin -= 1
    while _leads_on(lines[end - 1], margin):
        end -= 1
    return lines[begin:end]


def _leads_on(line: str, margin: int) -> bool:
    """Whether a last line of a rule is the beginning of what follows it."""
    return not line.strip() or (line.strip() == "-" and _indent(line) == margin) or _is_comment(line, margin)


def _is_comment(line: str, margin: int) -> bool:
    return line.lstrip().startswith("#") and _indent(line) <= margin


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _value(node: Node, key: str) -> Node | None:
    entries = node.entries if isinstance(node, YamlMapping) else ()
    return next((value for name, value in entries if name.text == key), None)


def _items(root: Node) -> tuple[Node, ...]:
    rules = _value(root, "rules")
    return rules.items if isinstance(rules, YamlList) else ()


def _starts(root: Node) -> list[int]:
    """Return the lines on which rules and keys of the file begin."""
    keys = [key.location.line for key, _ in root.entries] if isinstance(root, YamlMapping) else []
    return keys + [item.location.line for item in _items(root)]
