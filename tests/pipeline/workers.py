"""Workers in processes of their own, for tests that stop or kill them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def wait_until(happened: Callable[[], bool], what: str, deadline_seconds: float = 60) -> None:
    """Poll until something has happened; fails, naming it, at the deadline."""
    ends = time.monotonic() + deadline_seconds
    pause = threading.Event()
    while not happened():
        assert time.monotonic() < ends, f"not within {deadline_seconds:.0f} s: {what}"
        pause.wait(0.05)


class WorkerProcess:
    """A `logwatch pipeline worker` whose log goes to a file."""

    def __init__(self, url: str, folder: Path, name: str, *options: str, lease: float = 2.0) -> None:
        command = ["tests.pipeline.command", "worker", "--db", url, "--poll", "0.05", "--lease", str(lease)]
        self._begin(folder, name, [*command, "--log-file", str(folder / f"{name}.log"), *options])

    def _begin(self, folder: Path, name: str, module_and_arguments: list[str]) -> None:
        self.log_path = folder / f"{name}.log"
        self._stderr = folder / f"{name}.err"
        environment = {**os.environ, "LOGWATCH_IMAGES": str(folder / "images"), "PYTHONPATH": str(ROOT)}
        with self._stderr.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *module_and_arguments],
                cwd=ROOT,
                env=environment,
                stdout=errors,
                stderr=errors,
            )

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8") if self.log_path.exists() else ""

    @property
    def errors(self) -> str:
        return self._stderr.read_text(encoding="utf-8")

    def wait_ready(self) -> None:
        wait_until(
            lambda: self.log.count("All processors initialized") >= 1 or self.process.poll() is not None,
            f"worker ready; it said: {self._stderr.read_text()}",
        )
        assert self.process.poll() is None, self._stderr.read_text()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(timeout=30)

    def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)
