"""`database_save`: the parsed order becomes line items."""

from __future__ import annotations

import sqlalchemy as sa

from logwatch.pipeline.data.models import LineItem, ParsedOrder, PurchaseOrder
from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.errors import PermanentError
from logwatch.pipeline.parsing import ParsedDocument
from logwatch.pipeline.stages import StageName

# Built once: making a statement anew costs several times its execution.
_DOCUMENT = sa.select(ParsedOrder.document).where(ParsedOrder.order_id == sa.bindparam("of_order"))
_KNOWN = sa.select(LineItem.line_no).where(LineItem.order_id == sa.bindparam("of_order"))
_ADD_LINE = sa.insert(LineItem)
_DESCRIBE = (
    sa.update(PurchaseOrder)
    .where(PurchaseOrder.id == sa.bindparam("of_order"))
    .values(
        supplier=sa.bindparam("by_supplier"),
        number=sa.bindparam("under_number"),
        total_cents=sa.bindparam("total"),
    )
)


def save_lines(context: JobContext) -> None:
    """Save supplier, number, total and the lines; a repeat finds them and leaves them as they are."""
    order_id = context.job.order_id
    with context.reading() as connection:
        text = connection.execute(_DOCUMENT, {"of_order": order_id}).scalar_one_or_none()
    if text is None:
        raise PermanentError(f"purchase order {order_id} has not been parsed")
    document = ParsedDocument.model_validate_json(text)
    with context.finish() as transaction:
        connection = transaction.connection
        known = set(connection.execute(_KNOWN, {"of_order": order_id}).scalars())
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
            connection.execute(_ADD_LINE, rows)
        connection.execute(
            _DESCRIBE,
            {
                "of_order": order_id,
                "by_supplier": document.supplier,
                "under_number": document.number,
                "total": document.total_cents,
            },
        )
        context.add_next(transaction, StageName.PRODUCT_DRAFT_CREATION)
    context.log.saved(len(document.lines))
