"""`logwatch tail`: what the rules find in logs, as it happens."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from logwatch.cli.outputs import colored, width
from logwatch.cli.settings import (
    configured,
    now,
    read_config,
    read_rules,
    ruled,
    sources_of,
    stdin_descriptor,
)
from logwatch.config import JOURNAL
from logwatch.errors import UsageError
from logwatch.following import AT_REST
from logwatch.following.pipe import PipeFollower
from logwatch.following.waking import Waker
from logwatch.happenings import Happening, as_json_line, as_line
from logwatch.live.opening import open_followings
from logwatch.live.options import Reading
from logwatch.records.formats import format_names
from logwatch.reports import RenderOptions, exit_code, render
from logwatch.tailing import Standing, Tail
from logwatch.timespec import parse_date, parse_zone
from logwatch.verdict.verdict import Assurance

_LATENESS = timedelta(seconds=1)
"""People want to see at once what happens; so much may lines of several sources be out of order here."""
_QUIET = 0.5
_PAUSE = 1.0
_SIGNALLED = 128
"""A command that a signal ended says so by this, and the number of the signal."""


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is written from now on, until Ctrl-C.")
@click.option("-o", "--output", type=click.Choice(["text", "ndjson"]), default="text", show_default=True,
              help="One line an event, for people or as JSON.")  # fmt: skip
@click.option("--tz", "zone", metavar="ZONE", help="The zone of times without one (default: UTC).")
@click.option("--date", "day", metavar="DATE", help="The day on which times of day without a date begin.")
@click.option("--input-format", type=click.Choice(format_names()), help="Instead of finding the format out.")
@configured
@ruled
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True,
              help="Colour on a terminal, always, or never; NO_COLOR is honoured.")  # fmt: skip
def tail(
    sources: tuple[str, ...],
    follow: bool,
    output: str,
    zone: str | None,
    day: str | None,
    input_format: str | None,
    config_file: Path | None,
    rule_files: tuple[Path, ...],
    color: str,
) -> int:
    """Show what the rules find in logs, one line an event, and judge it at the end.

    SOURCES are files, directories, globs, journal: (or journal:UNIT) or - for standard input; without any, those of
    the configuration. With -f, what is there is left out and the end is Ctrl-C, which prints the verdict of what was
    seen; without, everything is read.

    Exit codes: 0 pass, 1 fail, 2 usage or configuration, 3 inconclusive; 130 after Ctrl-C, 143 after SIGTERM.
    """
    config = read_config(config_file)
    names = sources_of(sources, config)
    reading = Reading(
        zone=parse_zone(zone) if zone is not None else config.zone,
        lateness=min(config.lateness, _LATENESS),
        day=parse_date(day) if day is not None else None,
        format=input_format,
        quiet=_QUIET,
        deployment_attribute=config.deployment_attribute,
        shown=_shown,
    )
    if not follow and any(name.startswith(JOURNAL) for name in names):
        raise UsageError(
            "journal: has no end; follow it with -f, or read: journalctl -o json | logwatch tail -"
        )
    ruleset = read_rules(rule_files, config)
    limits = None if follow else AT_REST
    followings = open_followings(names, from_end=follow, stdin=stdin_descriptor(), limits=limits)
    status = _Status(shown=output == "text" and sys.stdout.isatty())
    painted = colored(color)

    def tell(happening: Happening) -> None:
        status.clear()
        click.echo(
            as_line(happening, color=painted) if output == "text" else as_json_line(happening), color=painted
        )

    session = Tail(followings, ruleset, reading, tell)
    piped = [part for part in followings.parts if isinstance(part, PipeFollower)]
    waker = Waker(followings.directories)
    try:
        with _ended_by_signals(waker) as ended:
            while not ended:
                behind = session.turn(time.monotonic(), now())
                status.show(session.standing(), time.monotonic())
                if behind:
                    continue
                if all(part.ended for part in piped) and not (follow and len(piped) < len(followings.parts)):
                    break
                waker.wait(_PAUSE)
    finally:
        status.clear()
        waker.close()
        followings.close()
    verdict = session.finish(time.monotonic(), now(), Assurance(config.assurance))
    if output == "text":
        options = RenderOptions(color=painted, width=width())
        click.echo(render("text", verdict, options), nl=False, color=painted)
    return _SIGNALLED + ended[0] if ended else exit_code(verdict)


@contextmanager
def _ended_by_signals(waker: Waker) -> Iterator[list[int]]:
    """Yield where the first SIGINT or SIGTERM is noted, which also ends a wait; the next one ends the process."""
    ended: list[int] = []

    def end(number: int, _frame: object) -> None:
        ended.append(number)
        restore()
        waker.stop()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ended
    finally:
        restore()


def _shown(path: str) -> str:
    """Return a path as people here would write it."""
    here = f"{Path.cwd()}/"
    return path.removeprefix(here)


class _Status:
    """A line at the bottom of the terminal: what is in flight, and how fast lines come."""

    def __init__(self, *, shown: bool) -> None:
        self._wanted = shown
        self._shown = False
        self._before: tuple[float, int] | None = None
        self._rate = 0.0

    def show(self, standing: Standing, now: float) -> None:
        """Show how things stand, about once a second."""
        if not self._wanted:
            return
        if self._before is None:
            self._before = now, standing.lines
        elapsed = now - self._before[0]
        if elapsed < 1 and self._shown:
            return
        if elapsed >= 1:
            self._rate = (standing.lines - self._before[1]) / elapsed
            self._before = now, standing.lines
        self.clear()
        text = f"{standing.in_flight:,} in flight   {standing.lines:,} lines   {self._rate:,.0f} lines/s"
        click.echo(text[: shutil.get_terminal_size().columns - 1], nl=False)
        self._shown = True

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, color=True)
            self._shown = False
