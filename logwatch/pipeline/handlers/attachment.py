"""`image_attachment`: queue the background job, and let the workflow go on at once."""

from __future__ import annotations

import sqlalchemy as sa

from logwatch.pipeline.data.models import ImageState, ProductDraft
from logwatch.pipeline.engine.context import Handler, JobContext
from logwatch.pipeline.stages import StageName

from .seams import Seams

# Built once: making a statement anew costs several times its execution.
_MARK = (
    sa.update(ProductDraft)
    .where(
        ProductDraft.order_id == sa.bindparam("of_order"), ProductDraft.image_state == ImageState.NONE.value
    )
    .values(image_state=ImageState.QUEUED.value)
)


def attach_images(seams: Seams) -> Handler:
    """Return the handler: saving the drafts' state and queueing the job are one transaction, both or neither."""

    def handle(context: JobContext) -> None:
        context.log.attaching_in_background()
        with context.finish() as transaction:
            transaction.connection.execute(_MARK, {"of_order": context.job.order_id})
            seams.queue_background(context, transaction)
            context.add_next(transaction, StageName.STATUS_UPDATE)
        context.log.background_queued()

    return handle
