"""The journal: every entry once, through restarts of journalctl and of the reader; the cursor says where to go on."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from logwatch.following import Checkpoint, Chunk, Flaw, JournalCheckpoint, Limits, Notice, NoticeKind
from logwatch.following.journal import JournalFollower
from logwatch.records.lines import LONGEST_LINE

STAND_IN = r'''
"""journalctl --output=json --all --follow, over a file of entries; `die` and `complain` files end it."""
import json, os, sys, time
journal, arguments = os.environ["STAND_IN_JOURNAL"], sys.argv[1:]
with open(journal + ".calls", "a") as calls:
    calls.write(json.dumps(arguments) + "\n")
if os.path.exists(journal + ".refuse"):
    sys.exit("Failed to open journal: Permission denied")
after = next((a.partition("=")[2] for a in arguments if a.startswith("--after-cursor=")), None)
with open(journal, "rb") as file:
    if after is not None:
        for line in file:
            if json.loads(line)["__CURSOR"] == after:
                break
        else:
            sys.exit("Failed to seek to cursor: Invalid argument")
    elif "--lines=0" in arguments:
        file.seek(0, 2)
    while True:
        if data := file.read(65536):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        elif os.path.exists(journal + ".die"):
            os.unlink(journal + ".die")
            sys.exit(7)
        else:
            time.sleep(0.005)
'''


class Journal:
    """A journal of the stand-in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.path.touch()
        self.written = 0

    def write(self, count: int, message: str = "") -> None:
        with self.path.open("ab") as file:
            for _ in range(count):
                self.written += 1
                entry = {"__CURSOR": f"s=c0ffee;i={self.written:x}", "MESSAGE": f"<{self.written}>{message}"}
                file.write(json.dumps(entry).encode() + b"\n")

    def flag(self, name: str) -> Path:
        return Path(f"{self.path}.{name}")

    def calls(self) -> list[list[str]]:
        """The arguments of every journalctl that was started."""
        calls = self.flag("calls")
        return [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    """A journal, and a journalctl that reads it on PATH."""
    program = tmp_path / "bin" / "journalctl"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable} -IS\n{STAND_IN}", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    monkeypatch.setenv("STAND_IN_JOURNAL", str(tmp_path / "journal"))
    return Journal(tmp_path / "journal")


class Reading:
    """A follower of the journal, polled until something is so."""

    def __init__(self, follower: JournalFollower, now: float = 0.0) -> None:
        self.follower, self.now = follower, now
        self.chunks: list[Chunk] = []
        self.notices: list[Notice] = []

    def until(self, so: Callable[[], bool], seconds: float = 0.0) -> None:
        deadline = time.monotonic() + 30
        while not so():
            assert time.monotonic() < deadline
            self.now += seconds
            for item in self.follower.poll(self.now):
                (self.chunks if isinstance(item, Chunk) else self.notices).append(item)  # type: ignore[arg-type]
            time.sleep(0.002)

    def messages(self) -> list[str]:
        data = b"".join(chunk.data for chunk in self.chunks)
        return [json.loads(line)["MESSAGE"] for line in data.splitlines()]

    def until_read(self, count: int, seconds: float = 0.0) -> None:
        self.until(lambda: sum(chunk.data.count(b"\n") for chunk in self.chunks) >= count, seconds)


