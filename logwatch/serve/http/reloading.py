"""Reloads the exporter, one at a time: asked for over HTTP or by SIGHUP."""

from __future__ import annotations

import asyncio
import logging

from starlette.concurrency import run_in_threadpool

from logwatch.serve.http.served import Served
from logwatch.serve.snapshot import Loaded

log = logging.getLogger(__name__)


class Reloading:
    """The reloads of one exporter. For one event loop."""

    def __init__(self, exporter: Served) -> None:
        self._exporter = exporter
        self._one_at_a_time = asyncio.Lock()
        self._begun: set[asyncio.Task[Loaded]] = set()

    async def reload(self) -> Loaded:
        """Reload; return how it went. What went wrong is logged as well: the old rules are in force."""
        async with self._one_at_a_time:
            loaded = await run_in_threadpool(self._exporter.reload)
        if loaded.problem is not None:
            log.error("reload failed, what was loaded before stays in force:\n%s", loaded.problem)
        return loaded

    def begin(self) -> None:
        """Reload without being waited for."""
        task = asyncio.get_running_loop().create_task(self.reload())
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
