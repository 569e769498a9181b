"""`logwatch serve` in figures: `python -m tests.bench.following [--size 64MB] [--lines 10000000]`.

Beside mtail, which follows the same file as it grows: how fast a file is followed that grows as fast as it can be
written, and how much of a processor 50,000 lines a second take. Ratios hold from machine to machine; the rest does not.
Of logwatch alone: memory while millions of lines pass and 100,000 runs are open, how long a scrape of 1,000 series
takes, and how long it takes from the start to the first scrape.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.check_speed import _size
from tests.bench.worlds import SHAPES, write_world

_PROGRAMS = Path(__file__).parent / "programs"
_SEED = 20251011
_PIECE = 1 << 20
_RATE = 50_000
_PAUSE = 0.02
_BETWEEN_LOOKS = 0.25
"""Seconds between two scrapes, which cost time themselves."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Follower:
    """A process that follows `log`, and the pattern that finds in its metrics how many lines it has read."""

    process: subprocess.Popen[bytes]
    url: str
    lines_read: str

    def metrics(self) -> str:
        """Return what it exports; empty while nothing is served."""
        try:
            with urllib.request.urlopen(self.url, timeout=30) as answer:
                text: str = answer.read().decode()
                return text
        except OSError:
            return ""

    def read(self) -> int:
        """Return how many lines it has read."""
        found = re.search(self.lines_read, self.metrics(), re.MULTILINE)
        return int(float(found[1])) if found else 0

    def wait_for(self, lines: int) -> None:
        """Wait until it has read so many lines."""
        while self.read() < lines:
            time.sleep(_BETWEEN_LOOKS)

    def cpu(self) -> float:
        """Return the seconds of processor time that it took so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> int:
        """Return the MiB of memory that it holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) >> 10


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


@contextmanager
def _running(command: list[str], folder: Path, port: int, lines_read: str) -> Iterator[Follower]:
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        follower = Follower(process, f"http://127.0.0.1:{port}/metrics", lines_read)
        try:
            while not follower.metrics():
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} ended with {process.returncode}")
                time.sleep(_PAUSE)
            yield follower
        finally:
            process.terminate()


@contextmanager
def logwatch(folder: Path, *rules: str) -> Iterator[Follower]:
    """Run `logwatch serve` on the log in a folder, which is given anew."""
    port, root = _port(), Path(__file__).parents[2]
    given = [word for rule in rules or (str(root / "rules"),) for word in ("--rules", rule)]
    command = [sys.executable, "-m", "logwatch", "serve", "worker.log", *given]
    os.environ["PYTHONPATH"] = str(root)
    listen = ["--web.listen-address", f"127.0.0.1:{port}"]
    with _running([*command, *listen], folder, port, r"^logwatch_lines_read_total\{.*\} (\S+)$") as follower:
        yield follower


@contextmanager
def mtail(folder: Path) -> Iterator[Follower]:
    """Run mtail on the log in a folder, with a program that counts the same."""
    port = _port()
    command = ["mtail", "--progs", str(_PROGRAMS / "mtail"), "--logs", str(folder / "worker.log")]
    listen = ["--address", "127.0.0.1", "--port", str(port)]
    with _running([*command, *listen], folder, port, r"^mtail_log_lines_total\{.*\} (\S+)$") as follower:
        yield follower


FOLLOWERS = {"logwatch": logwatch, "mtail": mtail}


def flat_out(name: str, source: Path, lines: int) -> tuple[float, float]:
    """Return lines a second, and microseconds of processor time a line, of a file written as fast as can be."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        log = folder / "worker.log"
        log.touch()
        with FOLLOWERS[name](folder) as follower, source.open("rb") as content, log.open("ab") as file:
            cpu, begun = follower.cpu(), time.perf_counter()
            while piece := content.read(_PIECE):
                file.write(piece)
                file.flush()
            follower.wait_for(lines)
            return lines / (time.perf_counter() - begun), (follower.cpu() - cpu) / lines * 1e6


def paced(name: str, source: Path, seconds: int) -> float:
    """Return the share of a processor that 50,000 lines a second take; they are written as evenly as can be."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        (folder / "worker.log").touch()
        with FOLLOWERS[name](folder) as follower, source.open("rb") as content:
            cpu, begun, written = follower.cpu(), time.perf_counter(), 0
            with (folder / "worker.log").open("ab") as file:
                while written < seconds * _RATE:
                    due = int((time.perf_counter() - begun) * _RATE) - written
                    piece = b"".join(content.readline() for _ in range(due))
                    if due and not piece:
                        content.seek(0)
                    file.write(piece)
                    file.flush()
                    written += piece.count(b"\n")
                    time.sleep(_PAUSE)
            follower.wait_for(written)
            return (follower.cpu() - cpu) / written * _RATE


