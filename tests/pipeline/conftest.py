"""The world of the pipeline's tests: real databases, real doors, workers in processes of their own."""

from __future__ import annotations

import io
import itertools
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import _dbos as dbos_module

from logwatch.pipeline.data.database import open_engine
from logwatch.pipeline.engine.delivery import Deliverer, JobFailedError
from logwatch.pipeline.engine.door import Door
from logwatch.pipeline.engine.setup import prepare
from logwatch.pipeline.engine.slots import StageSlots
from logwatch.pipeline.handlers import Seams, Tools, build_handlers
from logwatch.pipeline.house import open_door
from logwatch.pipeline.images import ImageStore
from logwatch.pipeline.settings import Settings
from logwatch.pipeline.stages import STAGE_OF_QUEUE

from .postgres import find_binaries, running_server

CSV = b"name,sku,qty,price\nGreen Tea,GT-1,2,3.50\nSugar 1kg,,1,2.00\nUnheard-of Thing,,4,1.25\n"


@pytest.fixture(scope="package", autouse=True)
def hasty_dbos() -> Iterator[None]:
    """Let dbos look ten times a second, instead of once, whether all has ended when a worker here drains.

    Workers in processes of their own drain as they do in production.
    """
    hasty = SimpleNamespace(time=time.time, sleep=lambda seconds: time.sleep(seconds / 10))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dbos_module, "time", hasty)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no Postgres here: initdb and pg_ctl are not installed (Debian package postgresql)")
    # These tests kill workers, never the server: what it has not written yet is not lost.
    with running_server(binaries, "fsync=off", "full_page_writes=off") as url:
        yield url


@pytest.fixture(scope="session")
def empty_postgres(postgres_server: str) -> Callable[[], str]:
    """Return the URL of a new database without any table at each call."""
    numbers = itertools.count()

    def create() -> str:
        name = f"test{next(numbers)}"
        engine = sa.create_engine(f"{postgres_server}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return f"{postgres_server}/{name}"

    return create


@pytest.fixture(scope="session")
def new_postgres(empty_postgres: Callable[[], str]) -> Callable[[], str]:
    """Return the URL of a database with all its tables and nothing in them; of the same one at each call.

    To make a database takes Postgres several times as long as most of these tests take.
    """
    url = empty_postgres()
    engine = open_engine(url)
    prepare(engine)
    engine.dispose()

    def clean() -> str:
        engine = open_engine(url)
        tables = sa.text(
            "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables "
            "WHERE schemaname IN ('public', 'dbos') AND tablename NOT IN "
            "('dbos_migrations', 'logwatch_pipeline_version')"
        )
        with engine.begin() as connection:
            connection.execute(
                sa.text(f"TRUNCATE {connection.execute(tables).scalar_one()} RESTART IDENTITY")
            )
        engine.dispose()
        return url

    return clean


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all its tables and nothing in them: to copy it takes a tenth of what it takes to make it."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    engine = open_engine(f"sqlite:///{path}")
    prepare(engine)
    engine.dispose()
    return path


@pytest.fixture
def new_sqlite(empty_tables: Path, tmp_path: Path) -> str:
    """The URL of an SQLite file with all its tables and nothing in them."""
    return f"sqlite:///{shutil.copy(empty_tables, tmp_path / 'pipeline.db')}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return str(request.getfixturevalue("new_sqlite"))
    return str(request.getfixturevalue("new_postgres")())


@dataclass
class House:
    """A door with its log, and deliveries run by hand, one after the other."""

    door: Door
    settings: Settings
    stream: io.StringIO
    slots: StageSlots

    @property
    def log(self) -> str:
        return self.stream.getvalue()

    def deliverer(self, seams: Seams | None = None, tools: Tools | None = None) -> Deliverer:
        tools = tools or Tools(
            self.settings.open_parser(), self.settings.open_source(), ImageStore(self.settings.image_store)
        )
        return Deliverer(self.door, build_handlers(tools, seams or Seams()), self.slots)

    def waiting(self) -> list[tuple[str, str, object]]:
        """Return (delivery, queue, body) of every delivery in the engine's queues, oldest first."""
        found = self.door.client.list_workflows(status=["ENQUEUED", "DELAYED"], load_output=False)
        return [
            (status.workflow_id, status.queue_name or "", status.input["args"][0])
            for status in found
            if status.queue_name in STAGE_OF_QUEUE and status.input is not None
        ]

    def run_waiting(self, deliverer: Deliverer | None = None) -> list[str]:
        """Run everything that waits, retries included, and take it out; return how each delivery ended."""
        ends = []
        deliverer = deliverer or self.deliverer()
        for delivery, queue, body in self.waiting():
            try:
                deliverer.process_job(delivery, queue, body)
                ends.append(f"{delivery} done")
            except JobFailedError as error:
                ends.append(f"{delivery} failed: {error}")
            self.door.client.delete_workflows([delivery])
        return ends

    def run_all(self, deliverer: Deliverer | None = None) -> list[str]:
        """Run until nothing waits."""
        deliverer = deliverer or self.deliverer()
        ends: list[str] = []
        for _ in range(50):
            if not self.waiting():
                return ends
            ends += self.run_waiting(deliverer)
        raise AssertionError(f"still waiting: {self.waiting()}")

    def rows(self, query: sa.Select[*tuple[Any, ...]]) -> list[tuple[object, ...]]:
        with self.door.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(query)]


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    settings = Settings(database_url, str(tmp_path / "images"))
    stream = io.StringIO()
    with open_door(settings, stream=stream) as door:
        yield House(door, settings, stream, StageSlots(door.stages))


@pytest.fixture
def sqlite_house(new_sqlite: str, tmp_path: Path) -> Iterator[House]:
    """A house on SQLite alone, for what does not depend on the database."""
    settings = Settings(new_sqlite, str(tmp_path / "images"))
    stream = io.StringIO()
    with open_door(settings, stream=stream) as door:
        yield House(door, settings, stream, StageSlots(door.stages))
