"""`logwatch check`: one verdict, with proof, from worker logs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

import click

from logwatch.checking import Check, Checked, Request, until_decided
from logwatch.cli.outputs import Output, OutputType, colored, width, write_outputs
from logwatch.cli.progress import progress
from logwatch.cli.settings import configured, named, now, read_config, read_rules, ruled
from logwatch.config import Config
from logwatch.deploys import read_markers
from logwatch.errors import LogwatchError, UsageError
from logwatch.events import EventTable, write_events, writer_of
from logwatch.records.formats import format_names
from logwatch.reports import FORMATS, RenderOptions, exit_code, render
from logwatch.ruleset.model import Severity
from logwatch.timespec import parse_date, parse_span, parse_zone
from logwatch.verdict.verdict import Assurance, Verdict

if TYPE_CHECKING:
    from logwatch.engine.tally import Tally


_AS_A_PLUGIN = frozenset({"nagios", "-fnagios", "--format=nagios"})


class _Plugin(click.Command):
    """To Nagios, 2 is the state of what was judged: a plugin that could judge nothing says so, and exits with 3."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, [*args])
        except click.UsageError as error:
            if _AS_A_PLUGIN.isdisjoint(args):
                raise
            _end_unknown(ctx, error.format_message())

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LogwatchError as error:
            if not _is_plugin(ctx.params["outputs"]):
                raise
            _end_unknown(ctx, "; ".join(map(str, error.problems)))


def _end_unknown(ctx: click.Context, why: str) -> NoReturn:
    from logwatch.reports.nagios import UNKNOWN, unknown  # noqa: PLC0415 - only this format needs it

    click.echo(unknown(why), nl=False)
    ctx.exit(UNKNOWN)


@click.command(cls=_Plugin)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--since", metavar="TIME", help="30m, 2h, 1d, 17:00 or RFC 3339 (default: 30m; of named files, all)."
)
@click.option("--until", metavar="TIME", help="The window's end (default: as-of).")
@click.option("--as-of", metavar="TIME", help="The moment that is judged from, for old logs (default: now).")
@click.option("--since-deploy", is_flag=False, flag_value="", metavar="[ID]",
              help="Judge the window of a marked deployment (default: the last one).")  # fmt: skip
@click.option("--tz", "zone", metavar="ZONE", help="The zone of times without one (default: UTC).")
@click.option("--date", "day", metavar="DATE", help="The day on which times of day without a date begin.")
@click.option("--input-format", type=click.Choice(format_names()), help="Instead of finding the format out.")
@configured
@ruled
@click.option(
    "--rule", "only", multiple=True, metavar="ID", help="Judge only this rule; it decides. Repeatable."
)
@click.option("--severity", type=click.Choice([s.value for s in Severity]), help="Leave out rules below it.")
@click.option("--assurance", type=click.Choice([a.value for a in Assurance]),
              help="How much a pass must rule out: success below 50, 80 or 95 % (default: quick).")  # fmt: skip
@click.option("--baseline", metavar="NAME", help="Compare with a pinned baseline (see: logwatch baseline).")
@click.option("--strict", is_flag=True, help="Warnings decide as well.")
@click.option("--wait", metavar="SPAN", help="While nothing is decided, read again for up to this long.")
@click.option("-f", "--format", "outputs", multiple=True, type=OutputType(FORMATS), metavar="FMT[=PATH]",
              help="text, json, junit, github, nagios, tap or prometheus; to PATH if given. Repeatable.")  # fmt: skip
@click.option("--events", type=click.Path(path_type=Path), metavar="FILE",
              help="Write every run and match to FILE.csv, .parquet or .json.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1), default=None, metavar="N",
              help="Processes that read long files (default: the cores); the answer is the same.")  # fmt: skip
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True,
              help="Colour on a terminal, always, or never; NO_COLOR is honoured.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Details and evidence of every rule.")
