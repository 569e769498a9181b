"""The side door: puts a body into a queue unchecked, for `--fault`, the demo and the tests only.

A normal run cannot come through here: `faults` imports this module inside the functions that a fault calls,
and nothing else in the pipeline imports it (a test holds that).
"""

from __future__ import annotations

from .dbos_port import push
from .door import Door, Transaction

# The bodies that come through here are malformed on purpose.
Anything = object


def push_unchecked(door: Door, transaction: Transaction, delivery: str, queue: str, body: Anything) -> None:
    """Enqueue `body` as it is, without envelope, checks or a row in the table of jobs."""
    push(door.client, transaction.connection, delivery, queue, body)  # type: ignore[arg-type]
