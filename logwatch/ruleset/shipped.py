"""The rules that logwatch ships: the top-level `rules/` of the repository, package data in the wheel."""

from __future__ import annotations

from pathlib import Path

from logwatch.errors import ConfigError
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.model import RuleSet


def shipped_rules_dir() -> Path:
    """Return the directory of the shipped rule files.

    Raises `ConfigError` where the installation has lost it.
    """
    folder = Path(__file__).parents[1] / "shipped_rules"
    if not folder.is_dir():
        raise ConfigError(f"{folder}: the shipped rules are missing; install logwatch again")
    return folder


def shipped_rules() -> RuleSet:
    """Return the shipped rules."""
    return load_rules([shipped_rules_dir()])
