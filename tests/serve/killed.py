"""An exporter in a process of its own, that kills itself at a certain point."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from logwatch.live.driver import LiveDriver
from logwatch.serve.follow import Follow
from logwatch.serve.store import Store
from tests.serve.world import NOON, World

POINTS = ("read", "matched", "mid-commit", "committed")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _dies_after(method: Callable[..., Any], when: Callable[[Any], bool]) -> Callable[..., Any]:
    def dying(*arguments: Any, **options: Any) -> Any:
        result = method(*arguments, **options)
        if when(result):
            _die()
        return result

    return dying


class _Dying:
    """A connection whose transactions are never committed."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *arguments: Any) -> Any:
        if sql == "COMMIT":
            _die()
        return self._connection.execute(sql, *arguments)


def arm(point: str, world: World) -> None:
    """Have the process die at a point, the next time that something was read."""
    follow = world.exporter._follow
    if point == "read":
        LiveDriver.turn = _dies_after(LiveDriver.turn, lambda entries: len(entries) > 1)  # type: ignore[method-assign]
    elif point == "matched":
        Follow._take = _dies_after(Follow._take, lambda _: follow._driver.news)  # type: ignore[method-assign]
    elif point == "mid-commit":
        follow._state._store._db = _Dying(follow._state._store._db)  # type: ignore[assignment]
    elif point == "committed":
        Store.commit = _dies_after(Store.commit, lambda _: True)  # type: ignore[method-assign]


def counters(world: World) -> dict[str, float]:
    """Return all counters of what was read and found."""
    return {
        f"{name} {dict(labels)}": value
        for (name, labels), value in world.scrape().samples.items()
        if name.endswith(("_total", "_count", "_sum", "_bucket")) and "_state_" not in name
    }


def run(folder: Path, seconds: int, point: str = "") -> dict[str, float] | None:
    """Have turns in a process of its own, whose clock shows so many seconds after noon; return its counters.

    At `point`, where one is named, it kills itself; then there are none.
    """
    result = folder / "counters.json"
    process = multiprocessing.get_context("fork").Process(target=_run, args=(folder, seconds, point, result))
    process.start()
    process.join(60)
    if process.exitcode == -signal.SIGKILL:
        return None
    assert process.exitcode == 0
    found: dict[str, float] = json.loads(result.read_text(encoding="utf-8"))
    return found


def _run(folder: Path, seconds: int, point: str, result: Path) -> None:
    world = World(folder, wall=NOON + timedelta(seconds=seconds))
    if point:
        arm(point, world)
    for _ in range(20):
        world.turn(1.0)
    world.stop()
    result.write_text(json.dumps(counters(world)), encoding="utf-8")
