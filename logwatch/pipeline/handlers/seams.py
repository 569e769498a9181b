"""The three places where the incident's bugs were.

A normal run has the defaults; only `--fault` puts others in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from logwatch.pipeline.data.models import ProductDraft
from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.engine.door import Transaction
from logwatch.pipeline.images.store import StoredImage
from logwatch.pipeline.stages import StageName

# Built once: making a statement anew costs several times its execution.
_FRESH = (
    sa.select(ProductDraft.id, ProductDraft.title, ProductDraft.sku)
    .where(
        ProductDraft.order_id == sa.bindparam("of_order"),
        ProductDraft.merchant_id == sa.bindparam("of_merchant"),
    )
    .order_by(ProductDraft.line_item_id)
)
_STILL_THERE = (
    sa.select(ProductDraft.id)
    .where(ProductDraft.id.in_(sa.bindparam("drafts", expanding=True)))
    .with_for_update(key_share=True, read=True)
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A product draft as it was when it was read."""

    draft_id: str
    title: str
    sku: str | None


@dataclass(frozen=True, slots=True)
class Pictures:
    """What was found for one draft; `found_at` runs beside `images`."""

    draft: Draft
    images: tuple[StoredImage, ...]
    found_at: tuple[str, ...]


def queue_background(context: JobContext, transaction: Transaction) -> None:
    """Queue the background job, in the transaction that marks the drafts."""
    context.add_next(transaction, StageName.BACKGROUND_IMAGE_PROCESSING)


def fresh_drafts(context: JobContext) -> tuple[Draft, ...]:
    """Return the order's drafts as they are now, in the order of its lines; only this merchant's."""
    with context.reading() as connection:
        rows = connection.execute(
            _FRESH, {"of_order": context.job.order_id, "of_merchant": context.job.merchant_id}
        ).all()
    return tuple(Draft(row.id, row.title, row.sku) for row in rows)


def still_there(connection: sa.Connection, drafts: tuple[str, ...]) -> frozenset[str]:
    """Return those of the drafts that exist, and keep them existing until the transaction ends."""
    return frozenset(connection.execute(_STILL_THERE, {"drafts": drafts}).scalars())


@dataclass(frozen=True, slots=True)
class Seams:
    """How the background job is queued, which drafts it works on, and which of them it believes to exist."""

    queue_background: Callable[[JobContext, Transaction], None] = queue_background
    drafts: Callable[[JobContext], tuple[Draft, ...]] = fresh_drafts
    still_there: Callable[[sa.Connection, tuple[str, ...]], frozenset[str]] = still_there
    # Faults that are not about drafts happen here, between the search and the save.
    before_save: Callable[[JobContext], None] = lambda _context: None
    # Whether a picture that cannot be saved is logged and forgotten, as the incident's code did.
    forgive_unsaved: bool = False
