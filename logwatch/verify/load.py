"""A checklist file to a checklist: read, checked, linked; every problem of the file at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

from logwatch.errors import ConfigError, Location, did_you_mean
from logwatch.ruleset.model import RuleSet
from logwatch.verify import schema
from logwatch.verify.checklist import Checklist, Item, Phase, Severity
from logwatch.verify.kinds import KINDS, Kind
from logwatch.yamlfiles.fields import Field, Values
from logwatch.yamlfiles.nodes import Node, YamlMapping, YamlText, shown
from logwatch.yamlfiles.reader import Reader

DEFAULT_EVERY = timedelta(seconds=10)
SHIPPED = "post-deploy.yml"


def shipped_checklist() -> Path:
    """Return the checklist that logwatch ships. Raises `ConfigError` where the installation has lost it."""
    path = Path(str(files("logwatch") / "shipped_rules" / "checklists" / SHIPPED))
    if not path.is_file():
        raise ConfigError(f"{path}: the shipped checklist is missing; install logwatch again")
    return path


def load_checklist(path: Path, ruleset: RuleSet) -> Checklist:
    """Return the checklist of the file; the rules that it names are among `ruleset`.

    Raises `ConfigError` with all problems.
    """
    loader = _Loader(ruleset)
    checklist = loader.file(path)
    loader.link()
    loader.reader.raise_problems()
    assert checklist is not None
    return checklist


@dataclass(frozen=True, slots=True)
class _Read:
    """An item as far as it could be read: where its problems go, what it says, and of which kind it is."""

    reader: Reader
    values: Values
    kind: Kind


@dataclass(slots=True)
class _Loader:
    ruleset: RuleSet
    reader: Reader = field(default_factory=Reader)
    ids: dict[str, Location] = field(default_factory=dict)
    """Of every item, unreadable ones included: a reference to one of these is no second fault."""
    read: dict[str, _Read] = field(default_factory=dict)

    def file(self, path: Path) -> Checklist | None:
        """Read the file; None where it says too little to be a checklist."""
        root = self.reader.read(path)
        given = self.reader.mapping(root, "the file", ("version", "title", "phases")) if root else None
        if root is None or given is None:
            return None
        for name in ("version", "title", "phases"):
            if name not in given:
                self.reader.problem(root.location, f"the file has no '{name}'; see: logwatch verify schema")
        if "version" in given:
            version = self.reader.integer(given["version"], "'version'")
            if version not in {None, schema.VERSION}:
                wanted = f"this logwatch reads version {schema.VERSION}"
                self.reader.problem(given["version"].location, f"'version' is {version}; {wanted}")
        title = schema.TITLE.type.read(self.reader, given["title"], "'title'") if "title" in given else None
        nodes = self.reader.items(given["phases"], "'phases'") if "phases" in given else None
        if nodes == ():
            self.reader.problem(given["phases"].location, "'phases' is empty; it needs at least one phase")
        phases = self._phases(nodes or ())
        return Checklist(title or "", phases)

    def link(self) -> None:
        """Check that what items name is there, and that none waits for itself."""
        for one in self.read.values():
            for name in one.values.get(schema.AFTER) or ():
                self._known(one, schema.AFTER, name)
            if one.kind.item and (upload := one.values.get(one.kind.item)):
                self._known(one, one.kind.item, upload)
            if one.kind.rules:
                self._rules(one, one.kind.rules)
        for item_id, one in self.read.items():
            if item_id in self._all_before(item_id):
                one.reader.problem(one.values.location(schema.AFTER), "waits for itself; mend 'after'")

    def _phases(self, nodes: tuple[Node, ...]) -> tuple[Phase, ...]:
        phases: dict[str, Phase] = {}
        for number, node in enumerate(nodes, 1):
            reader = self.reader.inside(f"phase {number}")
            values = schema.PHASE.read(reader, node, "the phase")
            if values is None:
                continue
            phase_id = values.get(schema.PHASE_ID) or str(number)
            if phase_id in phases:
                where = values.location(schema.PHASE_ID)
                reader.problem(where, f"the id '{phase_id}' is taken already; give it another one")
            items = [self._item(item, n, values) for n, item in enumerate(values.get(schema.ITEMS) or (), 1)]
            title = values.get(schema.PHASE_TITLE) or phase_id
            phases[phase_id] = Phase(phase_id, title, tuple(item for item in items if item))
        return tuple(phases.values())

    def _item(self, node: Node, number: int, phase: Values) -> Item | None:
        """Read one item; None where it is not to be built."""
        if not isinstance(node, YamlMapping):
            self.reader.mapping(node, f"item {number}")
            return None
        given = {key.text: value for key, value in node.entries}
        name = given.get(schema.ID.name)
        reader = self.reader.inside(f"item {number}")
        if isinstance(name, YamlText) and not name.empty:
            reader = self.reader.inside(f"item '{shown(name.text)}'")
            first = self.ids.setdefault(name.text, name.location)
            if first is not name.location:
                reader.problem(name.location, f"the id is taken already (at {first}); give it another one")
        if schema.KIND.name not in given:
            reader.problem(node.location, f"the item has no 'kind': one of {', '.join(KINDS)}")
            return None
        word = schema.KIND.type.read(reader, given[schema.KIND.name], "'kind'")
        if word is None:
            return None
        values = schema.fields_of(word).read(reader, node, "the item")
        assert values is not None  # the node is a mapping
        kind = KINDS[word]
        kind.check(reader, values)
        due, deadline = _times(reader, values, phase)
        if isinstance(name, YamlText):
            self.read.setdefault(name.text, _Read(reader, values, kind))
        if reader.problems:  # then none of the items is wanted any more
            return None
        return _built(values, phase, kind, due, deadline)

    def _known(self, one: _Read, field: Field[object], name: str) -> None:
        if name not in self.ids:
            hint = did_you_mean(name[:100], self.ids) or "; name the id of an item in this file"
            where = one.values.location(field)
            one.reader.problem(where, f"'{field.name}' names no item: '{shown(name)}'{hint}")

    def _rules(self, one: _Read, field: Field[tuple[str, ...]]) -> None:
        for rule in one.values.get(field) or ():
            if rule not in self.ruleset.ids:
                hint = did_you_mean(rule[:100], self.ruleset.ids) or "; see: logwatch rules list"
                one.reader.problem(one.values.location(field), f"there is no rule '{shown(rule)}'{hint}")

    def _all_before(self, item_id: str) -> set[str]:
        """Return whatever the item waits for, directly or not."""
        found: set[str] = set()
        wanted = [item_id]
        while wanted:
            one = self.read.get(wanted.pop())
            for name in _needs(one.values, one.kind) if one else ():
                if name not in found:
                    found.add(name)
                    wanted.append(name)
        return found


def _needs(values: Values, kind: Kind) -> tuple[str, ...]:
    """Return the items that must have come out well before: those of `after`, and the one it continues."""
    named = values.get(schema.AFTER) or ()
    continued = values.get(kind.item) if kind.item else None
    return (*named, continued) if continued and continued not in named else named


def _times(reader: Reader, values: Values, phase: Values) -> tuple[timedelta, timedelta]:
    """Return when the item is due and until when it is asked: its own times, else those of its phase."""
    due = values.get(schema.DUE) or phase.get(schema.DUE) or timedelta()
    deadline = values.get(schema.DEADLINE) or phase.get(schema.DEADLINE)
    if deadline is None:
        given = schema.DEADLINE.name in (*values.names, *phase.names)
        if not given:  # one that is there and wrong is told already
            reader.problem(
                values.node.location, f"has no 'deadline', nor has its phase: {schema.DEADLINE.meaning}"
            )
        return due, due
    if deadline <= due:
        where = values.location(schema.DEADLINE)
        reader.problem(where, "'deadline' must be later than 'due'")
    return due, deadline


def _built(values: Values, phase: Values, kind: Kind, due: timedelta, deadline: timedelta) -> Item:
    return Item(
        id=values[schema.ID],
        kind=values[schema.KIND],
        title=values[schema.TITLE],
        severity=Severity(values.get(schema.SEVERITY) or Severity.CRITICAL),
        location=values.location(schema.ID),
        due=due,
        deadline=deadline,
        every=values.get(schema.EVERY) or phase.get(schema.EVERY) or DEFAULT_EVERY,
        work=kind.build(values),
        after=_needs(values, kind),
        watch=values.get(schema.WATCH) or False,
        by_hand=kind.by_hand,
        anytime=kind.anytime,
        live=kind.live,
        description=values.get(schema.DESCRIPTION) or "",
    )
