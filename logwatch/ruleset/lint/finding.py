"""What lint finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from logwatch.errors import Location
from logwatch.ruleset.model import Rule


class Level(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """The rule cannot do what it says."""
    WARNING = "warning"
    """It can, at a cost or unproven."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one rule, and the remedy. `check` is the name of the check that found it."""

    location: Location
    rule: str
    level: Level
    check: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.location}: {self.level}: rule '{self.rule}': {self.message}; {self.remedy}"


def error(rule: Rule, check: str, message: str, remedy: str) -> Finding:
    """Return an error of `rule`."""
    return Finding(rule.location, rule.id, Level.ERROR, check, message, remedy)


def warning(rule: Rule, check: str, message: str, remedy: str) -> Finding:
    """Return a warning of `rule`."""
    return Finding(rule.location, rule.id, Level.WARNING, check, message, remedy)
