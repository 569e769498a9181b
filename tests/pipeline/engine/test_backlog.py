"""A long queue slows nobody down: what an add, a claim or an end costs does not grow with what is queued.

Measured in work done by the database, not in time: SQLite counts the instructions of its virtual machine,
Postgres the rows that it reads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from logwatch.pipeline.data.database import is_sqlite, writing
from logwatch.pipeline.engine.door import Door
from logwatch.pipeline.engine.janitor import Janitor, JanitorSettings
from logwatch.pipeline.engine.leases import run_out
from logwatch.pipeline.overview import read_overview
from logwatch.pipeline.stages import StageName
from tests.pipeline.conftest import House
from tests.pipeline.workers import wait_until

from .conftest import Works
from .work import CHAIN, DETACHED, effects, queue

BACKLOG = 10_000


def _pile_up(door: Door, tag: str, count: int) -> None:
    """Queue a background job through the door, then copy its rows: adding them one by one would take minutes."""
    job_id = queue(door, f"piled-{tag}", DETACHED)
    prefix = "" if is_sqlite(door.engine) else "dbos."
    numbers = (
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count) "
        if is_sqlite(door.engine)
        else "WITH numbers(n) AS (SELECT generate_series(1, :count)) "
    )
    with writing(door.engine) as connection:
        for table, key in (
            ("jobs", "id"),
            (f"{prefix}workflow_status", "workflow_uuid"),
            (f"{prefix}workflow_input", "workflow_uuid"),
        ):
            schema, _, name = table.rpartition(".")
            columns = [column["name"] for column in sa.inspect(connection).get_columns(name, schema or None)]
            values = [f"{column} || '-' || n" if column in (key, "carrier") else column for column in columns]
            connection.execute(
                sa.text(
                    f"INSERT INTO {table} ({', '.join(columns)}) {numbers} "
                    f"SELECT {', '.join(values)} FROM {table}, numbers WHERE {key} = :job"
                ),
                {"job": job_id, "count": count},
            )


class _Instructions:
    """Counts what SQLite's virtual machine does on the house's one connection, in steps of ten."""

    def __init__(self, house: House) -> None:
        self.tens = 0
        engine = house.door.engine
        event.listen(engine, "checkout", self._watch)

    def _watch(self, connection: DBAPIConnection, _record: ConnectionPoolEntry, _proxy: object) -> None:
        assert isinstance(connection, sqlite3.Connection)
        connection.set_progress_handler(self._count, 10)

    def _count(self) -> int:
        self.tens += 1
        return 0

    def of(self, act: Callable[[], object]) -> int:
        before = self.tens
        act()
        return self.tens - before


def _costs(works: Works, measure: Callable[[Callable[[], object]], int], tag: str) -> dict[str, int]:
    """Return what each thing costs that is done for every job, or every second."""
    door, deliverer = works.house.door, works.deliverer()
    janitor = Janitor(door, "worker_self", deliverer.in_hand, JanitorSettings())
    body = {
        "stage": "status_update",
        "workflowId": tag,
        "data": {"purchaseOrderId": "po", "merchantId": "m1"},
    }
    queue(door, f"warm-{tag}")
    return {
        "add": measure(lambda: queue(door, f"added-{tag}")),
        "add again": measure(lambda: queue(door, f"added-{tag}")),
        "add to be run": measure(lambda: queue(door, tag, StageName.STATUS_UPDATE)),
        "run": measure(lambda: deliverer.process_job(f"{tag}-5", "status-update", body)),
        "come again": measure(lambda: deliverer.process_job(f"{tag}-5", "status-update", body)),
        "look for dead workers": measure(lambda: run_out(door.engine)),
        "look for stranded jobs": measure(janitor.redeliver_stranded),
    }


def test_on_sqlite_no_statement_works_harder_behind_ten_thousand_jobs(sqlite_works: Works) -> None:
    counter = _Instructions(sqlite_works.house)
    _costs(sqlite_works, counter.of, "first")  # statements are compiled once
    _pile_up(sqlite_works.house.door, "few", 10)
    few = _costs(sqlite_works, counter.of, "few")
    _pile_up(sqlite_works.house.door, "many", BACKLOG)
    many = _costs(sqlite_works, counter.of, "many")
    assert few["add"] > 5
    assert few["run"] > 5
    assert {name: cost for name, cost in many.items() if cost > 1.5 * few[name] + 5} == {}


def test_on_postgres_no_statement_reads_through_ten_thousand_jobs(postgres_works: Works) -> None:
    door, works = postgres_works.house.door, postgres_works
    statistics = sa.text(
        "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables "
        "WHERE relname IN ('jobs', 'workflow_status', 'workflow_input', 'workflow_output')"
    )

    def rows_read() -> int:
        with door.engine.begin() as connection:
            # What the other connections have counted is told only when they have rested for a while.
            connection.execute(sa.text("SELECT pg_stat_clear_snapshot()"))
            return int(connection.execute(statistics).scalar_one())

    def measure(act: Callable[[], object]) -> int:
        with door.engine.connect() as connection:
            connection.execute(sa.text("SELECT pg_stat_force_next_flush()"))
        before = rows_read()
        act()
        with door.engine.connect() as connection:
            connection.execute(sa.text("SELECT pg_stat_force_next_flush()"))
        return rows_read() - before

    _pile_up(door, "many", BACKLOG)
    with door.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))
    many = _costs(works, measure, "many")
    assert many["run"] > 0
    assert {name: rows for name, rows in many.items() if rows > 100} == {}


@pytest.mark.slow
def test_a_job_added_behind_ten_thousand_of_another_queue_starts_at_once(works: Works) -> None:
    """Of its own queue it waits for its turn; of all others it knows nothing."""
    house = works.house
    _pile_up(house.door, "many", BACKLOG)
    with works.worker() as worker:
        queue(house.door, "wf_1")
        wait_until(
            lambda: ("wf_1", "status_update") in effects(house.door.engine), "the workflow is through", 20
        )
        waiting = {state.queue: state.depth for state in read_overview(house.door.engine).queues}
        assert waiting["background-image-processing"] > BACKLOG / 2
        worker.stopping.set()
    # Its background job is the last of ten thousand; the workflow did not wait for that one.
    assert [stage for workflow, stage in effects(house.door.engine) if workflow == "wf_1"] == sorted(CHAIN)
