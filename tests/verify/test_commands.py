"""The commands as people and machines call them: on a terminal, in CI, from cron, with webhooks."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from logwatch.deploys import Deployment, add_marker
from logwatch.verify.events import Finished, Looked, Told
from tests.cli.command import Result, run
from tests.pipeline.local_server import Answer, LocalServer, local_server
from tests.pipeline.workers import ROOT, wait_until
from tests.verify.processes import events_in
from tests.verify.world import LIVE, RULES, SIGNED, Place, minutes

CHECKLIST = """version: 1
title: Test
phases:
  - id: soon
    title: Soon
    due: 5m
    deadline: 15m
    items:
      - {id: live, kind: deployment, title: It is live, due: 1s}
      - {id: no-boom, kind: rules, title: Nothing explodes, rules: [boom], watch: true}
  - id: later
    title: Later
    due: 24h
    deadline: 26h
    items:
      - {id: jobs, kind: rules, title: Jobs end, rules: [job]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(RULES)
    (tmp_path / "checklist.yml").write_text(CHECKLIST)
    (tmp_path / "signed.yml").write_text(SIGNED)
    configured(tmp_path)
    add_marker(tmp_path / "deploys.jsonl", Deployment("d1", LIVE))
    Place(tmp_path).jobs(1, 2, 3, 4, 5.5, 14.5)
    return tmp_path


def exploded(folder: Path) -> None:
    place = Place(folder)
    place.log.unlink()
    place.jobs(1, 2, 3, 4)
    place.write((4.6, "boom"))
    place.jobs(5.5, 14.5)


def configured(folder: Path, more: str = "") -> None:
    verify = f"verify: {{checklist: checklist.yml{more}}}\n"
    config = "version: 1\nsources: [worker.log]\nrules: [rules.yml]\ndeploys: deploys.jsonl\n"
    (folder / "logwatch.yml").write_text(config + verify)


def verify(folder: Path, *words: str, **environment: str) -> Result:
    return run("verify", *words, directory=folder, LOGNAME="tester", **environment)


# ---------------------------------------------------------------- one command after the other


def test_logs_that_were_named_are_read_again_wherever_the_run_is_carried_on(folder: Path) -> None:
    (folder / "worker.log").rename(folder / "named.log")
    state = str(folder / "state")
    begun = verify(folder, "start", "--as-of", "2025-10-11T17:06Z", "--source", "named.log", "--state", state)
    assert (begun.code, begun.err) == (4, "")
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    config = str(folder / "logwatch.yml")
    words = ("resume", "--as-of", "2025-10-12T17:01Z", "--state", state, "--config", config)
    others = verify(elsewhere, *words, "--source", "others.log")
    assert "others.log: does not exist" in others.out
    resumed = verify(elsewhere, *words)
    assert (resumed.code, resumed.out.splitlines()[-1]) == (0, "PASS  3 done")


def test_standard_input_cannot_be_read_again(folder: Path) -> None:
    refused = verify(folder, "start", "--source", "-")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == "logwatch: --source -: standard input cannot be read again; name a file\n"


def test_a_run_is_begun_looked_at_carried_on_and_given_up(folder: Path) -> None:
    begun = verify(folder, "start", "--as-of", "2025-10-11T17:06Z")
    assert (begun.code, begun.err) == (4, "")
    assert begun.out == (
        "Test: d1   live from 2025-10-11 17:00:00 UTC   as of 2025-10-11 17:06:00 UTC   run 1\n"
        "Soon   2 of 2\n"
        "ok    live     deploy marker: live from 2025-10-11T17:00:00.000Z; no hosting provider is asked\n"
        "ok    no-boom  0 in 5 runs: below 45.1 % at 95 %\n"
        "Later   0 of 1\n"
        "wait  jobs     due in 23h54m\n"
        "      Jobs end\n"
        "NOT FINISHED  2 done, 1 waiting; next: jobs in 23h54m, at 2025-10-12 17:00:00 UTC\n"
    )
    assert verify(folder, "status", "--as-of", "2025-10-11T17:06Z").out == begun.out
    again = verify(folder, "start")
    assert (again.code, again.out) == (2, "")
    assert again.err == (
        "logwatch: the verification of d1 is not finished; carry it on with: logwatch verify resume, "
        "or give it up with: logwatch verify abort\n"
    )
    last = verify(folder, "resume", "--as-of", "2025-10-12T17:00Z")
    assert (last.code, last.out.splitlines()[-1]) == (0, "PASS  3 done")
    assert verify(folder, "abort").err == "logwatch: the run has ended already; there is nothing to abort\n"


def test_a_run_that_is_given_up_says_by_whom_and_verified_nothing(folder: Path) -> None:
    verify(folder, "start", "--as-of", "2025-10-11T17:06Z")
    assert verify(folder, "abort", "--reason", "wrong one") == Result(3, "", "run 1 aborted\n")
    told = verify(folder, "status")
    assert told.out.splitlines()[-1] == "INCONCLUSIVE  2 done, 1 overdue; aborted by tester: wrong one"


def test_what_is_skipped_and_signed_is_told_and_needs_words(folder: Path) -> None:
    verify(folder, "start", "--as-of", "2025-10-11T17:06Z")
    assert verify(folder, "skip", "jobs", "--reason", " ") == Result(
        2, "", "logwatch: --reason: is empty; write something that can be read later\n"
    )
    assert verify(folder, "sign", "jobs", "--by", "Ada", "--note", "") == Result(
        2, "", "logwatch: --note: is empty; write something that can be read later\n"
    )
    assert verify(folder, "skip", "jobs", "--reason", "no jobs today") == Result(
        0, "", "jobs skipped by tester\n"
    )
    assert "skip  jobs     skipped by tester, " in verify(folder, "status").out


def test_what_people_write_holds_no_secret_and_drives_no_terminal(folder: Path) -> None:
    verify(folder, "start", "--no-wait", "--deploy", "d9", "--deployed-at", "1m", "--checklist", "signed.yml")
    words = (
        "--note",
        "with password=hunter2hunter2",
        "--evidence",
        "https://x/?access_token=abcdefgh12345678",
    )
    signed = verify(folder, "sign", "looked", "--by", "Ada\x1b[2J", *words)
    assert (signed.code, signed.err) == (0, "looked signed by Ada\\x1b[2J\n")
    told = verify(folder, "status").out
    assert "signed by Ada\\x1b[2J, " in told
    assert ": with password=[redacted password]\n" in told
    assert "\x1b" not in told
    for secret in ("hunter2", "abcdefgh12345678"):
        assert secret not in told
        assert secret.encode() not in (folder / "logwatch-verify" / "ledger.db").read_bytes()


@pytest.mark.parametrize("command", [("status",), ("resume",), ("abort",), ("skip", "x", "--reason", "r")])
def test_where_nothing_was_begun_the_beginning_is_told(folder: Path, command: tuple[str, ...]) -> None:
    told = verify(folder, *command)
    assert (told.code, told.err) == (
        2,
        "logwatch: nothing is being verified in logwatch-verify; begin with: logwatch verify start --deploy ID\n",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--deploy", "d1x"], "deployment 'd1x' is not marked in deploys.jsonl; did you mean 'd1'? "
         "Or say when it went live with --deployed-at TIME"),
        (["--config", "bare.yml"], "no deployment is marked in none.jsonl; mark one with: logwatch deploys add ID; "
         "or name it with --deploy ID, and say when it went live with --deployed-at TIME"),
        (["--deployed-at", "5m"], "--deployed-at says when, but not what; name the deployment with --deploy ID"),
        (["--phase", "son"], "--phase: the checklist has no phase 'son'; did you mean 'soon'?"),
        (["--deploy", "d1", "--deployed-at", "soon"], "--deployed-at: 'soon' is not a time; write it like 30m, 2h, "
         "1d, 17:35, 2025-10-11T17:30Z or 2025-10-11T19:30:00+02:00"),
    ],
)  # fmt: skip
def test_a_run_that_makes_no_sense_is_not_begun(folder: Path, words: list[str], said: str) -> None:
    (folder / "bare.yml").write_text("version: 1\nsources: [worker.log]\ndeploys: none.jsonl\n")
    assert verify(folder, "start", *words) == Result(2, "", f"logwatch: {said}\n")
    assert verify(folder, "status").code == 2


