"""How many jobs of each stage this worker runs at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from logwatch.pipeline.stages import Stage, StageName


class StageSlots:
    """A count of free slots a stage, whichever way a job got here: claimed from its queue, or carried on.

    While draining nobody gets a slot, so that what is not yet begun goes back to the queues, for other
    workers.
    """

    def __init__(self, stages: Mapping[StageName, Stage]) -> None:
        self._free = {name: stage.concurrency for name, stage in stages.items()}
        self._changed = {name: threading.Condition() for name in stages}
        self._draining = threading.Event()

    def wait_for(self, stage: Stage) -> bool:
        """Take a slot, waiting for one to come free; False when this worker is draining."""
        changed = self._changed[stage.name]
        with changed:
            changed.wait_for(lambda: self._free[stage.name] > 0 or self._draining.is_set())
            if self._draining.is_set():
                return False
            self._free[stage.name] -= 1
            return True

    def release(self, stage: Stage) -> None:
        """Give a slot back."""
        changed = self._changed[stage.name]
        with changed:
            self._free[stage.name] += 1
            changed.notify()

    def drain(self) -> None:
        """Hand out no slot any more."""
        self._draining.set()
        for changed in self._changed.values():
            with changed:
                changed.notify_all()
