"""`logwatch demo`: the incident in under a minute, judged deployment by deployment."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logwatch.cli import main
from logwatch.cli.demo import _make_room
from logwatch.deploys import read_markers
from logwatch.errors import UsageError
from logwatch.pipeline.demo import DEPLOYMENTS, ORDERS, FastClock
from logwatch.pipeline.demo.orders import order_files
from logwatch.pipeline.demo.pace import paced
from logwatch.pipeline.faults import Fault
from logwatch.pipeline.house import open_tools
from logwatch.pipeline.parsing import choose_parser
from logwatch.pipeline.settings import Settings

from .workers import ROOT


def logwatch(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "logwatch", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.mark.slow
def test_the_incident_is_reenacted_in_an_empty_directory_and_judged_fail_fail_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["demo"])
    done = capsys.readouterr()
    assert (ended.value.code, done.err) == (0, "")
    story = re.findall(r"^\d\d:\d\d  (deploy \w+|logwatch check: \w+)", done.out, flags=re.M)
    assert story == [
        "deploy 4811ec9",
        "logwatch check: FAIL",
        "deploy e682860",
        "logwatch check: FAIL",
        "deploy d52dee0",
        "logwatch check: PASS",
    ]
    assert done.out.count("6/6 orders uploaded, 6 workflows completed, 6 background jobs ended\n") == 3

    folder = tmp_path / "logwatch-demo"
    assert [path.name for path in tmp_path.iterdir()] == ["logwatch-demo"]
    assert sorted(path.name for path in (folder / "orders").iterdir()) == [
        f"PO-{number}.{suffix}" for number, suffix in enumerate(("csv", "json", "xlsx") * 2, start=1)
    ]
    markers = read_markers(folder / "logwatch-deploys.jsonl")
    assert [(marker.id, marker.note) for marker in markers] == [(d.commit, d.title) for d in DEPLOYMENTS]

    # What was seen on the way is what the log says afterwards, and for the reasons of the incident.
    failed = []
    for deployed, code in zip(DEPLOYMENTS, (1, 1, 0), strict=True):
        checked = logwatch(folder, "check", "worker.log", "--since-deploy", deployed.commit, "-f", "json")
        assert checked.returncode == code, checked.stdout
        rules = {rule["id"]: rule for rule in json.loads(checked.stdout)["rules"]}
        failed.append({rule for rule, told in rules.items() if told["verdict"] == "fail"})
        assert rules["workflow"]["verdict"] == "pass"
        assert 20 < rules["workflow"]["quantiles"]["p50"] < 36
        assert rules["workflow"]["counts"]["completed"] == ORDERS
    assert failed[0] == {"foreign-key-violation"}
    assert failed[1] >= {
        "unknown-workflow-stage",
        "missing-stage-field",
        "background-image-processor-error",
        "background-job",
    }
    assert failed[2] == set()
    assert 90 < rules["background-job"]["quantiles"]["p50"] < 240

    # Every next step that it names works as it stands there.
    steps = done.out.partition("What to try next:\n")[2].splitlines()
    commands = [shlex.split(step.partition("#")[0]) for step in steps]
    assert commands[0] == ["cd", "logwatch-demo"]
    codes = []
    for name, *words in commands[1:]:
        assert name == "logwatch"
        codes.append(logwatch(folder, *words).returncode)
    assert codes == [1, 0, 0, 0, 0]


def test_the_three_deployments_are_those_of_the_incident() -> None:
    assert [(f"{d.at:%H:%M}", d.commit, d.fault) for d in DEPLOYMENTS] == [
        ("17:00", "4811ec9", Fault.STALE_DRAFTS),
        ("17:30", "e682860", Fault.MISSING_STAGE),
        ("17:35", "d52dee0", None),
    ]


def test_a_fast_clock_maps_the_machines_seconds_to_event_seconds() -> None:
    seconds = [100.0]
    began = datetime(2025, 10, 11, 17, 30, tzinfo=UTC)
    clock = FastClock(began, 40, monotonic=lambda: seconds[0])
    assert clock.now() == began
    seconds[0] += 1.5
    assert clock.now() == began + timedelta(minutes=1)
    assert clock.event_seconds(0.25) == 10


def test_the_demos_orders_are_of_every_kind_and_their_products_have_images(tmp_path: Path) -> None:
    files = order_files(ORDERS)
    tools = paced(open_tools(Settings(image_store=str(tmp_path))), FastClock(datetime.now(UTC), 1e6))
    for file in files:
        document = tools.parser.parse(file.name, file.content, 60)
        assert document == choose_parser(None, None, "").parse(file.name, file.content, 60)
        assert len(document.lines) == 3
        assert all(len(tools.source.find(line.name, line.sku, 60)) == 2 for line in document.lines)
    assert len({file.merchant for file in files}) == 3


def test_a_second_demo_takes_the_place_of_the_first_and_leaves_what_is_not_its_own(tmp_path: Path) -> None:
    for name in ("worker.log", "pipeline.db", "logwatch-deploys.jsonl", "notes.txt"):
        (tmp_path / name).write_text("old")
    (tmp_path / "images" / "ab").mkdir(parents=True)
    _make_room(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logwatch.yml", "notes.txt"]


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "worker.log").write_text("of a real worker")
    with pytest.raises(UsageError) as caught:
        _make_room(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} is no folder of an earlier demo, and not empty; give another one with --folder"
    )
    assert (tmp_path / "worker.log").read_text() == "of a real worker"
