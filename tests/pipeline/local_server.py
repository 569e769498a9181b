"""A real HTTP server on 127.0.0.1 that answers as a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """`chunks` are sent one by one, `between` is called before each; no Content-Length with more than one."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    chunks: tuple[bytes, ...] = ()
    between: Callable[[], object] = lambda: None


@dataclass
class LocalServer:
    url: str
    asked: list[Asked]
    gone: threading.Event  # set when the test is over: a handler that hangs waits for it


@contextmanager
def local_server(answer: Callable[[Asked], Answer | None]) -> Iterator[LocalServer]:
    """Serve `answer`; None: say nothing until the test is over."""
    asked: list[Asked] = []
    gone = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            asked.append(request)
            found = answer(request)
            if found is None:
                gone.wait(30)
                return
            try:
                self.send_response(found.status)
                for name, value in found.headers.items():
                    self.send_header(name, value)
                if not found.chunks:
                    self.send_header("Content-Length", str(len(found.body)))
                self.end_headers()
                self.wfile.write(found.body)
                for chunk in found.chunks:
                    found.between()
                    self.wfile.write(chunk)
                    self.wfile.flush()
            except OSError:
                return  # the client has gone, as it should

        do_GET = do_POST = _serve  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield LocalServer(f"http://127.0.0.1:{server.server_address[1]}", asked, gone)
    finally:
        gone.set()
        server.shutdown()
        server.server_close()
        thread.join()
