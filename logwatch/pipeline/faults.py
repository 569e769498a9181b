"""Faults on request, for demo, fixtures and tests: the incident's bugs, put back in where they were.

Each goes through the handlers' seams or the side door of the queues, which a normal run has no way to: without
`--fault` this module is not imported.
"""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass, replace
from enum import StrEnum

import sqlalchemy as sa

from .data.database import now_ms
from .data.models import ImageState, ProductDraft
from .engine.context import Handler, JobContext
from .engine.door import Transaction
from .errors import RetryableError
from .handlers import Seams, Tools, build_handlers
from .handlers.seams import Draft, fresh_drafts, queue_background
from .ids import new_id
from .images import FoundImage, ImageSource
from .stages import STAGES, StageName

# Two searches of this length are over the limit of the background job.
SLOW_SECONDS = 100.0
_BACKGROUND = STAGES[StageName.BACKGROUND_IMAGE_PROCESSING]


class Fault(StrEnum):
    """What can go wrong on request."""

    MISSING_STAGE = "missing-stage"  # the background job is queued flat, without its stage
    STALE_DRAFTS = "stale-drafts"  # the background job works on the drafts as they were when it was queued
    SWALLOWED_FAILURE = "swallowed-failure"  # the background job fails, and is reported as completed
    SLOW_IMAGES = "slow-images"  # each search for images takes 100 seconds
    CRASH_MID_JOB = "crash-mid-job"  # the worker is killed in the middle of a background job
    DUPLICATE_DELIVERY = "duplicate-delivery"  # every background job is delivered twice


def faulty_handlers(
    fault: Fault, tools: Tools, *, seconds_a_search: float = SLOW_SECONDS
) -> dict[StageName, Handler]:
    """Return the handlers of all stages with a fault put in."""
    if fault is Fault.SLOW_IMAGES:
        tools = replace(tools, source=_SlowSource(tools.source, seconds_a_search))
    handlers = build_handlers(tools, _seams(fault))
    if fault is Fault.SWALLOWED_FAILURE:
        handlers[StageName.BACKGROUND_IMAGE_PROCESSING] = _swallow
    return handlers


def _seams(fault: Fault) -> Seams:
    if fault is Fault.MISSING_STAGE:
        return Seams(queue_background=_queue_flat)
    if fault is Fault.STALE_DRAFTS:
        memory = _StaleDrafts({})
        return Seams(
            queue_background=memory.queue_background,
            drafts=memory.recall,
            still_there=lambda _connection, drafts: frozenset(drafts),
            forgive_unsaved=True,
        )
    if fault is Fault.CRASH_MID_JOB:
        return Seams(before_save=_kill_worker)
    if fault is Fault.DUPLICATE_DELIVERY:
        return Seams(queue_background=_queue_twice)
    return Seams()


def _queue_flat(context: JobContext, transaction: Transaction) -> None:
    from .engine.side_door import push_unchecked  # noqa: PLC0415 - opened by a fault alone

    job_id = _BACKGROUND.job_id(context.job.workflow_id)
    body = {
        "purchaseOrderId": context.job.order_id,
        "merchantId": context.job.merchant_id,
        "workflowId": context.job.workflow_id,
    }
    push_unchecked(context.door, transaction, job_id, _BACKGROUND.queue, body)
    log = context.door.log.job(job_id, context.job.workflow_id, context.job.order_id, _BACKGROUND.name.value)
    transaction.after_commit.append(lambda: log.queued(_BACKGROUND.queue))


def _queue_twice(context: JobContext, transaction: Transaction) -> None:
    from .engine.side_door import push_unchecked  # noqa: PLC0415 - opened by a fault alone

    queue_background(context, transaction)
    job_id = _BACKGROUND.job_id(context.job.workflow_id)
    data = {"purchaseOrderId": context.job.order_id, "merchantId": context.job.merchant_id}
    body = {"stage": _BACKGROUND.name.value, "workflowId": context.job.workflow_id, "data": data}
    push_unchecked(context.door, transaction, f"{job_id}#twice", _BACKGROUND.queue, body)


def _kill_worker(_context: JobContext) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _swallow(context: JobContext) -> None:
    context.log.background_started(context.job.order_id, context.job.merchant_id)
    try:
        raise RetryableError("image search unreachable")
    except RetryableError as error:
        # The bug: the failure is logged, and the job reported as completed all the same.
        context.log.background_failed(str(error))
    with context.finish():
        pass


@dataclass(frozen=True, slots=True)
class _StaleDrafts:
    """Remembers an order's drafts when its background job is queued, then has them replaced."""

    by_order: dict[str, tuple[Draft, ...]]

    def queue_background(self, context: JobContext, transaction: Transaction) -> None:
        order_id = context.job.order_id
        rows = transaction.connection.execute(
            sa.select(ProductDraft.id, ProductDraft.title, ProductDraft.sku, ProductDraft.line_item_id).where(
                ProductDraft.order_id == order_id
            )
        ).all()
        self.by_order[order_id] = tuple(Draft(row.id, row.title, row.sku) for row in rows)
        # A later save in the incident's code wrote the drafts anew, under new ids.
        transaction.connection.execute(sa.delete(ProductDraft).where(ProductDraft.order_id == order_id))
        transaction.connection.execute(
            sa.insert(ProductDraft),
            [
                {
                    "id": new_id("draft"),
                    "order_id": order_id,
                    "merchant_id": context.job.merchant_id,
                    "line_item_id": row.line_item_id,
                    "title": row.title,
                    "sku": row.sku,
                    "image_state": ImageState.QUEUED.value,
                    "created_at_ms": now_ms(),
                }
                for row in rows
            ],
        )
        queue_background(context, transaction)

    def recall(self, context: JobContext) -> tuple[Draft, ...]:
        return self.by_order.get(context.job.order_id) or fresh_drafts(context)


@dataclass(frozen=True, slots=True)
class _SlowSource:
    source: ImageSource
    seconds: float

    def find(self, title: str, sku: str | None, timeout_seconds: float) -> tuple[FoundImage, ...]:
        # An event that nobody sets: a wait, as for a slow server.
        threading.Event().wait(min(self.seconds, timeout_seconds))
        if self.seconds >= timeout_seconds:
            raise RetryableError("the image search did not answer in time")
        return self.source.find(title, sku, timeout_seconds - self.seconds)
