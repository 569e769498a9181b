"""One Prometheus, and two exporters that it scrapes: of a worker in the incident, and of a healthy one."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.cli.command import run
from tests.prometheus.processes import Prometheus, Serve, until

INCIDENT = Path(__file__).parents[2] / "fixtures" / "incident" / "worker.log"
FIXED = datetime(2025, 10, 11, 17, 35, tzinfo=UTC)
"""When the deployment came that mended it."""
_AGO = timedelta(minutes=3)
"""How long ago the log ends: so long that no retry can revise a failure any more."""
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.MULTILINE)
_CONFIG = {"version": 1, "sources": ["worker.log"], "rules": ["shipped", "own.yml"], "lateness": "1s"}
OWN_RULES = r"""
version: 1
rules:
  - id: stages-alive
    kind: expect
    severity: warning
    pattern: 'Processing job for stage: (?P<stage>\S+)'
    key: [stage]
    expected: [ai_parsing, background_image_processing]
    every: 1h
  - id: parsing-time
    kind: measure
    severity: warning
    pattern: 'Completed ai_parsing job \S+ in (?P<ms>\d+)ms'
    value: ms
    unit: ms
    limits: {p50: 10m}
"""


@dataclass
class World:
    """What runs, and what was written to the worker's log of each exporter."""

    folder: Path
    prometheus: Prometheus
    exporters: dict[str, Serve]
    written: dict[str, str]
    begun: float

    def read_up(self, job: str) -> bool:
        """Whether Prometheus has seen that all was read."""
        lines = self.prometheus.value(f'logwatch_lines_read_total{{job="{job}"}}')
        return lines == self.written[job].count("\n")


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world once both logs were written, the exporters having been scraped before."""
    if shutil.which("prometheus") is None:
        pytest.skip("prometheus is not installed (Debian: apt-get install prometheus)")
    folder = tmp_path_factory.mktemp("world")
    begun = time.time()
    with ExitStack() as stack:
        exporters: dict[str, Serve] = {}
        stack.callback(lambda: [exporter.close() for exporter in exporters.values()])
        for job in ("incident", "healthy"):
            place = folder / job
            place.mkdir()
            (place / "worker.log").touch()
            (place / "own.yml").write_text(OWN_RULES, encoding="utf-8")
            (place / "logwatch.yml").write_text(yaml.safe_dump(_CONFIG), encoding="utf-8")
            exporters[job] = Serve(place)
        _configure(folder, exporters)
        prometheus = Prometheus(folder)
        stack.callback(prometheus.close)
        until(lambda: len(prometheus.query("logwatch_pair_started_total offset 2s")) == 2 * 4)
        written = _write(folder, datetime.now(UTC) - _AGO)
        world = World(folder, prometheus, exporters, written, begun)
        until(lambda: all(map(world.read_up, exporters)))
        yield world


def _configure(folder: Path, exporters: dict[str, Serve]) -> None:
    """Write what logwatch renders: a scrape of each exporter, quicker than that of months, and the alerts."""
    config = {"global": {"scrape_interval": "500ms", "evaluation_interval": "500ms"}, "scrape_configs": []}
    for job, exporter in exporters.items():
        address = ("--web.listen-address", f"127.0.0.1:{exporter.port}")
        made = yaml.safe_load(
            run("render", "scrape-config", *address, "--job", job, directory=folder / job).out
        )
        config["rule_files"] = made["rule_files"]
        config["scrape_configs"] += [
            {**scrape, "scrape_interval": "500ms"} for scrape in made["scrape_configs"]
        ]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    alerts = ("prometheus-alerts", "--job", "healthy", "-o", str(folder / "logwatch-alerts.yml"))
    assert run("render", *alerts, directory=folder / "healthy").code == 0


def _write(folder: Path, end: datetime) -> dict[str, str]:
    """Write the incident as if it ended at `end`, and of it what came after the repair."""
    text = INCIDENT.read_text(encoding="utf-8")
    late = end - datetime.fromisoformat(_TIME.findall(text)[-1])
    repaired = next(m.start() for m in _TIME.finditer(text) if datetime.fromisoformat(m[0]) >= FIXED)
    written = {}
    for job, part in (("incident", text), ("healthy", text[repaired:])):
        written[job] = _TIME.sub(lambda m: _shifted(m[0], late), part)
        with (folder / job / "worker.log").open("a", encoding="utf-8") as log:
            log.write(written[job])
    return written


def _shifted(moment: str, by: timedelta) -> str:
    return (datetime.fromisoformat(moment) + by).isoformat(timespec="milliseconds").replace("+00:00", "Z")
