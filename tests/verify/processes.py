"""`logwatch verify` in processes of its own, which a test may kill; `python -m` runs it on a fast clock.

The fast clock is the same in every process that is given the same environment: event time since `LIVE`, so many
times as fast as the machine's since `FAST_CLOCK_BEGAN`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from logwatch.verify.events import AnyEvent
from logwatch.verify.ledger import FILE_NAME, Ledger
from tests.pipeline.workers import ROOT, wait_until
from tests.verify.world import LIVE

RATE = 43_200.0
"""A day in two seconds."""


class Command:
    """`logwatch verify WORDS` in `folder`, begun and not waited for."""

    def __init__(self, folder: Path, *words: str, began: float | None = None) -> None:
        self.folder = folder
        module = "logwatch" if began is None else "tests.verify.processes"
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": str(folder),
            "LOGNAME": "tester",
            "FAST_CLOCK_BEGAN": str(began),
        }
        self._out, self._err = folder / "out.txt", folder / "err.txt"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, "verify", *words],
                cwd=folder,
                env=environment,
                stdout=out,
                stderr=err,
            )

    @property
    def out(self) -> str:
        return self._out.read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return self._err.read_text(encoding="utf-8")

    def end(self) -> int:
        """Wait for it; return its exit code."""
        return self.process.wait(timeout=120)

    def kill_once(self, happened: Callable[[tuple[AnyEvent, ...]], bool], what: str) -> None:
        """End it as a power cut would, as soon as the ledger tells that something has happened."""

        def reached() -> bool:
            assert self.process.poll() is None, f"ended with {self.process.poll()}: {self.out}{self.err}"
            return happened(events_in(self.folder))

        try:
            wait_until(reached, what)
        finally:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def events_in(folder: Path, state: str = "logwatch-verify") -> tuple[AnyEvent, ...]:
    """Return all that happened to the last run in a folder; nothing where there is none yet."""
    if not (folder / state / FILE_NAME).exists():
        return ()
    with Ledger(folder / state) as ledger:
        return ledger.events(ledger.last_run())


def done(folder: Path, *words: str) -> tuple[int, str, str]:
    """Run a command to its end; return its exit code and what it printed."""
    command = Command(folder, *words)
    return command.end(), command.out, command.err


def fast_now(began: float) -> datetime:
    return LIVE + timedelta(seconds=(time.time() - began) * RATE)


if __name__ == "__main__":
    from logwatch.cli import main, settings
    from logwatch.cli import verify as command

    began = float(os.environ["FAST_CLOCK_BEGAN"])
    settings.now = lambda: fast_now(began)
    command._sleep = lambda span: time.sleep(span.total_seconds() / RATE)
    main()
