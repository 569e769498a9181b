"""`logwatch tail`: one line an event, as it happens, and the verdict of what was seen."""

from __future__ import annotations

import gzip
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.command import run
from tests.serve.world import JOBS, NOON, stamped

ROOT = Path(__file__).parents[2]
LOG = "".join(
    stamped(NOON.replace(second=second), text)
    for second, text in enumerate(
        [
            "job 1 started",
            "job 1 done",
            "job 2 started",
            "job 2 failed",
            "oops in disk",
            "job 9 done",
            "job 3 started",
        ]
    )
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(JOBS, encoding="utf-8")
    (tmp_path / "worker.log").write_text(LOG, encoding="utf-8")
    return tmp_path


def test_a_log_is_told_event_by_event_and_judged_at_the_end(folder: Path) -> None:
    result = run("tail", "worker.log", "--rules", "rules.yml", directory=folder)
    assert result.err == ""
    assert result.code == 1
    told, _, judged = result.out.partition("2026-03-01 12:00:00 to 12:00:06 UTC")
    assert told == (
        "12:00:00   job  1  start  worker.log:1\n"
        "12:00:01 + job  1  completed after 1s  worker.log:2\n"
        "12:00:02   job  2  start  worker.log:3\n"
        "12:00:03 ! job  2  failed after 1s  worker.log:4  job 2 failed\n"
        "12:00:04 ! oops  -  match part=disk  worker.log:5  oops in disk\n"
        "12:00:06   job  3  start  worker.log:7\n"
        "12:00:05   job  -  orphan end  worker.log:6\n"
    )
    assert judged.splitlines()[0] == "   7 lines, 7 records   1/1 buckets with records   quick assurance"
    assert judged.splitlines()[1].startswith("FAIL  job   1/2 completed, 50.0 % (1 failed)")
    assert judged.splitlines()[-1] == "FAIL  2 failed (job, oops)"


def test_standard_input_is_read_to_its_end(folder: Path) -> None:
    with (folder / "worker.log").open("rb") as log:
        done = subprocess.run(
            [sys.executable, "-m", "logwatch", "tail", "-", "--rules", "rules.yml", "-o", "ndjson"],
            cwd=folder,
            stdin=log,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(e["rule"], e["event"], e["key"], e["good"]) for e in events] == [
        ("job", "start", ["1"], None),
        ("job", "completed", ["1"], True),
        ("job", "start", ["2"], None),
        ("job", "failed", ["2"], False),
        ("oops", "match", None, False),
        ("job", "start", ["3"], None),
        ("job", "orphan_end", None, None),
    ]
    assert events[1] == {
        "time": "2026-03-01T12:00:01.000Z",
        "rule": "job",
        "kind": "pair",
        "event": "completed",
        "good": True,
        "key": ["1"],
        "duration_seconds": 1.0,
        "labels": {},
        "values": [],
        "source": "<stdin>",
        "line": 2,
        "text": "job 1 done",
    }


def test_text_of_logs_cannot_drive_the_terminal(folder: Path) -> None:
    with (folder / "worker.log").open("a", encoding="utf-8") as log:
        log.write(stamped(NOON.replace(second=30), "oops in \x9b31m\u202e\x1b]0;title\x07 \x1b[2J"))
    for output in ("text", "ndjson"):
        result = run("tail", "worker.log", "--rules", "rules.yml", "-o", output, directory=folder)
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(result.out)


def test_a_name_that_leads_to_nothing_is_inconclusive(folder: Path) -> None:
    result = run("tail", "none.log", "--rules", "rules.yml", directory=folder)
    assert result.code == 3
    assert "none.log" in result.out


def test_a_last_line_without_an_end_is_read(folder: Path) -> None:
    with (folder / "worker.log").open("a", encoding="utf-8") as log:
        log.write(stamped(NOON.replace(second=30), "oops in memory").rstrip("\n"))
    result = run("tail", "worker.log", "--rules", "rules.yml", directory=folder)
    assert "12:00:30 ! oops  -  match part=memory  worker.log:8  oops in memory\n" in result.out


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        (gzip.compress(LOG.encode())[:-8], "gzip stream ends early"),
        (gzip.compress(LOG.encode()) + b"more", "holds other data"),
    ],
)
def test_a_compressed_log_that_cannot_be_read_whole_keeps_the_rest_from_passing(
    folder: Path, packed: bytes, why: str
) -> None:
    done = [f"job {number} {what}" for number in range(5) for what in ("started", "done")]
    (folder / "worker.log").write_text("".join(stamped(NOON, text) for text in done), encoding="utf-8")
    (folder / "other.log.gz").write_bytes(packed)
    good = run("tail", "worker.log", "--rules", "rules.yml", directory=folder)
    assert good.code == 0
    result = run("tail", "worker.log", "other.log.gz", "--rules", "rules.yml", directory=folder)
    assert "oops in disk" in result.out
    assert f"other.log.gz: lost data: {why}" in result.out


