"""Where reports go: standard output, files, and GitHub's step summary."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec.structs import replace

from logwatch.errors import UsageError
from logwatch.reports import RenderOptions


class Output(msgspec.Struct, frozen=True):
    """A format, and the file it goes to; None: standard output."""

    format: str
    path: Path | None


class OutputType(click.ParamType[Output]):
    """`FMT` or `FMT=PATH`, where FMT is one of `formats`."""

    name = "format"

    def __init__(self, formats: Collection[str]) -> None:
        self._formats = formats

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Output:
        """Return the output that `value` names."""
        if isinstance(value, Output):
            return value
        name, separator, path = str(value).partition("=")
        if name not in self._formats:
            self.fail(f"'{name}' is none of {', '.join(self._formats)}", param, ctx)
        if separator and not path:
            self.fail(f"no file is named after '{name}='", param, ctx)
        return Output(name, Path(path) if separator else None)


def colored(choice: str) -> bool:
    """Whether to colour what goes to standard output: `always`, `never`, or `auto`.

    `auto` colours a terminal, unless `NO_COLOR` is set (https://no-color.org) or the terminal is dumb.
    """
    return _colored(choice, sys.stdout.isatty())


def colored_stderr(choice: str) -> bool:
    """Whether to colour what goes to standard error; as `colored`."""
    return _colored(choice, sys.stderr.isatty())


def _colored(choice: str, terminal: bool) -> bool:
    if choice != "auto":
        return choice == "always"
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return terminal and not plain


def width() -> int | None:
    """The columns of the terminal that standard output is; None where it is none."""
    if not sys.stdout.isatty():
        return None
    import shutil  # noqa: PLC0415 - only terminals need it

    return shutil.get_terminal_size().columns


def write_outputs(
    outputs: Sequence[Output],
    render: Callable[[str, RenderOptions], str],
    summary: Callable[[], str],
    options: RenderOptions,
    environment: Mapping[str, str],
) -> None:
    """Write what `render` makes of every output's format; files whole or not at all, and without colour.

    `summary` makes the Markdown that GitHub shows on the page of a run. Raises `UsageError` for a file that
    cannot be written.
    """
    for output in outputs:
        if output.path is None:
            click.echo(render(output.format, options), nl=False, color=options.color)
        else:
            write_file(output.path, render(output.format, replace(options, color=False, width=None)))
        page = environment.get("GITHUB_STEP_SUMMARY")
        if output.format == "github" and page:
            _append(Path(page), summary())


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path}: cannot be written ({error.strerror or error}); name another file")


def write_file(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises `UsageError` when it cannot be written."""
    import tempfile  # noqa: PLC0415 - most reports go to standard output

    try:
        if path.exists() and not path.is_file():  # /dev/stderr, a FIFO: nothing to replace
            path.write_text(text, encoding="utf-8")
            return
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            temporary.chmod(0o644)  # what a collector of another user reads
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        raise _unwritable(path, error) from None
