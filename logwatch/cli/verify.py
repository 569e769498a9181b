"""`logwatch verify`: the post-deploy checklist, run, waited for, signed and kept."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from logwatch.cli.outputs import Output, OutputType, colored, width, write_outputs
from logwatch.cli.settings import configured, now, read_config, read_rules, ruled
from logwatch.cli.verify_display import Display, Silence
from logwatch.config import Config
from logwatch.evidence.escape import escape
from logwatch.reports import RenderOptions
from logwatch.ruleset.model import RuleSet
from logwatch.verify import acts
from logwatch.verify import start as starting
from logwatch.verify.board import Board
from logwatch.verify.events import Aborted, Signed, Skipped
from logwatch.verify.ledger import Ledger
from logwatch.verify.load import load_checklist, shipped_checklist
from logwatch.verify.lock import held
from logwatch.verify.opening import open_provider, open_world
from logwatch.verify.reports import FORMATS, exit_code, markdown, render
from logwatch.verify.run import Run
from logwatch.verify.runner import Runner
from logwatch.windows import parse_instant

F = TypeVar("F", bound=Callable[..., Any])
_PROBLEMS = 2


@click.group()
def verify() -> None:
    """Work through the checklist after a deployment: what can be done by machine is, people sign the rest.

    Exit codes: 0 pass, 1 fail, 2 usage or configuration, 3 inconclusive, 4 not finished, 130 interrupted.
    """


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run is, and by what it is judged. `as_of` None: now."""

    config: Config
    ruleset: RuleSet
    state: Path
    as_of: datetime | None

    def clock(self) -> datetime:
        """Return the moment that is judged from."""
        return self.as_of or now()

    def last_run(self) -> Run:
        """Return the run that was begun last. Raises `UsageError` where there is none."""
        return starting.last_run(self.state, self.ruleset)


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


def _placed(command: F) -> F:
    """Give a command the options that say where its run is and what judges it."""
    for option in (
        click.option("--state", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
                     help="The folder of the ledger (default: as configured, else ./logwatch-verify)."),
        click.option("--source", "sources", multiple=True, metavar="SOURCE",
                     help="Read these logs instead of the configured ones. Repeatable."),
        ruled,
        configured,
    ):  # fmt: skip
        command = option(command)
    return command


def _timed(command: F) -> F:
    """Give a command the option --as-of."""
    return click.option(
        "--as-of", metavar="TIME", help="The moment that is judged from, for old deployments (default: now)."
    )(command)


def _shown(command: F) -> F:
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


def _begun(command: F) -> F:
    """Give a command the options that say what is verified."""
    for option in (
        click.option("--phase", "phases", multiple=True, metavar="ID", help="Only this phase. Repeatable."),
        click.option("--checklist", type=click.Path(path_type=Path), metavar="FILE",
                     help="The checklist (default: as configured, else the shipped one)."),
        click.option("--deployed-at", metavar="TIME",
                     help="When it went live, where no provider and no deploy marker tells."),
        click.option("--deploy", default="", metavar="ID",
                     help="The deployment, by id or commit (default: the last that is marked)."),
    ):  # fmt: skip
        command = option(command)
    return command


@verify.command()
@_begun
@click.option("--no-wait", is_flag=True, help="Ask what is due now, and leave the rest to resume.")
@_timed
@_placed
@_shown
def start(
    *,
    deploy: str,
    deployed_at: str | None,
    checklist: Path | None,
    phases: tuple[str, ...],
    no_wait: bool,
    as_of: str | None,
    outputs: tuple[Output, ...],
    color: str,
    verbose: bool,
    **placed: Any,
) -> int:
    """Begin to verify a deployment, and go on until all is verified or something fails.

    What is interrupted goes on with `logwatch verify resume`.
    """
    place = _place(as_of, **placed)
    asked = _asked(place, deploy, deployed_at, phases)
    shown = Shown(outputs, color, verbose)
    return _begin(place, asked, checklist, shown, wait=not no_wait)


@verify.command()
@_begun
@_timed
@_placed
@_shown
def run(
    *,
    deploy: str,
    deployed_at: str | None,
    checklist: Path | None,
    phases: tuple[str, ...],
    as_of: str | None,
    outputs: tuple[Output, ...],
    color: str,
    verbose: bool,
    **placed: Any,
) -> int:
    """Verify a deployment in one go, as in CI: begin, wait, and exit with the verdict.

    Its ledger is forgotten, unless --state says where to keep it.
    """
    with ExitStack() as stack:
        if placed["state"] is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="logwatch-verify-"))
            placed["state"] = Path(folder)
        place = _place(as_of, **placed)
        asked = _asked(place, deploy, deployed_at, phases)
        return _begin(place, asked, checklist, Shown(outputs, color, verbose), wait=True)


@verify.command()
@click.option("--no-wait", is_flag=True, help="Ask what is due now, and end: for cron.")
@_timed
@_placed
@_shown
def resume(
    *, no_wait: bool, as_of: str | None, outputs: tuple[Output, ...], color: str, verbose: bool, **placed: Any
) -> int:
    """Carry the last run on: after an interruption, a reboot, or from cron.

    What has ended is not asked again. What fell due meanwhile is made up for from the logs.
    """
    place = _place(as_of, **placed)
    with held(place.state, now()) if place.state.is_dir() else ExitStack():
        return _carry_on(place, place.last_run(), Shown(outputs, color, verbose), wait=not no_wait)


