"""Jobs whose effects can be counted, run by hand or by a worker in this process."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from logwatch.pipeline.data.models import DeadLetter, Job
from logwatch.pipeline.engine.context import Handler
from logwatch.pipeline.engine.delivery import Deliverer
from logwatch.pipeline.engine.janitor import JanitorSettings
from logwatch.pipeline.engine.slots import StageSlots
from logwatch.pipeline.engine.worker import Worker, WorkerSettings
from logwatch.pipeline.house import open_door
from logwatch.pipeline.settings import Settings
from logwatch.pipeline.stages import StageName
from tests.pipeline.conftest import House

from .work import EFFECTS, counted

# Everything a worker does now and then, it does at once.
QUICK = WorkerSettings(
    poll_seconds=0.02, lease_seconds=3.0, drain_seconds=5.0, janitor=JanitorSettings(every_seconds=0.05)
)


@dataclass
class Works:
    """A house where jobs leave countable effects."""

    house: House

    def deliverer(self, handlers: Mapping[StageName, Handler] | None = None) -> Deliverer:
        return Deliverer(self.house.door, handlers or counted(), self.house.slots)

    @contextmanager
    def worker(
        self, handlers: Mapping[StageName, Handler] | None = None, settings: WorkerSettings = QUICK
    ) -> Iterator[Worker]:
        slots = StageSlots(self.house.door.stages)
        deliverer = Deliverer(self.house.door, handlers or counted(), slots)
        worker = Worker(self.house.door, deliverer, slots, settings)
        worker.start()
        try:
            yield worker
        finally:
            worker.drain("end of test")

    def job(self, job_id: str) -> sa.Row[tuple[object, ...]]:
        with self.house.door.engine.connect() as connection:
            return connection.execute(sa.select(Job.__table__).where(Job.id == job_id)).one()

    def letters(self) -> list[tuple[str, str]]:
        """Return (id, reason) of every dead letter."""
        with self.house.door.engine.connect() as connection:
            query = sa.select(DeadLetter.id, DeadLetter.reason).order_by(DeadLetter.id)
            return [(row.id, row.reason) for row in connection.execute(query)]

    def status(self, delivery: str) -> str | None:
        """Return what the engine says of a delivery."""
        found = self.house.door.client.list_workflows(workflow_ids=[delivery], load_output=False)
        return found[0].status if found else None


@pytest.fixture
def works(house: House) -> Works:
    EFFECTS.metadata.create_all(house.door.engine)
    return Works(house)


@pytest.fixture
def sqlite_works(sqlite_house: House) -> Works:
    EFFECTS.metadata.create_all(sqlite_house.door.engine)
    return Works(sqlite_house)


@pytest.fixture
def postgres_works(new_postgres: Callable[[], str], tmp_path: Path) -> Iterator[Works]:
    settings, stream = Settings(new_postgres(), str(tmp_path / "images")), io.StringIO()
    with open_door(settings, stream=stream) as door:
        EFFECTS.metadata.create_all(door.engine)
        yield Works(House(door, settings, stream, StageSlots(door.stages)))


def quicker(**changes: object) -> WorkerSettings:
    """Return the quick settings with some changed."""
    return dataclasses.replace(QUICK, **changes)  # type: ignore[arg-type]
