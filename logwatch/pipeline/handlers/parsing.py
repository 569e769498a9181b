"""`ai_parsing`: read the uploaded file."""

from __future__ import annotations

import sqlalchemy as sa

from logwatch.pipeline.data.database import now_ms
from logwatch.pipeline.data.models import OrderStatus, ParsedOrder, PurchaseOrder, Upload
from logwatch.pipeline.engine.context import Handler, JobContext
from logwatch.pipeline.errors import NotFoundError
from logwatch.pipeline.stages import StageName

from .tools import Tools

# Built once: making a statement anew costs several times its execution.
_UPLOAD = (
    sa.select(PurchaseOrder.filename, Upload.content)
    .join(Upload, Upload.order_id == PurchaseOrder.id)
    .where(
        PurchaseOrder.id == sa.bindparam("of_order"), PurchaseOrder.merchant_id == sa.bindparam("of_merchant")
    )
)
_FORGET = sa.delete(ParsedOrder).where(ParsedOrder.order_id == sa.bindparam("of_order"))
_KEEP = sa.insert(ParsedOrder)
_BEGIN_ORDER = (
    sa.update(PurchaseOrder)
    .where(PurchaseOrder.id == sa.bindparam("of_order"))
    .values(
        # Only forward: an order that is through stays through, however often its file is read.
        status=sa.case(
            (PurchaseOrder.status == OrderStatus.RECEIVED.value, OrderStatus.PROCESSING.value),
            else_=PurchaseOrder.status,
        ),
        started_at_ms=sa.func.coalesce(PurchaseOrder.started_at_ms, sa.bindparam("now")),
    )
)


def parse_upload(tools: Tools) -> Handler:
    """Return the handler that parses with `tools.parser` and keeps the result for `database_save`."""

    def handle(context: JobContext) -> None:
        order_id, merchant_id = context.job.order_id, context.job.merchant_id
        with context.reading() as connection:
            upload = connection.execute(
                _UPLOAD, {"of_order": order_id, "of_merchant": merchant_id}
            ).one_or_none()
        if upload is None:
            raise NotFoundError(f"purchase order {order_id} of merchant {merchant_id} does not exist")
        if context.job.attempt == 1:
            context.log.workflow_started(upload.filename)
        document = tools.parser.parse(upload.filename, upload.content, context.deadline.remaining_seconds())
        with context.finish() as transaction:
            connection = transaction.connection
            connection.execute(_FORGET, {"of_order": order_id})
            connection.execute(_KEEP, {"order_id": order_id, "document": document.model_dump_json()})
            connection.execute(_BEGIN_ORDER, {"of_order": order_id, "now": now_ms()})
            context.add_next(transaction, StageName.DATABASE_SAVE)
        context.log.parsed(upload.filename, len(document.lines), tools.parser.name)

    return handle
