"""`logwatch serve`: follow the logs for good, and let Prometheus scrape what the rules count."""

from __future__ import annotations

import gc
import logging
import os
import signal
import traceback
from pathlib import Path

import click

from logwatch.cli.settings import configured, read_config, read_rules, ruled, sources_of, stdin_descriptor
from logwatch.evidence.escape import escape
from logwatch.serve.exporter import Exporter
from logwatch.serve.http.serving import run
from logwatch.serve.setup import Setup

_CRASHED = 3
_COLLECT_AFTER = 50_000
"""Objects that are made before unreachable ones are looked for: nearly all of what a line leaves behind goes without
that, and looking takes a tenth of the time."""


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@configured
@ruled
@click.option("--state", type=click.Path(path_type=Path), metavar="DIR",
              help="Where counters and offsets are kept (default: as configured, or ./logwatch-serve).")  # fmt: skip
@click.option("--from-end", is_flag=True, help="Leave out what is there at the very first start.")
@click.option("--web.listen-address", "listen", metavar="HOST:PORT",
              help="The address to serve (default: the configured one, or 127.0.0.1:9437).")  # fmt: skip
@click.option("--web.config.file", "web_config", type=click.Path(path_type=Path), metavar="FILE",
              help="TLS and passwords, as Prometheus's own exporters read them.")  # fmt: skip
@click.option("--web.force-public", "force_public", is_flag=True,
              help="Serve a public address even without passwords.")  # fmt: skip
def serve(
    sources: tuple[str, ...],
    config_file: Path | None,
    rule_files: tuple[Path, ...],
    state: Path | None,
    from_end: bool,
    listen: str | None,
    web_config: Path | None,
    force_public: bool,
) -> int:
    """Follow logs for good; serve metrics, verdicts and a page for people over HTTP.

    SOURCES are files, directories, globs, journal: (or journal:UNIT) or - for standard input; without any, those of
    the configuration. SIGHUP reads configuration and rules again, SIGTERM and SIGINT end it.
    """

    def load() -> Setup:
        config = read_config(config_file)
        names = sources_of(sources, config)
        return Setup(config, read_rules(rule_files, config), names)

    gc.set_threshold(_COLLECT_AFTER)
    logging.basicConfig(format="logwatch: %(message)s")
    faults: list[BaseException] = []

    def failed(error: BaseException) -> None:
        faults.append(error)
        os.kill(os.getpid(), signal.SIGTERM)

    config = load().config.serve
    exporter = Exporter(
        load, state=state, from_end=from_end, stdin=stdin_descriptor(), say=_say, failed=failed
    )
    run(
        exporter,
        listen or config.listen,
        web_config or config.web_config,
        force_public,
        listening=lambda url: _say(f"serving {url}"),
    )
    for fault in faults:
        traceback.print_exception(fault)
        _say("this is a fault in logwatch itself; what was stored is whole")
    return _CRASHED if faults else 0


def _say(text: str) -> None:
    click.echo(f"logwatch: {escape(text)}", err=True)
