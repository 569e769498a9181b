"""`run`, as a process: what it tells, what signals do to it, and that nothing is lost when it ends."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from .world import connect, until

SCRIPT = """
import os, resource, sys
from pathlib import Path
from logwatch.serve.http.serving import run
from tests.serve.http.world import StillExporter, loaded

class Talking(StillExporter):
    def start(self): print("started", flush=True)
    def stop(self): print("stopped", flush=True)
    def reload(self):
        print("reloaded", flush=True)
        return loaded("rules.yml:3: unknown key 'wndow'")

address, web, descriptors, signalled = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_NOFILE, (int(descriptors), int(descriptors)))
def listening(url):
    print(url, flush=True)
    if signalled:
        os.kill(os.getpid(), int(signalled))

run(Talking(), address, Path(web) if web else None, listening=listening)
print("returned", flush=True)
"""
ROOT = Path(__file__).parents[3]


@contextlib.contextmanager
def running(
    address: str, web: Path | None = None, descriptors: int = 1024, signalled: int | str = ""
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, address, str(web or ""), str(descriptors), str(signalled)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_after_the_exporter_has_stored_all(number: signal.Signals) -> None:
    with running("127.0.0.1:0") as process:
        assert line(process) == "started"
        url = line(process)
        assert url.startswith("http://127.0.0.1:")
        assert until(lambda: httpx.get(f"{url}-/ready").status_code == 200)
        process.send_signal(number)
        assert process.stdout is not None
        assert process.stdout.read() == "stopped\nreturned\n"
        assert process.wait(10) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_comes_before_anything_is_served_is_not_lost(number: signal.Signals) -> None:
    with running("127.0.0.1:0", signalled=number) as process:
        said, told = process.communicate(timeout=30)
    assert said.splitlines()[2:] == ["stopped", "returned"]
    assert told == ""


def test_hanging_up_reloads_and_ends_nothing() -> None:
    with running("localhost:0") as process:
        assert line(process) == "started"
        url = line(process)
        assert until(lambda: httpx.get(f"{url}-/ready").status_code == 200)
        process.send_signal(signal.SIGHUP)
        assert line(process) == "reloaded"
        assert httpx.get(f"{url}-/ready").status_code == 200
        process.terminate()
        said, told = process.communicate(timeout=10)
    assert (said, told) == ("stopped\nreturned\n", "")


def test_when_descriptors_run_out_it_waits_and_goes_on() -> None:
    with running("127.0.0.1:0", descriptors=40) as process:
        assert line(process) == "started"
        url = line(process)
        assert until(lambda: httpx.get(f"{url}-/ready").status_code == 200)
        port = int(url.rstrip("/").rpartition(":")[2])
        with contextlib.ExitStack() as crowd:
            for _ in range(60):
                crowd.enter_context(connect(port))
            assert process.stderr is not None
            assert (
                process.stderr.readline() == "cannot take a connection in: [Errno 24] Too many open files\n"
            )
        assert httpx.get(f"{url}-/ready", timeout=10).status_code == 200


def test_a_wrong_web_configuration_is_told_before_anything_starts(tmp_path: Path) -> None:
    web = tmp_path / "web.yml"
    web.write_text("basic_auth: 1\n")
    with running("127.0.0.1:0", web) as process:
        said, told = process.communicate(timeout=20)
    assert said == ""
    assert f"{web}:1: unknown key 'basic_auth'; did you mean 'basic_auth_users'?" in told
