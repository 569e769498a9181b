"""Counting workers in processes of their own, for tests that stop, freeze or kill them."""

from __future__ import annotations

from pathlib import Path

from tests.pipeline.workers import WorkerProcess

from . import counting_worker


class CountingWorker(WorkerProcess):
    """A worker that does what the names of its workflows say, and whose effects can be counted."""

    def __init__(
        self,
        url: str,
        folder: Path,
        name: str,
        *,
        lease: float = 60.0,
        drain: float = 10.0,
        ready: bool = True,
    ) -> None:
        self._begin(folder, name, counting_worker.main, url, str(folder / f"{name}.log"), lease, drain)
        if ready:
            self.wait_ready()
