"""What this pipeline asks of dbos, in one place: names, options, and the quirks that have to be handled.

- One workflow name for all jobs: dbos leaves a job with an unknown name pending for ever, so only this port
  enqueues.
- A constant application version: the default is a hash of the source, which would strand queued jobs at each
  deploy.
- JSON payloads by default and by name: dbos's own default is pickle.
- dbos recovers the jobs of its own executor id alone; `recover` does it for the dead ones.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

import sqlalchemy as sa

# With this set, dbos takes database, version and executor id from the environment instead of from here; it
# reads it when it is imported.
os.environ.pop("DBOS__CLOUD", None)

from dbos import (
    DBOS,
    DBOSClient,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    EnqueueOptions,
    WorkflowSerializationFormat,
)

from logwatch.pipeline.envelope import Json
from logwatch.pipeline.telemetry import PipelineLog

APPLICATION: Final = "logwatch-pipeline"
APPLICATION_VERSION: Final = "1"
WORKFLOW: Final = "process_job"

FINISHED: Final = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})


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
    """Send dbos's log to the pipeline's; before dbos starts, or it writes to the console itself."""
    logger = logging.getLogger("dbos")
    logger.propagate = False
    logger.handlers = [_Forward(log)]


def migrate(engine: sa.Engine) -> None:
    """Create or upgrade dbos's tables; quick where they are current."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.propagate = False
    DBOS.migrate(engine.url.render_as_string(hide_password=False))


def open_client(engine: sa.Engine) -> DBOSClient:
    """Return a client on our own engine, so that what it enqueues can be part of our transactions."""
    return DBOSClient(
        system_database_engine=engine,
        application_name=APPLICATION,
        serializer=DBOSPortableJSONSerializer(),
        lazy=True,
    )


def launch(
    engine: sa.Engine,
    executor_id: str,
    process_job: Callable[[str, str | None, object], None],
    queues: Iterable[str],
    threads: int,
) -> None:
    """Start dbos in this process (there is one per process): claim deliveries and hand them to `process_job`.

    It is given each delivery's id, the queue that was written beside the body, and the body.
    """
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": engine.url.render_as_string(hide_password=False),
        "system_database_engine": engine,
        "application_version": APPLICATION_VERSION,
        "executor_id": executor_id,
        "serializer": DBOSPortableJSONSerializer(),
        "max_executor_threads": threads,
        "run_migrations": False,
        "log_level": "WARNING",
        "enable_otlp": False,
        # Nothing here waits for messages, streams or schedules; looking for them is all they would cost.
        # What the first two sleep, every drain waits for.
        "notification_listener_polling_interval_sec": 0.25,
        "notification_coalesce_sec": 0.25,
        "scheduler_polling_interval_sec": 3600.0,
    }
    DBOS(config=config)

    # Anything is let in here: the checks inside are what tells people what is wrong with it.
    def run(body: object = None, queue: object = None, *_more: object, **_named: object) -> None:
        delivery = DBOS.workflow_id
        assert delivery is not None
        process_job(delivery, queue if isinstance(queue, str) else None, body)

    # No limit of recoveries: dbos counts every job that a dead worker had claimed, begun or not.
    DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(run)
    DBOS.listen_queues(sorted(queues))
    DBOS.launch()


def shut_down(patience_seconds: float) -> None:
    """Stop claiming, wait for what runs (whole seconds, at most `patience_seconds`), end dbos's threads."""
    DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=max(1, round(patience_seconds)))


def push(
    client: DBOSClient,
    connection: sa.Connection,
    delivery: str,
    queue: str,
    body: Json,
    *,
    delay_seconds: float | None = None,
) -> None:
    """Enqueue one delivery inside the caller's transaction; one that is there already stays as it is."""
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


def queue_of(client: DBOSClient, delivery: str) -> str | None:
    """Return the queue of a delivery, or None where dbos knows none."""
    found = client.list_workflows(workflow_ids=[delivery], load_input=False, load_output=False)
    return found[0].queue_name if found else None


def over_before(client: DBOSClient, moment: datetime, limit: int) -> list[str]:
    """Return deliveries that ended before a moment."""
    found = client.list_workflows(
        completed_before=moment.isoformat(), limit=limit, load_input=False, load_output=False
    )
    return [status.workflow_id for status in found]


def begun_by(client: DBOSClient, executor: str | None = None) -> dict[str, str]:
    """Return the deliveries that were claimed and have not ended, each with its executor; all, or one's."""
    found = client.list_workflows(status="PENDING", executor_id=executor, load_input=False, load_output=False)
    return {status.workflow_id: status.executor_id for status in found if status.executor_id is not None}


def cancel(client: DBOSClient, deliveries: list[str]) -> None:
    """End deliveries that nobody runs, and that others have taken the place of."""
    if deliveries:
        client.cancel_workflows(deliveries)


def recover(executor: str) -> None:
    """Put the begun deliveries of a dead executor back into their queues.

    The one call here with an underscore: dbos has no public way to say that another executor is dead. A
    contract test holds it to what is needed: they go back once, however often it is called and by however
    many workers, and nobody else's are touched.
    """
    DBOS._recover_pending_workflows([executor])
