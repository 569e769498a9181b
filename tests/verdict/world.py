"""A small world for verdict tests: rules, tallies and coverage as plain data, a window of half an hour."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from logwatch.engine.tally import (
    ExpectTally,
    MatchTally,
    MeasureTally,
    RatioTally,
    RunCounts,
    RunTally,
    Tally,
)
from logwatch.errors import Location
from logwatch.records.coverage import Buckets, Coverage, SourceReport, Window
from logwatch.ruleset.conditions import MessageMatches
from logwatch.ruleset.model import (
    CountRule,
    ExpectRule,
    ForbidRule,
    Kind,
    MeasureRule,
    PairRule,
    RatioRule,
    Rule,
    RuleSet,
    Samples,
    SequenceRule,
    Severity,
    Step,
    Term,
    Unit,
)
from logwatch.ruleset.patterns import compile_pattern
from logwatch.verdict.judge import judge
from logwatch.verdict.verdict import Assurance, RuleVerdict, Verdict

T0 = datetime(2025, 10, 11, 17, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WINDOW = Window(T0, T0 + 30 * MINUTE, T0 + 30 * MINUTE)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def words(first: str, capture: str = "job") -> MessageMatches:
    """The condition of messages that begin with a word; the word after it is captured."""
    return MessageMatches(compile_pattern(rf"^{first} (?P<{capture}>\S+)"))


def _base(kind: Kind, rule_id: str) -> dict[str, Any]:
    return {
        "id": rule_id,
        "kind": kind,
        "title": rule_id,
        "severity": Severity.CRITICAL,
        "location": Location("rules.yml", 1),
    }


def forbid(rule_id: str = "no-error", **changes: Any) -> ForbidRule:
    fields = {"pattern": words("error"), "exposure": "job", "samples": Samples(match=("error 1",))}
    return ForbidRule(**{**_base(Kind.FORBID, rule_id), **fields, **changes})


def expect(rule_id: str = "heartbeat", **changes: Any) -> ExpectRule:
    return ExpectRule(**{**_base(Kind.EXPECT, rule_id), "pattern": words("beat"), **changes})


def pair(rule_id: str = "job", **changes: Any) -> PairRule:
    fields = {
        "start": words("start"),
        "outcomes": {"completed": words("done"), "failed": words("fail")},
        "key": ("job",),
        "timeout": 4 * MINUTE,
    }
    return PairRule(**{**_base(Kind.PAIR, rule_id), **fields, **changes})


def sequence(rule_id: str = "steps", **changes: Any) -> SequenceRule:
    fields = {
        "steps": (Step("one", words("one"), None), Step("two", words("two"), 6 * MINUTE)),
        "key": ("job",),
    }
    return SequenceRule(**{**_base(Kind.SEQUENCE, rule_id), **fields, **changes})


def ratio(rule_id: str = "images", **changes: Any) -> RatioRule:
    fields = {"numerator": Term(words("found", "n"), "n"), "denominator": Term(words("drafts", "n"), "n")}
    return RatioRule(**{**_base(Kind.RATIO, rule_id), **fields, **changes})


def measure(rule_id: str = "latency", **changes: Any) -> MeasureRule:
    fields = {"pattern": words("took", "ms"), "value": "ms", "unit": Unit.MILLISECONDS}
    return MeasureRule(**{**_base(Kind.MEASURE, rule_id), **fields, **changes})


def count(rule_id: str = "uploads", **changes: Any) -> CountRule:
    return CountRule(**{**_base(Kind.COUNT, rule_id), "pattern": words("upload"), **changes})


def runs(completed: int = 0, failed: int = 0, timed_out: int = 0, **changes: Any) -> RunTally:
    """A tally of runs; counts by name, other fields of the tally as they are."""
    counts = {name: changes.pop(name) for name in RunCounts.__struct_fields__ if name in changes}
    others = sum(
        counts.get(name, 0) for name in ("skipped", "in_flight", "superseded", "evicted", "unknown_gap")
    )
    started = completed + failed + timed_out + others
    fields: dict[str, Any] = {
        "started": started,
        "attempts": started,
        "completed": completed,
        "failed": failed,
        "timed_out": timed_out,
        **counts,
    }
    for name in ("durations", "in_flight_ages", "ends", "late"):
        if name in changes:
            changes[name] = array("d", sorted(changes[name]))
    return RunTally(counts=RunCounts(**fields), **changes)


def matches(n: int = 0, **changes: Any) -> MatchTally:
    if n:
        changes = {"first": at(5), "last": at(10), **changes}
    return MatchTally(matches=n, **changes)


def beats(n: int = 0, **changes: Any) -> ExpectTally:
    return ExpectTally(matches=n, **changes)


def values(*numbers: float, **changes: Any) -> MeasureTally:
    return MeasureTally(matches=len(numbers), values=array("d", sorted(numbers)), **changes)


def sums(numerator: float, denominator: float, **changes: Any) -> RatioTally:
    return RatioTally(numerator=numerator, denominator=denominator, **changes)


def source(name: str = "worker.log", **changes: Any) -> SourceReport:
    fields: dict[str, Any] = {
        "format": "iso",
        "lines": 100,
        "bytes": 5000,
        "records": 90,
        "first": T0,
        "last": at(30),
    }
    return SourceReport(name, **{**fields, **changes})


def coverage(
    *sources: SourceReport,
    earliest: datetime | None = T0,
    latest: datetime | None = None,
    gaps: tuple[tuple[datetime, datetime], ...] = (),
) -> Coverage:
    """Six buckets of five minutes, all of them with records but for `gaps`."""
    empty = sum((end - start) // (5 * MINUTE) for start, end in gaps)
    return Coverage(
        sources=sources or (source(),),
        buckets=Buckets(5 * MINUTE, 6, 6 - empty, gaps),
        earliest=earliest,
        latest=at(30) if latest is None and earliest is not None else latest,
    )


COVERED = coverage()


def verdict(
    cases: Mapping[Rule, Tally] | Sequence[tuple[Rule, Tally]],
    *,
    read: Coverage = COVERED,
    assurance: Assurance = Assurance.QUICK,
    strict: bool = False,
    only: Collection[str] = (),
    severity: Severity | None = None,
    baseline: Mapping[str, Tally] | None = None,
    deployment: str | None = None,
    proven: bool = True,
    window: Window = WINDOW,
) -> Verdict:
    """Judge some rules, each with its tally."""
    pairs = cases.items() if isinstance(cases, Mapping) else cases
    return judge(
        RuleSet(tuple(rule for rule, _ in pairs)),
        {rule.id: tally for rule, tally in pairs},
        read,
        window,
        assurance=assurance,
        strict=strict,
        only=only,
        severity=severity,
        baseline=baseline,
        deployment=deployment,
        proven=lambda rule: proven,
    )


def judged(rule: Rule, tally: Tally, *others: tuple[Rule, Tally], **options: Any) -> RuleVerdict:
    """Judge one rule, in the company of others, and return its verdict."""
    return verdict([(rule, tally), *others], **options).rules[0]


def silence(n: int, **changes: Any) -> tuple[tuple[Rule, Tally], ...]:
    """The exposure of a forbid: `n` completed runs of `job`."""
    return ((pair(), replace(runs(n), **changes)),)