def check(
    sources: tuple[str, ...],
    since: str | None,
    until: str | None,
    as_of: str | None,
    since_deploy: str | None,
    zone: str | None,
    day: str | None,
    input_format: str | None,
    config_file: Path | None,
    rule_files: tuple[Path, ...],
    only: tuple[str, ...],
    severity: str | None,
    assurance: str | None,
    baseline: str | None,
    strict: bool,
    wait: str | None,
    outputs: tuple[Output, ...],
    events: Path | None,
    jobs: int | None,
    color: str,
    verbose: bool,
) -> int:
    """Judge worker logs by the rules, and exit with the verdict.

    SOURCES are files, directories, globs or - for standard input; without any, those of the configuration.

    Exit codes: 0 pass, 1 fail, 2 usage or configuration, 3 inconclusive or a source that cannot be read.
    """
    if events is not None:
        writer_of(events)
    patience = _span(wait)
    config = read_config(config_file)
    if since_deploy and not sources:
        _refuse_a_log(since_deploy, config)
    request = Request(
        names=named(sources),
        since=since,
        until=until,
        as_of=as_of,
        deployment=since_deploy,
        zone=parse_zone(zone) if zone is not None else None,
        day=parse_date(day) if day is not None else None,
        format=input_format,
        only=only,
        severity=Severity(severity) if severity else None,
        assurance=Assurance(assurance) if assurance else None,
        strict=strict,
        jobs=jobs or cores(),
        baseline=_tallies(config, baseline),
    )
    question = Check(request, config, read_rules(rule_files, config), now())
    if patience is not None and not question.repeatable:
        raise UsageError("--wait: standard input cannot be read again; name a file, or drop --wait")
    table: EventTable | None = None

    def ask(moment: datetime) -> Checked:
        nonlocal table
        table = EventTable() if events is not None else None
        with progress() as shown:
            return question.ask(moment, stdin=_stdin(), watch=shown.watch, observer=table)

    checked = until_decided(ask, wait=patience or timedelta(), clock=now, sleep=_sleep)
    if events is not None and table is not None:
        write_events(table, checked.verdict.window, events)
    chosen = outputs or (Output("text", None),)
    options = RenderOptions(color=colored(color), width=width(), verbose=verbose, age=checked.age)
    verdict = checked.verdict
    write_outputs(
        chosen,
        lambda name, shown: render(name, verdict, shown),
        lambda: _summary(verdict),
        options,
        os.environ,
    )
    return exit_code(checked.verdict, nagios=_is_plugin(outputs))


def _is_plugin(outputs: tuple[Output, ...]) -> bool:
    return any(output.format == "nagios" and output.path is None for output in outputs)


def _tallies(config: Config, baseline: str | None) -> Mapping[str, Tally] | None:
    if baseline is None:
        return None
    from logwatch.baselines import load_baseline  # noqa: PLC0415 - few compare with one

    return load_baseline(config.baselines, baseline).tallies


def _summary(verdict: Verdict) -> str:
    from logwatch.reports.github_summary import github_summary  # noqa: PLC0415 - only GitHub shows it

    return github_summary(verdict)


def _refuse_a_log(deployment: str, config: Config) -> None:
    """Raise `UsageError` where `--since-deploy`, whose value may be left out, has swallowed the name of a log."""
    marked = any(deployment in marker.names for marker in read_markers(config.deploys))
    if not marked and Path(deployment).is_file():
        raise UsageError(
            f"--since-deploy takes '{deployment}' for a deployment; "
            f"name logs before it: logwatch check {deployment} --since-deploy"
        )


def _span(text: str | None) -> timedelta | None:
    if text is None:
        return None
    try:
        return parse_span(text)
    except ValueError as error:
        raise UsageError(f"--wait: {error}") from None


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _sleep(span: timedelta) -> None:
    time.sleep(span.total_seconds())


def _stdin() -> BinaryIO | None:
    return sys.stdin.buffer if sys.stdin is not None else None
