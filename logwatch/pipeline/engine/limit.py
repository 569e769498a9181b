"""Runs a handler that waits for others, and goes on without it when its time is up."""

from __future__ import annotations

import threading
import time

from logwatch.pipeline.errors import StageTimeoutError

from .context import Handler, JobContext

# How soon a worker that must go notices it here.
_LOOK_SECONDS = 0.5


class GivenBackError(Exception):
    """The worker has to go before the handler is done: others shall run the job."""


def run_within(limit_seconds: float, handler: Handler, context: JobContext, leaving: threading.Event) -> None:
    """Run the handler; raise what it raises, StageTimeoutError at the limit, GivenBackError once `leaving`.

    A call to a server that never answers cannot be interrupted, only left behind: its thread is a daemon,
    and what it still does cannot be committed.
    """
    ended = threading.Event()
    failure: list[BaseException] = []

    def run() -> None:
        try:
            handler(context)
        except BaseException as error:
            failure.append(error)
        finally:
            ended.set()

    threading.Thread(target=run, name=f"stage-{context.job.stage.name}", daemon=True).start()
    ends_at = time.monotonic() + limit_seconds
    while not ended.wait(min(_LOOK_SECONDS, max(0.0, ends_at - time.monotonic()))):
        late = time.monotonic() >= ends_at
        if not late and not leaving.is_set():
            continue
        if not context.leave_behind():
            return
        if late:
            raise StageTimeoutError(f"time limit of {limit_seconds:g} s exceeded")
        raise GivenBackError
    if failure:
        raise failure[0]
