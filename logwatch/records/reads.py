"""What a reader yields: a record, or several of a block. All of that one by one, or last first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from logwatch.records.record import Record
from logwatch.records.reversal import turned
from logwatch.records.scan.record_batch import RecordBatch

Read = Record | RecordBatch
"""One record, or several of a block."""


def one_by_one(reads: Iterable[Read]) -> Iterator[Record]:
    """Yield the records of all batches as well."""
    for read in reads:
        if isinstance(read, RecordBatch):
            yield from read
        else:
            yield read


def held_last_first(reads: Iterable[Read]) -> Iterator[Read]:
    """Yield what is read last first, with ordinals that ascend again; all of it is held in memory."""
    for read in reversed([*reads]):
        if isinstance(read, RecordBatch):
            yield read.last_first()
        else:
            yield from turned((read,))
