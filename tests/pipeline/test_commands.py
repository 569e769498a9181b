"""`logwatch pipeline …` as people use it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from logwatch.cli import pipeline as commands
from logwatch.cli.pipeline import pipeline
from logwatch.pipeline.data.models import JobState
from logwatch.pipeline.engine.slots import StageSlots
from logwatch.pipeline.engine.worker import WorkerSettings
from logwatch.pipeline.faults import Fault
from logwatch.pipeline.house import open_door
from logwatch.pipeline.settings import Settings

from .conftest import CSV, House
from .test_image_sources import PNG
from .workers import ROOT, WorkerProcess, wait_until


class Shell:
    """Runs the commands in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/pipeline.db"
        self._environment = {"LOGWATCH_DB": self.url, "LOGWATCH_IMAGES": str(folder / "images")}

    def run(self, *words: str) -> Result:
        return CliRunner(env=self._environment).invoke(pipeline, words)

    def out(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def file(self, name: str, content: bytes) -> str:
        (self.folder / name).write_bytes(content)
        return str(self.folder / name)

    def work(self) -> None:
        """Run a real worker until no job waits."""
        worker = WorkerProcess(self.url, self.folder, "worker")
        worker.wait_ready()
        wait_until(lambda: self.waiting() == 0, "nothing waits")
        assert worker.stop() == 0

    def work_by_hand(self) -> None:
        """Run what waits without a worker, for tests of what becomes of it."""
        settings, stream = Settings(self.url, str(self.folder / "images")), io.StringIO()
        with open_door(settings, stream=stream) as door:
            House(door, settings, stream, StageSlots(door.stages)).run_all()

    def waiting(self) -> int:
        overview = json.loads(self.out("status", "--json"))
        return sum(queue["depth"] for queue in overview["queues"])


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_an_order_is_submitted_worked_on_and_shown(shell: Shell) -> None:
    result = shell.run("submit", shell.file("order.csv", CSV), "--merchant", "acme")
    order = result.stdout.strip()
    assert result.stdout == f"{order}\n"
    assert "Job added to ai-parsing with ID: wf_" in result.stderr
    assert "status:   received\n" in shell.out("show", order)

    shell.work()
    shown = json.loads(shell.out("show", order, "--json"))
    assert (shown["status"], shown["merchant_id"], shown["total_cents"]) == ("completed", "acme", 1400)
    assert [len(draft["images"]) for draft in shown["drafts"]] == [2, 2, 0]
    text = shell.out("show", order)
    assert text.startswith(f"order:    {order}  (order.csv, merchant acme)\nstatus:   completed\n")
    assert "total:    14.00\n" in text
    assert f"review:   {shown['review_session']}\ndrafts:   3\n" in text
    assert text.count("  2 images  ") == 2

    draft = shown["drafts"][2]["id"]
    uploaded = shell.run("upload-image", order, draft, shell.file("thing.png", PNG))
    assert uploaded.stdout.startswith("image_")
    assert f"Manual image upload for purchase order {order}\n" in uploaded.stderr
    assert "manual     1 images  Unheard-of Thing" in shell.out("show", order)


def test_status_and_jobs_show_what_waits_and_that_nobody_works(shell: Shell) -> None:
    assert shell.out("jobs") == "no such jobs\n"
    order = shell.out("submit", shell.file("order.csv", CSV)).strip()
    status = shell.out("status")
    assert status.splitlines()[0] == "queue                        waiting  oldest  dead letters"
    assert status.endswith(
        "\nworkers: 0 live\norders: 1 received\nnobody works on the queues: start `logwatch pipeline worker`\n"
    )
    (job,) = json.loads(shell.out("jobs", "--order", order, "--json"))
    assert (job["stage"], job["state"], job["attempt"], job["error"]) == ("ai_parsing", "queued", 1, None)
    assert job["job_id"] in shell.out("jobs", "--state", "queued", "--queue", "ai-parsing")
    assert shell.out("jobs", "--state", "done") == "no such jobs\n"


def test_dead_letters_are_listed_shown_requeued_and_dropped(shell: Shell) -> None:
    assert shell.out("dead", "list") == "no dead letters\n"
    bad = b"name,qty\nTea,none\nSugar,-1\n"
    orders = [shell.out("submit", shell.file(f"{name}.csv", bad)).strip() for name in ("one", "two")]
    shell.work_by_hand()
    first, second = json.loads(shell.out("dead", "list", "--json"))
    assert {first["stage"], second["stage"]} == {"ai_parsing"}
    listed = shell.out("dead", "list")
    assert listed.splitlines()[0].split() == ["died", "id", "stage", "attempts", "reason"]
    assert ".csv: row 2, column 'qty': 'none' is not a quantity" in listed
    shown = shell.out("dead", "show", first["letter_id"])
    assert f"id:       {first['letter_id']}\nqueue:    ai-parsing\n" in shown
    assert '"merchantId": "merchant_1"' in shown
    assert [json.loads(shell.out("show", order, "--json"))["status"] for order in orders] == ["failed"] * 2
    (job,) = json.loads(shell.out("show", orders[0], "--json"))["dead_jobs"]
    assert (
        "dead:     ai_parsing: one.csv: row 2, column 'qty': 'none' is not a quantity above 0 (like 3 or 0.5)\n"
        "          one.csv: row 3, column 'qty': '-1' is not a quantity above 0 (like 3 or 0.5)\n"
        f"          logwatch pipeline dead show {job['job_id']}\n"
    ) in shell.out("show", orders[0])

    assert shell.out("dead", "requeue", first["letter_id"]) == f"{first['letter_id']}#2\n"
    assert shell.out("dead", "drop", second["letter_id"]) == ""
    assert shell.out("dead", "list") == "no dead letters\n"
    assert shell.out("jobs", "--state", "dropped").count("ai_parsing") == 1
    gone = shell.run("dead", "show", second["letter_id"])
    assert (gone.exit_code, gone.stderr) == (
        2,
        f"logwatch: no dead letter '{second['letter_id']}'; `logwatch pipeline dead list` shows those there are\n",
    )


OPEN = "'0.0.0.0' is open to other machines, and nobody has a token: give --tokens FILE or use 127.0.0.1"
MYSQL = "LOGWATCH_DB: 'mysql' is not supported; use sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "po_none"), "no purchase order 'po_none'"),
        (("submit", "{folder}/order.pdf"), "order.pdf: not a purchase order; expected .csv, .json, .xlsx"),
        (("upload-image", "po_none", "d", "{folder}/order.pdf"), "no draft 'd' in purchase order 'po_none'"),
        (("status", "--db", "mysql://u:secret@h/x"), MYSQL),
        (("worker", "--metrics", "nowhere"), "'nowhere' is not HOST:PORT, like 127.0.0.1:8080"),
        (("serve", "--listen", "0.0.0.0:0"), OPEN),
        (("status", "--log-file", "{folder}/none/x.log"), "{folder}/none/x.log: No such file or directory"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_exit_code_2(
    shell: Shell, words: tuple[str, ...], told: str
) -> None:
    shell.file("order.pdf", b"%PDF")
    result = shell.run(*(word.format(folder=shell.folder) for word in words))
    assert (result.exit_code, result.stderr) == (2, f"logwatch: {told.format(folder=shell.folder)}\n")


def test_what_is_shown_of_an_order_cannot_drive_the_terminal(shell: Shell) -> None:
    order = shell.out("submit", shell.file("order.csv", "name\nTea\u202egnp.exe\n".encode())).strip()
    shell.work_by_hand()
    assert r"Tea\u202egnp.exe" in shell.out("show", order)


def test_the_words_that_the_commands_offer_are_those_that_the_pipeline_knows() -> None:
    # Kept twice, so that `--help` does not have to import the pipeline.
    assert tuple(fault.value for fault in Fault) == commands.FAULTS
    assert tuple(state.value for state in JobState) == commands.STATES
    defaults = {option.name: option.default for option in commands.worker.params}
    settings = WorkerSettings()
    assert (defaults["poll"], defaults["lease"], defaults["drain"]) == (
        settings.poll_seconds,
        settings.lease_seconds,
        settings.drain_seconds,
    )


def test_help_imports_neither_database_nor_engine_nor_pandas() -> None:
    code = (
        "import sys; from logwatch.cli.pipeline import pipeline\n"
        "try: pipeline(['worker', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'sqlalchemy', 'dbos', 'pandas', 'pydantic', 'uvicorn', 'httpx'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@contextmanager
def executed(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a command in a folder as a shell does; yield it with the first line of its standard error."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.pipeline.command", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        yield process, process.stderr.readline().strip()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_the_api_and_a_worker_with_metrics_work_as_processes_of_their_own(shell: Shell) -> None:
    serve = ("serve", "--listen", "127.0.0.1:0")
    work = ("worker", "--metrics", "127.0.0.1:0", "--concurrency", "2", "--log-file", "worker.log")
    with executed(shell.folder, *serve) as (server, said), executed(shell.folder, *work) as (worker, told):
        assert said.startswith("purchase orders: http://127.0.0.1:")
        assert told.startswith("metrics: http://127.0.0.1:")
        api = said.removeprefix("purchase orders: ").removesuffix("/purchase-orders")
        made = httpx.post(
            f"{api}/purchase-orders", content=CSV, headers={"Content-Type": "text/csv", "X-Merchant-Id": "m1"}
        )
        assert made.status_code == 201

        def through() -> bool:
            answer = httpx.get(f"{api}{made.headers['location']}", headers={"X-Merchant-Id": "m1"})
            return answer.json()["images_at_ms"] is not None

        wait_until(through, "images of the order")
        metrics = httpx.get(told.removeprefix("metrics: ")).text
        assert 'jobs_total{outcome="completed",stage="background_image_processing"} 1.0' in metrics
        assert 'worker_leases{state="live"} 1.0' in httpx.get(f"{api}/metrics").text
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 0
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0
    log = (shell.folder / "worker.log").read_text(encoding="utf-8")
    assert "Registering processor for ai_parsing on queue ai-parsing with concurrency 2" in log
    assert "(SIGTERM: draining)" in log
    # Where nothing is said, everything is below the working directory.
    assert {path.name for path in (shell.folder / "logwatch-pipeline").iterdir()} >= {"pipeline.db", "images"}
