"""What this pipeline asks of dbos, in one place: names, options, and the quirks that have to be handled.

- One workflow name for all jobs: dbos leaves a job with an unknown name pending for ever, so only this port
enqueues.
- A constant application version: the default is a hash of the source, which would strand queued jobs at each
deploy.
- Portable JSON payloads, never pickle.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

# dbos reads these at import and would let the environment override what is fixed here.
for _variable in ("DBOS__APPVERSION", "DBOS__VMID", "DBOS__CLOUD"):
    os.environ.pop(_variable, None)

from dbos import DBOSClient, EnqueueOptions, WorkflowSerializationFormat  # noqa: E402

from logwatch.pipeline.envelope import Json  # noqa: E402
from logwatch.pipeline.telemetry import PipelineLog  # noqa: E402

APPLICATION: Final = "logwatch-pipeline"
APPLICATION_VERSION: Final = "1"
WORKFLOW: Final = "process_job"
# A job that kills its worker this often is a poison job.
MAX_RECOVERIES: Final = 3

FINISHED: Final = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class _Forward(logging.Handler):
    """Passes dbos's own warnings on to the pipeline's log."""

    def __init__(self, log: PipelineLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        # A failed job raises on purpose, and has been reported with its reason already.
        if "Exception encountered in background workflow" not in text:
            self._log.engine("error" if record.levelno >= logging.ERROR else "warning", text)


def forward_engine_log(log: PipelineLog) -> None:
    """Send dbos's log to the pipeline's; to be called before dbos starts.

    Or it writes to the console itself.
    """
    logger = logging.getLogger("dbos")
    logger.propagate = False
    logger.handlers = [_Forward(log)]


def open_client(engine: sa.Engine) -> DBOSClient:
    """Return a client on our own engine: same database, same connections.

    So that enqueues join our transactions.
    """
    return DBOSClient(system_database_engine=engine, application_name=APPLICATION, lazy=True)


def push(
    client: DBOSClient,
    connection: sa.Connection,
    delivery: str,
    queue: str,
    body: Json,
    *,
    delay_seconds: float | None = None,
) -> None:
    """Enqueue one delivery inside the caller's transaction.

    A delivery that is there already stays as it is.
    """
    options: EnqueueOptions = {
        "workflow_name": WORKFLOW,
        "queue_name": queue,
        "workflow_id": delivery,
        "app_version": APPLICATION_VERSION,
        "serialization_type": WorkflowSerializationFormat.PORTABLE,
    }
    if delay_seconds is not None and delay_seconds > 0:
        options["delay_seconds"] = delay_seconds
    client.enqueue_in_transaction(connection, options, body, queue)


def states_of(client: DBOSClient, deliveries: Iterable[str]) -> dict[str, str]:
    """Return dbos's status of each delivery that it knows."""
    wanted = list(deliveries)
    if not wanted:
        return {}
    found = client.list_workflows(workflow_ids=wanted, load_input=False, load_output=False)
    return {status.workflow_id: status.status for status in found}


def finished_before(client: DBOSClient, before_iso: str, limit: int) -> list[str]:
    """Return deliveries that are over and were queued before an RFC 3339 time, oldest first."""
    found = client.list_workflows(
        status=list(FINISHED), end_time=before_iso, limit=limit, load_input=False, load_output=False
    )
    return [status.workflow_id for status in found]


def pending_executors(client: DBOSClient) -> dict[str, int]:
    """Return how many begun deliveries each executor has not finished."""
    counts: dict[str, int] = {}
    for status in client.list_workflows(status="PENDING", load_input=False, load_output=False):
        if status.executor_id is not None:
            counts[status.executor_id] = counts.get(status.executor_id, 0) + 1
    return counts
