"""`product_draft_creation`: one draft per line item."""

from __future__ import annotations

import sqlalchemy as sa

from logwatch.pipeline.data.database import now_ms
from logwatch.pipeline.data.models import ImageState, LineItem, ProductDraft
from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.ids import new_id
from logwatch.pipeline.stages import StageName

# Built once: making a statement anew costs several times its execution.
_LINES_WITHOUT = (
    sa.select(LineItem.id, LineItem.name, LineItem.sku)
    .outerjoin(ProductDraft, ProductDraft.line_item_id == LineItem.id)
    .where(LineItem.order_id == sa.bindparam("of_order"), ProductDraft.id.is_(None))
    .order_by(LineItem.line_no)
)
_ADD_DRAFT = sa.insert(ProductDraft)


def create_drafts(context: JobContext) -> None:
    """Create the drafts that are missing."""
    order_id = context.job.order_id
    with context.finish() as transaction:
        connection = transaction.connection
        lines = connection.execute(_LINES_WITHOUT, {"of_order": order_id}).all()
        rows = [
            {
                "id": new_id("draft"),
                "order_id": order_id,
                "merchant_id": context.job.merchant_id,
                "line_item_id": line.id,
                "title": line.name,
                "sku": line.sku,
                "image_state": ImageState.NONE.value,
                "created_at_ms": now_ms(),
            }
            for line in lines
        ]
        if rows:
            connection.execute(_ADD_DRAFT, rows)
        context.add_next(transaction, StageName.IMAGE_ATTACHMENT)
    context.log.drafts_created(len(rows))
