"""`image_attachment`: queue the background job, and let the workflow go on at once."""

from __future__ import annotations

import sqlalchemy as sa

from logwatch.pipeline.data.models import ImageState, ProductDraft
from logwatch.pipeline.engine.context import Handler, JobContext
from logwatch.pipeline.stages import StageName

from .seams import Seams


def attach_images(seams: Seams) -> Handler:
    """Return the handler: saving the drafts' state and queueing the job is one transaction.

    Both or neither.
    """

    def handle(context: JobContext) -> None:
        context.log.attaching_in_background()
        with context.finish() as transaction:
            transaction.connection.execute(
                sa.update(ProductDraft)
                .where(
                    ProductDraft.order_id == context.job.order_id,
                    ProductDraft.image_state == ImageState.NONE,
                )
                .values(image_state=ImageState.QUEUED.value)
            )
            seams.queue_background(context, transaction)
            context.add_next(transaction, StageName.STATUS_UPDATE)
        context.log.background_queued()

    return handle
