"""uvicorn, with connections that are guarded and taken in by our own listener."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from logwatch.serve.http.guard import GuardedProtocol
from logwatch.serve.http.limits import Limits
from logwatch.serve.http.listener import Listener


class Server(uvicorn.Server):
    """Serves an application until SIGINT, SIGTERM or `should_exit`; requests under way are finished.

    `context` is asked for every connection; `hang_up` is called upon SIGHUP, in the loop.
    """

    def __init__(
        self,
        app: ASGIApp,
        context: Callable[[], ssl.SSLContext | None],
        limits: Limits,
        hang_up: Callable[[], object] = lambda: None,
    ) -> None:
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http=GuardedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=int(limits.idle) + 1,  # ours comes first
            timeout_graceful_shutdown=5,
            h11_max_incomplete_event_size=limits.header_bytes,
        )
        super().__init__(config)
        self._context = context
        self._limits = limits
        self._hang_up = hang_up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen on `sockets`."""
        listeners: list[Any] = [
            Listener(listening, self.server_state, self._protocol, self._context, self._limits)
            for listening in sockets or ()
        ]
        self.servers = listeners
        if threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._hang_up)
        self.started = True

    def _protocol(self) -> GuardedProtocol:
        return GuardedProtocol(self.config, self.server_state, self._limits)
