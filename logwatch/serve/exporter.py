"""The exporter: follows, counts and judges in a thread of its own, and publishes what it knows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry

from logwatch.errors import LogwatchError
from logwatch.following.waking import Waker
from logwatch.serve.families import Published
from logwatch.serve.follow import Follow
from logwatch.serve.setup import Setup
from logwatch.serve.snapshot import Loaded, Snapshot

_PAUSE = 1.0
"""Seconds between two turns while nothing is written."""
_LEAST_PAUSE = 0.1
"""Seconds to wait for more, even while something is written all the time: to read much at once costs less."""


def _nothing(_text: str) -> None:
    return


class Exporter:
    """Everything that `logwatch serve` does besides HTTP. `load` reads the configuration, at every reload anew.

    `state` is the folder of the state (None: the configured one), `stdin` the descriptor that `-` stands for. `say`
    is told what people should know at once, and `failed` of a fault that ended the thread.

    Raises what `load` raises when it is made, and `ConfigError` or `StateError` for a state that cannot be used. A
    reload never raises: the setup before it stays in force then. What may be asked from other threads (`snapshot`,
    `registry`, `reload`) is safe to be asked at any time.
    """

    def __init__(
        self,
        load: Callable[[], Setup],
        *,
        state: Path | None = None,
        from_end: bool = False,
        stdin: int | None = None,
        say: Callable[[str], None] = _nothing,
        failed: Callable[[BaseException], None] = lambda _error: None,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._load = load
        self._say = say
        self._failed = failed
        self._wall = wall
        setup = load()
        self._lock = threading.Lock()
        loaded = Loaded(wall())
        self._published = Published()
        self._follow = Follow(
            setup, state or setup.config.serve.state, loaded, from_end=from_end, stdin=stdin, say=say
        )
        self._waker = Waker(self._follow.directories)
        self._stopping = threading.Event()
        self._faulty = False
        self._thread = threading.Thread(target=self._run, name="logwatch-exporter", daemon=True)
        self.registry = CollectorRegistry()
        self.registry.register(self._published)
        self.snapshot = Snapshot(at=loaded.at, loaded=loaded)

    def start(self) -> None:
        """Begin to follow, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, store what it read unless a fault ended it, and let go of the state."""
        self._stopping.set()
        self._waker.stop()
        if self._thread.ident is not None:
            self._thread.join()
        with self._lock:
            if self._faulty:  # half of a turn may be done: that of before is stored, and whole
                self._follow.abandon()
            else:
                self._follow.close(self._wall())
        self._waker.close()

    def reload(self) -> Loaded:
        """Read the configuration and the rules anew; return how that went."""
        wall = self._wall()
        loaded = Loaded(wall)
        with self._lock:
            try:
                self._follow.adopt(self._load(), wall)
                self._say("reloaded")
            except LogwatchError as error:
                loaded = Loaded(wall, "\n".join(map(str, error.problems)))
                self._say(f"not reloaded: {loaded.problem}")
            self._follow.loaded = loaded
        return loaded

    def turn(self, now: float, wall: datetime) -> bool:
        """Take in what was written since the last turn; return whether there is more to read at once.

        `now` is in seconds of a clock that never goes back, `wall` the time of day.
        """
        with self._lock:
            behind = self._follow.turn(now, wall)
            self._published.publish(self._follow.metrics)
            self.snapshot = self._follow.snapshot(wall)
        return behind

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                if not self.turn(time.monotonic(), self._wall()) and not self._stopping.wait(_LEAST_PAUSE):
                    self._waker.wait(_PAUSE - _LEAST_PAUSE)
        except BaseException as error:
            self._faulty = True
            self._failed(error)
