"""Rule files to a rule set: read, checked, linked; every problem of every file at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from logwatch.errors import Location, did_you_mean
from logwatch.ruleset import schema
from logwatch.ruleset.build import build_rule
from logwatch.ruleset.fieldtypes import Field, Values
from logwatch.ruleset.model import (
    NO_EXPOSURE,
    CountRule,
    ForbidRule,
    Kind,
    Rule,
    RuleSet,
)
from logwatch.yamlfile import Reader
from logwatch.yamlnodes import Node, YamlMapping, YamlText, shown

SUFFIXES = (".yml", ".yaml")


def load_rules(paths: Sequence[Path]) -> RuleSet:
    """Return the rules of `paths`: files, or directories of .yml and .yaml files, read by name.

    A file given twice is read once. Ids are unique over all files, and `exposure` and `per` name rules among
    them. Raises `ConfigError` with all problems of all files.
    """
    loader = _Loader()
    for path in _files(paths, loader.reader):
        loader.file(path)
    if not loader.reader.problems and not loader.rules:
        for path in paths or [Path("rules")]:
            loader.reader.problem(Location(str(path)), "holds no rules; name a file with 'rules:'")
    loader.link()
    loader.reader.raise_problems()
    return RuleSet(tuple(loader.rules))


def _files(paths: Iterable[Path], reader: Reader) -> Iterator[Path]:
    seen = set()
    for path in paths:
        try:
            found = sorted(p for p in path.iterdir() if p.suffix in SUFFIXES) if path.is_dir() else [path]
        except OSError as error:
            reader.problem(Location(str(path)), f"cannot be read ({error.strerror}); check its permissions")
            continue
        if not found:
            reader.problem(
                Location(str(path)), "holds no .yml or .yaml file; name a file or another directory"
            )
        for file in found:
            real = file.resolve()
            if real not in seen:
                seen.add(real)
                yield file


@dataclass(slots=True)
class _Loader:
    reader: Reader = field(default_factory=Reader)
    rules: list[Rule] = field(default_factory=list)
    values: dict[str, Values] = field(default_factory=dict)
    ids: dict[str, Location] = field(default_factory=dict)
    """Of every rule, unreadable ones included: a reference to one of these is no second fault."""

    def file(self, path: Path) -> None:
        """Read one file."""
        root = self.reader.read(path)
        if root is None:
            return
        fields = self.reader.mapping(root, "the file", ("version", "rules"))
        if fields is None:
            return
        if "version" not in fields:
            self.reader.problem(root.location, f"the file has no 'version'; write version: {schema.VERSION}")
        else:
            self._version(fields["version"])
        if "rules" not in fields:
            self.reader.problem(root.location, "the file has no 'rules'; write rules: and a list of them")
            return
        for number, node in enumerate(self.reader.items(fields["rules"], "'rules'") or (), 1):
            self._rule(node, number)

    def link(self) -> None:
        """Check that what rules refer to is there, and of a kind that has runs."""
        by_id = {rule.id: rule for rule in self.rules}
        for rule in self.rules:
            if isinstance(rule, ForbidRule) and rule.exposure not in {None, NO_EXPOSURE}:
                self._reference(rule, schema.EXPOSURE, by_id, (Kind.PAIR, Kind.SEQUENCE))
            if isinstance(rule, CountRule) and rule.per is not None:
                self._reference(rule, schema.PER, by_id, (Kind.PAIR,))

    def _version(self, node: Node) -> None:
        version = self.reader.integer(node, "'version'")
        if version is not None and version != schema.VERSION:
            self.reader.problem(
                node.location, f"'version' is {version}; this logwatch reads version {schema.VERSION}"
            )

    def _rule(self, node: Node, number: int) -> None:
        if not isinstance(node, YamlMapping):
            self.reader.mapping(node, f"rule {number}")
            return
        given = {key.text: value for key, value in node.entries}
        name = given.get(schema.ID.name)
        reader = self.reader.inside(f"rule {number}")
        if isinstance(name, YamlText) and not name.empty:
            reader = self.reader.inside(f"rule '{shown(name.text)}'")
            self._unique(reader, name.text, name.location)
        if schema.KIND.name not in given:
            reader.problem(node.location, f"the rule has no 'kind': one of {', '.join(Kind)}")
            return
        kind = schema.KIND.type.read(reader, given[schema.KIND.name], "'kind'")
        if kind is None:
            return
        values = schema.KINDS[Kind(kind)].read(reader, node, "the rule")
        if values is not None:
            before = len(reader.problems)
            rule = build_rule(reader, Kind(kind), values)
            if len(reader.problems) == before:
                self.rules.append(rule)
                self.values[rule.id] = values

    def _unique(self, reader: Reader, rule_id: str, where: Location) -> None:
        if rule_id == NO_EXPOSURE:
            reader.problem(
                where, f"no rule can have the id '{NO_EXPOSURE}': exposure: {NO_EXPOSURE} has a meaning"
            )
        first = self.ids.setdefault(rule_id, where)
        if first is not where:
            reader.problem(where, f"the id is taken already (at {first}); ids are unique over all files")

    def _reference(
        self, rule: Rule, key: Field[str], by_id: dict[str, Rule], kinds: tuple[Kind, ...]
    ) -> None:
        reader = self.reader.inside(f"rule '{rule.id}'")
        target, where = self.values[rule.id][key], self.values[rule.id].location(key)
        if target not in self.ids:
            hint = did_you_mean(target[:100], self.ids) or "; name the id of a rule in these files"
            reader.problem(where, f"'{key.name}' names no rule: '{shown(target)}'{hint}")
        elif target in by_id and by_id[target].kind not in kinds:
            message = f"names '{target}', a {by_id[target].kind} rule; name a {' or '.join(kinds)} rule"
            reader.problem(where, f"'{key.name}' {message}")
