"""What all `logwatch pipeline` commands share: where the pipeline is, and how its errors are told."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import IO, TYPE_CHECKING, ParamSpec, TextIO

import click

if TYPE_CHECKING:
    from logwatch.pipeline.engine.door import Door
    from logwatch.pipeline.settings import Settings

P = ParamSpec("P")


class _ToldError(click.ClickException):
    exit_code = 2

    def show(self, file: IO[str] | None = None) -> None:
        for line in self.message.splitlines():
            click.echo(f"logwatch: {line}", file=file, err=file is None)


def told(command: Callable[P, None]) -> Callable[P, None]:
    """Say what the pipeline has to say to people, without a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        from sqlalchemy.exc import OperationalError  # noqa: PLC0415

        from logwatch.pipeline.errors import PermanentError, PipelineError  # noqa: PLC0415

        try:
            command(*args, **kwargs)
        except (PipelineError, PermanentError) as error:
            raise _ToldError(str(error)) from None
        except OperationalError as error:
            raise _ToldError(f"the database does not answer: {error.orig}") from None
        except BrokenPipeError:
            raise
        except OSError as error:
            name = f"{error.filename}: " if error.filename else ""
            raise _ToldError(f"{name}{error.strerror or error}") from None

    return run


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pipeline is, and where its log lines go."""

    db: str | None
    log_format: str
    log_file: str | None


def placed(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every command has, and hand them over as one `place`."""

    @click.option("--db", metavar="URL", help="Database; default LOGWATCH_DB, else a SQLite file.")
    @click.option(
        "--log-format",
        type=click.Choice(["console", "json"]),
        default="console",
        show_default=True,
        help="How log lines are written.",
    )
    @click.option("--log-file", type=click.Path(dir_okay=False), help="Append log lines to this file.")
    @wraps(command)
    def run(*, db: str | None, log_format: str, log_file: str | None, **given: object) -> None:
        told(command)(Place(db, log_format, log_file), **given)

    return run


@contextlib.contextmanager
def open_place(
    place: Place, stream: TextIO, concurrency: int | None = None
) -> Iterator[tuple[Door, Settings]]:
    """Open the database; yield the door and the settings. Log lines go to `--log-file`, else to `stream`."""
    # Imported here: dbos and SQLAlchemy take most of a second, and `logwatch --help` must not wait for them.
    from logwatch.pipeline.house import STAGES, open_door, with_concurrency  # noqa: PLC0415
    from logwatch.pipeline.settings import Settings  # noqa: PLC0415
    from logwatch.pipeline.telemetry import LogFormat  # noqa: PLC0415

    settings = Settings.from_environment(os.environ, place.db)
    with contextlib.ExitStack() as stack:
        if place.log_file is not None:
            stream = stack.enter_context(Path(place.log_file).open("a", encoding="utf-8"))
        stages = with_concurrency(STAGES, concurrency)
        door = stack.enter_context(
            open_door(settings, stream=stream, log_format=LogFormat(place.log_format), stages=stages)
        )
        yield door, settings


def show_as(text: str, data: object, as_json: bool) -> None:
    """Print text, or the same as JSON."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2) if as_json else text)
