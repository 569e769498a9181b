"""Runs of the checklist on a clock that a test sets, over logs that it writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from logwatch.config import Config
from logwatch.deploys import Deployment, add_marker
from logwatch.ruleset.load import load_rules
from logwatch.ruleset.model import RuleSet
from logwatch.verify.board import Board
from logwatch.verify.ledger import Ledger
from logwatch.verify.logs import Logs
from logwatch.verify.marked import MarkedDeployments
from logwatch.verify.notify import Notifier
from logwatch.verify.pipeline_api import PipelineApi
from logwatch.verify.provider import Provider
from logwatch.verify.run import Run
from logwatch.verify.runner import Runner, World
from logwatch.verify.start import Asked, anchor, begin, last_run

LIVE = datetime(2025, 10, 11, 17, 0, tzinfo=UTC)
"""When the deployments of these tests go live."""

RULES = r"""
version: 1
rules:
  - id: boom
    kind: forbid
    title: Nothing explodes
    pattern: boom
    exposure: job
    samples: {match: [boom]}
  - id: job
    kind: pair
    title: Jobs end
    start: 'start (?P<job>\S+)'
    outcomes: {completed: 'done (?P<job>\S+)', failed: 'fail (?P<job>\S+)'}
    key: [job]
    timeout: 4m
"""

SIGNED = """version: 1
title: Test
phases:
  - id: one
    deadline: 1d
    items:
      - {id: live, kind: deployment, title: It is live}
      - {id: looked, kind: manual, title: Somebody looked}
"""

ITEM = """
  - id: one
    items:
      - {{id: {id}, kind: {kind}, title: {title}, deadline: 10m{more}}}
"""


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@dataclass
class Clock:
    """A clock that moves when somebody sleeps. `during` is called while they do, with the moment they wake."""

    now: datetime = LIVE
    slept: timedelta = timedelta()
    during: list[Callable[[], None]] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, span: timedelta) -> None:
        self.now += span
        self.slept += span
        for happen in list(self.during):
            happen()


@dataclass
class Place:
    """A folder with logs, rules, markers and a checklist; a run is begun and carried on in it."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    provider: Provider | None = None
    pipeline: PipelineApi | None = None
    notifier: Notifier | None = None
    environment: dict[str, str] = field(default_factory=dict)
    beat: timedelta = timedelta(minutes=1)
    run: Run | None = None

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def markers(self) -> Path:
        return self.folder / "deploys.jsonl"

    @property
    def log(self) -> Path:
        return self.folder / "worker.log"

    @property
    def config(self) -> Config:
        config = Config(sources=(str(self.log),), deploys=self.markers)
        return replace(config, verify=replace(config.verify, state=self.state))

    @property
    def ruleset(self) -> RuleSet:
        path = self.folder / "rules.yml"
        if not path.exists():
            path.write_text(RULES)
        return load_rules([path])

    def mark(self, deployment: str = "d1", after: timedelta = timedelta(), commit: str = "") -> None:
        add_marker(self.markers, Deployment(deployment, LIVE + after, commit))

    def write(self, *lines: tuple[float, str]) -> None:
        """Add lines to the log, each at minutes after the deployment."""
        with self.log.open("a", encoding="utf-8") as file:
            for at, text in sorted(lines, key=lambda line: line[0]):
                file.write(f"{(LIVE + minutes(at)).isoformat()} {text}\n")

    def jobs(self, *at: float, end: str = "done") -> None:
        """Log a job at each of these minutes, which takes three seconds."""
        self.write(*(line for n in at for line in ((n, f"start j{n}"), (n + 0.05, f"{end} j{n}"))))

    def begin(self, checklist: str, deploy: str = "d1", phases: tuple[str, ...] = ()) -> Run:
        """Begin a run of a checklist, which is YAML from its phases on."""
        file = self.folder / "checklist.yml"
        file.write_text(f"version: 1\ntitle: Test\nphases:\n{checklist}")
        asked = Asked(deploy, phases=phases, by="tester")
        found = anchor(asked, self.provider, self.markers, self.clock())
        ledger = Ledger(self.state)
        self.run = begin(ledger, self.state, asked, found, file, self.ruleset, self.clock())
        return self.run

    def again(self) -> Run:
        """Open the run as a process that has just been started would."""
        self.run = last_run(self.state, self.ruleset)
        return self.run

    def runner(self, show: Callable[[Board], None] = lambda _board: None) -> Runner:
        assert self.run is not None
        return Runner(
            self.run,
            World(
                clock=self.clock,
                sleep=self.clock.sleep,
                logs=Logs(self.config, self.ruleset),
                provider=self.provider or MarkedDeployments(self.markers, self.clock()),
                pipeline=self.pipeline,
                environment=self.environment,
                markers=self.markers,
                notifier=self.notifier,
            ),
            show,
        )

    def carry_on(self, *, wait: bool = False) -> Board:
        return self.runner().carry_on(wait=wait, beat=self.beat)

    def at(self, after: float) -> Place:
        """Set the clock to minutes after the deployment."""
        self.clock.now = LIVE + minutes(after)
        return self

    def board(self) -> Board:
        assert self.run is not None
        return self.run.board(self.clock())

    def states(self) -> dict[str, str]:
        return {row.item.id: row.state.value for row in self.board().rows}

    def summary(self, item: str) -> str:
        result = self.board()[item].result
        assert result is not None
        return result.summary

    def happened(self) -> list[tuple[str, str]]:
        """Return (what, item) of all events of the run."""
        assert self.run is not None
        rows = self.run.ledger._db.execute("SELECT what, coalesce(item, '') FROM events ORDER BY seq")
        return [(what, item) for what, item in rows]