def test_what_is_missing_in_the_configuration_is_told_before_a_run_is_begun(folder: Path) -> None:
    configured(folder, ", notify: [HOOK]")
    assert verify(folder, "start").err == (
        "logwatch: verify: notify: the environment has no HOOK; set it, or remove it from the list\n"
    )
    (folder / "logwatch.yml").write_text("version: 1\ndeploys: deploys.jsonl\n")
    told = verify(folder, "start", "--deploy", "d1")
    assert told.err == "logwatch: logwatch.yml: names no sources; add 'sources:', or name log files\n"
    assert verify(folder, "status").code == 2


def test_lint_tells_what_cannot_work_and_counts(folder: Path) -> None:
    (folder / "own.yml").write_text(
        "version: 1\ntitle: T\nphases:\n  - id: one\n    deadline: 1h\n    items:\n"
        "      - {id: same, kind: baseline, title: As before, rules: [job], baseline: before}\n"
    )
    assert verify(folder, "lint", "own.yml") == Result(
        2,
        "own.yml:7: error: item 'same': compares 'job' with a baseline, and that rule has none to say what is "
        "tolerated; give the rule 'baseline', or make the item one of kind rules\n",
        "1 item, 1 error, 0 warnings\n",
    )
    assert verify(folder, "lint") == Result(0, "3 items, 0 errors, 0 warnings\n", "")
    assert json.loads(verify(folder, "schema").out)["title"] == "logwatch checklist"


