"""What is not whole does not start: a stage without queue, handler or data model; a worker that cannot work."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from logwatch.pipeline import envelope
from logwatch.pipeline import house as house_module
from logwatch.pipeline.data.models import WorkerLease
from logwatch.pipeline.engine.worker import WorkerSettings
from logwatch.pipeline.envelope import DATA_MODELS
from logwatch.pipeline.errors import PipelineError
from logwatch.pipeline.handlers import build_handlers
from logwatch.pipeline.house import build_worker
from logwatch.pipeline.ids import delivery_id, job_of_delivery, new_id
from logwatch.pipeline.stages import STAGE_OF_QUEUE, STAGES, StageName, check_table, with_concurrency
from tests.pipeline.conftest import House

from .conftest import Works
from .work import counted


def _without(table: Mapping[StageName, object], name: StageName) -> dict[StageName, object]:
    return {key: value for key, value in table.items() if key is not name}


HANDLERS: dict[StageName, object] = dict(counted())
MODELS: dict[StageName, object] = dict(DATA_MODELS)


def test_the_shipped_table_is_whole() -> None:
    check_table(STAGES, HANDLERS, MODELS)
    assert set(STAGES) == set(DATA_MODELS) == set(StageName)
    assert {stage.queue: stage for stage in STAGES.values()} == STAGE_OF_QUEUE
    assert [stage.ordinal for stage in STAGES.values()] == [1, 2, 3, 4, 5, 6]


def test_every_gap_is_told_at_once_with_the_place_to_mend_it() -> None:
    stages = {
        **STAGES,
        StageName.IMAGE_ATTACHMENT: dataclasses.replace(
            STAGES[StageName.IMAGE_ATTACHMENT], queue="ai-parsing"
        ),
    }
    del stages[StageName.DATABASE_SAVE]
    with pytest.raises(PipelineError) as caught:
        check_table(
            stages,
            _without(HANDLERS, StageName.STATUS_UPDATE),
            _without(MODELS, StageName.BACKGROUND_IMAGE_PROCESSING),
        )
    assert str(caught.value).splitlines() == [
        "stage 'database_save' has no queue: add it to the table in logwatch/pipeline/stages.py",
        "stages 'ai_parsing' and 'image_attachment' share queue 'ai-parsing': give each its own",
        "stage 'status_update' has no handler: add it to build_handlers in logwatch/pipeline/handlers",
        "stage 'background_image_processing' has no data model: add it to DATA_MODELS in "
        "logwatch/pipeline/envelope.py",
    ]


def test_a_worker_is_not_built_where_a_stage_lacks_its_handler(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(*arguments: object) -> dict[StageName, object]:
        return _without(dict(build_handlers(*arguments)), StageName.BACKGROUND_IMAGE_PROCESSING)  # type: ignore[arg-type]

    monkeypatch.setattr(house_module, "build_handlers", forgetful)
    with pytest.raises(PipelineError, match=r"^stage 'background_image_processing' has no handler: "):
        build_worker(sqlite_house.door, sqlite_house.settings, WorkerSettings())


def test_a_worker_is_not_built_where_a_stage_lacks_its_data_model(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house_module, "DATA_MODELS", _without(MODELS, StageName.AI_PARSING))
    with pytest.raises(PipelineError, match=r"^stage 'ai_parsing' has no data model: "):
        build_worker(sqlite_house.door, sqlite_house.settings, WorkerSettings())
    assert envelope.DATA_MODELS == MODELS


def test_a_worker_is_not_built_where_a_stage_lacks_its_queue(sqlite_house: House) -> None:
    door = sqlite_house.door
    door.stages = {
        name: dataclasses.replace(stage, queue="") if name is StageName.STATUS_UPDATE else stage
        for name, stage in STAGES.items()
    }
    with pytest.raises(PipelineError, match=r"^stage 'status_update' has no queue: "):
        build_worker(door, sqlite_house.settings, WorkerSettings())


def test_a_worker_says_what_it_serves_and_under_which_name(sqlite_works: Works) -> None:
    with sqlite_works.worker():
        ((executor,),) = sqlite_works.house.rows(sa.select(WorkerLease.executor_id))
        log = sqlite_works.house.log
    assert f"Initializing all processors, executor {executor}" in log
    for stage in STAGES.values():
        assert (
            f"Registering processor for {stage.name} on queue {stage.queue} with concurrency {stage.concurrency}"
            in log
        )
    assert "All processors initialized successfully" in log


def test_queues_of_new_jobs_are_looked_into_four_times_a_second(sqlite_works: Works) -> None:
    with sqlite_works.worker(settings=WorkerSettings()):
        intervals = {
            queue.name: queue.polling_interval_sec for queue in sqlite_works.house.door.client.list_queues()
        }
    # Inside a workflow only retries wait in a queue, for seconds at the least.
    assert intervals == {stage.queue: 0.25 if stage.entry else 1.0 for stage in STAGES.values()}


def test_a_second_worker_of_the_same_process_takes_another_name(sqlite_works: Works) -> None:
    names = []
    for _ in range(2):
        with sqlite_works.worker():
            names += sqlite_works.house.rows(sa.select(WorkerLease.executor_id))
    assert len(set(names)) == 2


def test_concurrency_limits_every_stage_and_leaves_the_claims_large_enough() -> None:
    limited = with_concurrency(STAGES, 2)
    assert {stage.concurrency for stage in limited.values()} == {2}
    assert [stage.claimed for stage in limited.values()] == [stage.claimed for stage in STAGES.values()]
    assert all(stage.claimed == 100 for stage in with_concurrency(STAGES, 100).values())
    assert with_concurrency(STAGES, None) == STAGES


def test_ids_sort_by_age_and_are_no_delivery_of_anything() -> None:
    ids = [new_id("po") for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(name.startswith("po_") and len(name) == len(ids[0]) and "#" not in name for name in ids)
    assert [name[: len("po_") + 8] for name in ids] == sorted(name[: len("po_") + 8] for name in ids)


def test_the_first_delivery_bears_the_name_of_its_job() -> None:
    assert [delivery_id("wf_1-6", n) for n in (1, 2, 10)] == ["wf_1-6", "wf_1-6#2", "wf_1-6#10"]
    assert {job_of_delivery(delivery_id("wf_1-6", n)) for n in (1, 2, 10)} == {"wf_1-6"}
