"""How a command ends: its exit code, whatever happens to it, and what it may cost to start."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from logwatch.checking import Check
from tests.cli.command import run

TRIGGERED = "2025-10-11T17:0{n}:00Z PROCESSOR TRIGGERED for background_image_processing job {n}\n"
COMPLETED = "2025-10-11T17:0{n}:30Z Completed background_image_processing job {n} in 3ms\n"
FAILED = "2025-10-11T17:0{n}:30Z PROCESSOR ERROR in background_image_processing job {n} after 3ms: no\n"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for name, end, jobs in (("good", COMPLETED, 5), ("bad", FAILED, 5), ("few", COMPLETED, 4)):
        lines = (line.format(n=n) for n in range(jobs) for line in (TRIGGERED, end))
        (tmp_path / f"{name}.log").write_text("".join(lines))
    return tmp_path


@pytest.mark.parametrize(("name", "code"), [("good", 0), ("bad", 1), ("few", 3), ("missing", 3)])
def test_the_exit_code_is_the_verdict(logs: Path, name: str, code: int) -> None:
    result = run("check", f"{name}.log", "--rule", "background-job", directory=logs)
    assert (result.code, result.err) == (code, "")
    assert result.out.splitlines()[-1].split()[0] == {0: "PASS", 1: "FAIL", 3: "INCONCLUSIVE"}[code]


@pytest.mark.parametrize(("name", "code"), [("good", 0), ("bad", 2), ("few", 3)])
def test_nagios_has_exit_codes_of_its_own_unless_it_goes_to_a_file(logs: Path, name: str, code: int) -> None:
    arguments = ("check", f"{name}.log", "--rule", "background-job", "-f")
    assert run(*arguments, "nagios", directory=logs).code == code
    beside = run(*arguments, "nagios=status", "-f", "text", directory=logs)
    assert beside.code == {0: 0, 2: 1, 3: 3}[code]
    assert (logs / "status").read_text().startswith("LOGWATCH ")


def test_a_plugin_that_can_judge_nothing_is_unknown_and_says_why(logs: Path) -> None:
    result = run("check", "good.log", "--since", "24:00", "-f", "nagios", directory=logs)
    assert (result.code, result.err) == (3, "")
    assert result.out == (
        "LOGWATCH UNKNOWN - --since: _24:00_ is not a time of day; the clock goes from 00:00 to 23:59\n"
    )


def test_wait_reads_again_while_nothing_is_decided(logs: Path) -> None:
    result = run("check", "missing.log", "--wait", "1s", "--rule", "background-job", directory=logs)
    assert (result.code, "missing.log: does not exist" in result.out) == (3, True)


def test_several_reports_come_from_one_reading(logs: Path) -> None:
    with subprocess.Popen(["cat", logs / "good.log"], stdout=subprocess.PIPE) as cat:  # a pipe is read once
        assert cat.stdout is not None
        piped = cat.stdout.read()
    formats = ("-f", "text", "-f", "json=v.json", "-f", "junit=v.xml", "-f", "tap=v.tap")
    result = run("check", "-", "--rule", "background-job", *formats, stdin=piped, directory=logs)
    assert result.code == 0
    assert result.out.endswith("PASS  1 ok\n")
    assert [(logs / name).read_text().split("\n")[0] for name in ("v.json", "v.xml", "v.tap")] == [
        "{",
        '<?xml version="1.0" encoding="utf-8"?>',
        "TAP version 14",
    ]


@pytest.mark.parametrize("output", ["none/v.json", "."])
def test_a_report_that_cannot_be_written_is_a_usage_error(logs: Path, output: str) -> None:
    result = run("check", "good.log", "-f", f"json={output}", directory=logs)
    assert result.code == 2
    assert result.err.startswith(f"logwatch: {output}: cannot be written (")
    assert not [path for path in logs.iterdir() if path.name.startswith(".")]


def test_a_step_summary_that_cannot_be_written_is_a_usage_error(logs: Path) -> None:
    result = run("check", "good.log", "-f", "github", directory=logs, GITHUB_STEP_SUMMARY="none/summary.md")
    assert result.code == 2
    assert (
        "logwatch: none/summary.md: cannot be written (No such file or directory); name another file\n"
        in (result.err)
    )


def test_a_crash_is_neither_a_pass_nor_a_fail(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Check, "ask", lambda *_, **__: 1 / 0)
    result = run("check", "good.log", directory=logs)
    assert result.code == 3
    assert result.err.endswith(
        "ZeroDivisionError: division by zero\n"
        "logwatch: this is a fault in logwatch itself; nothing was verified\n"
    )


COMMAND = (sys.executable, "-m", "logwatch")


def test_who_interrupts_it_is_told_130(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "slow.log")
    with subprocess.Popen((*COMMAND, "check", "slow.log"), cwd=tmp_path, stderr=subprocess.PIPE) as process:
        writer = os.open(tmp_path / "slow.log", os.O_WRONLY)  # opens once the command reads
        os.write(writer, b"2025-10-11T17:00:00Z and then nothing\n")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        os.close(writer)
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def test_a_full_disk_under_the_report_is_told_and_is_neither_a_pass_nor_a_fail(logs: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            (*COMMAND, "check", "good.log"), cwd=logs, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert ended.returncode == 3
    assert ended.stderr == b"logwatch: standard output: cannot be written (No space left on device)\n"


def test_a_full_disk_that_cannot_even_be_told_of_is_neither_a_pass_nor_a_fail(logs: Path) -> None:
    with Path("/dev/full").open("w") as full:
        silent = subprocess.run(
            (*COMMAND, "check", "good.log"), cwd=logs, stdout=full, stderr=full, check=False
        )
        refused = subprocess.run((*COMMAND, "check", "--tz", "X"), cwd=logs, stderr=full, check=False)
    assert silent.returncode == refused.returncode == 3


@pytest.mark.parametrize(("name", "code"), [("good", 0), ("bad", 1), ("few", 3)])
def test_the_exit_code_is_the_verdict_where_nobody_listens(logs: Path, name: str, code: int) -> None:
    words = [*COMMAND, "check", f"{name}.log", "--rule", "background-job"]
    done = subprocess.run(["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *words], cwd=logs, check=False)
    assert done.returncode == code


def test_a_reader_that_goes_away_is_no_crash_to_be_told(logs: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen(
        (*COMMAND, "check", "good.log", "-f", "json"), cwd=logs, stdout=writer, stderr=subprocess.PIPE
    ) as process:
        os.close(writer)
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait() == 3


def test_help_imports_nothing_heavy() -> None:
    """The promise is 0.2 s of CPU beyond the interpreter's own start; this is what would break it."""
    script = (
        "import sys; from logwatch.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'regex', 'yaml', 'msgspec', 'rich', 'prometheus_client', 'sqlalchemy'}\n"
        "print(sorted(heavy & set(sys.modules)), len(sys.modules) < 250)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert told.splitlines()[-1] == "[] True"


def test_a_check_imports_only_what_it_needs(logs: Path) -> None:
    """It takes a fifth of a second; formats, sources and tasks of others are imported when asked for."""
    script = (
        "import sys; before = set(sys.modules)\n"
        "from logwatch.cli import main\n"
        "try: main(['check', 'good.log', '--format', 'json'])\n"
        "except SystemExit: pass\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=logs, capture_output=True, text=True, check=True
    )
    imported = set(told.stdout.splitlines()[-1].split())
    reports = {
        f"logwatch.reports.{name}" for name in ("text", "junit", "github", "nagios", "tap", "prometheus")
    }
    sources = {f"logwatch.sources.{name}" for name in ("compressed", "decoding", "fifo")}
    tasks = {f"logwatch.{name}" for name in ("baselines", "render", "serve", "verify", "pipeline")}
    heavy = {
        "numpy",
        "pandas",
        "prometheus_client",
        "starlette",
        "zstandard",
        "watchfiles",
        "zoneinfo",
        "pickle",
        "hashlib",
        "logwatch.engine.workers",
    }
    assert imported & (reports | sources | tasks | heavy) == set()
    assert "logwatch.reports.json_report" in imported


def test_values_are_defined_without_code_that_is_written_for_them() -> None:
    """A frozen dataclass with slots takes half a millisecond to define, a struct of msgspec a hundredth of that."""
    script = (
        "import sys, logwatch.cli.check\n"
        "for module in [m for name, m in sys.modules.items() if name.startswith('logwatch.')]:\n"
        "    for value in vars(module).values():\n"
        "        if hasattr(value, '__dataclass_fields__') and value.__module__ == module.__name__:\n"
        "            print(module.__name__)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert told == ""


def on_a_terminal(*arguments: str, directory: Path, **environment: str) -> str:
    """Return what `logwatch ARGUMENTS` shows on a terminal of 60 columns."""
    controller, terminal = pty.openpty()
    pty_size = {"COLUMNS": "60", "TERM": "xterm", "HOME": "/nonexistent", **environment}
    kept = {key: os.environ[key] for key in os.environ if key not in {"NO_COLOR", "COLUMNS"}}
    with subprocess.Popen(
        (*COMMAND, *arguments), cwd=directory, env={**kept, **pty_size}, stdout=terminal, stderr=terminal
    ):
        os.close(terminal)
        shown = b"".join(_read(controller))
    os.close(controller)
    return shown.decode()


def _read(controller: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(controller, 4096)
        except OSError:  # the terminal's other side is closed
            return
        yield data


def test_a_terminal_gets_colours_and_lines_that_fit(logs: Path) -> None:
    shown = on_a_terminal("check", "bad.log", "--rule", "background-job", directory=logs)
    assert "\x1b[1;31mFAIL\x1b[0m  background-job" in shown
    plain = on_a_terminal("check", "bad.log", "--rule", "background-job", directory=logs, NO_COLOR="1")
    assert "\x1b" not in plain
    assert max(len(line) for line in plain.split("\r\n")) <= 60
    asked = on_a_terminal(
        "check", "bad.log", "--rule", "background-job", "--color", "always", directory=logs, NO_COLOR="1"
    )
    assert asked == shown
