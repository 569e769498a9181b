"""Lint: checklists that load, and yet cannot do what their author means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from logwatch.errors import Location
from logwatch.ruleset.lint.finding import Level
from logwatch.ruleset.model import CountRule, Kind, RatioRule, RuleSet
from logwatch.verify.checklist import Checklist, Item
from logwatch.verify.kinds.baseline import BaselineWork
from logwatch.verify.kinds.pipeline import OrderWork, UploadWork
from logwatch.verify.kinds.rules import RulesWork


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one item, and the remedy."""

    location: Location
    item: str
    level: Level
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.location}: {self.level}: item '{self.item}': {self.message}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class World:
    """What an item is looked at beside. `folder` is where file names count from."""

    checklist: Checklist
    ruleset: RuleSet
    folder: Path


def lint(checklist: Checklist, ruleset: RuleSet, folder: Path) -> list[Finding]:
    """Return what is wrong with the items, in their order."""
    world = World(checklist, ruleset, folder)
    return [finding for item in checklist.items for check in CHECKS for finding in check(item, world)]


def _watched_rates(item: Item, world: World) -> Iterator[Finding]:
    """Of a rate, the first run of all may be the one that fails."""
    if not item.watch or not isinstance(item.work, RulesWork):
        return
    exact = {Kind.FORBID, Kind.COUNT}
    rates = [rule for rule in item.work.rules if world.ruleset[rule].kind not in exact]
    if rates:
        message = f"is watched, and {', '.join(rates)} may fail early by chance"
        yield _warning(item, message, "remove 'watch', or watch rules of kind forbid only")


def _watched_for_nothing(item: Item, _world: World) -> Iterator[Finding]:
    if item.watch and not item.due:
        yield _warning(
            item, "is watched until it is due, which is at once", "give it 'due', or remove 'watch'"
        )


def _needs_what_comes_later(item: Item, world: World) -> Iterator[Finding]:
    for name in item.after:
        need = world.checklist[name]
        if need.deadline > item.deadline and not item.live:
            message = f"waits for '{name}', whose deadline is later than its own"
            yield _warning(item, message, "give it a later 'deadline'")


def _orders_nothing(item: Item, world: World) -> Iterator[Finding]:
    if isinstance(item.work, OrderWork):
        upload = world.checklist[item.work.upload]
        if not isinstance(upload.work, UploadWork):
            message = f"looks at the order of '{upload.id}', which uploads none"
            yield _error(item, message, "name an item with see: upload")


def _uploads_nothing(item: Item, world: World) -> Iterator[Finding]:
    if isinstance(item.work, UploadWork) and not (world.folder / item.work.file).is_file():
        yield _error(
            item, f"uploads '{item.work.file}', which is not there", "name a file beside the checklist"
        )


def _never_compared(item: Item, world: World) -> Iterator[Finding]:
    if isinstance(item.work, BaselineWork):
        for name in item.work.rules:
            rule = world.ruleset[name]
            if not (isinstance(rule, RatioRule | CountRule) and rule.baseline is not None):
                message = (
                    f"compares '{name}' with a baseline, and that rule has none to say what is tolerated"
                )
                yield _error(item, message, "give the rule 'baseline', or make the item one of kind rules")


def _unexplained(item: Item, _world: World) -> Iterator[Finding]:
    if item.by_hand and not item.description:
        yield _warning(item, "asks a person, and does not say what to look at", "give it a 'description'")


CHECKS: tuple[Callable[[Item, World], Iterator[Finding]], ...] = (
    _watched_rates,
    _watched_for_nothing,
    _needs_what_comes_later,
    _orders_nothing,
    _uploads_nothing,
    _never_compared,
    _unexplained,
)


def _error(item: Item, message: str, remedy: str) -> Finding:
    return Finding(item.location, item.id, Level.ERROR, message, remedy)


def _warning(item: Item, message: str, remedy: str) -> Finding:
    return Finding(item.location, item.id, Level.WARNING, message, remedy)
