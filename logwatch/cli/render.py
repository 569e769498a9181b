"""`logwatch render`: files for Prometheus, Grafana and systemd, made from the configuration and the rules."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import click

from logwatch.cli.outputs import write_file
from logwatch.cli.settings import F, configured, read_config, read_rules, ruled
from logwatch.errors import UsageError
from logwatch.render import prometheus
from logwatch.render import scrape_config as scrape
from logwatch.render import systemd_unit as unit
from logwatch.render.alert import DEFAULT_JOB, Watch
from logwatch.render.dashboard import grafana
from logwatch.timespec import parse_span

_OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to this file instead of standard output.",
)
_JOB = click.option(
    "--job",
    default=DEFAULT_JOB,
    show_default=True,
    help="The name under which Prometheus scrapes the exporter.",
)
_LISTEN = click.option(
    "--web.listen-address",
    "listen",
    metavar="HOST:PORT",
    help="Where the exporter is served, if not where its configuration says.",
)
_SILENT_AFTER = click.option(
    "--silent-after",
    metavar="SPAN",
    default="15m",
    show_default=True,
    help="How long all the logs of an exporter may be silent.",
)


def _watched(command: F) -> F:
    """Give a command what alerts are made from."""
    return configured(ruled(_JOB(_SILENT_AFTER(_OUTPUT(command)))))


@click.group()
def render() -> None:
    """Print alerts, a dashboard, a scrape or a service for `logwatch serve`, made from the same rules."""


@render.command("prometheus-alerts", short_help="Alerts of the rules and of the exporter.")
@_watched
def prometheus_alerts(
    config_file: Path | None, rule_files: tuple[Path, ...], job: str, silent_after: str, output: Path | None
) -> None:
    """Print a rule file of Prometheus: alerts of the rules, and of the exporter itself."""
    ruleset = read_rules(rule_files, read_config(config_file))
    _put(prometheus.prometheus_alerts(ruleset, _watch(job, silent_after)), output)


@render.command("prometheus-tests", short_help="Unit tests of those alerts, for promtool.")
@_watched
@click.option(
    "--rule-file",
    metavar="FILE",
    default=prometheus.RULE_FILE,
    show_default=True,
    help="Where the alerts are, as seen from the file of tests.",
)
def prometheus_tests(
    config_file: Path | None,
    rule_files: tuple[Path, ...],
    job: str,
    silent_after: str,
    output: Path | None,
    rule_file: str,
) -> None:
    """Print unit tests of those alerts, for `promtool test rules`: on what each fires, and on what it does not."""
    ruleset = read_rules(rule_files, read_config(config_file))
    _put(prometheus.prometheus_tests(ruleset, _watch(job, silent_after), rule_file), output)


@render.command("grafana-dashboard", short_help="A dashboard of Grafana.")
@configured
@ruled
@_JOB
@_OUTPUT
def grafana_dashboard(
    config_file: Path | None, rule_files: tuple[Path, ...], job: str, output: Path | None
) -> None:
    """Print a dashboard of Grafana: a row for each kind of rule, for the logs, and for the exporter."""
    ruleset = read_rules(rule_files, read_config(config_file))
    _put(grafana.grafana_dashboard(ruleset, job), output)


@render.command("scrape-config", short_help="What prometheus.yml needs.")
@configured
@_LISTEN
@_JOB
@_OUTPUT
def scrape_config(config_file: Path | None, listen: str | None, job: str, output: Path | None) -> None:
    """Print the part of prometheus.yml that scrapes the exporter and loads its alerts."""
    _put(scrape.scrape_config(listen or read_config(config_file).serve.listen, job), output)


@render.command("systemd-unit", short_help="A service of systemd.")
@click.option(
    "--config",
    "config_file",
    default="/etc/logwatch/logwatch.yml",
    show_default=True,
    metavar="FILE",
    help="Where the configuration is, on the machine that serves.",
)
@_LISTEN
@click.option(
    "--executable",
    default="/usr/local/bin/logwatch",
    show_default=True,
    metavar="FILE",
    help="Where logwatch is, on the machine that serves.",
)
@_OUTPUT
def systemd_unit(config_file: str, listen: str | None, executable: str, output: Path | None) -> None:
    """Print a service of systemd that runs the exporter with no more rights than it needs."""
    paths = PurePosixPath(executable), PurePosixPath(config_file)
    for path in paths:
        if not path.is_absolute():
            raise UsageError(
                f"'{path}' is not absolute; systemd has no working directory: write it from the root"
            )
    _put(unit.systemd_unit(*paths, listen), output)


def _watch(job: str, silent_after: str) -> Watch:
    try:
        return Watch(job, parse_span(silent_after))
    except ValueError as error:
        raise UsageError(f"--silent-after: {error}") from None


def _put(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text)
