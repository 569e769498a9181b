"""`background_image_processing`: find images for the drafts of an order, and group them for review.

Takes ids only and reads the drafts fresh: between queueing and running they may have been replaced or
deleted. Each is checked once more in the transaction that writes; none left is nothing to do, which is no
failure.
"""

from __future__ import annotations

from itertools import chain

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

# Built once: making a statement anew costs several times its execution.
_IMAGE_COLUMNS = tuple(column.name for column in ProductImage.__table__.columns)
_INSERT_IMAGE = {
    dialect: insert(ProductImage)
    .values({column: sa.bindparam(column) for column in _IMAGE_COLUMNS})
    .on_conflict_do_nothing(index_elements=["draft_id", "sha256"])
    .returning(ProductImage.id)
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_SET_STATE = (
    sa.update(ProductDraft)
    .where(
        ProductDraft.id.in_(sa.bindparam("drafts", expanding=True)),
        ProductDraft.image_state != ImageState.MANUAL.value,
    )
    .values(image_state=sa.bindparam("state"))
)
_SESSION = sa.select(ImageReviewSession.id).where(ImageReviewSession.order_id == sa.bindparam("of_order"))
_IMAGES_ARE_THERE = (
    sa.update(PurchaseOrder)
    .where(PurchaseOrder.id == sa.bindparam("of_order"))
    .values(images_at_ms=sa.bindparam("now"))
    .returning(PurchaseOrder.created_at_ms)
)


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
        saved, session = 0, None
        with context.finish() as transaction:
            connection = transaction.connection
            there = seams.still_there(connection, tuple(draft.draft_id for draft in drafts))
            alive = tuple(pictures for pictures in found if pictures.draft.draft_id in there)
            if not alive:
                context.skip(transaction)
            elif any(pictures.images for pictures in alive):
                session = _open_session(connection, context)
            created = None
            if alive:
                by_draft = [_rows(pictures, session) for pictures in alive]
                if seams.forgive_unsaved:
                    saved = sum(_save_forgiving(context, connection, rows) for rows in by_draft)
                else:
                    saved = _save(connection, list(chain.from_iterable(by_draft)))
                _mark(connection, alive)
                created = connection.execute(
                    _IMAGES_ARE_THERE, {"of_order": context.job.order_id, "now": now_ms()}
                ).scalar_one_or_none()
        if not alive:
            log.background_skipped()
            return
        log.images_saved(saved)
        log.background_completed(len(alive), len(drafts), sum(bool(pictures.images) for pictures in alive))
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
    known = connection.execute(_SESSION, {"of_order": order_id}).scalar_one_or_none()
    if known is not None:
        return known
    session_id = new_id("review")
    connection.execute(
        sa.insert(ImageReviewSession).values(
            id=session_id, order_id=order_id, merchant_id=context.job.merchant_id, created_at_ms=now_ms()
        )
    )
    return session_id


def _rows(pictures: Pictures, session: str | None) -> list[dict[str, object]]:
    return [
        {
            "id": new_id("image"),
            "draft_id": pictures.draft.draft_id,
            "review_session_id": session,
            "sha256": image.sha256,
            "path": image.path,
            "source": found_at,
            "created_at_ms": now_ms(),
        }
        for image, found_at in zip(pictures.images, pictures.found_at, strict=True)
    ]


def _save(connection: sa.Connection, rows: list[dict[str, object]]) -> int:
    """Write the images, each at most once per draft; return how many are new."""
    return len(connection.execute(_INSERT_IMAGE[connection.dialect.name], rows).all()) if rows else 0


def _save_forgiving(context: JobContext, connection: sa.Connection, rows: list[dict[str, object]]) -> int:
    """Write a draft's images one by one; what cannot be written is only logged, as the incident's code did."""
    saved = 0
    for number, row in enumerate(rows, start=1):
        try:
            with connection.begin_nested():
                saved += _save(connection, [row])
        except sa.exc.IntegrityError:
            context.log.image_not_saved(
                number, f"Foreign key constraint violated on the constraint: `{FOREIGN_KEY}`"
            )
    return saved


def _mark(connection: sa.Connection, alive: tuple[Pictures, ...]) -> None:
    for state, drafts in (
        (ImageState.FOUND, [pictures.draft.draft_id for pictures in alive if pictures.images]),
        (ImageState.NOT_FOUND, [pictures.draft.draft_id for pictures in alive if not pictures.images]),
    ):
        if drafts:
            connection.execute(_SET_STATE, {"drafts": drafts, "state": state.value})
