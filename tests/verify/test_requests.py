"""Requests are bounded in time and in memory, whatever the server does."""

from __future__ import annotations

import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from logwatch.verify.web import NoAnswer, request
from tests.pipeline.local_server import Answer, local_server


@contextmanager
def dripping(head: bytes, drop: Callable[[int], bytes]) -> Iterator[str]:
    """Serve `head` and then a drop every now and then, until the test is over."""
    gone = threading.Event()

    def serve(client: socket.socket) -> None:
        with client:
            client.sendall(head)
            for number in range(10_000):
                if gone.wait(0.02):
                    return
                client.sendall(drop(number))

    def accept(server: socket.socket) -> None:
        client, _ = server.accept()
        try:
            serve(client)
        except OSError:
            return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept, args=(server,))
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        gone.set()
        thread.join()


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\n", lambda number: b"X-%d: y\r\n" % number),
        (b"", lambda _: b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", lambda _: b"x"),
    ],
    ids=["headers", "hints", "body"],
)
def test_an_answer_that_comes_drop_by_drop_is_not_waited_for(
    head: bytes, drop: Callable[[int], bytes]
) -> None:
    with dripping(head, drop) as url, pytest.raises(NoAnswer, match=r"within 0\.3 s"):
        request("GET", url, timeout=0.3)


def test_what_is_packed_otherwise_than_asked_for_is_not_unpacked() -> None:
    zstandard = pytest.importorskip("zstandard")
    packed = zstandard.compress(bytes(200 << 20))
    tracemalloc.start()
    try:
        with (
            local_server(lambda _: Answer(200, packed, {"Content-Encoding": "zstd"})) as server,
            pytest.raises(NoAnswer, match="in an encoding that was not asked for"),
        ):
            request("GET", server.url)
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()
    assert server.asked[0].headers["accept-encoding"] == "gzip, deflate"