@pytest.fixture
def reading() -> Iterator[Callable[..., Reading]]:
    """Make readings that are closed in the end."""
    made: list[Reading] = []

    def make(*arguments: object, **options: object) -> Reading:
        made.append(Reading(JournalFollower(*arguments, **options)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.follower.close()


def test_entries_are_read_as_they_come(journal: Journal, reading: Callable[..., Reading]) -> None:
    journal.write(3)
    one = reading(matches=["--unit=worker"])
    one.until_read(3)
    journal.write(2)
    one.until_read(5)
    assert one.messages() == ["<1>", "<2>", "<3>", "<4>", "<5>"]
    assert journal.calls() == [
        ["--output=json", "--all", "--follow", "--no-tail", "--quiet", "--unit=worker"]
    ]
    assert (one.chunks[0].stream, one.chunks[0].position, one.chunks[0].line) == ("journal", 0, 0)


def test_reading_goes_on_after_the_last_entry_that_is_accounted_for(
    journal: Journal, reading: Callable[..., Reading]
) -> None:
    """Fault 19, for the journal: what was open is handed out again, at the same position."""
    journal.write(9)
    one = reading()
    one.until_read(9)
    lines = b"".join(chunk.data for chunk in one.chunks).splitlines(keepends=True)
    begins = sum(len(line) for line in lines[:5])
    stored = one.follower.checkpoints({"journal": begins + 3})  # a record is open, in the middle of <6>
    assert stored == [JournalCheckpoint("journal", begins, "s=c0ffee;i=5")]
    one.follower.close()
    (checkpoint,) = msgspec.msgpack.decode(msgspec.msgpack.encode(stored), type=list[Checkpoint])
    again = reading(checkpoint)
    again.until_read(4)
    assert again.messages() == ["<6>", "<7>", "<8>", "<9>"]
    assert again.chunks[0].position == begins
    assert "--after-cursor=s=c0ffee;i=5" in journal.calls()[-1]
    assert again.follower.checkpoints() == [
        JournalCheckpoint("journal", sum(map(len, lines)), "s=c0ffee;i=9")
    ]


def test_from_the_end_only_what_comes_is_read(journal: Journal, reading: Callable[..., Reading]) -> None:
    journal.write(3)
    one = reading(from_end=True)
    one.follower.poll(0.0)
    one.until(lambda: bool(journal.calls()))
    assert "--lines=0" in journal.calls()[0]
    one.until(lambda: _waits_at_the_end(one.follower))
    journal.write(2)
    one.until_read(2)
    assert one.messages() == ["<4>", "<5>"]


def _waits_at_the_end(follower: JournalFollower) -> bool:
    """Whether the stand-in has gone to the end of its journal."""
    process = follower._process
    assert process is not None
    descriptors = Path(f"/proc/{process.pid}/fd")
    return any(
        descriptor.readlink().name == "journal"
        and (descriptors.parent / "fdinfo" / descriptor.name).read_text().split()[1] != "0"
        for descriptor in descriptors.iterdir()
    )


def test_a_journalctl_that_ends_is_started_again_behind_its_last_entry(
    journal: Journal, reading: Callable[..., Reading]
) -> None:
    journal.write(3)
    one = reading()
    one.until_read(3)
    journal.flag("die").touch()
    one.until(lambda: bool(one.notices))
    assert one.notices == [
        Notice(NoticeKind.UNREADABLE, "journal", "journal", "journalctl ended with status 7")
    ]
    assert one.follower.troubles == {"journal": "journalctl ended with status 7"}
    journal.write(2)
    one.follower.poll(one.now + 0.9)
    assert len(journal.calls()) == 1  # it is given a second
    one.until_read(5, seconds=1.0)
    assert one.messages() == ["<1>", "<2>", "<3>", "<4>", "<5>"]
    assert "--after-cursor=s=c0ffee;i=3" in journal.calls()[1]
    assert one.follower.troubles == {}


def test_a_journal_that_may_not_be_read_is_told_once_and_tried_ever_less(
    journal: Journal, reading: Callable[..., Reading]
) -> None:
    journal.flag("refuse").touch()
    one = reading()
    for tries in range(1, 5):
        one.until(lambda tries=tries: len(journal.calls()) >= tries, 0.25)  # type: ignore[misc]
        one.until(lambda: one.follower._process is None)
    assert [notice.detail for notice in one.notices] == [
        "journalctl ended with status 1: Failed to open journal: Permission denied"
    ]
    assert one.now >= 1 + 2 + 4
    journal.flag("refuse").unlink()
    journal.write(2)
    one.until_read(2, seconds=10.0)
    assert one.messages() == ["<1>", "<2>"]


def test_where_there_is_no_journalctl_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reading: Callable[..., Reading]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    one = reading()
    one.until(lambda: bool(one.notices))
    assert [(notice.kind, notice.detail) for notice in one.notices] == [
        (NoticeKind.UNREADABLE, "journalctl does not exist")
    ]
    one.follower.close()


def test_a_message_cannot_pose_as_a_cursor(journal: Journal, reading: Callable[..., Reading]) -> None:
    journal.write(2, message='","__CURSOR":"s=forged"')
    one = reading()
    one.until_read(2)
    assert one.follower.checkpoints()[0].cursor == "s=c0ffee;i=2"


def test_an_entry_that_is_too_long_is_cut(journal: Journal, reading: Callable[..., Reading]) -> None:
    journal.write(1)
    journal.write(1, message="x" * (2 * LONGEST_LINE))
    journal.write(1)
    one = reading()
    one.until_read(3)
    cut = next(chunk for chunk in one.chunks if chunk.flaw is Flaw.CUT)
    assert len(cut.data) == LONGEST_LINE + 2
    assert [notice.kind for notice in one.notices] == [NoticeKind.LONG_LINE]
    assert json.loads(one.chunks[-1].data)["MESSAGE"] == "<3>"


def test_no_more_is_read_than_may_be_held(journal: Journal, reading: Callable[..., Reading]) -> None:
    journal.write(3000, message="x" * 200)
    one = reading(limits=Limits(held_bytes=1000, poll_bytes=1000))
    one.until_read(1)
    held = sum(len(chunk.data) for chunk in one.chunks)
    for _ in range(20):
        assert one.follower.poll(one.now) == []
    one.follower.checkpoints()
    one.until(lambda: sum(len(chunk.data) for chunk in one.chunks) > held)
    while len(one.messages()) < 3000:
        one.follower.checkpoints()
        one.until_read(len(one.messages()) + 1)
    assert one.messages()[-1].startswith("<3000>")


JOURNALD = next((path for path in ("/lib/systemd/systemd-journald",) if Path(path).exists()), None)


def _is_ready(process: subprocess.Popen[bytes], notices: socket.socket) -> bool:
    """Wait until a service tells that it is ready; its sockets are there before. False: it ended instead."""
    notices.settimeout(0.05)
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if b"READY=1" in notices.recv(4096).splitlines():
                return True
        except TimeoutError:
            continue
    return False


@pytest.fixture
def journald() -> Iterator[tuple[str, Callable[[str], None]]]:
    """A real journald with a journal of its own; its namespace, and what sends a message to it."""
    if JOURNALD is None or shutil.which("journalctl") is None:
        pytest.skip("systemd-journald is not installed (Debian: systemd)")
    if os.geteuid() != 0 or not Path("/run/systemd").is_dir():
        pytest.skip("only root can start a journald of its own")
    namespace = f"logwatch-{uuid.uuid4().hex[:8]}"
    runtime = Path(f"/run/systemd/journal.{namespace}")
    machine = Path("/etc/machine-id").read_text().strip()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        notices.bind(f"\0{namespace}")
        process = subprocess.Popen(
            [JOURNALD, namespace],
            env=os.environ | {"NOTIFY_SOCKET": f"@{namespace}"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ready = _is_ready(process, notices)
    try:
        if not ready:
            pytest.skip("this system does not let a journald start; it needs control groups, for one")

        def send(message: str) -> None:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.sendto(
                    f"MESSAGE={message}\nSYSLOG_IDENTIFIER=worker\n".encode(), str(runtime / "socket")
                )

        yield namespace, send
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(runtime, ignore_errors=True)
        for where in ("/run/log/journal", "/var/log/journal"):
            shutil.rmtree(f"{where}/{machine}.{namespace}", ignore_errors=True)


def test_a_real_journal_is_followed_across_restarts(
    journald: tuple[str, Callable[[str], None]], reading: Callable[..., Reading]
) -> None:
    namespace, send = journald
    matches = [f"--namespace={namespace}", "--identifier=worker"]
    for number in range(1, 6):
        send(f"<{number}>")
    one = reading(matches=matches)
    one.until_read(5)
    send("<6>")
    one.until_read(6)
    assert one.messages() == [f"<{number}>" for number in range(1, 7)]
    (checkpoint,) = one.follower.checkpoints()
    one.follower.close()
    send("<7>")
    again = reading(checkpoint, matches=matches)
    again.until_read(1)
    send("<8>")
    again.until_read(2)
    assert again.messages() == ["<7>", "<8>"]
    assert again.chunks[0].position == one.chunks[-1].end
