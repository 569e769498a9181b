"""`logwatch verify sign`, `skip` and `abort`: what people do to a run."""

from __future__ import annotations

from typing import Any

import click

from logwatch.cli import settings
from logwatch.cli.verify_place import Place, place_of, placed, who
from logwatch.evidence.escape import escape
from logwatch.verify import acts
from logwatch.verify.events import Aborted, Signed, Skipped
from logwatch.verify.reports import exit_code
from logwatch.verify.run import Run


@click.command(short_help="Sign an item, as who answers for it.")
@click.argument("item")
@click.option("--by", required=True, metavar="NAME", help="Who answers for it.")
@click.option("--note", required=True, metavar="TEXT", help="What was seen.")
@click.option("--evidence", default="", metavar="URL", help="Where it can be seen.")
@placed
def sign(*, item: str, by: str, note: str, evidence: str, **where: Any) -> int:
    """Sign an item that only a person can know, or of which logwatch could not tell."""
    place = place_of(None, **where)
    found = place.last_run()
    signature = Signed(
        at=settings.now(),
        item=item,
        by=acts.said("--by", by),
        note=acts.said("--note", note),
        evidence=acts.said("--evidence", evidence) if evidence else "",
    )
    acts.sign(found, signature)
    return _told(place, found, f"{item} signed by {signature.by}")


@click.command()
@click.argument("item")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is left out.")
@click.option("--by", default=None, metavar="NAME", help="Who says so (default: the login name).")
@placed
def skip(*, item: str, reason: str, by: str | None, **where: Any) -> int:
    """Leave an item out. It decides nothing then, and the board says who skipped it and why."""
    place = place_of(None, **where)
    found = place.last_run()
    skipped = Skipped(
        at=settings.now(), item=item, by=acts.said("--by", by or who()), reason=acts.said("--reason", reason)
    )
    acts.skip(found, skipped)
    return _told(place, found, f"{item} skipped by {skipped.by}")


@click.command()
@click.option("--reason", default="no reason given", metavar="TEXT", help="Why it is given up.")
@placed
def abort(*, reason: str, **where: Any) -> int:
    """Give the last run up. What it found stays in the ledger."""
    place = place_of(None, **where)
    found = place.last_run()
    acts.abort(found, Aborted(at=settings.now(), by=who(), reason=acts.said("--reason", reason)))
    return _told(place, found, f"run {found.number} aborted")


def _told(place: Place, found: Run, said: str) -> int:
    """Say what was done, and return the exit code of the board as it is then."""
    board = found.board(place.clock())
    click.echo(escape(said), err=True)
    return exit_code(board)
