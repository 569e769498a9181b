"""`logwatch baseline`: pin what was normal, to compare with it later."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from msgspec.structs import asdict

from logwatch.baselines import Baseline, list_baselines, load_baseline
from logwatch.baselines import pin as pin_baseline
from logwatch.checking import Check, Request
from logwatch.cli.progress import progress
from logwatch.cli.settings import configured, named, now, read_config, read_rules, ruled
from logwatch.engine.tally import MatchTally, RatioTally, RunTally, Tally
from logwatch.errors import SourceError
from logwatch.timespec import format_span, iso_millis, parse_zone
from logwatch.verdict.wording import counted
from logwatch.windows import Options


@click.group()
def baseline() -> None:
    """Pin a window of good times, for `check --baseline`; list and show what is pinned."""


@baseline.command(short_help="Pin the counts of a window of good times.")
@click.argument("name")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--from", "since", metavar="TIME", required=True, help="The window's start.")
@click.option("--to", "until", metavar="TIME", required=True, help="The window's end.")
@click.option("--tz", "zone", metavar="ZONE", help="The zone of times without one (default: UTC).")
@click.option("--replace", is_flag=True, help="Replace a baseline of that name.")
@configured
@ruled
def pin(
    name: str,
    sources: tuple[str, ...],
    since: str,
    until: str,
    zone: str | None,
    replace: bool,
    config_file: Path | None,
    rule_files: tuple[Path, ...],
) -> None:
    """Count by the rules over a window of good times, and keep the counts as NAME.

    Take the same hours, before the incident: the time just before a deployment may hold its bug. What cannot be
    read whole is not pinned.
    """
    config = read_config(config_file)
    moment = now()
    request = Request(
        names=named(sources),
        since=since,
        until=until,
        zone=parse_zone(zone) if zone else None,
        options=Options("--from", "--to", None),
    )
    with progress() as shown:
        stdin = sys.stdin.buffer if sys.stdin is not None else None
        question = Check(request, config, read_rules(rule_files, config), moment)
        checked = question.ask(moment, stdin=stdin, watch=shown.watch)
    coverage, window = checked.verdict.coverage, checked.verdict.window
    if coverage.damaged or coverage.earliest is None or not coverage.lines:
        told = [f"{source.name}: {error}" for source in coverage.damaged for error in source.errors]
        raise SourceError(*(told or ["no record lies in the window"]), "nothing was pinned")
    place = pin_baseline(config.baselines, name, window, checked.tallies, moment, replace=replace)
    said = f"{iso_millis(window.since)} to {iso_millis(window.until)}, {counted(coverage.lines, 'line')}"
    click.echo(f"{name}: {said}, pinned in {place}", err=True)


@baseline.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@configured
def list_pinned(as_json: bool, config_file: Path | None) -> None:
    """List what is pinned, the oldest window first."""
    found = list_baselines(read_config(config_file).baselines)
    if as_json:
        click.echo(json.dumps([_about(one) for one in found], indent=1, ensure_ascii=False))
        return
    if not found:
        click.echo(
            "no baseline is pinned; pin one with: logwatch baseline pin NAME --from TIME --to TIME", err=True
        )
    width = max((len(one.name) for one in found), default=0)
    for one in found:
        span = format_span(one.until - one.since)
        click.echo(f"{one.name:<{width}}  {iso_millis(one.since)} to {iso_millis(one.until)}  {span}")


@baseline.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@configured
def show(name: str, as_json: bool, config_file: Path | None) -> None:
    """Show the counts that are pinned as NAME."""
    found = load_baseline(read_config(config_file).baselines, name)
    if as_json:
        figures = {rule_id: _figures(tally) for rule_id, tally in found.tallies.items()}
        click.echo(json.dumps({**_about(found), "rules": figures}, indent=1, ensure_ascii=False))
        return
    click.echo(f"{found.name}  {iso_millis(found.since)} to {iso_millis(found.until)}")
    width = max(map(len, found.tallies), default=0)
    for rule_id, tally in found.tallies.items():
        click.echo(f"{rule_id:<{width}}  {_said(tally)}")


def _about(found: Baseline) -> dict[str, str]:
    return {
        "name": found.name,
        "since": iso_millis(found.since),
        "until": iso_millis(found.until),
        "pinned": iso_millis(found.pinned),
    }


def _said(tally: Tally) -> str:
    """Return the counts for people: `5 started, 4 completed`, `40 of 50`, `3 matches`."""
    figures = _figures(tally)
    if isinstance(tally, RatioTally):
        return f"{figures['numerator']:,} of {figures['denominator']:,}"
    said = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in figures.items() if number)
    return said or "nothing"


def _figures(tally: Tally) -> dict[str, int | float]:
    match tally:
        case RunTally():
            return asdict(tally.counts)
        case RatioTally():
            return {"numerator": _number(tally.numerator), "denominator": _number(tally.denominator)}
        case MatchTally():
            return {"matches": tally.matches}
    raise TypeError(f"no figures of {type(tally).__name__}")


def _number(value: float) -> int | float:
    """Return a sum without the .0 of one that counts."""
    return int(value) if float(value).is_integer() else value
