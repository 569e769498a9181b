"""`logwatch deploys`: when which deployment went live."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from logwatch.cli.settings import configured, now, read_config
from logwatch.config import Config
from logwatch.deploys import Deployment, add_marker, add_markers, read_markers, unmarked
from logwatch.errors import ConfigError, UsageError
from logwatch.evidence.escape import escape
from logwatch.git import commits
from logwatch.reports.safe_json import dump
from logwatch.timespec import iso_millis, parse_zone
from logwatch.windows import parse_instant


@click.group()
def deploys() -> None:
    """Mark deployments, for `check --since-deploy` and `verify`, and list the marks."""


_FILE = click.option(
    "--deploys",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file of markers, instead of the configured one (default: logwatch-deploys.jsonl).",
)


@deploys.command()
@click.argument("deployment", metavar="ID")
@click.option(
    "--at",
    "time",
    metavar="TIME",
    help="When it went live: 5m for five minutes ago, 17:00 or RFC 3339 (default: now).",
)
@click.option("--tz", "zone", metavar="ZONE", help="The zone of times without one.")
@click.option("--commit", default="", metavar="SHA", help="The commit it was built from, if ID is not that.")
@click.option("--note", default="", help="What it is.")
@configured
@_FILE
def add(
    deployment: str,
    time: str | None,
    zone: str | None,
    commit: str,
    note: str,
    config_file: Path | None,
    file: Path | None,
) -> None:
    """Mark that deployment ID (or a commit) went live."""
    if not deployment.strip():
        raise UsageError("the deployment has no id; name the deployment or its commit")
    config = read_config(config_file)
    moment = now()
    if time is not None:
        moment = parse_instant("--at", time, parse_zone(zone) if zone else config.zone, moment)
    place = file or config.deploys
    add_marker(place, Deployment(deployment, moment, commit, note))
    click.echo(escape(f"{deployment} live from {iso_millis(moment)}, marked in {place}"), err=True)


@deploys.command("import")
@click.option(
    "--git",
    "repository",
    is_flag=False,
    flag_value=".",
    type=click.Path(path_type=Path),
    metavar="[DIR]",
    help="From the log of a git repository (default: here): each commit of a branch.",
)
@click.option("--branch", default="HEAD", show_default=True, help="With --git: the branch that is deployed.")
@click.option(
    "--provider", "from_provider", is_flag=True, help="From the hosting provider that is configured."
)
@click.option("--since", default="30d", show_default=True, metavar="TIME", help="Those made since then.")
@click.option("--tz", "zone", metavar="ZONE", help="The zone of times without one.")
@click.option("--dry-run", is_flag=True, help="Show what would be marked, and mark nothing.")
@configured
@_FILE
def import_deploys(
    repository: Path | None,
    branch: str,
    from_provider: bool,
    since: str,
    zone: str | None,
    dry_run: bool,
    config_file: Path | None,
    file: Path | None,
) -> None:
    """Mark deployments that git or the hosting provider know of.

    What is marked already stays. A commit counts as live from when it was committed: right where every push goes
    live at once. The provider knows better.
    """
    if (repository is None) is not from_provider:
        raise UsageError("nothing says where to import from; give one of --git [DIR] and --provider")
    config = read_config(config_file)
    begin = parse_instant("--since", since, parse_zone(zone) if zone else config.zone, now())
    found = commits(repository, branch, begin) if repository else _hosted(config, begin)
    place = file or config.deploys
    new = unmarked(place, found)
    if not dry_run:
        add_markers(place, new)
    _show(new)
    marked = "to be marked" if dry_run else "marked"
    click.echo(f"{len(new)} {marked} in {place}, {len(found) - len(new)} marked already", err=True)


@deploys.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@configured
@_FILE
def list_deploys(as_json: bool, config_file: Path | None, file: Path | None) -> None:
    """List the marks, the oldest first."""
    markers = read_markers(file or read_config(config_file).deploys)
    if as_json:
        told = [{"id": m.id, "time": iso_millis(m.time), "commit": m.commit, "note": m.note} for m in markers]
        click.echo(dump(told, indent=1))
        return
    if not markers:
        click.echo("no deployment is marked; mark one with: logwatch deploys add ID", err=True)
        return
    _show(markers)


def _show(markers: Sequence[Deployment]) -> None:
    width = max((len(marker.label) for marker in markers), default=0)
    for marker in markers:
        click.echo(escape(f"{iso_millis(marker.time)}  {marker.label:<{width}}  {marker.note}".rstrip()))


def _hosted(config: Config, since: datetime) -> tuple[Deployment, ...]:
    from logwatch.verify.opening import open_provider  # noqa: PLC0415 - no other command on marks needs it

    provider = open_provider(config, os.environ)
    if provider is None:
        raise ConfigError(
            "no hosting provider is configured; write verify: {provider: vercel, project: NAME} in logwatch.yml"
        )
    return provider.live_since(since)
