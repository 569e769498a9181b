"""The batch driver: sources in, tallies and the account of what was read out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from logwatch.engine.aggregation import Aggregation
from logwatch.engine.attribution import Attribution, Bounds
from logwatch.engine.engine import Engine, Observer
from logwatch.engine.event_maker import EventMaker
from logwatch.engine.match import Event
from logwatch.engine.pairing import Pairing
from logwatch.engine.plain_runs import PlainRuns
from logwatch.engine.tally import Tally
from logwatch.records.coverage import Coverage, Window, buckets, merged
from logwatch.records.merge import merge
from logwatch.records.reading import ReadOptions, SourceReader
from logwatch.records.record import Record
from logwatch.records.scan.wanted import Wanted
from logwatch.ruleset.model import RuleSet
from logwatch.sources.source import Source
from logwatch.timespec import EARLIEST

if TYPE_CHECKING:
    from logwatch.engine.workers import Workers


class Question(msgspec.Struct, frozen=True):
    """The window that is asked about. An open `since` begins with the first record; `as_of` None is the last
    record's time.

    `deployment` holds the names of the deployment whose window it is, where one is judged.
    """

    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    deployment: frozenset[str] = frozenset()


class Answer(msgspec.Struct, frozen=True):
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
    wanted: Wanted | None = None,
    deployment_attribute: str = "deploymentId",
    observer: Observer | None = None,
    jobs: int = 1,
) -> Answer:
    """Read all sources once, in the order of time, and tally every rule.

    `options` says how to read; its bounds are set here from the question. `wanted` is the prefilter of
    records that can matter. `jobs` processes read what is long; how many there are changes nothing else.
    """
    options = replace(
        options,
        since=question.since,
        until=question.until,
        read_from=_earlier(question.since, max(ruleset.lookback, options.lateness)),
        read_to=question.as_of,
    )
    aggregation = Aggregation(
        ruleset, Attribution(Bounds(question.since, question.until), question.deployment)
    )
    engine = Engine(
        ruleset,
        options.lateness,
        aggregations=(aggregation,),
        observer=observer,
        deployment_attribute=deployment_attribute,
    )
    if wanted is not None:
        wanted = wanted.looking_at(deployment_attribute)
    divide = jobs > 1 and _can_divide()
    readers = [SourceReader(source, options, wanted, divide=divide) for source in sources]
    # Who observes sees everything in order.
    counting = None if observer else aggregation
    pairing = Pairing.of(ruleset, options.lateness) if counting and len(sources) == 1 else None
    maker = EventMaker(engine.matcher, question.as_of or options.now, counting, pairing)
    with ExitStack() as stack:

        @cache
        def workers() -> Workers:
            from logwatch.engine.workers import Workers  # noqa: PLC0415 - short logs need no processes

            return stack.enter_context(closing(Workers(jobs, readers, maker)))

        events = (_events(engine, number, readers, workers, maker) for number in range(len(readers)))
        # Matches, not records, are put in order: what nobody wants has no say in it, whether it was read or not.
        for found in merge(events, options.lateness):
            if isinstance(found, PlainRuns):
                aggregation.add_plain(*engine.take_runs(found))
            else:
                engine.take(found)
    window = _window(question, readers, options)
    engine.finish(window.as_of)
    return Answer(window, _coverage(window, readers), aggregation.tallies(window))


def _can_divide() -> bool:
    """Whether this system starts processes that know at once what this one knows, and may."""
    return hasattr(os, "fork") and sys.platform != "darwin"


def _events(
    engine: Engine,
    number: int,
    readers: Sequence[SourceReader],
    workers: Callable[[], Workers],
    maker: EventMaker,
) -> Iterator[Event | PlainRuns]:
    """Yield what a source's records mean, and tell the engine where the source breaks off.

    A record without any time counts only where all time counts.
    """
    reader = readers[number]
    for read in reader.begun():
        if reader.account.whole or not isinstance(read, Record) or read.time is not None:
            yield from maker.events(read)
    yield from maker.rest()
    # Newest first, what is missing by now lies before all that is passed on: whatever began later is seen to its end.
    begins_late = reader.backwards and reader.health.truncated
    if reader.divisible:
        yield from workers().events(number)
    elif reader.ahead is not None:
        for read in reader.records_of(reader.ahead):
            yield from maker.events(read)
    yield from maker.rest()
    reader.close()
    latest = reader.account.latest
    if reader.health.truncated and latest is not None and not begins_late:
        engine.lost(reader.report.name, latest)


def _window(question: Question, readers: Sequence[SourceReader], options: ReadOptions) -> Window:
    """The window as it turned out: open sides end where the records do."""
    firsts = [r.account.earliest for r in readers if r.account.earliest is not None]
    lasts = [r.account.latest for r in readers if r.account.latest is not None]
    as_of = question.as_of or max(lasts, default=options.now)
    if question.since is not None:
        as_of = max(as_of, question.since)
    until = question.until or as_of
    since = question.since or min((*firsts, until))
    return Window(since, until, as_of)


def _coverage(window: Window, readers: Sequence[SourceReader]) -> Coverage:
    firsts = [r.account.earliest for r in readers if r.account.earliest is not None]
    lasts = [r.account.latest for r in readers if r.account.latest is not None]
    return Coverage(
        sources=tuple(r.report for r in readers),
        buckets=buckets(window, merged(r.account.timeline for r in readers)),
        earliest=min(firsts, default=None),
        latest=max(lasts, default=None),
    )


def _earlier(since: datetime | None, lookback: timedelta) -> datetime | None:
    if since is None:
        return None
    return max(since - min(lookback, since - EARLIEST), EARLIEST) if since > EARLIEST else since
