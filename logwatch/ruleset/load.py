"""Rule files to a rule set: read, checked, linked; every problem of every file at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from logwatch.errors import ConfigError, Location, did_you_mean
from logwatch.ruleset import schema
from logwatch.ruleset.build import build_rule
from logwatch.ruleset.checks import check_rule
from logwatch.ruleset.model import NO_EXPOSURE, Kind, Rule, RuleSet
from logwatch.yamlfiles.fields import Field, Values
from logwatch.yamlfiles.nodes import Node, YamlMapping, YamlText, shown
from logwatch.yamlfiles.reader import Reader

SUFFIXES = (".yml", ".yaml")


def load_rules(paths: Sequence[Path]) -> RuleSet:
    """Return the rules of `paths`: files, or directories of .yml and .yaml files, read by name.

    A file given twice is read once; hidden files of a directory are left alone. Ids are unique over all
    files, and `exposure` and `per` name rules among them. Raises `ConfigError` with all problems of all
    files.
    """
    if not paths:
        raise ConfigError("no rules: name a rule file, or a directory of them")
    loader = _Loader()
    for path in _files(paths, loader.reader):
        loader.file(path)
    loader.link()
    loader.reader.raise_problems()
    return RuleSet(tuple(loader.rules))


def _files(paths: Iterable[Path], reader: Reader) -> Iterator[Path]:
    seen = set()
    for path in paths:
        try:
            found = sorted(_rule_files(path)) if path.is_dir() else [path]
            if not found:
                message = "holds no .yml or .yaml file; name a file or another directory"
                reader.problem(Location(str(path)), message)
            for file in found:
                real = file.resolve()
                if real not in seen:
                    seen.add(real)
                    yield file
        except (OSError, ValueError, RuntimeError) as error:  # a path that holds NUL; a circle of links
            reason = getattr(error, "strerror", None) or str(error)
            reader.problem(
                Location(str(path)), f"cannot be read ({reason}); check the path and its permissions"
            )


def _rule_files(folder: Path) -> Iterator[Path]:
    return (p for p in folder.iterdir() if p.suffix in SUFFIXES and not p.name.startswith("."))


class _Reference(msgspec.Struct, frozen=True):
    """What a rule names by `field`: the id of another one, of a kind that `kinds` lists."""

    reader: Reader
    field: Field[str]
    target: str
    where: Location
    kinds: tuple[Kind, ...]


class _Loader(msgspec.Struct):
    reader: Reader = msgspec.field(default_factory=Reader)
    rules: list[Rule] = msgspec.field(default_factory=list)
    references: list[_Reference] = msgspec.field(default_factory=list)
    ids: dict[str, Location] = msgspec.field(default_factory=dict)
    """Of every rule, unreadable ones included: a reference to one of these is no second fault."""
    kinds: dict[str, Kind] = msgspec.field(default_factory=dict)

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
        nodes = self.reader.items(fields["rules"], "'rules'")
        if nodes == ():
            self.reader.problem(fields["rules"].location, "'rules' is empty; it needs at least one rule")
        for number, node in enumerate(nodes or (), 1):
            self._rule(node, number)

    def link(self) -> None:
        """Check that what rules refer to is there, and of a kind that has runs."""
        for reference in self.references:
            name, target = f"'{reference.field.name}'", reference.target
            kind = self.kinds.get(target)
            if target not in self.ids:
                hint = did_you_mean(target[:100], self.ids) or "; name the id of a rule in these files"
                reference.reader.problem(reference.where, f"{name} names no rule: '{shown(target)}'{hint}")
            elif kind is not None and kind not in reference.kinds:
                wanted = " or ".join(reference.kinds)
                message = f"{name} names '{target}', a {kind} rule; name a {wanted} rule"
                reference.reader.problem(reference.where, message)

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
        word = schema.KIND.type.read(reader, given[schema.KIND.name], "'kind'")
        if word is None:
            return
        kind = Kind(word)
        values = schema.KINDS[kind].read(reader, node, "the rule")
        assert values is not None  # the node is a mapping
        check_rule(reader, kind, values)
        self._refer(reader, values)
        if isinstance(name, YamlText):
            self.kinds.setdefault(name.text, kind)
        if not reader.problems:  # else none of the rules is wanted any more
            self.rules.append(build_rule(kind, values))

    def _unique(self, reader: Reader, rule_id: str, where: Location) -> None:
        if rule_id == NO_EXPOSURE:
            reader.problem(
                where, f"no rule can have the id '{NO_EXPOSURE}': exposure: {NO_EXPOSURE} has a meaning"
            )
        first = self.ids.setdefault(rule_id, where)
        if first is not where:
            reader.problem(where, f"the id is taken already (at {first}); ids are unique over all files")

    def _refer(self, reader: Reader, values: Values) -> None:
        """Keep what the rule refers to, to be looked up when all rules are known."""
        runs = (schema.EXPOSURE, (Kind.PAIR, Kind.SEQUENCE)), (schema.PER, (Kind.PAIR,))
        for reference, kinds in runs:
            target = values.get(reference)
            if target is not None and target != NO_EXPOSURE:
                where = values.location(reference)
                self.references.append(_Reference(reader, reference, target, where, kinds))
