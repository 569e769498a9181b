"""Work whose effects can be counted: every stage writes one row, into a table that forbids nothing.

No unique key, no foreign key: what happens twice is there twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from logwatch.pipeline.engine.context import Handler, JobContext
from logwatch.pipeline.engine.door import Door
from logwatch.pipeline.envelope import create_workflow_job
from logwatch.pipeline.stages import STAGES, StageName

EFFECTS = sa.Table(
    "test_effects",
    sa.MetaData(),
    sa.Column("workflow_id", sa.String(64)),
    sa.Column("stage", sa.String(40)),
    sa.Column("delivery", sa.String(100)),
)
CHAIN = tuple(name for name in StageName if not STAGES[name].detached)
DETACHED = StageName.BACKGROUND_IMAGE_PROCESSING

# What a job does before it finishes: nothing, fail, wait, kill its worker.
Deed = Callable[[JobContext], None]


def nothing(_context: JobContext) -> None:
    """Do nothing before the end."""


def counted(deeds: Mapping[StageName, Deed] | None = None) -> dict[StageName, Handler]:
    """Return handlers that do their deed, then finish with one effect and the jobs that follow."""

    def handler_of(name: StageName, deed: Deed) -> Handler:
        def handle(context: JobContext) -> None:
            deed(context)
            with context.finish() as transaction:
                transaction.connection.execute(
                    sa.insert(EFFECTS).values(
                        workflow_id=context.job.workflow_id, stage=name.value, delivery=context.job.delivery
                    )
                )
                if name is StageName.IMAGE_ATTACHMENT:
                    context.add_next(transaction, DETACHED)
                if name in CHAIN[:-1]:
                    context.add_next(transaction, CHAIN[CHAIN.index(name) + 1])

        return handle

    return {name: handler_of(name, (deeds or {}).get(name, nothing)) for name in StageName}


def queue(door: Door, workflow_id: str, stage: StageName = StageName.AI_PARSING) -> str:
    """Queue a job through the door, as `orders.submit` does, and return its id."""
    data = {"purchaseOrderId": f"po-{workflow_id}", "merchantId": "m1"}
    with door.transaction() as transaction:
        return door.add_job(transaction, create_workflow_job(stage, workflow_id, data))


def effects(engine: sa.Engine) -> list[tuple[str, str]]:
    """Return (workflow, stage) of every effect, sorted."""
    with engine.connect() as connection:
        rows = connection.execute(sa.select(EFFECTS.c.workflow_id, EFFECTS.c.stage))
        return sorted((row.workflow_id, row.stage) for row in rows)


def whole(*workflows: str) -> list[tuple[str, str]]:
    """Return the effects of whole workflows, each once, sorted."""
    return sorted((workflow, name.value) for workflow in workflows for name in StageName)
