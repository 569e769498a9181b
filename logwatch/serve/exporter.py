"""The exporter: follows, counts and judges in a thread of its own, and publishes what it knows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from logwatch.errors import LogwatchError
from logwatch.serve.setup import Setup
from logwatch.serve.snapshot import Loaded, Snapshot

_PAUSE = 1.0
"""Seconds between two turns while nothing is written."""


class Exporter:
    """Everything that `logwatch serve` does besides HTTP. `load` reads the configuration, at every reload anew.

    Raises what `load` raises when it is made; a reload never does, the setup before it stays in force then.
    Whatever may be asked from other threads (`snapshot`, `registry`, `reload`) is safe to be asked at any time.
    """

    def __init__(self, load: Callable[[], Setup]) -> None:
        self._load = load
        self._setup = load()
        self._loaded = Loaded(_wall())
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="logwatch-exporter", daemon=True)
        self.registry = CollectorRegistry()
        self.snapshot = Snapshot(at=self._loaded.at, loaded=self._loaded)

    def start(self) -> None:
        """Begin to follow, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread once it has stored what it read; wait for that."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def reload(self) -> Loaded:
        """Read the configuration and the rules anew; return how that went."""
        now = _wall()
        try:
            self._setup = self._load()
        except LogwatchError as error:
            self._loaded = Loaded(now, "; ".join(map(str, error.problems)))
        else:
            self._loaded = Loaded(now)
        return self._loaded

    def turn(self, now: float, wall: datetime) -> None:
        """Take in what was written since the last turn. `now` is in seconds of a clock that never goes back."""
        self.snapshot = Snapshot(at=wall, loaded=self._loaded)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.turn(time.monotonic(), _wall())
            self._stopping.wait(_PAUSE)


def _wall() -> datetime:
    return datetime.now(UTC)
