"""`database_save`: the parsed order becomes line items."""

from __future__ import annotations

import sqlalchemy as sa

from logwatch.pipeline.data.models import LineItem, ParsedOrder, PurchaseOrder
from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.errors import PermanentError
from logwatch.pipeline.parsing import ParsedDocument
from logwatch.pipeline.stages import StageName


def save_lines(context: JobContext) -> None:
    """Save supplier, number, total and the lines; a repeat finds them and leaves them as they are."""
    order_id = context.job.order_id
    with context.reading() as connection:
        text = connection.execute(
            sa.select(ParsedOrder.document).where(ParsedOrder.order_id == order_id)
        ).scalar_one_or_none()
    if text is None:
        raise PermanentError(f"purchase order {order_id} has not been parsed")
    document = ParsedDocument.model_validate_json(text)
    with context.finish() as transaction:
        connection = transaction.connection
        known = set(
            connection.execute(sa.select(LineItem.line_no).where(LineItem.order_id == order_id)).scalars()
        )
        rows = [
            {
                "order_id": order_id,
                "line_no": line_no,
                "sku": line.sku,
                "name": line.name,
                "quantity": line.quantity,
                "unit_price_cents": line.unit_price_cents,
            }
            for line_no, line in enumerate(document.lines, start=1)
            if line_no not in known
        ]
        if rows:
            connection.execute(sa.insert(LineItem), rows)
        connection.execute(
            sa.update(PurchaseOrder)
            .where(PurchaseOrder.id == order_id)
            .values(supplier=document.supplier, number=document.number, total_cents=document.total_cents)
        )
        context.add_next(transaction, StageName.PRODUCT_DRAFT_CREATION)
    context.log.saved(len(document.lines))
