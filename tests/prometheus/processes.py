"""`logwatch serve` and Prometheus as processes of their own, on free ports, and what to ask them."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
_PATIENCE = 60.0
"""Seconds after which what was waited for is not coming, on a machine with much else to do."""
_SERVING = re.compile(r"serving (https?://\S+:(\d+))/")


def until(found: Callable[[], T | None]) -> T:
    """Return what `found` returns once it is true; a process needs a while."""
    deadline = time.monotonic() + _PATIENCE
    while not (value := found()):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return value


def settled(found: Callable[[], T], expected: T) -> T:
    """Return what `found` returns once it is what is expected; else what it returned last."""
    deadline = time.monotonic() + _PATIENCE
    while (value := found()) != expected and time.monotonic() < deadline:
        time.sleep(0.1)
    return value


class Process:
    """A process with its output in a file; ended with the test."""

    def __init__(self, folder: Path, name: str, command: Sequence[str]) -> None:
        self.output = folder / f"{name}.out"
        with self.output.open("w", encoding="utf-8") as file:
            self._running = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
            )

    @property
    def ended(self) -> bool:
        return self._running.poll() is not None

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def reload(self) -> None:
        """Have it read its configuration again."""
        self._running.send_signal(signal.SIGHUP)

    def close(self) -> None:
        """End it at once, whatever it is doing."""
        self._running.kill()
        self._running.wait()


class Serve(Process):
    """`logwatch serve` in `folder`, by the logwatch.yml there."""

    def __init__(self, folder: Path, port: int = 0, *options: str) -> None:
        address = ("--web.listen-address", f"127.0.0.1:{port}")
        super().__init__(folder, "serve", (sys.executable, "-m", "logwatch", "serve", *address, *options))
        serving = until(lambda: _SERVING.search(self.said()) or (self.ended and self.said()))
        assert not isinstance(serving, str | bool), serving
        self.url, self.port = serving[1], int(serving[2])


class Prometheus(Process):
    """Prometheus in `folder`, by the prometheus.yml there."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        flags = (f"--web.listen-address=127.0.0.1:{port}", "--config.file=prometheus.yml")
        super().__init__(
            folder, "prometheus", ("prometheus", *flags, "--storage.tsdb.path=data", "--log.level=warn")
        )
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
        until(self._ready)

    def _ready(self) -> bool:
        assert not self.ended, self.said()
        try:
            return self._client.get("/-/ready").is_success
        except httpx.TransportError:
            return False

    def ask(self, path: str, **parameters: str) -> Any:
        """Return the data of an answer of the HTTP API, version 1."""
        answer = self._client.get(f"/api/v1/{path}", params=parameters).json()
        assert answer["status"] == "success", (parameters, answer)
        return answer["data"]

    def query(self, expr: str) -> list[tuple[dict[str, str], float]]:
        """Return the labels and the value of each series that `expr` gives now."""
        return [
            (found["metric"], float(found["value"][1])) for found in self.ask("query", query=expr)["result"]
        ]

    def value(self, expr: str) -> float | None:
        """Return the value of the one series that `expr` gives; None: there is none."""
        found = self.query(expr)
        assert len(found) <= 1, found
        return found[0][1] if found else None
