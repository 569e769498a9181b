"""`logwatch pipeline …`: submit orders, run workers, serve the API, look after the queues."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import asdict
from pathlib import Path

import click

from .pipeline_place import Place, open_place, placed, show_as

FAULTS = (
    "missing-stage",
    "stale-drafts",
    "swallowed-failure",
    "slow-images",
    "crash-mid-job",
    "duplicate-delivery",
)
STATES = ("queued", "done", "skipped", "dead", "dropped")


@click.group()
def pipeline() -> None:
    """The job pipeline that logwatch ships: purchase orders in, product drafts and images out.

    \b
    What the environment says, if anything:
      LOGWATCH_DB            the database: sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE
      LOGWATCH_IMAGES        where images are kept: a folder, or a URL that fsspec knows
      LOGWATCH_CATALOGUE     a folder of product images with an index.json, instead of the shipped one
      LOGWATCH_IMAGE_SEARCH  an HTTP search for images, instead of a catalogue
      LOGWATCH_PARSER_URL    an OpenAI-compatible endpoint that reads orders (…_KEY, …_MODEL), instead of the
                             parser for tables
    """


@pipeline.command(short_help="Queue a purchase order.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--merchant", default="merchant_1", show_default=True, help="Whose order it is.")
@placed
def submit(place: Place, *, file: Path, merchant: str) -> None:
    """Queue a purchase order (.csv, .json, .xlsx) and print its id."""
    with open_place(place, sys.stderr) as (door, _):
        from logwatch.pipeline import orders  # noqa: PLC0415

        click.echo(orders.submit(door, merchant, file.name, file.read_bytes()))


@pipeline.command(short_help="Run jobs until SIGTERM or Ctrl-C.")
@click.option("--concurrency", type=click.IntRange(1, 64), help="Jobs of each stage at once.")
@click.option(
    "--poll",
    type=click.FloatRange(0.01, 60),
    default=0.25,
    show_default=True,
    help="Seconds between two looks for jobs.",
)
@click.option(
    "--lease",
    type=click.FloatRange(1, 3600),
    default=15.0,
    show_default=True,
    help="Seconds until a worker that died is noticed.",
)
@click.option(
    "--drain",
    type=click.IntRange(1, 3600),
    default=30,
    show_default=True,
    help="Seconds that running jobs get at the end.",
)
@click.option("--metrics", metavar="HOST:PORT", help="Serve /metrics there.")
@click.option(
    "--fault", type=click.Choice(FAULTS), help="Put one of the incident's faults in (demo and tests only)."
)
@placed
def worker(
    place: Place,
    *,
    concurrency: int | None,
    poll: float,
    lease: float,
    drain: int,
    metrics: str | None,
    fault: str | None,
) -> None:
    """Run jobs until SIGTERM or Ctrl-C, then finish those that run; exit code 3 if the lease was lost."""
    from logwatch.pipeline.engine.worker import WorkerSettings  # noqa: PLC0415
    from logwatch.pipeline.house import build_worker  # noqa: PLC0415
    from logwatch.pipeline.http.access import read_listen  # noqa: PLC0415
    from logwatch.pipeline.http.server import MetricsServer, address_of, listen  # noqa: PLC0415

    chosen = None
    if fault is not None:
        from logwatch.pipeline.faults import Fault  # noqa: PLC0415 - never in a normal run

        chosen = Fault(fault)
    with (
        open_place(place, sys.stdout, concurrency) as (door, settings),
        contextlib.ExitStack() as stack,
    ):
        running = build_worker(door, settings, WorkerSettings(poll, lease, drain), fault=chosen)
        if metrics is not None:
            listening = listen(*read_listen(metrics))
            stack.enter_context(MetricsServer(door.metrics.registry, listening))
            click.echo(f"metrics: http://{address_of(listening)}/metrics", err=True)
        if place.log_file is not None:
            click.echo(f"log lines: {place.log_file}", err=True)
        running.run_until_stopped()
    if running.lease_lost:
        sys.exit(3)


@pipeline.command(short_help="Serve purchase orders and metrics over HTTP.")
@click.option("--listen", "at", default="127.0.0.1:8080", show_default=True, metavar="HOST:PORT",
              help="Where to listen.")  # fmt: skip
@click.option(
    "--tokens", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Lines of MERCHANT TOKEN."
)
@placed
def serve(place: Place, *, at: str, tokens: Path | None) -> None:
    """Serve POST /purchase-orders, GET /purchase-orders/{id} and /metrics."""
    from logwatch.pipeline.http.access import Access, check_bind, read_listen  # noqa: PLC0415
    from logwatch.pipeline.http.app import build_app  # noqa: PLC0415
    from logwatch.pipeline.http.server import address_of, listen, serve_app  # noqa: PLC0415

    access = Access(None) if tokens is None else Access.from_file(tokens)
    host, port = read_listen(at)
    check_bind(host, access)
    listening = listen(host, port)
    with listening, open_place(place, sys.stdout) as (door, _):
        said = f"purchase orders: http://{address_of(listening)}/purchase-orders"
        serve_app(build_app(door, access), listening, lambda: click.echo(said, err=True))


@pipeline.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@placed
def status(place: Place, *, as_json: bool) -> None:
    """Show queues, workers and orders."""
    with open_place(place, sys.stderr) as (door, _):
        from logwatch.pipeline.overview import read_overview  # noqa: PLC0415
        from logwatch.pipeline.render import show_overview  # noqa: PLC0415

        overview = read_overview(door.engine)
        show_as(show_overview(overview), asdict(overview), as_json)


@pipeline.command()
@click.option("--state", type=click.Choice(STATES), help="Only jobs in this state.")
@click.option("--queue", help="Only jobs of this queue.")
@click.option("--order", metavar="ORDER", help="Only jobs of this order.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at the most."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@placed
def jobs(
    place: Place, *, state: str | None, queue: str | None, order: str | None, limit: int, as_json: bool
) -> None:
    """List jobs, newest first."""
    with open_place(place, sys.stderr) as (door, _):
        from logwatch.pipeline.overview import list_jobs  # noqa: PLC0415
        from logwatch.pipeline.render import show_jobs  # noqa: PLC0415

        found = list_jobs(door.engine, state=state, queue=queue, order_id=order, limit=limit)
        show_as(show_jobs(found), [asdict(job) for job in found], as_json)


@pipeline.command()
@click.argument("order")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@placed
def show(place: Place, *, order: str, as_json: bool) -> None:
    """Show an order with its drafts, images and review session."""
    with open_place(place, sys.stderr) as (door, _):
        from logwatch.pipeline import orders  # noqa: PLC0415
        from logwatch.pipeline.render import show_order  # noqa: PLC0415

        view = orders.look_at(door.engine, order, None)
        show_as(show_order(view), asdict(view), as_json)


@pipeline.command("upload-image")
@click.argument("order")
@click.argument("draft")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@placed
def upload_image(place: Place, *, order: str, draft: str, file: Path) -> None:
    """Attach an image to a draft by hand, and print its id."""
    with open_place(place, sys.stderr) as (door, settings):
        from logwatch.pipeline import orders  # noqa: PLC0415

        click.echo(orders.upload_image(door, settings.open_store(), order, draft, file.read_bytes()))


@pipeline.group()
def dead() -> None:
    """Look after dead letters: jobs that were given up."""


@dead.command("list")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at the most."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@placed
def dead_list(place: Place, *, limit: int, as_json: bool) -> None:
    """List dead letters, newest first."""
    with open_place(place, sys.stderr) as (door, _):
        from logwatch.pipeline.engine.deadletters import list_dead  # noqa: PLC0415
        from logwatch.pipeline.render import show_dead  # noqa: PLC0415

        letters = list_dead(door.engine, limit)
        show_as(show_dead(letters), [asdict(letter) for letter in letters], as_json)


@dead.command("show")
@click.argument("letter")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@placed
def dead_show(place: Place, *, letter: str, as_json: bool) -> None:
    """Show a dead letter with its envelope."""
    with open_place(place, sys.stderr) as (door, _):
        from logwatch.pipeline.engine.deadletters import get_dead  # noqa: PLC0415
        from logwatch.pipeline.render import show_letter  # noqa: PLC0415

        found = get_dead(door.engine, letter)
        show_as(show_letter(found), asdict(found), as_json)


@dead.command("requeue")
@click.argument("letter")
@placed
def dead_requeue(place: Place, *, letter: str) -> None:
    """Give a dead job a new life, and print its delivery."""
    with open_place(place, sys.stderr) as (door, _):
        from logwatch.pipeline.engine.deadletters import requeue  # noqa: PLC0415

        click.echo(requeue(door, letter))


@dead.command("drop")
@click.argument("letter")
@placed
def dead_drop(place: Place, *, letter: str) -> None:
    """Take a dead letter out for good."""
    with open_place(place, sys.stderr) as (door, _):
        from logwatch.pipeline.engine.deadletters import drop  # noqa: PLC0415

        drop(door, letter)
