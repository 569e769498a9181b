"""The batch driver: sources in, tallies and the account of what was read out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from logwatch.engine.attribution import Attribution, Bounds
from logwatch.engine.engine import Engine, Observer
from logwatch.engine.tally import Tally
from logwatch.records.coverage import Coverage, Window, buckets, merged
from logwatch.records.merge import merge
from logwatch.records.reading import ReadOptions, SourceReader
from logwatch.records.record import Record
from logwatch.ruleset.model import RuleSet
from logwatch.sources.source import Source
from logwatch.timespec import EARLIEST

_ADVANCE_EVERY = timedelta(seconds=30)
"""Event time between two looks at what has become final: often enough to bound memory."""


@dataclass(frozen=True, slots=True)
class Question:
    """The window that is asked about. An open `since` begins with the first record; `as_of` None is the last
    record's time.

    `deployment` holds the names of the deployment whose window it is, where one is judged.
    """

    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    deployment: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a batch found: the window as it turned out, what was read of it, and each rule's tally."""

    window: Window
    coverage: Coverage
    tallies: dict[str, Tally]


def scan(
    sources: Sequence[Source],
    ruleset: RuleSet,
    question: Question,
    options: ReadOptions,
    *,
    wanted: Callable[[str], bool] | None = None,
    deployment_attribute: str = "deploymentId",
    observer: Observer | None = None,
) -> Answer:
    """Read all sources once, in the order of time, and tally every rule.

    `options` says how to read; its bounds are set here from the question. `wanted` is the prefilter of
    records that can matter.
    """
    bounds = Bounds(question.since, question.until)
    attribution = Attribution(bounds, question.deployment)
    engine = Engine(
        ruleset,
        attribution,
        options.lateness,
        deployment_attribute=deployment_attribute,
        observer=observer,
    )
    options = replace(
        options,
        since=question.since,
        until=question.until,
        read_from=_earlier(question.since, ruleset.lookback),
        read_to=question.as_of,
    )
    readers = [SourceReader(source, options, wanted) for source in sources]
    _drive(engine, merge(readers), options, question)
    window = _window(question, readers, options)
    gaps = {r.report.name: r.latest for r in readers if r.report.truncated and r.latest is not None}
    engine.finish(window.as_of, gaps)
    return Answer(window, _coverage(window, readers), engine.tallies(window))


def _drive(engine: Engine, records: Iterable[Record], options: ReadOptions, question: Question) -> None:
    """Feed the records. One without any time counts only where all time counts."""
    due: datetime | None = None
    everything = question.since is None and question.until is None
    for record in records:
        if record.time is None:
            if everything:
                engine.feed(replace(record, time=question.as_of or options.now, inherited=True))
            continue
        engine.feed(record)
        if due is None or record.time >= due:
            engine.advance(record.time - options.lateness)
            due = record.time + _ADVANCE_EVERY


def _window(question: Question, readers: Sequence[SourceReader], options: ReadOptions) -> Window:
    """The window as it turned out: open sides end where the records do."""
    firsts = [r.earliest for r in readers if r.earliest is not None]
    lasts = [r.latest for r in readers if r.latest is not None]
    as_of = question.as_of or max(lasts, default=options.now)
    until = question.until or as_of
    since = question.since or min((*firsts, until))
    return Window(since, until, as_of)


def _coverage(window: Window, readers: Sequence[SourceReader]) -> Coverage:
    firsts = [r.earliest for r in readers if r.earliest is not None]
    lasts = [r.latest for r in readers if r.latest is not None]
    return Coverage(
        sources=tuple(r.report for r in readers),
        buckets=buckets(window, merged(r.timeline for r in readers)),
        earliest=min(firsts, default=None),
        latest=max(lasts, default=None),
    )


def _earlier(since: datetime | None, lookback: timedelta) -> datetime | None:
    if since is None:
        return None
    return max(since - min(lookback, since - EARLIEST), EARLIEST) if since > EARLIEST else since
