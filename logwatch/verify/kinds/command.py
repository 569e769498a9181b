"""`command`: a program of one's own; its exit code is the answer, as that of `logwatch check` is."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import IO

from logwatch.evidence import redacted_value
from logwatch.evidence.escape import escape
from logwatch.evidence.redact import redact
from logwatch.timespec import format_span, iso_millis
from logwatch.verdict.verdict import Status
from logwatch.verify.checklist import Item
from logwatch.verify.kinds.kind import Kind
from logwatch.verify.placeholders import without_values
from logwatch.verify.work import Context, Result, unknown
from logwatch.yamlfiles.fields import Field, Fields, Values
from logwatch.yamlfiles.fieldtypes import Span, Texts
from logwatch.yamlfiles.reader import Reader

COMMAND = Field("command", Texts(), "the program and its arguments, each an item; no shell", required=True)
TIMEOUT = Field("timeout", Span(), "how long it may run (default 1m)")

_STATUS = {0: Status.PASS, 3: Status.INCONCLUSIVE}
"""What exit codes mean; every other one is a fail."""
_KEPT_BYTES = 64 * 1024
_LINES = 10
_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class CommandWork:
    """Runs `argv` in the checklist's folder: 0 passes, 3 is inconclusive, anything else fails.

    It finds `LOGWATCH_DEPLOYMENT`, `LOGWATCH_COMMIT` and `LOGWATCH_PROMOTED_AT` in its environment. What it
    prints is the evidence, secrets removed. An attempt that was interrupted is made once more.
    """

    argv: tuple[str, ...]
    timeout: timedelta = timedelta(minutes=1)

    def run(self, item: Item, context: Context) -> Result:
        """Return what the exit code says. One that cannot be run, or does not end in time, is inconclusive."""
        deployment = context.window.deployment
        told = {
            "LOGWATCH_DEPLOYMENT": deployment.id,
            "LOGWATCH_COMMIT": deployment.commit,
            "LOGWATCH_PROMOTED_AT": iso_millis(deployment.time),
        }
        with tempfile.TemporaryFile() as output:
            process: subprocess.Popen[bytes] | None = None
            try:
                with _undisturbed():
                    process = subprocess.Popen(  # noqa: S603 - the checklist's author says what is run
                        self.argv,
                        cwd=context.folder,
                        env={**context.environment, **told},
                        stdin=subprocess.DEVNULL,
                        stdout=output,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
                code = process.wait(self.timeout.total_seconds())
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                return unknown(escape(f"'{self.argv[0]}' cannot be run: {reason}"))
            except subprocess.TimeoutExpired:
                said = f"did not end within {format_span(self.timeout)}"
                return unknown(said, *_told(output, context.environment))
            finally:
                if process is not None:  # an interruption ends it as well
                    _end(process)
            lines = _told(output, context.environment)
        status = _STATUS.get(code, Status.FAIL)
        ended = f"exit code {code}" if code >= 0 else f"ended by signal {-code}"
        summary = f"{ended}: {lines[0]}" if lines else ended
        if status is Status.FAIL:
            return Result(status, summary, evidence=lines)
        return Result(status, summary, details=lines[1:])


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put an interruption off until what is begun here can be ended by whoever began it."""
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it has started, unless it has ended by itself: its number is another's then."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _told(output: IO[bytes], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the first lines of what was printed, safe to show: without the secrets that the program was given."""
    output.seek(0)
    text = output.read(_KEPT_BYTES).decode("utf-8", "backslashreplace")
    secret = [name for name, value in environment.items() if redacted_value(value, name) != value]
    text = redact(without_values(text, environment, secret))
    lines = [escape(line.rstrip()[:_COLUMNS]) for line in text.splitlines() if line.strip()]
    more = (f"… {len(lines) - _LINES} more lines",) if len(lines) > _LINES else ()
    return (*lines[:_LINES], *more)


def _check(reader: Reader, values: Values) -> None:
    if values.get(COMMAND) == ():
        reader.problem(values.location(COMMAND), "'command' is empty; name a program")


def _build(values: Values) -> CommandWork:
    return CommandWork(values[COMMAND], values.get(TIMEOUT) or timedelta(minutes=1))


COMMAND_KIND = Kind(Fields((COMMAND, TIMEOUT)), _build, check=_check, live=True)