_OPEN_JOBS = """
version: 1
rules:
  - {id: job, kind: pair, title: Jobs, severity: critical, start: 'job (?P<job>\\S+) started', key: [job],
     outcomes: {completed: 'job (?P<job>\\S+) done'}, timeout: 6d, retry_within: 1m}
"""


def memory(lines: int) -> Iterator[tuple[int, int]]:
    """Yield, million by million, how many MiB it takes when so many lines have passed; 100,000 runs are open."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        (folder / "rules.yml").write_text(_OPEN_JOBS)
        log = folder / "worker.log"
        log.touch()
        begin = datetime.now(UTC) - timedelta(days=2)
        step = timedelta(days=2) / max(lines, 1)
        with logwatch(folder, "rules.yml") as follower:
            for million in range(lines // 1_000_000):
                with log.open("a") as file:
                    for n in range(million * 1_000_000, (million + 1) * 1_000_000):
                        stamp = (begin + n * step).isoformat()
                        if n < 100_000:
                            file.write(f"{stamp} job {n} started\n")
                        elif n % 50 == 0:
                            file.write(f"{stamp} job p{n} started\n")
                        elif n % 50 == 1:
                            file.write(f"{stamp} job p{n - 1} done\n")
                        else:
                            file.write(f"{stamp} worker says nothing that anybody asks for, number {n}\n")
                follower.wait_for((million + 1) * 1_000_000)
                yield million + 1, follower.memory()
                log.rename(folder / "worker.log.1")
                log.touch()


_LABELS = "version: 1\nrules:\n" + "".join(
    f"  - {{id: r{n}, kind: count, title: R, severity: info, pattern: 'r{n} of (?P<part>\\S+)', labels: [part]}}\n"
    for n in range(10)
)


def scraping(scrapes: int) -> tuple[float, float, float]:
    """Return seconds to the first scrape, and the median and the worst of scrapes of 1,000 series of labels."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        (folder / "rules.yml").write_text(_LABELS)
        now = datetime.now(UTC).isoformat()
        lines = (f"{now} r{rule} of part-{part}\n" for rule in range(10) for part in range(100))
        (folder / "worker.log").write_text("".join(lines))
        begun = time.perf_counter()
        with logwatch(folder, "rules.yml") as follower:
            first = time.perf_counter() - begun
            while follower.metrics().count("part=") < 2000:  # each with the moment of its creation
                time.sleep(_PAUSE)
            taken = []
            for _ in range(scrapes):
                begun = time.perf_counter()
                follower.metrics()
                taken.append(time.perf_counter() - begun)
            return first, statistics.median(taken), max(taken)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def main() -> None:
    """Measure, and print what comes out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=_size, default=_size("64MB"), help="of the log that grows")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=10, help="of 50,000 lines each")
    parser.add_argument("--lines", type=int, default=10_000_000, help="that pass while memory is looked at")
    asked = parser.parse_args()
    for shape in ("sparse", "dense"):
        with tempfile.TemporaryDirectory(prefix="logwatch-bench-") as directory:
            source, truth = write_world(SHAPES[shape], asked.size, _SEED, Path(directory))
            figures: dict[str, list[tuple[float, float, float]]] = {name: [] for name in FOLLOWERS}
            for _ in range(asked.rounds):
                for name, found in figures.items():
                    rate, cost = flat_out(name, source, truth.lines)
                    found.append((rate, cost, paced(name, source, asked.seconds)))
        _say(f"{shape + ', followed as it grows':40}{'lines/s':>10}{'us/line':>10}{'at 50,000/s':>14}")
        for name, found in figures.items():
            rate, cost, share = (statistics.median(column) for column in zip(*found, strict=True))
            _say(f"  {name:38}{rate:>10,.0f}{cost:>10.2f}{share:>13.0%}")
        pairs = list(zip(figures["logwatch"], figures["mtail"], strict=True))
        ratios = [statistics.median(a[n] / b[n] for a, b in pairs) for n in range(3)]
        _say(f"  {'logwatch beside mtail':38}{ratios[0]:>10.2f}{ratios[1]:>10.2f}{ratios[2]:>14.2f}")
    first, usual, worst = scraping(100)
    _say(
        f"first scrape after {first:.2f} s; 1,000 series: {usual * 1e3:.1f} ms, at most {worst * 1e3:.1f} ms"
    )
    for millions, mib in memory(asked.lines):
        _say(f"{millions:>3} million lines, 100,000 runs open: {mib} MiB")


if __name__ == "__main__":
    sys.exit(main())
