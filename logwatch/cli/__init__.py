"""The command line. One thin module per command, imported when it is called."""

from __future__ import annotations

import errno
import gc
import os
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

import click

from logwatch import __version__
from logwatch.errors import LogwatchError

COMMANDS = {
    "check": "one verdict, with proof, from worker logs",
    "rules": "list, show and lint rules; the schema of rule files",
    "deploys": "mark deployments, list the marks",
    "baseline": "pin a window of good times, to compare with",
    "serve": "follow logs for good; metrics and verdicts over HTTP",
    "tail": "what the rules find, as it happens",
    "verify": "the checklist after a deployment: run, waited for, signed, kept",
    "render": "alerts, a dashboard, a scrape and a service from the same rules",
    "pipeline": "the job pipeline that logwatch ships",
    "demo": "the incident, re-enacted and judged in under a minute",
}
"""Every command, and what `--help` says of it without importing it."""

_OBJECTS = 50_000
"""Objects that are made before garbage is looked for: what is read of a log is let go of without that."""
_CRASHED = 3
_INTERRUPTED = 130


class _Lazy(click.Group):
    """A group whose commands are modules of this package, named like them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(_imported(f"logwatch.cli.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click would exit with 1, which is a verdict
            _silence_stdout()
            return _CRASHED
        except OSError as error:  # a full disk under `logwatch check >report.txt` is no fault in logwatch
            if error.errno != errno.ENOSPC or error.filename:
                raise
            _silence_stdout()
            click.echo(f"logwatch: standard output: cannot be written ({error.strerror})", err=True)
            return _CRASHED

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _imported(name: str) -> ModuleType:
    """Import a module and all that it needs. None of it becomes garbage, so the collector need not look for any there,
    now or later.
    """
    if name in sys.modules:
        return sys.modules[name]
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
        gc.enable()


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="logwatch")
def logwatch() -> None:
    """One verdict, with proof, from worker logs: did the deployment really work?

    Exit codes: 0 pass, 1 fail, 2 usage or configuration, 3 inconclusive or a source that cannot be read, 4 not
    finished (verify), 130 interrupted.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its code. What goes wrong is told on stderr.

    A crash is told with its traceback and exits with 3: nothing was verified.
    """
    _open_closed_streams()
    try:
        code = _code_of(arguments)
    except OSError:  # not even that can be told; the interpreter would exit with 1, which is a verdict
        code = _CRASHED
    sys.exit(code)


def _code_of(arguments: list[str] | None) -> int:
    try:
        code: Any = logwatch.main(arguments, prog_name="logwatch", standalone_mode=False)
    except click.exceptions.Abort:
        return _INTERRUPTED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except LogwatchError as error:
        tell(error)
        return error.exit_code
    except Exception:
        import traceback  # noqa: PLC0415 - only crashes need it

        traceback.print_exc()
        click.echo("logwatch: this is a fault in logwatch itself; nothing was verified", err=True)
        return _CRASHED
    return code if isinstance(code, int) else 0


def _open_closed_streams() -> None:
    """Have what is printed go nowhere where whoever started this has closed the stream."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115  a name of no path; open to the end


def tell(error: LogwatchError) -> None:
    """Say on stderr what is wrong, one problem a line."""
    from logwatch.evidence.escape import escape  # noqa: PLC0415  only errors need it

    for problem in error.problems:
        click.echo(f"logwatch: {escape(str(problem))}", err=True)


def _silence_stdout() -> None:
    """Keep the interpreter from complaining once more, while it ends, of what cannot be written to."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
