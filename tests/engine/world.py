"""A small world for engine tests: patterns are plain words, records lie at seconds after a fixed moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from logwatch.engine.aggregation import Aggregation
from logwatch.engine.attribution import Attribution, Bounds
from logwatch.engine.engine import Engine
from logwatch.engine.match import Match
from logwatch.engine.run import Run, Stray
from logwatch.errors import Location
from logwatch.evidence import Evidence
from logwatch.records.coverage import Window
from logwatch.records.record import Record
from logwatch.ruleset.condition import Captures
from logwatch.ruleset.model import (
    CountRule,
    ExpectRule,
    ForbidRule,
    Kind,
    MeasureRule,
    OnRestart,
    PairRule,
    RatioRule,
    Rule,
    RuleSet,
    SequenceRule,
    Severity,
    Step,
    Term,
    Unit,
)

T0 = datetime(2025, 10, 11, 17, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def span(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@dataclass(frozen=True)
class Words:
    """Holds for messages that begin with `word`; captures the words after it as `names`, `-`: not captured."""

    word: str
    names: tuple[str, ...] = ("job",)

    @property
    def literals(self) -> frozenset[str]:
        return frozenset({self.word})

    @property
    def captures(self) -> frozenset[str]:
        return frozenset(self.names)

    @property
    def fields(self) -> frozenset[str]:
        return frozenset()

    def search(self, record: Record) -> Captures | None:
        word, *rest = record.message.split()
        if word != self.word:
            return None
        return {name: text for name, text in zip(self.names, rest, strict=False) if text != "-"}

    def occurrences(self, record: Record) -> Iterator[Captures]:
        found = self.search(record)
        if found is not None:
            yield found


BASE = {"title": "", "severity": Severity.CRITICAL, "location": Location("rules.yml", 1)}


def pair(**changes: object) -> PairRule:
    fields: dict[str, object] = {
        "id": "job",
        "kind": Kind.PAIR,
        **BASE,
        "start": Words("start"),
        "outcomes": {"completed": Words("done"), "failed": Words("fail"), "skipped": Words("skip")},
        "enqueued": Words("add"),
        "key": ("job",),
        "timeout": span(240),
        "retry_within": span(600),
        "on_restart": OnRestart.RETRY,
    }
    return PairRule(**{**fields, **changes})  # type: ignore[arg-type]


def sequence(**changes: object) -> SequenceRule:
    """Three steps, each within a minute of the one before; the second and the third can be skipped."""
    fields: dict[str, object] = {
        "id": "walk",
        "kind": Kind.SEQUENCE,
        **BASE,
        "steps": (
            Step("one", Words("one"), None),
            Step("two", Words("two"), span(60), skipped=Words("skip-two")),
            Step("three", Words("three"), span(60), skipped=Words("skip-three")),
        ),
        "key": ("job",),
        "never": Words("never"),
    }
    return SequenceRule(**{**fields, **changes})  # type: ignore[arg-type]


def forbid(**changes: object) -> ForbidRule:
    fields: dict[str, object] = {"id": "bad", "kind": Kind.FORBID, **BASE}
    fields |= {"pattern": Words("bad", ("stage",)), "exposure": None}
    return ForbidRule(**{**fields, **changes})  # type: ignore[arg-type]


def count(**changes: object) -> CountRule:
    fields: dict[str, object] = {"id": "uploads", "kind": Kind.COUNT, **BASE}
    fields |= {"pattern": Words("upload", ("order",)), "labels": ("order",)}
    return CountRule(**{**fields, **changes})  # type: ignore[arg-type]


def expect(**changes: object) -> ExpectRule:
    fields: dict[str, object] = {"id": "beat", "kind": Kind.EXPECT, **BASE}
    fields |= {"pattern": Words("beat", ("worker",)), "every": span(60)}
    return ExpectRule(**{**fields, **changes})  # type: ignore[arg-type]


def measure(**changes: object) -> MeasureRule:
    fields: dict[str, object] = {"id": "took", "kind": Kind.MEASURE, **BASE}
    fields |= {"pattern": Words("took", ("ms",)), "value": "ms", "unit": Unit.MILLISECONDS}
    return MeasureRule(**{**fields, **changes})  # type: ignore[arg-type]


def ratio(**changes: object) -> RatioRule:
    fields: dict[str, object] = {"id": "images", "kind": Kind.RATIO, **BASE}
    fields |= {
        "numerator": Term(Words("found", ("n",)), "n"),
        "denominator": Term(Words("drafts", ("n",)), "n"),
    }
    return RatioRule(**{**fields, **changes})  # type: ignore[arg-type]


def record(seconds: float, message: str, source: str = "a.log", ordinal: int = 0, **fields: object) -> Record:
    return Record(source, ordinal, ordinal * 10, ordinal + 1, 1, at(seconds), message, **fields)  # type: ignore[arg-type]


class Recorder:
    """Keeps everything that an engine reports."""

    def __init__(self) -> None:
        self.matches: list[Match] = []
        self.found: list[Run | Stray] = []

    def on_match(self, rule: Rule, match: Match) -> None:
        self.matches.append(match)

    def on_run(self, rule: Rule, found: Run | Stray) -> None:
        self.found.append(found)

    @property
    def runs(self) -> list[Run]:
        return [found for found in self.found if isinstance(found, Run)]

    @property
    def strays(self) -> list[Stray]:
        return [found for found in self.found if isinstance(found, Stray)]


def events(*lines: tuple[float, str] | tuple[float, str, str]) -> list[Record]:
    return [record(line[0], line[1], *line[2:], ordinal=n) for n, line in enumerate(lines)]


def play(
    rule: Rule,
    records: list[Record],
    *,
    as_of: float,
    since: float | None = None,
    until: float | None = None,
    lateness: float = 10,
    advance: bool = True,
    names: frozenset[str] = frozenset(),
    lost: Mapping[str, tuple[float, float]] | None = None,
) -> tuple[Any, Recorder]:
    """Run the engine over the records and return the rule's tally and all that it reported.

    `advance`: it hears of the time of every record. `lost` are the seconds between which a source lost data.
    """
    seen = Recorder()
    bounds = Bounds(None if since is None else at(since), None if until is None else at(until))
    aggregation = Aggregation(RuleSet((rule,)), Attribution(bounds, names))
    engine = Engine(RuleSet((rule,)), span(lateness), aggregations=(aggregation,), observer=seen)
    for source, (after, before) in (lost or {}).items():
        engine.lost(source, at(after), at(before))
    for one in records:
        engine.feed(one)
        if advance:
            assert one.time is not None
            engine.advance(one.time)
    engine.finish(at(as_of))
    window = Window(at(since or 0), at(as_of if until is None else until), at(as_of))
    return aggregation.tallies(window)[rule.id], seen


def cited(evidence: tuple[Evidence, ...]) -> list[str]:
    return [e.text for e in evidence]
