"""`status_update`: the order is through."""

from __future__ import annotations

import sqlalchemy as sa

from logwatch.pipeline.data.database import now_ms
from logwatch.pipeline.data.models import OrderStatus, PurchaseOrder
from logwatch.pipeline.engine.context import JobContext
from logwatch.pipeline.errors import NotFoundError

# Built once: making a statement anew costs several times its execution.
_COMPLETE = (
    sa.update(PurchaseOrder)
    .where(PurchaseOrder.id == sa.bindparam("of_order"))
    .values(status=OrderStatus.COMPLETED.value, completed_at_ms=sa.bindparam("now"))
    .returning(PurchaseOrder.started_at_ms)
)


def complete_order(context: JobContext) -> None:
    """Mark the order completed; its images may still be on their way."""
    now = now_ms()
    with context.finish() as transaction:
        started = transaction.connection.execute(
            _COMPLETE, {"of_order": context.job.order_id, "now": now}
        ).one_or_none()
        if started is None:
            raise NotFoundError(f"purchase order {context.job.order_id} does not exist any more")
    context.log.workflow_completed()
    if started.started_at_ms is not None:
        context.metrics.workflow_seconds.observe(max(0, now - started.started_at_ms) / 1000)
