"""An exporter in a folder of its own, on clocks that tests move; what it exports, as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from logwatch.config import Config, ServeConfig
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.model import RuleSet
from logwatch.serve.exporter import Exporter
from logwatch.serve.setup import Setup
from logwatch.serve.snapshot import Snapshot
from logwatch.timespec import format_span

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

JOBS = """
version: 1
rules:
  - id: job
    kind: pair
    title: Jobs end well
    severity: critical
    start: 'job (?P<job>\\S+) started'
    outcomes:
      completed: 'job (?P<job>\\S+) done'
      failed: 'job (?P<job>\\S+) failed'
      skipped: 'job (?P<job>\\S+) had nothing to do'
    key: [job]
    timeout: 1m
    retry_within: 1m
  - id: oops
    kind: forbid
    title: Nothing goes wrong
    severity: critical
    pattern: 'oops(?: in (?P<part>\\S+))?'
    labels: [part]
    exposure: job
    samples: {match: ["oops in disk"]}
"""


def stamped(moment: datetime, text: str) -> str:
    """Return a line of a log."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z {text}\n"


@dataclass(frozen=True)
class Scrape:
    """What one scrape got."""

    samples: dict[tuple[str, tuple[tuple[str, str], ...]], float]

    def value(self, name: str, labels: Mapping[str, str] | None = None) -> float | None:
        """Return one sample, None where there is none."""
        return self.samples.get((f"logwatch_{name}", tuple(sorted((labels or {}).items()))))


class World:
    """`folder` holds the logs, the rules and the state. `now` moves with `wall`, unless a test moves one alone."""

    def __init__(
        self,
        folder: Path,
        rules: str | RuleSet = JOBS,
        *,
        names: Sequence[str] = ("*.log",),
        windows: Sequence[timedelta] = (),
        wall: datetime = NOON,
        from_end: bool = False,
        stdin: int | None = None,
    ) -> None:
        self.stdin = stdin
        self.folder = folder
        self.rules = rules
        self.names = tuple(
            name if name.startswith(("journal:", "-")) else str(folder / name) for name in names
        )
        serve = ServeConfig(state=folder / "state")
        if windows:
            serve = replace(serve, windows={format_span(window): window for window in windows})
        self.config = Config(serve=serve)
        self.now = 0.0
        self.wall = wall
        self.said: list[str] = []
        self.exporter: Exporter
        self.start(from_end=from_end)

    def start(self, *, from_end: bool = False) -> None:
        """Start an exporter, on what is stored."""
        self.exporter = Exporter(
            self._setup, from_end=from_end, stdin=self.stdin, say=self.said.append, wall=lambda: self.wall
        )

    def stop(self) -> None:
        """End the exporter as SIGTERM does."""
        self.exporter.stop()

    def kill(self) -> None:
        """Let the exporter vanish: nothing is stored, locks and descriptors end with it."""
        self.exporter._follow.abandon()

    def restart(self) -> None:
        """Kill the exporter and start another."""
        self.kill()
        self.start()

    def turn(self, seconds: float = 1.0) -> None:
        """Let `seconds` pass, then have turns until there is nothing more to read."""
        self.now += seconds
        self.wall += timedelta(seconds=seconds)
        while self.exporter.turn(self.now, self.wall):
            pass

    def write(self, text: str, name: str = "worker.log") -> None:
        """Append to a log."""
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    def log(self, *texts: str, name: str = "worker.log") -> None:
        """Append lines that carry the present time."""
        self.write("".join(stamped(self.wall, text) for text in texts), name)

    def settle(self) -> None:
        """Let so much time pass, in steps, that all that was logged is final, stored and shown."""
        for _ in range(10):
            self.turn(20.0)

    @property
    def snapshot(self) -> Snapshot:
        """What the exporter shows."""
        return self.exporter.snapshot

    def scrape(self) -> Scrape:
        """Return what a scrape gets now."""
        text = generate_latest(self.exporter.registry).decode()
        return Scrape(
            {
                (sample.name, tuple(sorted(sample.labels.items()))): sample.value
                for family in text_string_to_metric_families(text)
                for sample in family.samples
            }
        )

    def value(self, name: str, labels: Mapping[str, str] | None = None) -> float | None:
        """Return one sample of a scrape of its own, None where there is none."""
        return self.scrape().value(name, labels)

    def _setup(self) -> Setup:
        if isinstance(self.rules, RuleSet):
            return Setup(self.config, self.rules, self.names)
        file = self.folder / "rules.yml"
        file.write_text(self.rules, encoding="utf-8")
        return Setup(self.config, load_rules([file]), self.names)
