"""What commands share: the configuration, the rules, the clock, and the options that name them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from logwatch.checking import rule_paths
from logwatch.config import Config, find_config, load_config, no_sources
from logwatch.errors import UsageError
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.model import RuleSet
from logwatch.ruleset.shipped import shipped_rules_dir

F = TypeVar("F", bound=Callable[..., Any])

_CONFIG = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The configuration (else LOGWATCH_CONFIG, ./logwatch.yml, ~/.config/logwatch/logwatch.yml).",
)
_RULES = click.option(
    "--rules",
    "rule_files",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="PATH",
    help="Rule files or directories, instead of the configured or shipped ones. Repeatable.",
)


def configured(command: F) -> F:
    """Give a command the option --config, as `config_file`."""
    return _CONFIG(command)


def ruled(command: F) -> F:
    """Give a command the option --rules, as `rule_files`."""
    return _RULES(command)


def read_config(config_file: Path | None) -> Config:
    """Return the configuration. Raises `ConfigError`."""
    return load_config(find_config(config_file, os.environ, Path()), shipped_rules_dir())


def read_rules(rule_files: tuple[Path, ...], config: Config) -> RuleSet:
    """Return the rules to judge by. Raises `ConfigError`."""
    return load_rules(rule_paths(rule_files, config, shipped_rules_dir()))


def named(sources: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names that were given. Raises `UsageError` for an empty one, as `"$LOG"` is where LOG is not set."""
    if "" in sources:
        raise UsageError("a source has an empty name; is a variable of the shell not set?")
    return sources


def sources_of(sources: tuple[str, ...], config: Config) -> tuple[str, ...]:
    """Return the names that were given, else those of the configuration.

    Raises `UsageError` for an empty name, `ConfigError` where there are none.
    """
    names = named(sources) or config.sources
    if not names:
        raise no_sources(config)
    return names


def now() -> datetime:
    """The one clock of the command line."""
    return datetime.now(UTC)


def stdin_descriptor() -> int | None:
    """Return the descriptor of standard input, to be followed; None where it is closed."""
    try:
        return None if sys.stdin is None else sys.stdin.fileno()
    except (OSError, ValueError):
        return None
