"""SQLite in a file or Postgres by URL: opened with what durability needs, and brought to this version."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from logwatch.pipeline.data.database import open_engine, writing
from logwatch.pipeline.data.migrate import migrate
from logwatch.pipeline.data.models import Base, Job, ProductDraft, PurchaseOrder
from logwatch.pipeline.engine.setup import prepare
from logwatch.pipeline.errors import PipelineError
from tests.pipeline.conftest import House
from tests.pipeline.workers import ROOT

from .work import queue


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "not a url",
            "LOGWATCH_DB: 'not a url' is not a database URL; "
            "use sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE",
        ),
        (
            "postgres!//user:secret@host/db",
            "LOGWATCH_DB: '…@host/db' is not a database URL; "
            "use sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE",
        ),
        (
            "mysql://root@host/db",
            "LOGWATCH_DB: 'mysql' is not supported; "
            "use sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE",
        ),
        (
            "postgresql://user@host/db",
            "LOGWATCH_DB: 'postgresql' is not supported; "
            "use sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE",
        ),
        ("sqlite://", "LOGWATCH_DB: a SQLite database in memory loses its jobs; use sqlite:///FILE"),
        ("sqlite:///:memory:", "LOGWATCH_DB: a SQLite database in memory loses its jobs; use sqlite:///FILE"),
    ],
)
def test_a_url_that_cannot_hold_jobs_is_refused_with_the_remedy(url: str, message: str) -> None:
    with pytest.raises(PipelineError) as caught:
        open_engine(url)
    assert str(caught.value) == message


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PipelineError, match=r"/file/pipeline\.db: cannot make its folder: "):
        open_engine(f"sqlite:///{tmp_path}/file/pipeline.db")


def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/a/b/pipeline.db")
    prepare(engine)
    engine.dispose()
    assert (tmp_path / "a" / "b" / "pipeline.db").exists()


def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    engine = open_engine("postgresql+psycopg://someone:secret@127.0.0.1:1/db?connect_timeout=3")
    with pytest.raises(PipelineError) as caught:
        migrate(engine)
    said = str(caught.value)
    assert said.startswith(
        "postgresql+psycopg://someone:***@127.0.0.1:1/db?connect_timeout=3: cannot open the database: "
    )
    assert said.endswith("; check LOGWATCH_DB (--db), and that the server is up and lets you in")
    assert "secret" not in said


def test_a_file_that_is_no_database_is_said_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.db"
    path.write_text("order,qty\n" * 200)
    with pytest.raises(PipelineError, match="cannot open the database: file is not a database; "):
        migrate(open_engine(f"sqlite:///{path}"))
    assert path.read_text() == "order,qty\n" * 200


def test_tables_of_a_newer_logwatch_are_left_alone(house: House) -> None:
    engine = house.door.engine

    def set_version(version: str) -> str:
        with engine.begin() as connection:
            before = connection.exec_driver_sql(
                "SELECT version_num FROM logwatch_pipeline_version"
            ).scalar_one()
            connection.execute(
                sa.text("UPDATE logwatch_pipeline_version SET version_num = :version"), {"version": version}
            )
        return str(before)

    ours = set_version("9999")
    try:
        with pytest.raises(PipelineError) as caught:
            migrate(engine)
    finally:
        assert set_version(ours) == "9999"
    assert ": the tables are of a version unknown here (" in str(caught.value)
    assert str(caught.value).endswith("); upgrade logwatch")


def test_the_migrations_make_the_very_tables_of_the_models(house: House) -> None:
    with house.door.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "logwatch_pipeline_version"})
        differences = [
            difference
            for difference in compare_metadata(context, Base.metadata)
            # dbos's tables are in the same SQLite file, and are its own affair.
            if not (difference[0] in ("remove_table", "remove_index") and _is_of_dbos(difference[1]))
        ]
    assert differences == []


def _is_of_dbos(thing: sa.Table | sa.Index) -> bool:
    table = thing.table if isinstance(thing, sa.Index) else thing
    return table is not None and table.name not in Base.metadata.tables


@pytest.mark.slow
def test_two_processes_that_come_to_a_new_database_at_once_both_find_it_ready(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = (
        f"sqlite:///{tmp_path}/pipeline.db"
        if database_kind == "sqlite"
        else str(request.getfixturevalue("empty_postgres")())
    )
    code = (
        "import sys; from logwatch.pipeline.data.database import open_engine; "
        "from logwatch.pipeline.engine.setup import prepare; prepare(open_engine(sys.argv[1]))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in processes] == [
        ("", 0)
    ] * 3


@pytest.fixture(params=["sqlite", "postgres"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_sqlite_writes_ahead_and_syncs_fully_and_minds_foreign_keys(sqlite_house: House) -> None:
    with sqlite_house.door.engine.connect() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_on_postgres_a_frozen_transaction_ends_and_a_lock_is_not_waited_for_for_ever(
    new_postgres: Callable[[], str],
) -> None:
    engine = open_engine(new_postgres())
    for _ in range(2):
        # Also after the pool has rolled the connection back.
        with engine.connect() as connection:
            said = [
                connection.exec_driver_sql(f"SHOW {name}").scalar_one()
                for name in ("idle_in_transaction_session_timeout", "lock_timeout", "fsync")
            ]
        assert said[:2] == ["10s", "30s"]
    engine.dispose()


def test_a_connection_that_broke_while_it_rested_is_replaced_unnoticed(
    new_postgres: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logwatch.pipeline.data.database._PING_AFTER_SECONDS", 0.0)
    url = new_postgres()
    engine, other = open_engine(url), open_engine(url)
    with engine.connect() as connection:
        session = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with other.begin() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:session)"), {"session": session})
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != session
    engine.dispose()
    other.dispose()


def test_a_draft_without_its_order_or_of_another_merchant_cannot_be_written(house: House) -> None:
    engine = house.door.engine
    draft = {
        "id": "draft_1",
        "merchant_id": "m1",
        "line_item_id": 1,
        "title": "Tea",
        "image_state": "none",
        "created_at_ms": 0,
    }
    with writing(engine) as connection:
        connection.execute(
            sa.insert(PurchaseOrder).values(
                id="po_1",
                merchant_id="m1",
                workflow_id="wf_1",
                filename="x",
                status="received",
                created_at_ms=0,
            )
        )
        connection.execute(
            sa.text(
                "INSERT INTO line_items (id, order_id, line_no, name, quantity) VALUES (1, 'po_1', 1, 'Tea', 1)"
            )
        )
    for change in ({"order_id": "po_none"}, {"order_id": "po_1", "merchant_id": "m2"}):
        with pytest.raises(sa.exc.IntegrityError), writing(engine) as connection:
            connection.execute(sa.insert(ProductDraft).values({**draft, **change}))
    with writing(engine) as connection:
        connection.execute(sa.insert(ProductDraft).values({**draft, "order_id": "po_1"}))
    # The second draft of one line is refused too.
    with pytest.raises(sa.exc.IntegrityError), writing(engine) as connection:
        connection.execute(sa.insert(ProductDraft).values({**draft, "order_id": "po_1", "id": "draft_2"}))


def test_writers_of_several_threads_and_processes_wait_for_each_other(house: House) -> None:
    other = open_engine(house.settings.database_url)
    failures: list[BaseException] = []

    def write(engine: sa.Engine, name: str) -> None:
        try:
            for number in range(20):
                with writing(engine) as connection:
                    connection.execute(
                        sa.insert(PurchaseOrder).values(
                            id=f"{name}-{number}",
                            merchant_id="m1",
                            workflow_id=f"{name}-{number}",
                            filename="x",
                            status="received",
                            created_at_ms=0,
                        )
                    )
        except BaseException as error:
            failures.append(error)

    threads = [
        threading.Thread(target=write, args=(engine, f"{name}{n}"))
        for n in range(3)
        for name, engine in (("own", house.door.engine), ("other", other))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    other.dispose()
    assert failures == []
    assert house.rows(sa.select(sa.func.count()).select_from(PurchaseOrder)) == [(120,)]


def test_what_is_committed_is_in_the_file_and_not_in_this_process(sqlite_house: House) -> None:
    queue(sqlite_house.door, "wf_1")
    path = sqlite_house.settings.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        assert connection.execute(str(sa.select(Job.id))).fetchall() == [("wf_1-1",)]
        assert connection.execute("SELECT workflow_uuid, status FROM workflow_status").fetchall() == [
            ("wf_1-1", "ENQUEUED")
        ]
