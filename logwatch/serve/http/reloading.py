"""Reloads the exporter, one at a time: asked for over HTTP or by SIGHUP."""

from __future__ import annotations

import asyncio

from starlette.concurrency import run_in_threadpool

from logwatch.serve.http.served import Served
from logwatch.serve.snapshot import Loaded


class Reloading:
    """The reloads of one exporter. For one event loop."""

    def __init__(self, exporter: Served) -> None:
        self._exporter = exporter
        self._one_at_a_time = asyncio.Lock()
        self._begun: set[asyncio.Task[Loaded]] = set()

    async def reload(self) -> Loaded:
        """Reload; return how it went."""
        async with self._one_at_a_time:
            return await run_in_threadpool(self._exporter.reload)

    def begin(self) -> None:
        """Reload without being waited for; the exporter itself tells what goes wrong."""
        task = asyncio.get_running_loop().create_task(self.reload())
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
