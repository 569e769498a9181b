"""Records last first, of sources that were written newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import BinaryIO, cast

from msgspec import structs

from logwatch.records.record import Record
from logwatch.sources.refused import reason
from logwatch.sources.source import Health

_BATCH_RECORDS = 4096
_BATCH_LENGTH = 4 << 20
"""Records, and characters of their messages, that are held and written to the temporary file at once."""


def turned(records: Sequence[Record]) -> Iterator[Record]:
    """Yield records last first, with ordinals that ascend again."""
    for record in reversed(records):
        yield structs.replace(record, ordinal=-record.ordinal)


def spooled_last_first(records: Iterable[Record], health: Health) -> Iterator[Record]:
    """Yield records last first, with ordinals that ascend again.

    Through a temporary file where they are many, so that memory does not grow with the source. If that cannot be
    written, `health` says so, and what was held is all there is.
    """
    import pickle  # noqa: PLC0415 - few logs are written newest first
    import tempfile  # noqa: PLC0415

    with ExitStack() as stack:
        file: BinaryIO | None = None
        places: list[int] = []
        batch: list[Record] = []
        length = 0
        for record in records:
            batch.append(record)
            length += len(record.message)
            if len(batch) >= _BATCH_RECORDS or length >= _BATCH_LENGTH:
                try:
                    if file is None:
                        file = cast(BinaryIO, stack.enter_context(tempfile.TemporaryFile(prefix="logwatch-")))
                    places.append(_spooled(file, batch))
                except OSError as error:
                    health.report(
                        f"needs a temporary copy to be read backwards: {reason(error)}; "
                        "set TMPDIR to a directory with room for it",
                        truncated=True,
                    )
                    break
                batch, length = [], 0
        yield from turned(batch)
        for place in reversed(places):
            assert file is not None
            file.seek(place)
            yield from turned(pickle.load(file))  # noqa: S301 - our own, from a file without a name


def _spooled(file: BinaryIO, batch: Sequence[Record]) -> int:
    """Write records to the end of the file, and return where they begin."""
    import pickle  # noqa: PLC0415 - as above

    place = file.seek(0, 2)
    pickle.dump(
        [structs.replace(record, attributes=dict(record.attributes)) for record in batch],
        file,
        pickle.HIGHEST_PROTOCOL,
    )
    file.flush()
    return place
