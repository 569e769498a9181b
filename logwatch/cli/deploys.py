"""`logwatch deploys`: when which deployment went live."""

from __future__ import annotations

import json
from pathlib import Path

import click

from logwatch.cli.settings import configured, now, read_config
from logwatch.deploys import Deployment, add_marker, read_markers
from logwatch.errors import UsageError
from logwatch.evidence.escape import escape
from logwatch.timespec import iso_millis, parse_zone
from logwatch.windows import parse_instant


@click.group()
def deploys() -> None:
    """Mark deployments, for `check --since-deploy`, and list the marks."""


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
    "--at", "time", metavar="TIME", help="When it went live: RFC 3339, HH:MM or 5m ago (default: now)."
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
    click.echo(f"{deployment} live from {iso_millis(moment)}, marked in {place}", err=True)


@deploys.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@configured
@_FILE
def list_deploys(as_json: bool, config_file: Path | None, file: Path | None) -> None:
    """List the marks, the oldest first."""
    markers = read_markers(file or read_config(config_file).deploys)
    if as_json:
        told = [{"id": m.id, "time": iso_millis(m.time), "commit": m.commit, "note": m.note} for m in markers]
        click.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    if not markers:
        click.echo("no deployment is marked; mark one with: logwatch deploys add ID", err=True)
        return
    width = max(len(marker.label) for marker in markers)
    for marker in markers:
        click.echo(escape(f"{iso_millis(marker.time)}  {marker.label:<{width}}  {marker.note}".rstrip()))
