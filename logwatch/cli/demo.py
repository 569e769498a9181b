"""`logwatch demo`: the incident re-enacted by the pipeline that logwatch ships, and each deployment judged."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logwatch.cli.pipeline_place import told
from logwatch.deploys import Deployment, add_marker
from logwatch.errors import UsageError

if TYPE_CHECKING:
    from logwatch.pipeline.demo import Deployed, Stage
    from logwatch.verdict.verdict import Verdict

RATE = 40.0
"""Event seconds in a second. Fast enough for a minute, and slow enough that a busy machine's delays stay small."""

_LOG = "worker.log"
_DATABASE = "pipeline.db"
_MARKERS = "logwatch-deploys.jsonl"
_MADE = (
    _LOG,
    _DATABASE,
    f"{_DATABASE}-wal",
    f"{_DATABASE}-shm",
    _MARKERS,
    "logwatch.yml",
    "orders",
    "images",
)
_CONFIG = f"version: 1\nsources: [{_LOG}]\ndeploys: {_MARKERS}\n"


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="logwatch-demo",
    show_default=True,
    help="Where log, database, orders and images go.",
)
@told
def demo(folder: Path) -> None:
    """Re-enact the incident in under a minute, and judge each of its deployments.

    A real worker runs real orders through three deployments, on a fast clock; `logwatch check` then judges
    its log: fail, fail, pass.
    """
    # Imported here: dbos, SQLAlchemy and pandas take a second, and `--help` must not wait for them.
    from logwatch.pipeline.demo import DEPLOYMENTS, FastClock, reenact  # noqa: PLC0415

    _make_room(folder)
    click.echo(
        f"The incident of 11 October 2025, {RATE:.0f} times as fast. A real worker logs to {folder / _LOG}."
    )
    free_from: datetime | None = None
    verdicts: list[str] = []
    for deployed in DEPLOYMENTS:
        # A slow machine may still be busy with the deployment before: the log's time never goes back.
        at = deployed.at if free_from is None else max(deployed.at, free_from)
        click.echo(f"\n{at:%H:%M}  deploy {deployed.commit}  {deployed.title}")
        add_marker(folder / _MARKERS, Deployment(deployed.commit, at, note=deployed.title))
        clock = FastClock(at, RATE)
        reenact(folder, deployed, clock, _progress())
        free_from = clock.now()
        verdict = _judge(folder, deployed)
        verdicts.append(verdict.status.value)
        _show(verdict, free_from)
    click.echo(f"\n{_next_steps(folder)}")
    expected = ["pass" if deployed.fault is None else "fail" for deployed in DEPLOYMENTS]
    if verdicts != expected:
        click.echo(
            f"logwatch: the verdicts should be {', '.join(expected)}, and are {', '.join(verdicts)}; "
            "run the demo again on a less busy machine",
            err=True,
        )
        sys.exit(1)


def _make_room(folder: Path) -> None:
    """Make the folder; an earlier demo's files in it go. Raises `UsageError` for a folder of something else."""
    folder.mkdir(parents=True, exist_ok=True)
    there = {path.name for path in folder.iterdir()}
    if there and not {_LOG, _DATABASE, _MARKERS} <= there:
        raise UsageError(
            f"{folder} is no folder of an earlier demo, and not empty; give another one with --folder"
        )
    for name in there.intersection(_MADE):
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    (folder / "logwatch.yml").write_text(_CONFIG, encoding="utf-8")


def _progress() -> Callable[[Stage], None]:
    """Return what shows how far a deployment is: one line that changes on a terminal, else one at the end."""
    from logwatch.pipeline.demo import ORDERS  # noqa: PLC0415

    shown: list[Stage] = []

    def show(stage: Stage) -> None:
        if shown and shown[-1] == stage:
            return
        shown.append(stage)
        done = min(stage.completed, stage.ended) == ORDERS
        if not (sys.stdout.isatty() or done):
            return
        line = (
            f"       {stage.submitted}/{ORDERS} orders uploaded, {stage.completed} workflows completed, "
            f"{stage.ended} background jobs ended"
        )
        click.echo(f"\r{line}" if sys.stdout.isatty() else line, nl=done)

    return show


def _judge(folder: Path, deployed: Deployed) -> Verdict:
    from logwatch.checking import Check, Request  # noqa: PLC0415
    from logwatch.config import Config  # noqa: PLC0415
    from logwatch.ruleset.load import load_rules  # noqa: PLC0415
    from logwatch.ruleset.shipped import shipped_rules_dir  # noqa: PLC0415

    request = Request(names=(str(folder / _LOG),), deployment=deployed.commit)
    now = datetime.now(UTC)
    rules = load_rules((shipped_rules_dir(),))
    return Check(request, Config(deploys=folder / _MARKERS), rules, now).ask(now).verdict


def _show(verdict: Verdict, moment: datetime) -> None:
    click.echo(f"{moment:%H:%M}  logwatch check: {verdict.status.value.upper()}")
    proof = verdict.reasons or tuple(f"{rule.id}: {rule.summary}" for rule in verdict.rules if rule.decides)
    for line in proof:
        click.echo(f"       {line}")


def _next_steps(folder: Path) -> str:
    steps = (
        (f"cd {folder}", "the log, the deploy markers, the orders, the database"),
        (f"logwatch check {_LOG} --since-deploy e682860", "the whole report, with evidence"),
        (f"logwatch check {_LOG} --since-deploy d52dee0 -v", "the proof that the last fix works"),
        (f"logwatch pipeline dead list --db sqlite:///{_DATABASE}", "the jobs that e682860 lost"),
        ("logwatch rules show unknown-workflow-stage", "a rule, and why it is there"),
        ("logwatch pipeline --help", "the pipeline itself: submit an order, run a worker"),
    )
    width = max(len(command) for command, _ in steps)
    return "\n".join(["What to try next:", *(f"  {command:<{width}}  # {what}" for command, what in steps)])
