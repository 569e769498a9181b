"""Clients that say little, nothing, or read nothing: each connection ends, and none keeps others out."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import httpx
import pytest
from prometheus_client import Counter

from logwatch.serve.http import guard
from logwatch.serve.http.limits import Limits

from .certificates import OPENSSL, signed
from .world import HASTY, Serving, StillExporter, connect, everything_from, serving, until

PATIENT = replace(HASTY, header=60, body=60, exchange=60, idle=60)
"""Only what a test makes hasty ends by itself."""


def drip(client: socket.socket, byte: bytes) -> None:
    """Send a byte now and then until the server has had enough."""
    try:
        while True:
            client.sendall(byte)
            time.sleep(0.05)
    except OSError:
        return


@pytest.mark.parametrize(
    ("sent", "dripped"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b""),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"x"),
    ],
    ids=["silent", "half a header", "a header that drips"],
)
def test_a_header_that_does_not_come_ends_the_connection(sent: bytes, dripped: bytes) -> None:
    with serving(limits=replace(PATIENT, header=0.5)) as served, connect(served.port, sent) as client:
        if dripped:
            threading.Thread(target=drip, args=(client, dripped), daemon=True).start()
        assert everything_from(client) == b""
        assert until(lambda: served.connections == 0)


@pytest.mark.parametrize("dripped", [b"", b"x"], ids=["stops", "drips"])
def test_a_body_that_does_not_come_is_told_so_and_ends_the_connection(
    dripped: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_LINGER", 0.2)
    head = b"POST /-/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc"
    with serving(limits=replace(PATIENT, body=0.5)) as served, connect(served.port, head) as client:
        if dripped:
            threading.Thread(target=drip, args=(client, dripped), daemon=True).start()
        answer = everything_from(client)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert answer.endswith(b"the body did not arrive within 0.5 s\n")
        assert until(lambda: served.connections == 0)


@contextmanager
def reading_nothing(limits: Limits) -> Iterator[tuple[Serving, socket.socket]]:
    """A client that has asked for more than sockets buffer, and does not read it."""
    exporter = StillExporter()
    large = Counter("large", "Much.", ["text"], registry=exporter.registry)
    for n in range(160):
        large.labels(f"{n}" + "x" * 50_000)
    with serving(exporter, limits=limits) as served, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(20)
        client.connect(("127.0.0.1", served.port))
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert until(lambda: served.server.server_state.total_requests == 1)
        yield served, client


def test_a_client_that_reads_nothing_is_left() -> None:
    with reading_nothing(replace(PATIENT, exchange=1)) as (served, _):
        assert served.connections == 1
        assert until(lambda: served.connections == 0)


def test_a_client_that_reads_late_gets_all_of_it_and_may_ask_again() -> None:
    with reading_nothing(PATIENT) as (_, client):
        answer = HTTPResponse(client)
        answer.begin()
        assert len(answer.read()) > 8_000_000
        client.sendall(b"GET /-/ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 200"


def test_a_connection_is_kept_for_the_next_request_but_not_for_ever() -> None:
    with serving(limits=replace(PATIENT, idle=0.5)) as served:
        client = HTTPConnection("127.0.0.1", served.port, timeout=10)
        client.connect()
        kept = client.sock
        for _ in range(2):
            client.request("GET", "/-/ready")
            assert client.getresponse().read() == b"ready\n"
            assert client.sock is kept
        assert everything_from(kept) == b""


def test_requests_that_come_at_once_are_answered_in_order() -> None:
    paths = [b"/-/ready", b"/nothing", b"/-/healthy"]
    requests = b"".join(b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % path for path in paths)
    with serving(limits=replace(PATIENT, idle=0.5)) as served, connect(served.port, requests) as client:
        answers = everything_from(client)
    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200", b"404", b"200"]


def test_idle_connections_however_many_keep_nobody_out() -> None:
    with serving(limits=PATIENT) as served, ExitStack() as crowd:
        for _ in range(5 * PATIENT.connections):
            crowd.enter_context(connect(served.port))
        assert until(lambda: served.connections == PATIENT.connections)
        assert httpx.get(f"{served.url}/metrics").status_code == 200
        for _ in range(PATIENT.connections):
            crowd.enter_context(connect(served.port, b"GET / HTTP/1.1\r\nX: "))
        assert httpx.get(f"{served.url}/-/ready").status_code == 200
        assert served.connections <= PATIENT.connections


def test_those_who_are_being_answered_make_no_room() -> None:
    body = b"POST /-/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"
    with serving(limits=replace(PATIENT, connections=3)) as served, ExitStack() as busy:
        asking = [busy.enter_context(connect(served.port, body)) for _ in range(3)]
        assert until(lambda: len(served.server.server_state.tasks) == 3)
        with connect(served.port) as late:
            assert everything_from(late) == b""
        for client in asking:
            client.sendall(b"12345")
            assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[Serving]:
    if OPENSSL is None:
        pytest.skip("openssl is not installed")
    signed(tmp_path, "server")
    web = tmp_path / "web.yml"
    web.write_text("tls_server_config: {cert_file: server.crt, key_file: server.key}\n")
    with serving(web_config=web, limits=replace(PATIENT, handshake=0.5)) as served:
        yield served


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n\r\n"])
def test_a_handshake_that_is_none_ends_the_connection(tls: Serving, sent: bytes) -> None:
    with connect(tls.port, sent) as client:
        everything_from(client)  # an alert at most


def test_those_who_shake_no_hands_keep_nobody_out(tls: Serving) -> None:
    context = ssl._create_unverified_context()
    with ExitStack() as crowd:
        for _ in range(3 * PATIENT.connections):
            crowd.enter_context(connect(tls.port))
        assert httpx.get(f"https://127.0.0.1:{tls.port}/-/ready", verify=context).status_code == 200