# ---------------------------------------------------------------- in CI


def test_one_phase_in_ci_leaves_reports_and_nothing_else(folder: Path) -> None:
    page = folder / "summary.md"
    before = {path.name for path in folder.iterdir()}
    told = verify(
        folder, "run", "--phase", "soon", "--as-of", "2025-10-11T17:06Z",
        "-f", "github", "-f", "json=told.json", "-f", "junit=told.xml", "-f", "markdown=told.md", "-f", "text",
        GITHUB_STEP_SUMMARY=str(page),
    )  # fmt: skip
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[-1] == "PASS  2 done"
    assert "logwatch verify: PASS  2 done\n" in told.out
    assert json.loads((folder / "told.json").read_text())["verdict"] == "pass"
    assert 'tests="2" failures="0" errors="0"' in (folder / "told.xml").read_text()
    assert (folder / "told.md").read_text() == page.read_text()
    assert {path.name for path in folder.iterdir()} - before == {
        "told.json", "told.xml", "told.md", "summary.md"
    }  # fmt: skip


def test_a_fail_is_red_in_every_format(folder: Path) -> None:
    exploded(folder)
    words = ("run", "--as-of", "2025-10-11T17:06Z")
    told = {
        form: verify(folder, *words, "-f", form) for form in ("text", "json", "junit", "github", "markdown")
    }
    assert {one.code for one in told.values()} == {1}
    assert "FAIL  no-boom  1 match at 17:04:36Z" in told["text"].out
    assert "      worker.log:9  17:04:36Z  boom\n" in told["text"].out
    assert json.loads(told["json"].out)["verdict"] == "fail"
    assert '<failure type="failed" message="1 match at 17:04:36Z' in told["junit"].out
    assert told["github"].out.startswith(
        "::error title=no-boom%3A failed::Nothing explodes%0A1 match at 17:04:36Z"
    )
    assert told["markdown"].out.startswith("### ❌ logwatch verify: fail\n")


def test_what_is_not_finished_in_ci_exits_with_4(folder: Path) -> None:
    assert verify(folder, "run", "--as-of", "2025-10-11T17:06Z").code == 4


# ---------------------------------------------------------------- on a terminal


class Terminal:
    """A command on a terminal of its own; stdout goes to a file, as with `> report`."""

    def __init__(self, folder: Path, *words: str, rows: int = 24, columns: int = 70) -> None:
        self._screen, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder), "TERM": "xterm"}
        self._report = folder / "report.txt"
        with self._report.open("wb") as report:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "logwatch", "verify", *words],
                cwd=folder,
                env={name: value for name, value in environment.items() if name not in {"COLUMNS", "LINES"}},
                stdin=inner,
                stdout=report,
                stderr=inner,
            )
        os.close(inner)

    def end(self) -> tuple[int, str, str]:
        """Return the exit code, all that was drawn, and the report."""
        drawn = bytearray()
        try:
            while chunk := os.read(self._screen, 65536):
                drawn += chunk
        except OSError:
            pass  # a terminal that nobody has open any more
        os.close(self._screen)
        return self.process.wait(60), drawn.decode().replace("\r\n", "\n"), self._report.read_text("utf-8")


REDRAW = re.compile(r"\x1b\[(\d+)A\x1b\[J")
COLOR = re.compile(r"\x1b\[[\d;]*m")


