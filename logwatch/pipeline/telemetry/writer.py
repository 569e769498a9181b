"""Log lines to a stream, as console text or as JSON, whole lines only, from any thread."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import TextIO

from .clock import Clock, MachineClock


class LogFormat(StrEnum):
    """How a line is written."""

    CONSOLE = "console"  # 2025-10-11T17:20:06.739Z [info] message jobId=… workflowId=… purchaseOrderId=…
    JSON = "json"  # one object a line: timestamp, level, message, jobId, workflowId, purchaseOrderId, stage


@dataclass(frozen=True, slots=True)
class LineIds:
    """What a line is about; None where it is about nothing of the kind."""

    job_id: str | None = None
    workflow_id: str | None = None
    order_id: str | None = None
    stage: str | None = None

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return the ids that are known, under their names on the wire."""
        pairs = (("jobId", self.job_id), ("workflowId", self.workflow_id), ("purchaseOrderId", self.order_id))
        return tuple((name, value) for name, value in pairs if value is not None)


NOTHING = LineIds()
_WORDS = re.compile(r"[\w.#-]+")


class LineWriter:
    """Writes lines to `stream`, flushed at once.

    Whoever follows the log must not wait for a buffer to fill.
    """

    def __init__(
        self,
        stream: TextIO,
        log_format: LogFormat = LogFormat.CONSOLE,
        clock: Clock | None = None,
    ) -> None:
        self._stream = stream
        self._json = log_format is LogFormat.JSON
        self.clock = clock or MachineClock()
        self._lock = threading.Lock()

    def write(self, level: str, *messages: str, ids: LineIds = NOTHING) -> None:
        """Write a record for each message, with nothing of other threads between them.

        A message of several lines stays one record: text readers see continuation lines.
        """
        render = self._as_json if self._json else self._as_text
        # The time is taken under the lock: lines of several threads come out in the order of their times.
        with self._lock:
            moment = self.clock.now()
            stamp = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
            try:
                self._stream.write("".join(render(stamp, level, message, ids) for message in messages))
                self._stream.flush()
            except (OSError, ValueError):
                # A full disk or a closed pipe must not stop jobs: the work is worth more than its log.
                return

    @staticmethod
    def _as_text(stamp: str, level: str, message: str, ids: LineIds) -> str:
        # Ids that the wording itself names are not said twice. The rest goes last, where no pattern for the
        # wording can run into it; that is the last line of a record of several.
        said = set(_WORDS.findall(message))
        tail = "".join(f" {name}={value}" for name, value in ids.named() if value not in said)
        return f"{stamp} [{level}] {message}{tail}\n"

    @staticmethod
    def _as_json(stamp: str, level: str, message: str, ids: LineIds) -> str:
        record = {"timestamp": stamp, "level": level, "message": message, **dict(ids.named())}
        if ids.stage is not None:
            record["stage"] = ids.stage
        return json.dumps(record, ensure_ascii=False) + "\n"
