"""Orders from the outside: submit one, look at one, attach an image by hand. Merchants see only their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

import sqlalchemy as sa

from .data.database import now_ms
from .data.models import (
    ImageReviewSession,
    ImageState,
    Job,
    JobState,
    OrderStatus,
    ProductDraft,
    ProductImage,
    PurchaseOrder,
    Upload,
)
from .engine.door import Door
from .envelope import create_workflow_job
from .errors import EnvelopeRefusedError, NotFoundError, PipelineError
from .ids import new_id
from .images import ImageStore
from .settings import MAX_UPLOAD_BYTES
from .stages import FIRST_STAGE
from .telemetry import printable

SUFFIXES = (".csv", ".json", ".xlsx")
LONGEST_FILENAME = 400


@dataclass(frozen=True, slots=True)
class ImageView:
    """One image of a draft."""

    id: str
    path: str
    source: str


@dataclass(frozen=True, slots=True)
class DraftView:
    """One draft with its images."""

    id: str
    title: str
    sku: str | None
    image_state: str
    images: tuple[ImageView, ...]


@dataclass(frozen=True, slots=True)
class DeadJobView:
    """A job of the order that was given up. `reason` is None where it is not the merchant's business."""

    job_id: str
    stage: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order as its merchant may see it; times are epoch milliseconds."""

    id: str
    merchant_id: str
    workflow_id: str
    filename: str
    status: str
    supplier: str | None
    number: str | None
    total_cents: int | None
    created_at_ms: int
    completed_at_ms: int | None
    images_at_ms: int | None
    review_session: str | None
    dead_jobs: tuple[DeadJobView, ...]
    drafts: tuple[DraftView, ...]


def submit(door: Door, merchant_id: str, filename: str, content: bytes) -> str:
    """Save an upload and queue its workflow, in one transaction; return the order's id.

    Raises PipelineError for a merchant, a kind of file or a size that is not taken; whether the file can be
    read is found out by the workflow.
    """
    name = PurePath(filename).name
    if not name.isprintable() or len(name) > LONGEST_FILENAME:
        raise PipelineError(
            f"{printable(name[:80])}: no name to keep: over {LONGEST_FILENAME} characters, or not printable; "
            "rename the file"
        )
    if PurePath(name).suffix.lower() not in SUFFIXES:
        raise PipelineError(f"{name}: not a purchase order; expected {', '.join(SUFFIXES)}")
    if len(content) > MAX_UPLOAD_BYTES:
        raise PipelineError(f"{name}: {len(content)} bytes, over {MAX_UPLOAD_BYTES}; split the order")
    order_id, workflow_id = new_id("po"), new_id("wf")
    try:
        job = create_workflow_job(
            FIRST_STAGE.name, workflow_id, {"purchaseOrderId": order_id, "merchantId": merchant_id}
        )
    except EnvelopeRefusedError:
        raise PipelineError(
            f"'{printable(merchant_id[:80])}' is no merchant: expected 1 to 200 letters, digits, '_', '.', "
            "':' or '-', the first a letter or digit"
        ) from None
    with door.transaction() as transaction:
        transaction.connection.execute(
            sa.insert(PurchaseOrder).values(
                id=order_id,
                merchant_id=merchant_id,
                workflow_id=workflow_id,
                filename=name,
                status=OrderStatus.RECEIVED.value,
                created_at_ms=now_ms(),
            )
        )
        transaction.connection.execute(sa.insert(Upload).values(order_id=order_id, content=content))
        door.add_job(transaction, job)
    return order_id


def look_at(engine: sa.Engine, order_id: str, merchant_id: str | None) -> OrderView:
    """Return an order with its drafts, images and review session, and with its jobs that were given up.

    `merchant_id` None is the operator, who sees all.

    Raises NotFoundError, for another merchant's order as for none.
    """
    query = sa.select(PurchaseOrder).where(PurchaseOrder.id == order_id)
    if merchant_id is not None:
        query = query.where(PurchaseOrder.merchant_id == merchant_id)
    with engine.connect() as connection:
        order = connection.execute(query).one_or_none()
        if order is None:
            raise NotFoundError(f"no purchase order '{order_id}'")
        session = connection.execute(
            sa.select(ImageReviewSession.id).where(ImageReviewSession.order_id == order_id)
        ).scalar_one_or_none()
        drafts = connection.execute(
            sa.select(ProductDraft)
            .where(ProductDraft.order_id == order_id)
            .order_by(ProductDraft.line_item_id)
        ).all()
        images: dict[str, list[ImageView]] = {}
        for row in connection.execute(
            sa.select(ProductImage.id, ProductImage.draft_id, ProductImage.path, ProductImage.source)
            .join(ProductDraft, ProductDraft.id == ProductImage.draft_id)
            .where(ProductDraft.order_id == order_id)
            .order_by(ProductImage.created_at_ms, ProductImage.id)
        ):
            images.setdefault(row.draft_id, []).append(ImageView(row.id, row.path, row.source))
        dead = connection.execute(
            sa.select(Job.id, Job.stage, Job.error)
            .where(Job.workflow_id == order.workflow_id, Job.state == JobState.DEAD)
            .order_by(Job.id)
        ).all()
    return OrderView(
        order.id,
        order.merchant_id,
        order.workflow_id,
        order.filename,
        order.status,
        order.supplier,
        order.number,
        order.total_cents,
        order.created_at_ms,
        order.completed_at_ms,
        order.images_at_ms,
        session,
        # What is wrong with the file is for whoever sent it; what is wrong with servers is for the operator.
        tuple(
            DeadJobView(
                row.id,
                row.stage,
                row.error if merchant_id is None or row.stage == FIRST_STAGE.name.value else None,
            )
            for row in dead
        ),
        tuple(
            DraftView(row.id, row.title, row.sku, row.image_state, tuple(images.get(row.id, ())))
            for row in drafts
        ),
    )


def upload_image(
    door: Door,
    store: ImageStore,
    order_id: str,
    draft_id: str,
    content: bytes,
    *,
    merchant_id: str | None = None,
) -> str:
    """Attach an image by hand, once per content; return its id. This is what the checklist counts, and logs.

    Raises NotFoundError for a draft that is not of this order (or this merchant's), PermanentError for no
    image.
    """
    query = sa.select(ProductDraft.id).where(ProductDraft.id == draft_id, ProductDraft.order_id == order_id)
    if merchant_id is not None:
        query = query.where(ProductDraft.merchant_id == merchant_id)
    with door.engine.connect() as connection:
        known = connection.execute(query).one_or_none()
    if known is None:
        raise NotFoundError(f"no draft '{draft_id}' in purchase order '{order_id}'")
    stored = store.put(content)
    with door.transaction() as transaction:
        connection = transaction.connection
        there = connection.execute(
            sa.select(ProductImage.id).where(
                ProductImage.draft_id == draft_id, ProductImage.sha256 == stored.sha256
            )
        ).scalar_one_or_none()
        if there is not None:
            return there
        image_id = new_id("image")
        try:
            connection.execute(
                sa.insert(ProductImage).values(
                    id=image_id,
                    draft_id=draft_id,
                    sha256=stored.sha256,
                    path=stored.path,
                    source="manual upload",
                    created_at_ms=now_ms(),
                )
            )
        except sa.exc.IntegrityError:
            raise NotFoundError(f"draft '{draft_id}' was deleted meanwhile") from None
        connection.execute(
            sa.update(ProductDraft)
            .where(ProductDraft.id == draft_id)
            .values(image_state=ImageState.MANUAL.value)
        )
    door.log.order(order_id).manual_upload()
    door.metrics.manual_uploads.inc()
    return image_id
