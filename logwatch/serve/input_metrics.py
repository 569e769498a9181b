"""Metrics of what is read, and of the exporter itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from prometheus_client.core import Metric

from logwatch import __version__
from logwatch.live.stream import StreamFacts
from logwatch.serve import names
from logwatch.serve.families import CounterFamily, GaugeFamily
from logwatch.serve.snapshot import Loaded, StreamState
from logwatch.serve.state import Kept

_COUNTED = (
    (names.LINES_READ, "lines", "Lines that were read."),
    (names.READ_BYTES, "bytes", "Bytes that were read, decompressed."),
    (names.INPUT_ROTATIONS, "rotations", "Times that another file took the name."),
    (names.INPUT_TRUNCATIONS, "truncations", "Times that the file was truncated."),
    (names.INPUT_GAPS, "gaps", "Times that something was lost before it could be read."),
    (names.INPUT_GAP_BYTES, "gap_bytes", "Bytes that were lost, as far as that can be known."),
    (names.INPUT_HALF_LINES, "half_lines", "Lines that never got their end."),
    (names.INPUT_NUL_BYTES, "nul_bytes", "NUL bytes that were skipped: holes in the file."),
)
_ERRORS = ("undated", "truncated", "ahead")


def counted_inputs(facts: Mapping[str, StreamFacts]) -> Iterator[Metric]:
    """Yield what is counted of every input."""
    for name, field, says in _COUNTED:
        family = CounterFamily(name, says)
        for stream, known in facts.items():
            family.add({names.INPUT: stream}, getattr(known, field), known.since.timestamp())
        yield family.family()
    errors = CounterFamily(names.PARSE_ERRORS, "Records with something wrong, by what that is.")
    for stream, known in facts.items():
        for reason in _ERRORS:
            labels = {names.INPUT: stream, names.REASON: reason}
            errors.add(labels, getattr(known, reason), known.since.timestamp())
    yield errors.family()


def inputs_now(streams: Sequence[StreamState]) -> Iterator[Metric]:
    """Yield how every input stands."""
    unread = GaugeFamily(names.INPUT_UNREAD_BYTES, "Bytes that were seen and not read yet.")
    lag = GaugeFamily(
        names.INPUT_LAG, "How far reading is behind what is written; 0 where nothing is unread."
    )
    last = GaugeFamily(names.INPUT_LAST_EVENT, "Time of the newest record.")
    unreadable = GaugeFamily(names.INPUT_UNREADABLE, "1 while it cannot be read, else 0.")
    for stream in streams:
        labels = {names.INPUT: stream.name}
        unread.add(labels, stream.unread_bytes)
        lag.add(labels, stream.lag or 0.0)
        unreadable.add(labels, int(stream.trouble is not None))
        if stream.last_event is not None:
            last.add(labels, stream.last_event.timestamp())
    for family in (unread, lag, last, unreadable):
        yield family.family()


def own_metrics(kept: Kept, late: int, failures: int, started: datetime) -> Iterator[Metric]:
    """Yield what the exporter counts of itself; commits that failed are known since it `started`."""
    since = kept.since.timestamp()
    for name, says, value, created in (
        (names.STATE_COMMITS, "Times that the state was stored.", kept.commits, since),
        (
            names.STATE_COMMIT_FAILURES,
            "Times that the state could not be stored.",
            failures,
            started.timestamp(),
        ),
        (
            names.STATE_DAMAGED,
            "Times that the state was found damaged and counting began anew.",
            kept.damaged,
            since,
        ),
        (names.LATE_EVENTS, "Events that came after the watermark had passed them.", late, since),
    ):
        family = CounterFamily(name, says)
        family.add({}, value, created)
        yield family.family()


def own_gauges(loaded: Loaded, last_success: datetime, watermark: datetime) -> Iterator[Metric]:
    """Yield how the exporter stands."""
    for name, says, labels, value in (
        (
            names.CONFIG_RELOAD_SUCCESSFUL,
            "Whether the last load of configuration and rules succeeded.",
            {},
            int(loaded.problem is None),
        ),
        (names.CONFIG_RELOAD_TIME, "When they were loaded last.", {}, last_success.timestamp()),
        (names.WATERMARK, "Event time up to which all is counted.", {}, watermark.timestamp()),
        (names.BUILD_INFO, "The version of logwatch; always 1.", {"version": __version__}, 1),
    ):
        family = GaugeFamily(name, says)
        family.add(labels, value)
        yield family.family()
