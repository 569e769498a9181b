"""Connections with deadlines: uvicorn's protocol waits for ever for a header, a body, and a client that reads.

Measured against silent sockets, headers and bodies that stop or drip, and clients that read nothing: uvicorn 0.54
closes none of them, granian 2.8 only headers, hypercorn 0.18 all but dripping bodies, and none makes room.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from logwatch.serve.http.limits import Limits

_LINGER = 2.0
"""Seconds to go on reading a body that was refused: closing at once would reset the answer away."""


class GuardedProtocol(H11Protocol):
    """One connection. Whatever phase it is in has a deadline, and ends with the connection when it passes."""

    def __init__(self, config: Config, server_state: ServerState, limits: Limits) -> None:
        super().__init__(config, server_state, app_state={})
        self._limits = limits
        self._deadline: asyncio.TimerHandle | None = None
        self._answering: object = None
        self._idle = False
        self.waiting = True
        """Whether it has no request to answer."""
        self.waiting_since = self.loop.time()
        self.connected = False
        self.dropped = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a header."""
        super().connection_made(transport)
        self.connected = True
        self._within(self._limits.header)

    def data_received(self, data: bytes) -> None:
        """Take bytes in; the first ones after a pause begin the time of a header."""
        if self._idle:
            self._idle = False
            self._within(self._limits.header)
        super().data_received(data)

    def handle_events(self) -> None:
        """Begin the time of an exchange when a request has come."""
        super().handle_events()
        if self.cycle is not self._answering:
            self._answering = self.cycle
            self._idle = self.waiting = False
            self._within(self._limits.exchange)

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of one that was answered before its end."""
        answered = self.cycle
        super().on_response_complete()
        if self.cycle is not answered:  # the next one had come already
            return
        if not self.flow.write_paused:  # else the time of the exchange goes on until it is read
            self._rest()

    def resume_writing(self) -> None:
        """Wait for the next request, once the client has read the answer."""
        super().resume_writing()
        if self.cycle is not None and self.cycle.response_complete and not self.waiting:
            self._rest()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def drop(self) -> None:
        """End the connection now, without waiting for what was not sent yet."""
        self.dropped = True
        self.transport.abort()

    def _rest(self) -> None:
        self.waiting, self.waiting_since = True, self.loop.time()
        self._idle = self.conn.their_state is not h11.SEND_BODY
        self._within(self._limits.idle if self._idle else _LINGER)

    def _within(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self.drop)
