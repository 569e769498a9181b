"""`background_image_processing`: find images for the drafts of an order, and group them for review.

Takes ids only and reads the drafts fresh: between queueing and running they may have been replaced or
deleted. Each is checked once more in the transaction that writes; none left is nothing to do, which is no
failure.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from logwatch.pipeline.data.database import now_ms
from logwatch.pipeline.data.models import (
    ImageReviewSession,
    ImageState,
    JobState,
    ProductDraft,
    ProductImage,
    PurchaseOrder,
)
from logwatch.pipeline.engine.context import Handler, JobContext
from logwatch.pipeline.ids import new_id

from .seams import Draft, Pictures, Seams
from .tools import Tools

FOREIGN_KEY = "product_images_draft_id_fkey"


def find_images(tools: Tools, seams: Seams) -> Handler:
    """Return the handler that looks in `tools.source` and keeps files in `tools.store`."""

    def handle(context: JobContext) -> None:
        log = context.log
        log.background_started(context.job.order_id, context.job.merchant_id)
        drafts = seams.drafts(context)
        if not drafts:
            with context.finish(JobState.SKIPPED):
                pass
            log.background_skipped()
            return
        log.background_processing(len(drafts))
        found = tuple(
            _search(tools, context, draft, number, len(drafts))
            for number, draft in enumerate(drafts, start=1)
        )
        seams.before_save(context)
        saved, with_images, session = 0, 0, None
        with context.finish() as transaction:
            connection = transaction.connection
            there = seams.still_there(connection, tuple(draft.draft_id for draft in drafts))
            alive = tuple(pictures for pictures in found if pictures.draft.draft_id in there)
            if not alive:
                context.skip(transaction)
            elif any(pictures.images for pictures in alive):
                session = _open_session(connection, context)
            for pictures in alive:
                saved += _save(connection, context, pictures, session, forgive=seams.forgive_unsaved)
                with_images += bool(pictures.images)
            created = None
            if alive:
                created = connection.execute(
                    sa.update(PurchaseOrder)
                    .where(PurchaseOrder.id == context.job.order_id)
                    .values(images_at_ms=now_ms())
                    .returning(PurchaseOrder.created_at_ms)
                ).scalar_one_or_none()
        if not alive:
            log.background_skipped()
            return
        log.images_saved(saved)
        log.background_completed(len(alive), len(drafts), with_images)
        if session is not None:
            log.review_session(session)
        metrics = context.metrics
        metrics.order_images.observe(saved)
        metrics.order_sessions.observe(0 if session is None else 1)
        if created is not None:
            metrics.images_seconds.observe(max(0, now_ms() - created) / 1000)

    return handle


def _search(tools: Tools, context: JobContext, draft: Draft, number: int, of: int) -> Pictures:
    context.log.searching(number, of, draft.title)
    images = tools.source.find(draft.title, draft.sku, context.deadline.remaining_seconds())
    stored = tuple(tools.store.put(image.content) for image in images)
    context.log.found(len(stored), draft.title)
    return Pictures(draft, stored, tuple(image.found_at for image in images))


def _open_session(connection: sa.Connection, context: JobContext) -> str:
    order_id = context.job.order_id
    known = connection.execute(
        sa.select(ImageReviewSession.id).where(ImageReviewSession.order_id == order_id)
    ).scalar_one_or_none()
    if known is not None:
        return known
    session_id = new_id("review")
    connection.execute(
        sa.insert(ImageReviewSession).values(
            id=session_id, order_id=order_id, merchant_id=context.job.merchant_id, created_at_ms=now_ms()
        )
    )
    return session_id


def _save(
    connection: sa.Connection, context: JobContext, pictures: Pictures, session: str | None, *, forgive: bool
) -> int:
    """Write one draft's images, each at most once; return how many are new."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    saved = 0
    for number, (image, found_at) in enumerate(zip(pictures.images, pictures.found_at, strict=True), start=1):
        statement = (
            insert(ProductImage)
            .values(
                id=new_id("image"),
                draft_id=pictures.draft.draft_id,
                review_session_id=session,
                sha256=image.sha256,
                path=image.path,
                source=found_at,
                created_at_ms=now_ms(),
            )
            .on_conflict_do_nothing(index_elements=["draft_id", "sha256"])
            .returning(ProductImage.id)
        )
        try:
            with connection.begin_nested():
                saved += len(connection.execute(statement).all())
        except sa.exc.IntegrityError:
            if not forgive:
                raise
            context.log.image_not_saved(
                number, f"Foreign key constraint violated on the constraint: `{FOREIGN_KEY}`"
            )
    state = ImageState.FOUND if pictures.images else ImageState.NOT_FOUND
    connection.execute(
        sa.update(ProductDraft)
        .where(ProductDraft.id == pictures.draft.draft_id, ProductDraft.image_state != ImageState.MANUAL)
        .values(image_state=state.value)
    )
    return saved