@verify.command()
@_timed
@_placed
@_shown
def status(
    *, as_of: str | None, outputs: tuple[Output, ...], color: str, verbose: bool, **placed: Any
) -> int:
    """Show how the last run stands; ask nothing."""
    place = _place(as_of, **placed)
    return Shown(outputs, color, verbose).write(place.last_run().board(place.clock()))


@verify.command()
@click.argument("item")
@click.option("--by", required=True, metavar="NAME", help="Who answers for it.")
@click.option("--note", required=True, metavar="TEXT", help="What was seen.")
@click.option("--evidence", default="", metavar="URL", help="Where it can be seen.")
@_placed
def sign(*, item: str, by: str, note: str, evidence: str, **placed: Any) -> int:
    """Sign an item that only a person can know, or of which logwatch could not tell."""
    place = _place(None, **placed)
    found = place.last_run()
    signature = Signed(
        at=now(),
        item=item,
        by=acts.said("--by", by),
        note=acts.said("--note", note),
        evidence=evidence.strip(),
    )
    acts.sign(found, signature)
    return _told(place, found, f"{item} signed by {signature.by}")


@verify.command()
@click.argument("item")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is left out.")
@click.option("--by", default=None, metavar="NAME", help="Who says so (default: the login name).")
@_placed
def skip(*, item: str, reason: str, by: str | None, **placed: Any) -> int:
    """Leave an item out. It decides nothing then, and the board says who skipped it and why."""
    place = _place(None, **placed)
    found = place.last_run()
    skipped = Skipped(at=now(), item=item, by=by or _who(), reason=acts.said("--reason", reason))
    acts.skip(found, skipped)
    return _told(place, found, f"{item} skipped by {skipped.by}")


@verify.command()
@click.option("--reason", default="no reason given", metavar="TEXT", help="Why it is given up.")
@_placed
def abort(*, reason: str, **placed: Any) -> int:
    """Give the last run up. What it found stays in the ledger."""
    place = _place(None, **placed)
    found = place.last_run()
    acts.abort(found, Aborted(at=now(), by=_who(), reason=acts.said("--reason", reason)))
    return _told(place, found, f"run {found.number} aborted")


@verify.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@configured
@ruled
def lint(file: Path | None, config_file: Path | None, rule_files: tuple[Path, ...]) -> int:
    """Check a checklist (default: the one that start would take).

    Exits with 2 when an item cannot do what it says; warnings alone exit with 0.
    """
    from logwatch.ruleset.lint.finding import Level  # noqa: PLC0415
    from logwatch.verify.lint import lint as lint_checklist  # noqa: PLC0415

    config = read_config(config_file)
    ruleset = read_rules(rule_files, config)
    path = file or config.verify.checklist or shipped_checklist()
    checklist = load_checklist(path, ruleset)
    findings = lint_checklist(checklist, ruleset, path.parent)
    for finding in findings:
        click.echo(escape(str(finding)))
    errors = sum(finding.level is Level.ERROR for finding in findings)
    counted = f"{len(checklist.items)} items, {errors} errors, {len(findings) - errors} warnings"
    click.echo(counted, err=bool(findings))
    return _PROBLEMS if errors else 0


@verify.command()
def schema() -> None:
    """Print the JSON Schema of checklist files: editors complete and check by it."""
    from logwatch.verify.schema import checklist_schema  # noqa: PLC0415

    click.echo(json.dumps(checklist_schema(), indent=2, ensure_ascii=False))


def _place(
    as_of: str | None,
    *,
    state: Path | None,
    sources: tuple[str, ...],
    config_file: Path | None,
    rule_files: tuple[Path, ...],
) -> Place:
    config = read_config(config_file)
    if sources:
        config = replace(config, sources=sources)
    moment = parse_instant("--as-of", as_of, config.zone, now()) if as_of is not None else None
    return Place(config, read_rules(rule_files, config), state or config.verify.state, moment)


def _asked(place: Place, deploy: str, deployed_at: str | None, phases: tuple[str, ...]) -> starting.Asked:
    live = None
    if deployed_at is not None:
        live = parse_instant("--deployed-at", deployed_at, place.config.zone, place.clock())
    return starting.Asked(deploy, live, phases, _who())


def _begin(place: Place, asked: starting.Asked, checklist: Path | None, shown: Shown, *, wait: bool) -> int:
    file = checklist or place.config.verify.checklist or shipped_checklist()
    with held(place.state, now()), Ledger(place.state) as ledger:
        provider = open_provider(place.config, os.environ)
        found = starting.anchor(asked, provider, place.config.deploys, place.clock())
        begun = starting.begin(ledger, place.state, asked, found, file, place.ruleset, place.clock())
        return _carry_on(place, begun, shown, wait=wait)


def _carry_on(place: Place, found: Run, shown: Shown, *, wait: bool) -> int:
    """Carry a run on; a moment that is given does not pass, so that there is nothing to wait for then."""
    waits = wait and place.as_of is None
    world = open_world(
        place.config,
        place.ruleset,
        found.started,
        open_provider(place.config, os.environ),
        os.environ,
        place.clock,
        _sleep,
    )
    display = Display(shown.color) if waits else Silence()
    try:
        board = Runner(found, world, display.show).carry_on(wait=waits)
    finally:
        display.close()
    return shown.write(board)


def _told(place: Place, found: Run, said: str) -> int:
    """Say what was done, and return the exit code of the board as it is then."""
    board = found.board(place.clock())
    click.echo(escape(said), err=True)
    return exit_code(board)


def _who() -> str:
    return os.environ.get("LOGNAME") or os.environ.get("USER") or "unknown"


def _sleep(span: timedelta) -> None:
    time.sleep(span.total_seconds())