def test_a_terminal_shows_a_live_board_in_one_place_and_the_report_at_the_end(folder: Path) -> None:
    words = ("start", "--deploy", "d1", "--deployed-at", "1m", "--checklist", "signed.yml")
    terminal = Terminal(folder, *words)
    wait_until(
        lambda: any(isinstance(event, Looked) for event in events_in(folder)), "it waits for a signature"
    )
    assert verify(folder, "sign", "looked", "--by", "Ada", "--note", "seen").code == 0
    code, drawn, report = terminal.end()
    assert code == 0
    pieces = REDRAW.split(drawn)
    frames, heights = pieces[0::2], [int(height) for height in pieces[1::2]]
    assert [frame.count("\n") for frame in frames[:-1]] == heights  # each is taken away before the next
    assert frames[-1] == ""  # and the last before the report
    assert len(set(frames)) == len(frames)  # drawn when it has changed
    assert max(len(line) for line in COLOR.sub("", "".join(frames)).split("\n")) < 70
    shown = COLOR.sub("", frames[-2]).split("\n")
    assert shown[1] == "[##] one"
    assert shown[2].startswith("ok    live    deploy marker: live from ")
    assert shown[-2] == "PASS  1 done, 1 signed"
    assert "due   looked  not signed; sign it with: logwatch verify sign looked " in COLOR.sub("", drawn)
    assert report.splitlines()[-1] == "PASS  1 done, 1 signed"
    assert "\x1b" not in report


def test_an_interruption_takes_the_board_away_and_says_how_to_go_on(folder: Path) -> None:
    """A command of the checklist that runs at that moment is ended as well."""
    (folder / "signed.yml").write_text(
        SIGNED + "      - {id: own, kind: command, title: Own, command: [sleep, '600'], timeout: 10m}\n"
    )
    terminal = Terminal(folder, "start", "--deploy", "d1", "--deployed-at", "1m", "--checklist", "signed.yml")
    wait_until(lambda: sleeping(terminal.process.pid) != [], "the command runs")
    [command] = sleeping(terminal.process.pid)
    terminal.process.send_signal(signal.SIGINT)
    code, drawn, report = terminal.end()
    assert (code, report) == (130, "")
    assert REDRAW.split(drawn)[-1].strip() == "interrupted; carry it on with: logwatch verify resume"
    assert not Path(f"/proc/{command}").exists()


def sleeping(parent: int) -> list[str]:
    """Return the processes called sleep that a process has begun."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [child for child in children if Path(f"/proc/{child}/comm").read_text() == "sleep\n"]


def test_elsewhere_each_change_is_a_line(folder: Path) -> None:
    told = verify(folder, "run", "--phase", "soon")  # of a deployment of long ago: nothing to wait for
    lines = [line.partition("Z  ")[2] for line in told.err.splitlines()]
    assert lines == [
        "ok    live     deploy marker: live from 2025-10-11T17:00:00.000Z; no hosting provider is asked",
        "due   no-boom  overdue",
        "ok    no-boom  0 in 6 runs: below 39.3 % at 95 %",
    ]
    assert told.code == 0


# ---------------------------------------------------------------- webhooks


def messages(server: LocalServer) -> list[tuple[str, str]]:
    told = [json.loads(asked.body) for asked in server.asked]
    return [(one["title"], one["message"]) for one in told]


def test_webhooks_are_told_of_a_failure_and_of_the_end_of_a_phase_once(folder: Path) -> None:
    add_marker(folder / "deploys.jsonl", Deployment("d0", LIVE - minutes(60)))
    exploded(folder)
    configured(folder, ", notify: [HOOK]")
    with local_server(lambda _asked: Answer(200)) as server:
        hook = server.url.replace("http:", "json:") + "/secret-path"
        for command in ("start", "resume"):
            told = verify(folder, command, "--as-of", "2025-10-11T17:06Z", HOOK=hook)
            assert told.code == 1
        assert messages(server) == [
            (
                "logwatch verify d1: no-boom failed",
                "Nothing explodes\n1 match at 17:04:36Z; 1 run of job completed since\n"
                "worker.log:9  17:04:36Z  boom\nhow to go back: deploy d0 again, which was live before",
            ),
            ("logwatch verify d1: soon ended", "done: It is live\nfailed: Nothing explodes"),
        ]
    assert all(b"secret-path" not in file.read_bytes() for file in (folder / "logwatch-verify").iterdir())


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        ("nowhere", "webhook 1 is none that apprise knows"),
        ("json://127.0.0.1:9/secret-path", "a webhook did not take the message"),
    ],
)
def test_a_webhook_that_takes_nothing_changes_no_verdict(folder: Path, hook: str, said: str) -> None:
    configured(folder, ", notify: [HOOK]")
    told = verify(folder, "start", "--as-of", "2025-10-11T17:06Z", HOOK=hook)
    assert told.code == 4
    assert "secret-path" not in told.out + told.err
    events = events_in(folder)
    assert [event.fault for event in events if isinstance(event, Told)] == [said]
    assert [event.item for event in events if isinstance(event, Finished)] == ["live", "no-boom"]
    assert f"note  nobody was notified that soon ended: {said}\n" in told.out
