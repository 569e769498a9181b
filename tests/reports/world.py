"""Verdicts built by hand, so that a report's test depends on nothing but the report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from logwatch.evidence import Evidence
from logwatch.records.coverage import Buckets, Coverage, SourceReport, Window
from logwatch.ruleset.model import Kind, Severity
from logwatch.verdict.verdict import (
    Assurance,
    Exposure,
    LabelCount,
    Quantiles,
    Rate,
    RuleVerdict,
    Status,
    Verdict,
)

T0 = datetime(2025, 10, 11, 17, 35, tzinfo=UTC)
WINDOW = Window(T0, T0 + timedelta(minutes=30), T0 + timedelta(minutes=30))
RUN_COUNTS = {
    "started": 0,
    "completed": 0,
    "failed": 0,
    "skipped": 0,
    "timed_out": 0,
    "in_flight": 0,
    "attempts": 0,
    "superseded": 0,
    "orphan_end": 0,
    "duplicate_end": 0,
    "unkeyed": 0,
    "evicted": 0,
    "skewed": 0,
    "unknown_gap": 0,
}


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def evidence(text: str, line: int = 1, role: str = "match", **changes: Any) -> Evidence:
    fields: dict[str, Any] = {"source": "worker.log", "offset": line * 100, "time": at(line)}
    return Evidence(**{**fields, "line": line, "text": text, "role": role, **changes})


def rule(rule_id: str = "no-error", status: Status = Status.PASS, **changes: Any) -> RuleVerdict:
    fields: dict[str, Any] = {
        "kind": Kind.FORBID,
        "title": "Nothing goes wrong",
        "severity": Severity.CRITICAL,
        "summary": "0 in 24 runs: below 11.7 % at 95 %",
        "counts": {"matches": 0},
    }
    fields = {**fields, **changes}
    decides = fields["severity"] is Severity.CRITICAL and status is not Status.INFO
    return RuleVerdict(**{"id": rule_id, "status": status, "decides": decides, **fields})


def failing(*texts: str, rule_id: str = "foreign-key-violation", **changes: Any) -> RuleVerdict:
    """A forbid that these log texts broke."""
    n = len(texts)
    found = tuple(evidence(text, line) for line, text in enumerate(texts, 1))
    fields: dict[str, Any] = {"summary": f"{n} matches", "counts": {"matches": n}, "evidence": found}
    return rule(rule_id, Status.FAIL, **{**fields, **changes})


def source(name: str = "worker.log", **changes: Any) -> SourceReport:
    fields: dict[str, Any] = {
        "format": "iso8601",
        "lines": 4435,
        "bytes": 200_000,
        "records": 2295,
        "first": T0,
        "last": at(1800),
    }
    return SourceReport(name, **{**fields, **changes})


def coverage(*sources: SourceReport) -> Coverage:
    buckets = Buckets(timedelta(minutes=5), 6, 6, ())
    return Coverage(sources or (source(),), buckets, T0, at(1800))


def verdict(*rules: RuleVerdict, status: Status | None = None, **changes: Any) -> Verdict:
    """The verdict that these rules come to, with the reasons that the judge would give."""
    bad = [
        r for wanted in (Status.FAIL, Status.INCONCLUSIVE) for r in rules if r.decides and r.status is wanted
    ]
    fields: dict[str, Any] = {
        "assurance": Assurance.QUICK,
        "window": WINDOW,
        "coverage": coverage(),
        "reasons": (*changes.pop("problems", ()), *(f"{r.id}: {r.summary}" for r in bad)),
    }
    fields = {**fields, **changes}
    worst = bad[0].status if bad else Status.INCONCLUSIVE if fields["reasons"] else Status.PASS
    return Verdict(status=status or worst, rules=rules, **fields)


def pair(rule_id: str = "background-job", status: Status = Status.PASS, **changes: Any) -> RuleVerdict:
    fields: dict[str, Any] = {
        "kind": Kind.PAIR,
        "title": "Jobs end, and end well",
        "summary": "24/24 completed, 100 %; rules out below 88.3 %",
        "details": ("durations of 24 completed runs: p50 19.2s, max 41.1s",),
        "counts": {**RUN_COUNTS, "started": 24, "completed": 24, "attempts": 24},
        "rate": Rate(1.0, 0.8826, 1.0, 24, 0.99, 0.5),
        "first_attempt_rate": 1.0,
        "quantiles": Quantiles("s", 19.2, None, None, 41.1, 24),
        "first": at(20),
        "last": at(470),
    }
    return rule(rule_id, status, **{**fields, **changes})


def incident() -> Verdict:
    """One rule of every kind and every outcome: what a bad deployment looks like."""
    error = (
        "❌ Create product image failed with non-retryable error:\n"
        "Invalid `prisma.productImage.create()` invocation:\n\n\n"
        "Foreign key constraint violated on the constraint: `ProductImage_productDraftId_fkey`"
    )
    return verdict(
        rule(
            "unknown-workflow-stage",
            title="Job reached a worker with no known stage",
            details=("24 runs of background-job, 5 needed; detector proven by its samples",),
            exposure=Exposure("background-job", 24, 5, 0.1173),
        ),
        failing(
            *(error for _ in range(7)),
            title="A write named a row that is not there",
            summary="22 matches, first 17:38:33Z, last 17:42:49Z; 2 runs of background-job completed since",
            counts={"matches": 22},
            exposure=Exposure("background-job", 24, 5, 0.9),
            by_label=(
                LabelCount({"constraint": "ProductImage_productDraftId_fkey"}, 21),
                LabelCount({"constraint": "|<b>x</b>"}, 1),
            ),
            first=at(213),
            last=at(469),
        ),
        pair(),
        pair(
            "background-image-run",
            Status.INCONCLUSIVE,
            title="Image processing that starts also completes",
            summary="3/4 completed, 75 % (1 failed); rules out below 24.9 %; 7 clean runs more would decide",
            details=("beside the rate: 1 in flight, 1 skipped", "approximate: paired without a key"),
            counts={**RUN_COUNTS, "started": 6, "completed": 3, "failed": 1, "skipped": 1, "in_flight": 1},
            rate=Rate(0.75, 0.2486, 0.9873, 4, 0.99, 0.5),
            evidence=(
                evidence("🖼️🔄 processBackgroundImageProcessing - Starting", 11, "start"),
                evidence("❌ Background image processing failed: timeout", 19, "end"),
            ),
        ),
        pair(
            "healthy-background-job",
            Status.FAIL,
            kind=Kind.SEQUENCE,
            severity=Severity.WARNING,
            title="Every step of a healthy job is reached",
            summary="0/9 completed, 0 % (9 timed out); at most 28.3 % at 95 %, target 99 %",
            details=("stopped at: queued 9",),
            counts={**RUN_COUNTS, "started": 9, "timed_out": 9, "stopped_at": {"queued": 9}},
            rate=Rate(0.0, 0.0, 0.2831, 9, 0.99, 0.5),
            quantiles=None,
            evidence=tuple(
                evidence(text, line, role)
                for line, (role, text) in enumerate(
                    (("queueing", "⚡ ASYNC MODE: Queueing"), ("queued", "✅ job queued")) * 3, 30
                )
            ),
        ),
        rule(
            "image-attachment",
            kind=Kind.RATIO,
            severity=Severity.WARNING,
            title="Drafts that got an image",
            summary="45 of 49, 91.8 %; rules out below 82.3 %",
            counts={"numerator": 45.0, "denominator": 49.0},
            rate=Rate(45 / 49, 0.8228, 0.9719, 49, 0.9, 0.5),
        ),
        rule(
            "heartbeat",
            Status.INCONCLUSIVE,
            kind=Kind.EXPECT,
            severity=Severity.WARNING,
            title="The worker says that it lives",
            summary="5 matches; but the log ends at 17:50:00Z, 15m before the window does",
            counts={"matches": 5},
        ),
        rule(
            "response-time",
            kind=Kind.MEASURE,
            severity=Severity.WARNING,
            title="Suppliers answer fast",
            summary="p50 350ms, at most 420ms at 95 %, limit 1s",
            counts={"matches": 80},
            quantiles=Quantiles("s", 0.35, 0.9, None, 1.25, 80),
        ),
        rule(
            "manual-image-uploads",
            Status.INFO,
            kind=Kind.COUNT,
            severity=Severity.INFO,
            title="Images uploaded by hand",
            summary="3 matches",
            counts={"matches": 3},
            first=at(600),
            last=at(900),
        ),
        notes=("1 of 6 buckets of 5m without a record: no record from 17:50:00Z to 17:55:00Z",),
        coverage=coverage(
            source(),
            source(
                "old.log.gz",
                order="newest_first",
                lines=10,
                records=10,
                bytes=500,
                undated=2,
                errors=["ends in the middle of a gzip member"],
            ),
        ),
        problems=("old.log.gz: ends in the middle of a gzip member",),
        deployment="d52dee0",
    )


def healthy() -> Verdict:
    """All is well, and one warning decides nothing."""
    return verdict(
        rule("unknown-workflow-stage"),
        pair(),
        pair(
            "workflow",
            Status.FAIL,
            severity=Severity.WARNING,
            title="Workflows complete, in about 30 seconds",
            summary="24/24 completed, 100 %; p50 2m22s, at least 1m53s at 95 %, limit 36s",
            evidence=(evidence("🎬 Starting workflow wf_1", 3, "start"), evidence("🎉 Completing", 9, "end")),
        ),
        assurance=Assurance.STANDARD,
    )


HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\x9b31mred\x7f \u202etxt.exe\u2066 \u2028next\u2029 \x00nul \ufffe \ud800\udcff"
    " a\rb ::error::x %0A::error::y | <script>alert(1)</script> `code` ]]> ##[error]z ##vso[task.x] # SKIP"
    " ![x](http://evil.example/) @octocat www.evil.example :tada: $x^2$ \\ 'quoted' \"double\" =cmd()"
    "\n::add-mask::1\n\tnot ok 99 - forged\n  ...\n</pre><b>"
)
"""Something for every medium that a report is read in."""


def hostile() -> Verdict:
    """Hostile text wherever text from outside can stand."""
    return verdict(
        failing(
            HOSTILE,
            title=HOSTILE,
            summary=f"1 match {HOSTILE}",
            details=(HOSTILE,),
            by_label=(LabelCount({"stage": HOSTILE}, 1),),
            evidence=(evidence(HOSTILE, source=f"logs/{HOSTILE}.log", role=HOSTILE),),
        ),
        coverage=coverage(source(f"{HOSTILE}.log", notes=[HOSTILE], errors=[HOSTILE])),
        notes=(HOSTILE,),
        problems=(f"{HOSTILE}.log: {HOSTILE}",),
        deployment=HOSTILE,
    )
