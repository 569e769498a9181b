"""Workers in processes of their own, for tests that stop, freeze or kill them.

They are forked from a process that has imported everything already: to import is most of what a start costs.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from logwatch.pipeline.data.models import WorkerLease

ROOT = Path(__file__).resolve().parents[2]

_NURSERY = multiprocessing.get_context("forkserver")
_NURSERY.set_forkserver_preload(
    [
        "pandas",
        "logwatch.pipeline.house",
        "logwatch.pipeline.http.server",
        "tests.pipeline.command",
        "tests.pipeline.engine.counting_worker",
    ]
)


def wait_until(happened: Callable[[], bool], what: str, deadline_seconds: float = 60) -> None:
    """Poll until something has happened; fails, naming it, at the deadline."""
    ends = time.monotonic() + deadline_seconds
    pause = threading.Event()
    while not happened():
        assert time.monotonic() < ends, f"not within {deadline_seconds:.0f} s: {what}"
        pause.wait(0.05)


class WorkerProcess:
    """A `logwatch pipeline worker` whose log goes to a file.

    Its lease is long, so that it lives on a machine that is busy with other things too; of one that is dead,
    `let_lease_run_out`.
    """

    def __init__(self, url: str, folder: Path, name: str, *options: str, lease: float = 60.0) -> None:
        words = ["worker", "--db", url, "--poll", "0.05", "--lease", str(lease)]
        log = str(folder / f"{name}.log")
        self._begin(folder, name, _command, [*words, "--log-file", log, *options])

    def _begin(self, folder: Path, name: str, run: Callable[..., None], *arguments: object) -> None:
        self.log_path = folder / f"{name}.log"
        self._errors = folder / f"{name}.err"
        self._process = _NURSERY.Process(
            target=_run, args=(str(self._errors), str(folder / "images"), run, *arguments), daemon=True
        )
        self._process.start()

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8") if self.log_path.exists() else ""

    @property
    def errors(self) -> str:
        return self._errors.read_text(encoding="utf-8") if self._errors.exists() else ""

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Its exit code, negative for the signal that killed it; None while it runs."""
        return self._process.exitcode

    def wait_ready(self) -> None:
        wait_until(
            lambda: "All processors initialized" in self.log or self.exit_code is not None, "worker ready"
        )
        assert self.exit_code is None, self.errors

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float = 60) -> int:
        """Wait for its end; return its exit code."""
        self._process.join(seconds)
        assert self.exit_code is not None, f"not gone within {seconds:.0f} s: {self.errors}"
        return self.exit_code

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self.wait()

    def let_lease_run_out(self, engine: sa.Engine) -> None:
        """Let the time of its lease be over, without anybody having to wait for that."""
        with engine.begin() as connection:
            connection.execute(
                sa.update(WorkerLease).where(WorkerLease.pid == self.pid).values(expires_at=1.0)
            )

    def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        self._process.terminate()
        return self.wait()


def _run(errors: str, images: str, run: Callable[..., None], *arguments: object) -> None:
    said = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, sys.stdout.fileno())
    os.dup2(said, sys.stderr.fileno())
    os.environ["LOGWATCH_IMAGES"] = images
    # What coverage saw of it would not be kept: these processes do not end as others do.
    sys.settrace(None)
    threading.settrace(None)  # type: ignore[arg-type]
    run(*arguments)


def _command(words: list[str]) -> None:
    from logwatch.cli.pipeline import pipeline

    pipeline(words, prog_name="logwatch pipeline")
