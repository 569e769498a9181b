"""A real server on a free port, over an exporter that stands still."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter

from logwatch.serve.http.address import Address, bound, listen
from logwatch.serve.http.app import build_app
from logwatch.serve.http.limits import Limits
from logwatch.serve.http.reloading import Reloading
from logwatch.serve.http.server import Server
from logwatch.serve.http.web_file import WebFile
from logwatch.serve.snapshot import Loaded, Point, Snapshot, StreamState
from tests.reports.world import HOSTILE, T0, at, failing, healthy, incident, verdict

NOW = at(1805)
ROOM = Limits()
HASTY = Limits(handshake=0.5, header=0.5, body=0.5, exchange=1.0, idle=0.5, connections=20)
"""What waits for a client gives up soon, so that tests see it."""


def loaded(problem: str | None = None) -> Loaded:
    return Loaded(T0 - timedelta(hours=1), problem)


FIVE = timedelta(minutes=5)


def history(*bad: int, good: int = 12) -> tuple[Point, ...]:
    """Six hours of five-minute bars, `bad` ones at the end."""
    ends = {71 - i: n for i, n in enumerate(reversed(bad))}
    start = at(1800) - timedelta(hours=6)
    return tuple(
        Point(start + i * FIVE, FIVE, 0 if i in ends else good + i * 7 % 5, ends.get(i, 0)) for i in range(72)
    )


STREAMS = (
    StreamState("/var/log/worker/worker.log", "iso8601", 48_211, 0, None, at(1799)),
    StreamState("/var/log/worker/api.log", "json (pino)", 1_204, 88_213, 42.5, at(1750)),
    StreamState(
        "/var/log/worker/old.log", "unknown", 0, 0, None, None, "cannot be opened (Permission denied)"
    ),
)


def snapshot(**changes: object) -> Snapshot:
    """The incident over half an hour, and a healthy day."""
    whole = Snapshot(
        at=at(1804),
        loaded=loaded(),
        ready=True,
        verdicts={"30m": incident(), "24h": healthy()},
        streams=STREAMS,
        history={
            "foreign-key-violation": tuple(replace(p, good=0) for p in history(3, 9, 4, 6)),
            "background-job": history(good=9),
            "background-image-run": history(1, 0, 0),
            "healthy-background-job": history(4, 2, 3),
            "image-attachment": history(),
            "unknown-workflow-stage": tuple(replace(p, good=0) for p in history()),
        },
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def hostile() -> Snapshot:
    """Log lines, names and problems that try to run, to draw, to send and to hide."""
    tries = (
        "<script>window.owned = 1</script>",
        "<img src=x onerror='window.owned = 1'>",
        "<svg onload='window.owned = 1'><a href='javascript:window.owned=1'>x</a></svg>",
        "</pre></li></ol></article><h1>PASS</h1><style>*{display:none}</style>",
        "\x1b[2J\x1b]0;owned\x07\x9b31m red",
        "\u202egnp.exe \u2066 hidden\u2069 \u200bzero \U000e0041tags",
        "Z͑ͫ̓ͪ̂ͫ̽a̴̵̸l͖͗̈́g̶͊o " + "\u0301" * 60 + " and on",
        "x" * 400,
        "שלום 123 abc مرحبا",
        HOSTILE,
    )
    rule = failing(*tries[:5], title="<b>title</b>", summary="<i>22</i> matches \x1b[31m")
    more = failing(*tries[5:], rule_id="hidden-text", summary="5 matches \u202e")
    bad = verdict(rule, more, notes=("<script>window.owned = 1</script>",))
    streams = (
        StreamState("<img src=x onerror=alert(1)>\x1b[2J", "plain", 1, 0, None, None, "<b>gone</b>\u202e"),
    )
    return snapshot(
        verdicts={"30m": bad}, streams=streams, loaded=loaded("rules.yml:1: <script>\x1b[2J</script>")
    )


@dataclass
class StillExporter:
    """What an exporter looks like from the outside; `reloads` are what the next ones say."""

    snapshot: Snapshot = field(default_factory=snapshot)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    reloads: list[Loaded] = field(default_factory=list)
    reloaded: int = 0
    running: bool = False

    def __post_init__(self) -> None:
        matches = Counter("logwatch_rule_matches", "Matches.", ["rule"], registry=self.registry)
        matches.labels("unknown-workflow-stage").inc(3, {"job": "wf_1"})

    def reload(self) -> Loaded:
        self.reloaded += 1
        return self.reloads.pop(0) if self.reloads else loaded()

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False


@dataclass(frozen=True)
class Serving:
    port: int
    server: Server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        return len(self.server.server_state.connections)


@contextmanager
def serving(
    exporter: StillExporter | None = None,
    web_config: Path | None = None,
    *,
    local: bool = True,
    forced: bool = False,
    limits: Limits = ROOM,
    now: datetime = NOW,
) -> Iterator[Serving]:
    """Serve until the block ends. `local` False: as if other machines could reach it."""
    exporter = exporter or StillExporter()
    web = WebFile(web_config)
    reloading = Reloading(exporter)
    app = build_app(exporter, web, reloading, local=local, forced=forced, limits=limits, now=lambda: now)
    listening = listen(Address("127.0.0.1", 0))
    server = Server(app, web.context, limits, reloading.begin)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    port = bound(listening).port
    thread.start()
    try:
        yield Serving(port, server)
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


def until(true: object, seconds: float = 10.0) -> bool:
    """Wait until `true()` is, for at most `seconds`; whether it became so."""
    assert callable(true)
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def connect(port: int, *sent: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    for data in sent:
        client.sendall(data)
    return client


def everything_from(client: socket.socket) -> bytes:
    """Read until the server closes; what came is returned even if it ended with a reset."""
    got = b""
    try:
        while data := client.recv(65536):
            got += data
    except ConnectionResetError:
        pass
    return got
