"""`run`: the exporter and its HTTP server, from the address to the signal that ends them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from logwatch.serve.http.address import DEFAULT, bound, check_public, listen, read_address
from logwatch.serve.http.app import build_app
from logwatch.serve.http.limits import Limits
from logwatch.serve.http.reloading import Reloading
from logwatch.serve.http.served import Served
from logwatch.serve.http.server import Server
from logwatch.serve.http.web_file import WebFile

_NOTED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(
    exporter: Served,
    listen_address: str = DEFAULT,
    web_config_file: Path | None = None,
    force_public: bool = False,
    *,
    listening: Callable[[str], None] = lambda _url: None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> None:
    """Start the exporter, serve it until SIGINT or SIGTERM, and stop it; SIGHUP reloads it.

    `listening` is told the URL once connections are taken. Raises `UsageError` and `ConfigError` before anything
    is started.
    """
    web = WebFile(web_config_file)
    address = read_address(listen_address)
    check_public(address, authenticated=web.current().config.authenticates, forced=force_public)
    reloading = Reloading(exporter)
    app = build_app(exporter, web, reloading, local=address.local, forced=force_public, limits=limits)
    server = Server(app, web.context, limits, reloading.begin)
    with listen(address) as socket, _signals_noted(server):
        exporter.start()
        try:
            scheme = "https" if web.context() else "http"
            at = bound(socket)
            listening(f"{scheme}://{at if at.host else f'localhost:{at.port}'}/")
            server.run(sockets=[socket])
        finally:
            exporter.stop()


@contextmanager
def _signals_noted(server: Server) -> Iterator[None]:
    """Let no signal end the process before all is stored: it ends `server`, also one that does not run yet.

    While it runs, its own handlers are in force; then uvicorn raises the signal that ended it once more.
    """

    def note(number: int, _frame: object) -> None:
        if number != signal.SIGHUP:
            server.should_exit = True

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, note) for number in _NOTED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
