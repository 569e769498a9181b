"""The ledger keeps what happened, whole or not at all, whatever ends the process that writes it."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from logwatch.errors import ConfigError
from logwatch.verdict.verdict import Status
from logwatch.verify.events import (
    Aborted,
    Advised,
    AnyEvent,
    Awaited,
    ClockMoved,
    Finished,
    Looked,
    Promoted,
    Remembered,
    Signed,
    Skipped,
    Started,
    Told,
)
from logwatch.verify.ledger import Ledger
from logwatch.verify.work import Result
from tests.pipeline.workers import ROOT, wait_until
from tests.verify.world import LIVE

STARTED = Started(
    at=LIVE,
    deployment="d1",
    commit="",
    note="",
    promoted_at=LIVE,
    checklist="0" * 64,
    folder="/",
    phases=(),
    by="Ada",
)
RESULT = Result(Status.FAIL, "3 matches", ("a detail",), ("worker.log:3  17:00:01Z  💥 boom",))
EVENTS: tuple[AnyEvent, ...] = (
    STARTED,
    Promoted(at=LIVE, promoted_at=LIVE, commit="abc"),
    Looked(at=LIVE, item="one", result=RESULT),
    Finished(at=LIVE, item="one", result=RESULT),
    Signed(at=LIVE, item="two", by="Ada", note="looked", evidence=""),
    Skipped(at=LIVE, item="three", by="Ada", reason="not today"),
    Remembered(at=LIVE, item="one", key="order", value="po_1"),
    ClockMoved(at=LIVE, before=LIVE - timedelta(hours=1), slept=2.0),
    Told(at=LIVE, subject="one failed", fault=""),
    Advised(at=LIVE, rollback="vercel rollback dpl_0"),
    Awaited(at=LIVE, reason="BUILDING"),
    Aborted(at=LIVE, by="Ada", reason="enough"),
)


def test_every_event_comes_back_as_it_was(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        run = ledger.begin(STARTED, lambda _run, _events: None)
        for event in EVENTS[1:]:
            ledger.append(run, event)
    with Ledger(tmp_path) as ledger:
        assert ledger.last_run() == run == 1
        assert ledger.events(1) == EVENTS
        assert ledger.events(2) == ()


def test_nothing_in_it_can_be_changed_or_removed(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.begin(STARTED, lambda _run, _events: None)
    database = sqlite3.connect(tmp_path / "ledger.db")
    for statement in ("UPDATE events SET event = '{}'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError, match="the ledger is append-only"):
            database.execute(statement)


@pytest.mark.parametrize("event", EVENTS[3:6])
def test_an_item_ends_once_in_each_way(tmp_path: Path, event: AnyEvent) -> None:
    with Ledger(tmp_path) as ledger:
        run = ledger.begin(STARTED, lambda _run, _events: None)
        ledger.append(run, event)
        with pytest.raises(ConfigError, match="UNIQUE constraint failed"):
            ledger.append(run, event)
        assert ledger.events(run) == (STARTED, event)


def test_what_is_not_allowed_is_not_written(tmp_path: Path) -> None:
    def refuse(_events: tuple[AnyEvent, ...]) -> None:
        raise KeyError("no")

    with Ledger(tmp_path) as ledger:
        run = ledger.begin(STARTED, lambda _run, _events: None)
        with pytest.raises(KeyError):
            ledger.append(run, EVENTS[1], refuse)
        ledger.append(run, EVENTS[2])
        assert ledger.events(run) == (STARTED, EVENTS[2])


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("this is a diary, and not a database at all" * 100)
    with pytest.raises(ConfigError) as told:
        Ledger(tmp_path)
    assert str(told.value) == (
        f"{tmp_path}/ledger.db: the ledger cannot be used (file is not a database); "
        "check the folder, its permissions and the disk"
    )


WRITER = """
import sys
from pathlib import Path
from tests.verify.test_the_ledger import EVENTS, STARTED
from logwatch.verify.events import Remembered
from logwatch.verify.ledger import Ledger

with Ledger(Path(sys.argv[1])) as ledger:
    run = ledger.last_run() or ledger.begin(STARTED, lambda _run, _events: None)
    for number in range(10**6):
        ledger.append(run, Remembered(at=STARTED.at, item="x", key="n", value=f"{number}"))
        print(number, flush=True)
"""


def test_what_was_written_survives_a_kill_at_any_instant(tmp_path: Path) -> None:
    """Whatever the writer said that it had written is there, in order and whole."""
    said = tmp_path / "said"
    written = 0
    for after in (1, 7, 40):
        with said.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", WRITER, str(tmp_path)],
                cwd=ROOT,
                stdout=output,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            try:
                wait_until(lambda n=after: said.read_text().count("\n") >= n, "the writer writes")
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()
        acknowledged = re.findall(r"^\d+$", said.read_text().rpartition("\n")[0], re.M)
        with Ledger(tmp_path) as ledger:
            kept = [event.value for event in ledger.events(1) if isinstance(event, Remembered)]
        # one more may have been written than the writer lived to say
        assert len(kept) - written - len(acknowledged) in {0, 1}
        assert kept[written:][: len(acknowledged)] == acknowledged
        written = len(kept)


def test_many_may_write_at_once(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        run = ledger.begin(STARTED, lambda _run, _events: None)
    faults: list[BaseException] = []

    def write(name: str) -> None:
        try:
            with Ledger(tmp_path) as ledger:
                for number in range(20):
                    ledger.append(run, Remembered(at=LIVE, item=name, key="n", value=str(number)))
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with Ledger(tmp_path) as ledger:
        events = [event for event in ledger.events(run) if isinstance(event, Remembered)]
    for name in "abc":
        assert [event.value for event in events if event.item == name] == [str(n) for n in range(20)]
