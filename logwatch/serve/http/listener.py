"""Takes connections in, each with the certificates of the moment; when it is full, the longest idle leaves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable

from uvicorn.server import ServerState

from logwatch.serve.http.guard import GuardedProtocol
from logwatch.serve.http.limits import Limits

log = logging.getLogger(__name__)

_OUT_OF_DESCRIPTORS = 1.0
"""Seconds to wait when the system gives no more."""


class Listener:
    """Accepts from a listening socket until it is closed, as `asyncio.Server` would.

    asyncio's own server neither counts those that shake hands nor asks for a fresh context: descriptors would run
    out, and the logs are followed with the same ones.
    """

    def __init__(
        self,
        listening: socket.socket,
        state: ServerState,
        protocol: Callable[[], GuardedProtocol],
        context: Callable[[], ssl.SSLContext | None],
        limits: Limits,
    ) -> None:
        listening.setblocking(False)
        self._listening = listening
        self._state = state
        self._protocol = protocol
        self._context = context
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._opening: dict[asyncio.Task[None], GuardedProtocol] = {}
        self._accepting = self._loop.create_task(self._accept())

    def close(self) -> None:
        """Take no more in."""
        for task in (self._accepting, *self._opening):
            task.cancel()

    async def wait_closed(self) -> None:
        """Return once nothing is being taken in."""
        await asyncio.gather(self._accepting, *self._opening, return_exceptions=True)

    async def _accept(self) -> None:
        while True:
            try:
                connection, _ = await self._loop.sock_accept(self._listening)
            except OSError as error:
                log.warning("cannot take a connection in: %s", error)
                await asyncio.sleep(_OUT_OF_DESCRIPTORS)
                continue
            if not self._has_room():
                connection.close()
                continue
            protocol = self._protocol()
            task = self._loop.create_task(self._open(connection, protocol))
            self._opening[task] = protocol
            task.add_done_callback(self._opening.pop)
            await asyncio.sleep(0)  # a crowd at the door must not keep those inside from being answered

    def _has_room(self) -> bool:
        """Whether one more fits; where it does not, whoever has waited longest without a request makes room.

        So that idle connections, however many, keep nobody out who asks something.
        """
        opening = {
            task: one for task, one in self._opening.items() if not (one.connected or task.cancelling())
        }
        there = [
            one for one in self._state.connections if isinstance(one, GuardedProtocol) and not one.dropped
        ]
        if len(opening) + len(there) < self._limits.connections:
            return True
        waiting: list[tuple[float, Callable[[], object]]] = [
            *((one.waiting_since, task.cancel) for task, one in opening.items()),
            *((one.waiting_since, one.drop) for one in there if one.waiting),
        ]
        if not waiting:
            return False
        _, leave = min(waiting, key=lambda one: one[0])
        leave()
        return True

    async def _open(self, connection: socket.socket, protocol: GuardedProtocol) -> None:
        try:
            context = self._context()
            await self._loop.connect_accepted_socket(
                lambda: protocol,
                connection,
                ssl=context,
                ssl_handshake_timeout=None if context is None else self._limits.handshake,
                ssl_shutdown_timeout=None if context is None else self._limits.handshake,
            )
        except (OSError, asyncio.CancelledError):  # no TLS, too late, or told to make room
            with contextlib.suppress(OSError):
                connection.close()
