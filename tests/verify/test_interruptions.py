"""Real processes: killed in the middle, two at once, a day on a fast clock."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from logwatch.deploys import Deployment, add_marker
from logwatch.verify.events import Finished, Looked, Signed
from tests.pipeline.workers import wait_until
from tests.verify.processes import Command, done, events_in
from tests.verify.world import LIVE, RULES, SIGNED, Place

CHECKLIST = """version: 1
title: Test
phases:
  - id: immediate
    due: 5m
    deadline: 90d
    every: 1m
    items:
      - {id: live, kind: deployment, title: It is live, due: 1s}
      - {id: first, kind: rules, title: The first jobs end, rules: [job]}
  - id: long-term
    due: 24h
    deadline: 90d
    every: 1h
    items:
      - {id: jobs, kind: rules, title: A day, rules: [job], assurance: standard}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "day.yml").write_text(CHECKLIST)
    (tmp_path / "signed.yml").write_text(SIGNED)
    config = "version: 1\nsources: [worker.log]\nrules: [rules.yml]\ndeploys: deploys.jsonl\n"
    (tmp_path / "logwatch.yml").write_text(config)
    add_marker(tmp_path / "deploys.jsonl", Deployment("d1", LIVE))
    return tmp_path


@pytest.mark.slow
def test_a_day_is_verified_although_its_process_is_killed_in_each_phase(folder: Path) -> None:
    """Each phase lacks the jobs that would decide it until the process that waits for them is dead."""
    place = Place(folder)
    place.jobs(1, 2, 3)
    began = time.time()
    first = Command(folder, "start", "--deploy", "d1", "--checklist", "day.yml", began=began)
    first.kill_once(
        lambda events: (
            any(isinstance(e, Finished) and e.item == "live" for e in events)
            and any(isinstance(e, Looked) and e.item == "first" for e in events)
        ),
        "the first phase is under way",
    )
    place.jobs(4, 4.5)
    second = Command(folder, "resume", began=began)
    second.kill_once(
        lambda events: (
            any(isinstance(e, Finished) and e.item == "first" for e in events)
            and any(isinstance(e, Looked) and e.item == "jobs" for e in events)
        ),
        "the day is over, and too few jobs have run",
    )
    place.jobs(*(10 + n for n in range(15)))
    code, out, err = _finish(Command(folder, "resume", "-f", "json", began=began))
    assert code == 0, out + err
    told = json.loads(out)
    assert told["verdict"] == "pass"
    items = {one["id"]: one for phase in told["phases"] for one in phase["items"]}
    assert items["jobs"]["summary"] == "20/20 completed, 100 %; rules out below 86.1 %"
    finished = [event.item for event in events_in(folder) if isinstance(event, Finished)]
    assert finished == ["live", "first", "jobs"]


def _finish(command: Command) -> tuple[int, str, str]:
    return command.end(), command.out, command.err


def test_of_two_at_once_one_is_told_to_leave_it_to_the_other(folder: Path) -> None:
    waiting = Command(folder, "start", "--deploy", "d1", "--deployed-at", "1m", "--checklist", "signed.yml")
    try:
        wait_until(
            lambda: any(isinstance(e, Looked) for e in events_in(folder)), "the run waits for a signature"
        )
        other = folder / "other"
        other.mkdir()
        state = str(folder / "logwatch-verify")
        config = str(folder / "logwatch.yml")
        code, out, err = done(other, "resume", "--no-wait", "--state", state, "--config", config)
        assert (code, out) == (4, "")
        assert err.startswith(
            f"logwatch: {state}: another logwatch verify is carrying on this run (process {waiting.process.pid}, since "
        )
        assert err.endswith("); leave it to that one, or end it first\n")
        code, _, err = done(
            other, "sign", "looked", "--by", "Ada", "--note", "seen", "--state", state, "--config", config
        )
        assert (code, err) == (0, "looked signed by Ada\n")
        assert waiting.end() == 0, waiting.err
    finally:
        waiting.process.kill()
        waiting.process.wait()
    assert "sign  looked  signed by Ada, " in waiting.out
    assert [event.by for event in events_in(folder) if isinstance(event, Signed)] == ["Ada"]


def test_what_is_interrupted_by_hand_goes_on_with_resume(folder: Path) -> None:
    waiting = Command(folder, "start", "--deploy", "d1", "--deployed-at", "1m", "--checklist", "signed.yml")
    wait_until(lambda: any(isinstance(e, Looked) for e in events_in(folder)), "the run waits for a signature")
    waiting.process.send_signal(signal.SIGINT)
    assert waiting.end() == 130
    assert "Traceback" not in waiting.err
    code, out, _ = done(folder, "resume", "--no-wait")
    assert code == 4
    assert out.splitlines()[-1] == "NOT FINISHED  1 done, 1 due; due now: looked"