def test_a_match_without_a_time_counts_beside_a_log_with_times(folder: Path) -> None:
    (folder / "plain.log").write_text("begins\noops in memory\n", encoding="utf-8")
    result = run("tail", "worker.log", "plain.log", "--rules", "rules.yml", directory=folder)
    assert "--:--:-- ! oops  -  match part=memory  plain.log:2  oops in memory\n" in result.out
    assert "by part: disk 1, memory 1" in result.out


def test_a_journal_without_end_is_followed_or_refused(folder: Path) -> None:
    result = run("tail", "journal:", "--rules", "rules.yml", directory=folder)
    assert result.code == 2
    assert result.err == (
        "logwatch: journal: has no end; follow it with -f, or read: journalctl -o json | logwatch tail -\n"
    )


def read_until(terminal: int, wanted: str, seen: str = "") -> str:
    """Return all that the terminal shows until it has shown `wanted`."""
    deadline = time.monotonic() + 60
    while wanted not in seen:
        assert time.monotonic() < deadline, seen
        if select.select([terminal], [], [], 1.0)[0]:
            seen += os.read(terminal, 65536).decode()
    return seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once_with_the_verdict_of_what_was_seen(
    folder: Path, number: signal.Signals
) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "logwatch",
            "tail",
            "-f",
            "worker.log",
            "--rules",
            "rules.yml",
            "-o",
            "text",
        ],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        text=True,
    )
    assert process.stdout is not None
    line = ""
    while "oops" not in line:  # once it follows, what is written is told
        with (folder / "worker.log").open("a", encoding="utf-8") as log:
            log.write(stamped(datetime.now(UTC), "oops in fan"))
        if select.select([process.stdout], [], [], 0.2)[0]:
            line = process.stdout.readline()
    process.send_signal(number)
    rest = process.stdout.read()
    assert process.wait(timeout=30) == 128 + number
    assert rest.splitlines()[-1] == "FAIL  1 failed (oops), 1 inconclusive (job)"


@pytest.mark.slow
def test_on_a_terminal_it_follows_shows_what_is_in_flight_and_judges_at_ctrl_c(folder: Path) -> None:
    terminal, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "logwatch", "tail", "-f", "worker.log", "--rules", "rules.yml"],
        cwd=folder,
        stdin=side,
        stdout=side,
        stderr=side,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
    )
    os.close(side)
    shown = read_until(terminal, "0 in flight")
    assert "job  1" not in shown  # what was there before is left out
    with (folder / "worker.log").open("a", encoding="utf-8") as log:
        log.write(stamped(datetime.now(UTC), "job 4 started"))
    shown = read_until(terminal, "1 in flight", shown)
    with (folder / "worker.log").open("a", encoding="utf-8") as log:
        log.write(stamped(datetime.now(UTC), "job 4 done"))
    shown = read_until(terminal, "completed after", shown)
    process.send_signal(signal.SIGINT)
    shown = read_until(terminal, "INCONCLUSIVE", shown)
    assert process.wait(timeout=30) == 130
    assert "lines/s" in shown
    os.close(terminal)
