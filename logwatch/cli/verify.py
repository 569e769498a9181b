"""`logwatch verify`: the post-deploy checklist, run, waited for, signed and kept."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from logwatch.cli import settings
from logwatch.cli.outputs import Output
from logwatch.cli.verify_checklist import lint, schema
from logwatch.cli.verify_display import Display, Silence
from logwatch.cli.verify_people import abort, sign, skip
from logwatch.cli.verify_place import F, Place, Shown, place_of, placed, shown, timed, who
from logwatch.deploys import Deployment
from logwatch.verify import start as starting
from logwatch.verify.ledger import Ledger
from logwatch.verify.load import shipped_checklist
from logwatch.verify.lock import held
from logwatch.verify.opening import open_provider, open_world
from logwatch.verify.provider import Provider
from logwatch.verify.run import Run
from logwatch.verify.runner import Runner, World
from logwatch.windows import parse_instant


@click.group()
def verify() -> None:
    """Work through the checklist after a deployment: what can be done by machine is, people sign the rest.

    Exit codes: 0 pass, 1 fail, 2 usage or configuration, 3 inconclusive, 4 not finished, 130 interrupted.
    """


for _command in (sign, skip, abort, lint, schema):
    verify.add_command(_command)


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


@verify.command(short_help="Begin to verify a deployment.")
@_begun
@click.option("--no-wait", is_flag=True, help="Ask what is due now, and leave the rest to resume.")
@timed
@placed
@shown
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
    **where: Any,
) -> int:
    """Begin to verify a deployment, and go on until all is verified or something fails.

    What is interrupted goes on with `logwatch verify resume`.
    """
    place = place_of(as_of, **where)
    asked = _asked(place, deploy, deployed_at, phases)
    return _begin(place, asked, checklist, Shown(outputs, color, verbose), wait=not no_wait)


@verify.command(short_help="Verify a deployment in one go, as in CI.")
@_begun
@timed
@placed
@shown
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
    **where: Any,
) -> int:
    """Verify a deployment in one go, as in CI: begin, wait, and exit with the verdict.

    Its ledger is forgotten, unless --state says where to keep it.
    """
    with ExitStack() as stack:
        kept = where["state"] is not None
        if not kept:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="logwatch-verify-"))
            where["state"] = Path(folder)
        place = replace(place_of(as_of, **where), kept=kept)
        asked = _asked(place, deploy, deployed_at, phases)
        return _begin(place, asked, checklist, Shown(outputs, color, verbose), wait=True)


@verify.command(short_help="Carry the last run on.")
@click.option("--no-wait", is_flag=True, help="Ask what is due now, and end: for cron.")
@timed
@placed
@shown
def resume(
    *, no_wait: bool, as_of: str | None, outputs: tuple[Output, ...], color: str, verbose: bool, **where: Any
) -> int:
    """Carry the last run on: after an interruption, a reboot, or from cron.

    What has ended is not asked again. What fell due meanwhile is made up for from the logs.
    """
    place = place_of(as_of, **where)
    with held(place.state, settings.now()) if place.state.is_dir() else ExitStack():
        found = place.last_run()
        provider = open_provider(place.config, os.environ)
        world = _world(place.reading_as(found), provider, found.board(place.clock()).deployment)
        return _carry_on(place, found, world, Shown(outputs, color, verbose), wait=not no_wait)


@verify.command()
@timed
@placed
@shown
def status(*, as_of: str | None, outputs: tuple[Output, ...], color: str, verbose: bool, **where: Any) -> int:
    """Show how the last run stands; ask nothing."""
    place = place_of(as_of, **where)
    return Shown(outputs, color, verbose).write(place.last_run().board(place.clock()))


def _asked(place: Place, deploy: str, deployed_at: str | None, phases: tuple[str, ...]) -> starting.Asked:
    live = None
    if deployed_at is not None:
        live = parse_instant("--deployed-at", deployed_at, place.config.zone, place.clock())
    sources = tuple(str(Path(name).absolute()) for name in place.named)
    return starting.Asked(deploy, live, phases, who(), sources)


def _begin(place: Place, asked: starting.Asked, checklist: Path | None, report: Shown, *, wait: bool) -> int:
    file = checklist or place.config.verify.checklist or shipped_checklist()
    with held(place.state, settings.now()), Ledger(place.state) as ledger:
        provider = open_provider(place.config, os.environ)
        found = starting.anchor(asked, provider, place.config.deploys, place.clock())
        world = _world(place, provider, found.deployment)
        begun = starting.begin(ledger, place.state, asked, found, file, place.ruleset, place.clock())
        return _carry_on(place, begun, world, report, wait=wait)


def _world(place: Place, provider: Provider | None, given: Deployment | None) -> World:
    return open_world(place.config, place.ruleset, provider, given, os.environ, place.clock, _sleep)


def _carry_on(place: Place, found: Run, world: World, report: Shown, *, wait: bool) -> int:
    """Carry a run on; a moment that is given does not pass, so that there is nothing to wait for then."""
    waits = wait and place.as_of is None
    display = Display(report.color) if waits else Silence()
    try:
        with closing(display):
            board = Runner(found, world, display.show).carry_on(wait=waits)
    except KeyboardInterrupt:
        if place.kept:
            click.echo("interrupted; carry it on with: logwatch verify resume", err=True)
        raise
    return report.write(board)


def _sleep(span: timedelta) -> None:
    time.sleep(span.total_seconds())
