"""The one table of stages: their order, queues, limits and retry policies. Nothing else names a queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from .errors import PipelineError
from .retry import RetryPolicy


class StageName(StrEnum):
    """A stage as it is written in an envelope and in a log line."""

    AI_PARSING = "ai_parsing"
    DATABASE_SAVE = "database_save"
    PRODUCT_DRAFT_CREATION = "product_draft_creation"
    IMAGE_ATTACHMENT = "image_attachment"
    STATUS_UPDATE = "status_update"
    BACKGROUND_IMAGE_PROCESSING = "background_image_processing"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage.

    `ordinal` makes its job ids (`WORKFLOW-ordinal`), so that queueing a stage twice is queueing it once.
    `concurrency` is how many of its jobs one worker runs at once; `claimed` is how many it may hold claimed,
    so that short jobs do not wait for the next poll: a worker begins at most `claimed` jobs between two
    looks into a queue. `detached`: not part of the workflow that the order waits for. `outside_calls`: waits
    for servers, so it runs on a thread that can be left behind at `limit_seconds`.
    """

    name: StageName
    ordinal: int
    queue: str
    concurrency: int
    claimed: int
    limit_seconds: float
    retry: RetryPolicy
    detached: bool = False
    outside_calls: bool = False

    @property
    def entry(self) -> bool:
        """Whether new jobs come in through this queue; all others are carried on from the job before."""
        return self.ordinal == 1 or self.detached

    def job_id(self, workflow_id: str) -> str:
        """Return the id of this stage's job in a workflow."""
        return f"{workflow_id}-{self.ordinal}"


# What computes and writes takes turns at the interpreter's lock and at the database: more of it at once in one
# process is only more waiting. What waits for servers is limited by what is fair to them.
_TABLE = (
    Stage(StageName.AI_PARSING, 1, "ai-parsing", 4, 64, 60.0, RetryPolicy(), outside_calls=True),
    Stage(StageName.DATABASE_SAVE, 2, "database-save", 4, 32, 30.0, RetryPolicy()),
    Stage(StageName.PRODUCT_DRAFT_CREATION, 3, "product-draft-creation", 4, 32, 30.0, RetryPolicy()),
    Stage(StageName.IMAGE_ATTACHMENT, 4, "image-attachment", 4, 32, 30.0, RetryPolicy()),
    Stage(StageName.STATUS_UPDATE, 5, "status-update", 4, 32, 30.0, RetryPolicy()),
    Stage(
        StageName.BACKGROUND_IMAGE_PROCESSING,
        6,
        "background-image-processing",
        4,
        64,
        180.0,
        RetryPolicy(attempts=4),
        detached=True,
        outside_calls=True,
    ),
)

STAGES: Mapping[StageName, Stage] = {stage.name: stage for stage in _TABLE}
STAGE_OF_QUEUE: Mapping[str, Stage] = {stage.queue: stage for stage in _TABLE}
FIRST_STAGE = _TABLE[0]


def with_concurrency(stages: Mapping[StageName, Stage], concurrency: int | None) -> dict[StageName, Stage]:
    """Return the table with every stage limited to `concurrency` jobs at once per worker (None: as it is)."""
    if concurrency is None:
        return dict(stages)
    return {
        name: replace(stage, concurrency=concurrency, claimed=max(stage.claimed, concurrency))
        for name, stage in stages.items()
    }


def check_table(
    stages: Mapping[StageName, Stage],
    handlers: Mapping[StageName, object],
    models: Mapping[StageName, object],
) -> None:
    """Raise PipelineError, naming every gap at once, unless each stage has its queue, handler and data model."""
    faults = []
    queues: dict[str, StageName] = {}
    for name in StageName:
        stage = stages.get(name)
        if stage is None or not stage.queue:
            faults.append(f"stage '{name}' has no queue: add it to the table in logwatch/pipeline/stages.py")
        elif stage.queue in queues:
            faults.append(
                f"stages '{queues[stage.queue]}' and '{name}' share queue '{stage.queue}': give each its own"
            )
        else:
            queues[stage.queue] = name
        if name not in handlers:
            faults.append(
                f"stage '{name}' has no handler: add it to build_handlers in logwatch/pipeline/handlers"
            )
        if name not in models:
            faults.append(
                f"stage '{name}' has no data model: add it to DATA_MODELS in logwatch/pipeline/envelope.py"
            )
    if faults:
        raise PipelineError("\n".join(faults))
