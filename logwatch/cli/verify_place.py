"""What the commands of `logwatch verify` share: where a run is, how it is shown, and the options that say so."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import structs

from logwatch.cli import settings
from logwatch.cli.outputs import Output, OutputType, colored, width, write_outputs
from logwatch.config import Config
from logwatch.errors import UsageError
from logwatch.reports import RenderOptions
from logwatch.ruleset.model import RuleSet
from logwatch.sources.stdin import STDIN
from logwatch.verify.board import Board
from logwatch.verify.reports import FORMATS, exit_code, markdown, render
from logwatch.verify.run import Run
from logwatch.verify.start import last_run
from logwatch.windows import parse_instant

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run is, and by what it is judged. `as_of` None: now. `kept` False: its ledger ends with the command.

    `named` are the logs that were named in place of the configured ones.
    """

    config: Config
    ruleset: RuleSet
    state: Path
    as_of: datetime | None
    named: tuple[str, ...] = ()
    kept: bool = True

    def clock(self) -> datetime:
        """Return the moment that is judged from."""
        return self.as_of or settings.now()

    def last_run(self) -> Run:
        """Return the run that was begun last. Raises `UsageError` where there is none."""
        return last_run(self.state, self.ruleset)

    def reading_as(self, run: Run) -> Place:
        """Return this place with the logs that were named when the run began, unless others are named now."""
        began = run.started.sources
        if self.named or not began:
            return self
        return replace(self, config=structs.replace(self.config, sources=began))


@dataclass(frozen=True, slots=True)
class Shown:
    """How a board is shown."""

    outputs: tuple[Output, ...]
    color: str
    verbose: bool

    def write(self, board: Board) -> int:
        """Write the reports and return the exit code."""
        write_outputs(
            self.outputs or (Output("text", None),),
            lambda name, options: render(name, board, options),
            lambda: markdown(board),
            RenderOptions(color=colored(self.color), width=width(), verbose=self.verbose),
            os.environ,
        )
        return exit_code(board)


def placed(command: F) -> F:
    """Give a command the options that say where its run is and what judges it."""
    for option in (
        click.option("--state", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
                     help="The folder of the ledger (default: as configured, else ./logwatch-verify)."),
        click.option("--source", "sources", multiple=True, metavar="SOURCE",
                     help="Read these logs instead of the configured ones. Repeatable."),
        settings.ruled,
        settings.configured,
    ):  # fmt: skip
        command = option(command)
    return command


def timed(command: F) -> F:
    """Give a command the option --as-of."""
    return click.option(
        "--as-of", metavar="TIME", help="The moment that is judged from, for old deployments (default: now)."
    )(command)


def shown(command: F) -> F:
    """Give a command the options that say how its board is shown."""
    for option in (
        click.option("-v", "--verbose", is_flag=True, help="Titles, details and evidence of every item."),
        click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto",
                     show_default=True, help="Colour on a terminal, always, or never; NO_COLOR is honoured."),
        click.option("-f", "--format", "outputs", multiple=True, type=OutputType(FORMATS),
                     metavar="FMT[=PATH]",
                     help="text, json, junit, github or markdown; to PATH if given. Repeatable."),
    ):  # fmt: skip
        command = option(command)
    return command


def place_of(
    as_of: str | None,
    *,
    state: Path | None,
    sources: tuple[str, ...],
    config_file: Path | None,
    rule_files: tuple[Path, ...],
) -> Place:
    """Return where a run is, by the options.

    Raises `ConfigError`, and `UsageError` for a time that is none and a log that cannot be read again.
    """
    config = settings.read_config(config_file)
    if STDIN in sources:
        raise UsageError("--source -: standard input cannot be read again; name a file")
    named = settings.named(sources)
    if named:
        config = structs.replace(config, sources=named)
    moment = parse_instant("--as-of", as_of, config.zone, settings.now()) if as_of is not None else None
    return Place(config, settings.read_rules(rule_files, config), state or config.verify.state, moment, named)


def who() -> str:
    """Return the login name of whoever runs this."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in containers
        return "unknown"
