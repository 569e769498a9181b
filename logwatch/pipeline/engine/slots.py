"""How many jobs of each stage this worker runs at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from logwatch.pipeline.stages import Stage, StageName


class StageSlots:
    """A count of slots per stage, whichever way a job got here: claimed from its queue, or carried on.

    While draining nobody gets a slot, so that what is not yet begun goes back to the queues, for other
    workers.
    """

    def __init__(self, stages: Mapping[StageName, Stage]) -> None:
        self._stages = {name: _Slots(stage.concurrency) for name, stage in stages.items()}
        self._suspects = _Slots(1)

    @contextmanager
    def taken(self, stage: Stage, *, suspect: bool = False) -> Iterator[bool]:
        """Hold a slot for the length of the block, waiting until one is free; a suspect runs without another.

        Yields False, holding none, when this worker is draining.
        """
        needed = [self._suspects] if suspect else []
        with ExitStack() as held:
            for slots in [*needed, self._stages[stage.name]]:
                if not slots.take():
                    yield False
                    return
                held.callback(slots.release)
            yield True

    def drain(self) -> None:
        """Hand out no slot any more, and send away whoever waits for one."""
        for slots in (self._suspects, *self._stages.values()):
            slots.close()


class _Slots:
    def __init__(self, count: int) -> None:
        self._free = count
        self._open = True
        self._changed = threading.Condition()

    def take(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._free > 0 or not self._open)
            if not self._open:
                return False
            self._free -= 1
            return True

    def release(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._open = False
            self._changed.notify_all()
