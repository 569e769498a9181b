"""What this pipeline relies on in dbos 3.4 and its documentation does not promise: held here, on both databases."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from importlib.metadata import version

import pytest
import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions

from logwatch.pipeline.data.database import is_sqlite
from logwatch.pipeline.engine import dbos_port
from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.engine.dbos_port import APPLICATION_VERSION, WORKFLOW, push
from logwatch.pipeline.engine.janitor import JanitorSettings
from logwatch.pipeline.errors import RetryableError
from logwatch.pipeline.stages import STAGES, StageName
from tests.pipeline.conftest import House
from tests.pipeline.workers import ROOT, wait_until

from .conftest import Works, quicker
from .engine_rows import begun_by_the_dead
from .work import DETACHED, counted, effects, queue, whole

BACKGROUND = STAGES[DETACHED].queue


def _column(works: Works, table: str, column: str, delivery: str) -> object:
    prefix = "" if is_sqlite(works.house.door.engine) else "dbos."
    with works.house.door.engine.connect() as connection:
        query = sa.text(f"SELECT {column} FROM {prefix}{table} WHERE workflow_uuid = :delivery")
        return connection.execute(query, {"delivery": delivery}).scalar_one()


def test_it_is_the_version_that_these_tests_are_about() -> None:
    assert version("dbos").startswith("3.4.")


def test_recovery_puts_the_begun_deliveries_of_one_executor_back_once(works: Works) -> None:
    house, engine = works.house, works.house.door.engine
    # A queue that no worker listens to: what is put back stays where it can be looked at.
    for number in range(3):
        with house.door.transaction() as transaction:
            push(house.door.client, transaction.connection, f"job-{number}", "nobody-listens", {"n": number})
    begun_by_the_dead(engine, "job-0", "dead")
    begun_by_the_dead(engine, "job-1", "dead")
    begun_by_the_dead(engine, "job-2", "alive")
    # Its own janitor shall not look: to it, an executor without a lease is dead.
    with works.worker(settings=quicker(janitor=JanitorSettings(every_seconds=600.0))):
        dbos_port.recover("dead")
        assert [works.status(f"job-{n}") for n in range(3)] == ["ENQUEUED", "ENQUEUED", "PENDING"]
        assert _column(works, "workflow_status", "queue_name", "job-0") == "nobody-listens"
        # Somebody claims one of them, and another janitor calls again: it is not taken away from them.
        begun_by_the_dead(engine, "job-0", "alive")
        dbos_port.recover("dead")
        assert [works.status(f"job-{n}") for n in range(3)] == ["PENDING", "ENQUEUED", "PENDING"]
        assert dbos_port.begun_by(house.door.client) == {"job-0": "alive", "job-2": "alive"}
        assert dbos_port.begun_by(house.door.client, "dead") == {}


def test_a_delivery_may_be_recovered_any_number_of_times(sqlite_works: Works) -> None:
    """We count ourselves what a job's workers died of; dbos's own limit would count innocent ones."""
    queue(sqlite_works.house.door, "wf_1", DETACHED)
    begun_by_the_dead(sqlite_works.house.door.engine, "wf_1-6", "dead")
    prefix = "" if is_sqlite(sqlite_works.house.door.engine) else "dbos."
    with sqlite_works.house.door.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {prefix}workflow_status SET recovery_attempts = 1000"))
    with sqlite_works.worker():
        wait_until(lambda: sqlite_works.status("wf_1-6") == "SUCCESS", "recovered and done")


def test_payloads_are_json_in_the_tables(works: Works) -> None:
    """Also what a failed delivery leaves behind."""
    house = works.house

    def fail(_context: JobContext) -> None:
        raise RetryableError("the server is busy")

    queue(house.door, "wf_1", DETACHED)
    queue(house.door, "wf_2", DETACHED)
    handlers = counted(
        {DETACHED: lambda context: fail(context) if context.job.workflow_id == "wf_2" else None}
    )
    with works.worker(handlers):
        wait_until(
            lambda: works.status("wf_1-6") == "SUCCESS" and works.status("wf_2-6") == "ERROR", "both over"
        )
    for workflow in ("wf_1", "wf_2"):
        delivery = f"{workflow}-6"
        assert _column(works, "workflow_status", "serialization", delivery) == "portable_json"
        body = {
            "stage": "background_image_processing",
            "workflowId": workflow,
            "data": {"purchaseOrderId": f"po-{workflow}", "merchantId": "m1"},
        }
        assert json.loads(str(_column(works, "workflow_input", "inputs", delivery))) == {
            "positionalArgs": [body, BACKGROUND],
            "namedArgs": {},
        }
    assert json.loads(str(_column(works, "workflow_output", "output", "wf_1-6"))) is None
    assert json.loads(str(_column(works, "workflow_output", "error", "wf_2-6"))) == {
        "name": "JobFailedError",
        "message": "the server is busy",
        "code": None,
    }


def test_our_client_writes_json_even_where_it_is_not_told_to(works: Works) -> None:
    options: EnqueueOptions = {
        "workflow_name": WORKFLOW,
        "queue_name": "nobody-listens",
        "workflow_id": "job",
    }
    works.house.door.client.enqueue(options, {"n": 1})
    assert _column(works, "workflow_status", "serialization", "job") == "portable_json"


def test_the_application_version_is_a_constant_whatever_the_environment_says(sqlite_works: Works) -> None:
    house = sqlite_works.house
    queue(house.door, "wf_1")
    (waiting,) = house.door.client.list_workflows(workflow_ids=["wf_1-1"])
    assert waiting.app_version == APPLICATION_VERSION == "1"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DBOS__APPVERSION", "a-hash-of-the-source")
        patched.setenv("DBOS__VMID", "an-id-used-before")
        with sqlite_works.worker():
            wait_until(lambda: effects(house.door.engine) == whole("wf_1"), "done by this version")
    (done,) = house.door.client.list_workflows(workflow_ids=["wf_1-1"])
    assert done.app_version == "1"
    assert done.executor_id is not None
    assert done.executor_id.startswith("worker_")


def test_the_cloud_mode_that_takes_everything_from_the_environment_is_off() -> None:
    code = (
        "import logwatch.pipeline.engine.dbos_port; "
        "from dbos._utils import GlobalParams; print(GlobalParams.dbos_cloud)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DBOS__CLOUD": "true"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "False\n"


def test_a_delivery_that_is_there_already_stays_as_it_is(works: Works) -> None:
    house = works.house
    queue(house.door, "wf_1")
    before = house.waiting()
    with house.door.transaction() as transaction:
        push(house.door.client, transaction.connection, "wf_1-1", "ai-parsing", {"other": "body"})
    assert house.waiting() == before


def test_an_enqueue_is_part_of_the_callers_transaction(works: Works) -> None:
    door = works.house.door
    with door.engine.connect() as connection:
        push(door.client, connection, "job", "nobody-listens", {"n": 1})
        connection.rollback()
    assert works.status("job") is None
    with door.engine.begin() as connection:
        push(door.client, connection, "job", "nobody-listens", {"n": 1})
    assert works.status("job") == "ENQUEUED"


def test_a_workflow_of_another_name_would_wait_for_ever_so_only_the_port_enqueues(
    sqlite_works: Works,
) -> None:
    """The pitfall itself: if dbos mends it, the rule that only our port enqueues can go."""
    client: DBOSClient = sqlite_works.house.door.client
    options: EnqueueOptions = {
        "workflow_name": "process_jobs",
        "queue_name": BACKGROUND,
        "workflow_id": "misnamed",
        "app_version": APPLICATION_VERSION,
    }
    client.enqueue(options, {"n": 1})
    with sqlite_works.worker():
        wait_until(lambda: sqlite_works.status("misnamed") == "PENDING", "claimed")
        queue(sqlite_works.house.door, "wf_1", DETACHED)
        wait_until(lambda: bool(effects(sqlite_works.house.door.engine)), "the others go on")
    assert sqlite_works.status("misnamed") == "PENDING"
    assert "process_jobs is not a registered workflow function" in sqlite_works.house.log


def test_nothing_outside_the_engine_imports_dbos() -> None:
    import ast

    pipeline = ROOT / "logwatch"
    importers = {
        str(path.relative_to(pipeline))
        for path in pipeline.rglob("*.py")
        if "dbos" in (text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "dbos")
        or (
            isinstance(node, ast.Import)
            and any(alias.name.partition(".")[0] == "dbos" for alias in node.names)
        )
    }
    assert importers == {"pipeline/engine/dbos_port.py"}


def test_a_failed_job_is_no_error_of_the_engines_and_other_warnings_come_through(sqlite_works: Works) -> None:
    house: House = sqlite_works.house

    def fail(_context: JobContext) -> None:
        raise RetryableError("the server is busy")

    queue(house.door, "wf_1")
    with sqlite_works.worker(counted({StageName.AI_PARSING: fail})):
        wait_until(lambda: sqlite_works.status("wf_1-1") == "ERROR", "failed")
        logging.getLogger("dbos").warning("the pool is\nexhausted")
    assert "Exception encountered" not in house.log
    assert "Traceback" not in house.log
    assert "[warning] ⚙️ dbos: the pool is\\nexhausted" in house.log
