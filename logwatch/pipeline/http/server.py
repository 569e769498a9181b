"""Serves the API under uvicorn, and a worker's metrics from a small thread."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from logwatch.pipeline.errors import PipelineError


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises PipelineError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        # create_server adds the address to the reason.
        why = str(error.strerror).partition(" (while ")[0]
        raise PipelineError(f"cannot listen on {_written(host, port)}: {why}; give another address") from None


def address_of(listening: socket.socket) -> str:
    """Return `HOST:PORT` as it is written in a URL."""
    host, port = listening.getsockname()[:2]
    return _written(host, port)


def _written(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class PromptProtocol(H11Protocol):
    """A connection that ends unless a whole header comes in time: uvicorn would wait for ever, and let nobody in."""

    header_seconds = 10.0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a header."""
        super().connection_made(transport)
        self._wait()

    def handle_events(self) -> None:
        """Wait no more once there is a request to answer."""
        super().handle_events()
        if self._answers():
            self._cancel()

    def on_response_complete(self) -> None:
        """Wait for the next header, unless it has come already."""
        super().on_response_complete()
        if not self._answers():
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._cancel()
        super().connection_lost(exc)

    def _answers(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._cancel()
        self._deadline = self.loop.call_later(self.header_seconds, self.transport.abort)

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()


def config_of(app: Starlette) -> uvicorn.Config:
    """Return how uvicorn serves `app`."""
    return uvicorn.Config(
        app,
        http=PromptProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=100,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=10,
    )


def serve_app(app: Starlette, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Call `ready`, then serve until SIGINT or SIGTERM; requests under way are finished."""
    # uvicorn raises the signal again once it has stopped: by then it has done its work.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: None)
    ready()
    uvicorn.Server(config_of(app)).run(sockets=[listening])


class MetricsServer:
    """`GET /metrics` of a worker, on a thread of its own."""

    def __init__(self, registry: CollectorRegistry, listening: socket.socket) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = 5  # a client that says nothing must not hold a thread for ever

            def do_GET(self) -> None:
                if self.path.partition("?")[0] != "/metrics":
                    self.send_error(404)
                    return
                text = generate_latest(registry)
                self.send_response(200)
                self.send_header("Content-Type", CONTENT_TYPE_LATEST)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Say nothing: a scrape is not worth a line in the worker's log."""

        self._server = ThreadingHTTPServer(("", 0), Handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = listening
        self._server.daemon_threads = True
        # How often it looks whether to stop.
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="metrics", daemon=True
        )

    def __enter__(self) -> MetricsServer:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
