"""The report for programs: the JSON contract, version 1. `json_schema` describes it."""

from __future__ import annotations

from datetime import datetime

from logwatch.evidence import Evidence
from logwatch.records.coverage import Coverage, SourceReport
from logwatch.reports.safe_json import Json, dump
from logwatch.timespec import iso_millis
from logwatch.verdict.verdict import Exposure, Quantiles, Rate, RuleVerdict, Verdict

SCHEMA = 1
ROLES = ("match", "start", "end")


def json_report(verdict: Verdict) -> str:
    """Return the verdict as JSON: times in UTC with milliseconds, durations in seconds."""
    return dump(as_json(verdict), indent=2) + "\n"


def as_json(verdict: Verdict) -> Json:
    """Return the verdict as the object that `json_report` writes."""
    return {
        "schema": SCHEMA,
        "verdict": verdict.status.value,
        "assurance": verdict.assurance.value,
        "window": {"since": iso_millis(verdict.window.since), "until": iso_millis(verdict.window.until)},
        "as_of": iso_millis(verdict.window.as_of),
        "coverage": _coverage(verdict.coverage),
        "rules": [_rule(rule) for rule in verdict.rules],
    }


def _coverage(coverage: Coverage) -> Json:
    buckets = coverage.buckets
    return {
        "records": coverage.records,
        "lines": coverage.lines,
        "bytes": coverage.bytes,
        "undated": coverage.undated,
        "buckets": {"total": buckets.total, "with_records": buckets.with_records},
        "sources": [_source(source) for source in coverage.sources],
    }


def _source(source: SourceReport) -> Json:
    return {
        "name": source.name,
        "format": source.format,
        "order": source.order,
        "lines": source.lines,
        "records": source.records,
        "first": _time(source.first),
        "last": _time(source.last),
        "encoding": source.encoding,
        "truncated": source.truncated,
        "errors": list(source.errors),
    }


def _rule(rule: RuleVerdict) -> Json:
    return {
        "id": rule.id,
        "kind": rule.kind.value,
        "severity": rule.severity.value,
        "verdict": rule.status.value,
        "summary": rule.summary,
        "counts": {
            name: n if isinstance(n, int | float) else dict(n) for name, n in (rule.counts or {}).items()
        },
        "rate": _rate(rule.rate) if rule.rate else None,
        "first_attempt_rate": rule.first_attempt_rate,
        "quantiles": _quantiles(rule.quantiles) if rule.quantiles else None,
        "exposure": _exposure(rule.exposure) if rule.exposure else None,
        "by_label": [{"labels": dict(label.labels), "n": label.n} for label in rule.by_label],
        "first": _time(rule.first),
        "last": _time(rule.last),
        "evidence": [_evidence(one) for one in rule.evidence],
    }


def _rate(rate: Rate) -> Json:
    return {
        "value": rate.value,
        "lower": rate.lower,
        "upper": rate.upper,
        "n": rate.n,
        "target": rate.target,
        "reject": rate.reject,
    }


def _quantiles(found: Quantiles) -> Json:
    return {
        "unit": found.unit,
        "p50": found.p50,
        "p95": found.p95,
        "p99": found.p99,
        "max": found.max,
        "n": found.n,
    }


def _exposure(exposure: Exposure) -> Json:
    return {
        "rule": exposure.rule,
        "n": exposure.n,
        "required": exposure.required,
        "upper": exposure.upper,
    }


def _evidence(evidence: Evidence) -> Json:
    return {
        "source": evidence.source,
        "line": evidence.line or None,
        "offset": evidence.offset,
        "time": _time(evidence.time),
        "text": evidence.text,
        # a record of a sequence's step goes by the step's name, which is no role here
        "role": evidence.role if evidence.role in ROLES else "match",
    }


def _time(time: datetime | None) -> str | None:
    return None if time is None else iso_millis(time)
