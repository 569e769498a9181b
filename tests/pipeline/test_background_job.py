"""The background job on both databases: fresh drafts, each still there when it is written, and an honest end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import sqlalchemy as sa

from logwatch.pipeline import orders
from logwatch.pipeline.data.models import Job, ProductDraft, ProductImage, PurchaseOrder
from logwatch.pipeline.envelope import create_workflow_job
from logwatch.pipeline.errors import PermanentError, RetryableError
from logwatch.pipeline.handlers import Seams, Tools
from logwatch.pipeline.images import FoundImage
from logwatch.pipeline.orders import OrderView
from logwatch.pipeline.stages import StageName

from .conftest import CSV, House
from .test_image_sources import PNG

BACKGROUND = StageName.BACKGROUND_IMAGE_PROCESSING.value


@dataclass(frozen=True)
class Source:
    """An image source that does what the test says, then finds one image for every title but `nothing`."""

    act: Callable[[], object] = lambda: None

    def find(self, title: str, sku: str | None, timeout_seconds: float) -> tuple[FoundImage, ...]:
        self.act()
        return () if title == "nothing" else (FoundImage(PNG + title.encode(), "test"),)


def tools(house: House, act: Callable[[], object] = lambda: None) -> Tools:
    return Tools(house.settings.open_parser(), Source(act), house.settings.open_store())


def through_the_workflow(house: House, content: bytes = CSV) -> str:
    """Submit an order and run its workflow; the background job is queued then, and has not run."""
    order = orders.submit(house.door, "m1", "order.csv", content)
    house.run_waiting()
    assert [queue for _, queue, _ in house.waiting()] == ["background-image-processing"]
    return order


def view(house: House, order: str) -> OrderView:
    return orders.look_at(house.door.engine, order, None)


def jobs(house: House) -> list[tuple[object, ...]]:
    return house.rows(sa.select(Job.state, Job.attempt, Job.error).where(Job.stage == BACKGROUND))


def background_lines(house: House) -> list[str]:
    """Return what was logged since the background job began: messages alone, without ids."""
    log = house.log[house.log.index(f"PROCESSOR TRIGGERED for {BACKGROUND}") :]
    lines = [re.sub(r"^\S+Z \[\w+\] ", "", line) for line in log.splitlines()]
    return [re.sub(r" ?\w+Id=\S+", "", line) for line in lines]


def counted(house: House, outcome: str) -> float | None:
    labels = {"stage": BACKGROUND, "outcome": outcome}
    return house.door.metrics.registry.get_sample_value("logwatch_pipeline_jobs_total", labels)


def delete_drafts(house: House, *titles: str) -> None:
    with house.door.transaction() as transaction:
        transaction.connection.execute(sa.delete(ProductDraft).where(ProductDraft.title.in_(titles)))


def test_a_healthy_job_attaches_images_and_opens_one_review_session(house: House) -> None:
    order = through_the_workflow(house)
    house.run_all()
    found = view(house, order)
    assert [(draft.title, draft.image_state, len(draft.images)) for draft in found.drafts] == [
        ("Green Tea", "found", 2),
        ("Sugar 1kg", "found", 2),
        ("Unheard-of Thing", "not_found", 0),
    ]
    assert found.status == "completed"
    assert found.review_session is not None
    assert found.images_at_ms is not None
    assert jobs(house) == [("done", 1, None)]
    assert counted(house, "completed") == 1
    lines = background_lines(house)
    told = [
        "processBackgroundImageProcessing - Starting async image processing...",
        "Fetching product drafts from database...",
        "Processing 3 product drafts for images...",
        "[1/3] Searching images for: Green Tea",
        "Found 2 images",
        "No images found for: Unheard-of Thing",
        "Saved 4 images to database",
        "Background image processing completed:",
        "- Processed: 3/3 drafts",
        "- Images found for: 2 products",
        f"Created image review session: {found.review_session}",
        f"Completed {BACKGROUND} job",
    ]
    places = [next(at for at, line in enumerate(lines) if text in line) for text in told]
    assert places == sorted(places)


def test_drafts_deleted_between_queueing_and_running_leave_nothing_to_do(house: House) -> None:
    through_the_workflow(house)
    delete_drafts(house, "Green Tea", "Sugar 1kg", "Unheard-of Thing")
    house.run_all()
    assert jobs(house) == [("skipped", 1, None)]
    assert (counted(house, "skipped"), counted(house, "completed")) == (1, 0)
    assert "⚠️ No product drafts found - skipping background image processing" in background_lines(house)
    assert house.rows(sa.select(PurchaseOrder.images_at_ms)) == [(None,)]


def test_a_draft_deleted_while_images_were_searched_is_left_out(house: House) -> None:
    order = through_the_workflow(house)
    house.run_all(house.deliverer(tools=tools(house, lambda: delete_drafts(house, "Sugar 1kg"))))
    assert [(draft.title, len(draft.images)) for draft in view(house, order).drafts] == [
        ("Green Tea", 1),
        ("Unheard-of Thing", 1),
    ]
    lines = background_lines(house)
    assert "   - Processed: 2/3 drafts" in lines
    assert "   - Images found for: 2 products" in lines
    assert "Foreign key" not in house.log


def test_all_drafts_deleted_while_images_were_searched_is_a_skip(house: House) -> None:
    through_the_workflow(house)
    gone = ("Green Tea", "Sugar 1kg", "Unheard-of Thing")
    house.run_all(house.deliverer(tools=tools(house, lambda: delete_drafts(house, *gone))))
    assert jobs(house) == [("skipped", 1, None)]
    assert counted(house, "skipped") == 1
    assert "review session" not in house.log


def test_an_order_deleted_altogether_is_a_skip(house: House) -> None:
    through_the_workflow(house)
    with house.door.transaction() as transaction:
        transaction.connection.execute(sa.delete(PurchaseOrder))
    house.run_all()
    assert jobs(house) == [("skipped", 1, None)]


def test_no_images_at_all_is_no_failure_and_no_review_session(house: House) -> None:
    order = through_the_workflow(house, b"name\nnothing\n")
    house.run_all(house.deliverer(tools=tools(house)))
    assert jobs(house) == [("done", 1, None)]
    assert view(house, order).review_session is None
    assert "   - Images found for: 0 products" in background_lines(house)


def test_a_job_under_another_merchants_name_finds_no_drafts(house: House) -> None:
    order = through_the_workflow(house)
    with house.door.transaction() as transaction:
        data = {"purchaseOrderId": order, "merchantId": "m2"}
        house.door.add_job(transaction, create_workflow_job(BACKGROUND, "wf_foreign", data))
    house.run_all(house.deliverer(tools=tools(house)))
    assert sorted(state for state, _, _ in jobs(house)) == ["done", "skipped"]
    assert house.rows(sa.select(sa.func.count()).select_from(ProductImage)) == [(3,)]


def test_a_job_that_fails_is_failed_and_never_reported_as_completed(house: House) -> None:
    def fail() -> None:
        raise RetryableError("the image search answered 503")

    order = through_the_workflow(house)
    ends = house.run_all(house.deliverer(tools=tools(house, fail)))
    assert len(ends) == 4
    assert all(end.endswith("failed: the image search answered 503") for end in ends)
    assert jobs(house) == [("dead", 4, "the image search answered 503")]
    assert (counted(house, "retried"), counted(house, "dead"), counted(house, "completed")) == (3, 1, 0)
    lines = background_lines(house)
    assert lines.count("❌ Background image processing failed: the image search answered 503") == 4
    assert sum("PROCESSOR ERROR in background_image_processing job" in line for line in lines) == 4
    assert not any("ompleted" in line for line in lines)
    # The order itself is through: its workflow never waited for the images.
    assert (view(house, order).status, view(house, order).images_at_ms) == ("completed", None)


def test_what_can_never_succeed_is_given_up_at_once(house: House) -> None:
    def fail() -> None:
        raise PermanentError("the image search refused the request: 401; check its URL")

    through_the_workflow(house)
    assert len(house.run_all(house.deliverer(tools=tools(house, fail)))) == 1
    assert jobs(house) == [("dead", 1, "the image search refused the request: 401; check its URL")]


def test_a_failure_while_saving_leaves_neither_images_nor_session(house: House) -> None:
    def forgotten(_connection: sa.Connection, drafts: tuple[str, ...]) -> frozenset[str]:
        return frozenset(drafts)

    def delete(_context: object) -> None:
        delete_drafts(house, "Sugar 1kg")

    through_the_workflow(house)
    seams = replace(Seams(), still_there=forgotten, before_save=delete)
    ends = house.run_waiting(house.deliverer(seams))
    assert "Foreign key constraint violated" in ends[0]
    assert house.rows(sa.select(sa.func.count()).select_from(ProductImage)) == [(0,)]
    # The retry reads fresh drafts, and the job ends well.
    house.run_all()
    assert jobs(house)[0][:2] == ("done", 2)


def test_an_image_uploaded_by_hand_stays_and_is_told(house: House) -> None:
    order = through_the_workflow(house)
    draft = view(house, order).drafts[2].id
    image = orders.upload_image(house.door, house.settings.open_store(), order, draft, PNG)
    assert f"[info] 📤 Manual image upload for purchase order {order}\n" in house.log
    assert house.door.metrics.registry.get_sample_value("logwatch_pipeline_manual_image_uploads_total") == 1
    # Once per content: the same file again is the same image.
    again = orders.upload_image(house.door, house.settings.open_store(), order, draft, PNG)
    assert again == image
    assert house.log.count("Manual image upload") == 1
    house.run_all()
    found = view(house, order).drafts[2]
    assert (found.image_state, [one.source for one in found.images]) == ("manual", ["manual upload"])


def test_a_delivery_that_comes_again_attaches_nothing_twice(house: House) -> None:
    through_the_workflow(house)
    delivery, queue, body = house.waiting()[0]
    for _ in range(2):
        house.deliverer().process_job(delivery, queue, body)  # type: ignore[arg-type]
    assert house.rows(sa.select(sa.func.count()).select_from(ProductImage)) == [(4,)]
    assert house.log.count("Created image review session") == 1
