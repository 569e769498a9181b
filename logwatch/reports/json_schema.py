"""JSON Schema of the JSON report: what programs may rely on."""

from __future__ import annotations

from logwatch.engine.tally import RunCounts
from logwatch.reports.json_report import ROLES, SCHEMA
from logwatch.reports.safe_json import Json
from logwatch.ruleset.model import Kind, Severity
from logwatch.verdict.verdict import Assurance, Status

_N: Json = {"type": "integer", "minimum": 0}
_X: Json = {"type": "number"}
_SHARE: Json = {"type": "number", "minimum": 0, "maximum": 1}
_TEXT: Json = {"type": "string"}
_TIME: Json = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
    "description": "UTC, with milliseconds",
}
_RUN_COUNTS = dict.fromkeys(RunCounts.__struct_fields__, _N)


def report_schema() -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of `check --format json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "logwatch verdict",
        **_object(
            {
                "schema": {"const": SCHEMA},
                "verdict": {"enum": [Status.PASS.value, Status.FAIL.value, Status.INCONCLUSIVE.value]},
                "assurance": {"enum": [assurance.value for assurance in Assurance]},
                "window": _object({"since": _TIME, "until": _TIME}),
                "as_of": _TIME,
                "coverage": _coverage(),
                "rules": {"type": "array", "items": _rule()},
            }
        ),
    }


def _coverage() -> Json:
    skipped = "null where records that no rule asks for were skipped"
    return _object(
        {
            "records": {**_or_null(_N), "description": skipped},
            "lines": _N,
            "bytes": _N,
            "undated": {**_or_null(_N), "description": skipped},
            "buckets": _object({"total": _N, "with_records": _N}),
            "sources": {
                "type": "array",
                "items": _object(
                    {
                        "name": _TEXT,
                        "format": _TEXT,
                        "order": {"enum": ["oldest_first", "newest_first"]},
                        "lines": _N,
                        "records": _or_null(_N),
                        "first": _or_null(_TIME),
                        "last": _or_null(_TIME),
                        "encoding": _TEXT,
                        "truncated": {"type": "boolean"},
                        "errors": {"type": "array", "items": _TEXT},
                    }
                ),
            },
        }
    )


def _rule() -> Json:
    rate = {"value": _SHARE, "lower": _SHARE, "upper": _SHARE, "n": _N, "target": _SHARE, "reject": _SHARE}
    quantiles = {"p50": _X, "p95": _or_null(_X), "p99": _or_null(_X), "max": _X, "n": _N}
    return {
        **_object(
            {
                "id": _TEXT,
                "kind": {"enum": [kind.value for kind in Kind]},
                "severity": {"enum": [severity.value for severity in Severity]},
                "verdict": {"enum": [status.value for status in Status]},
                "summary": _TEXT,
                "counts": {"type": "object"},
                "rate": _or_null(_object(rate)),
                "first_attempt_rate": _or_null(_SHARE),
                "quantiles": _or_null(_object({"unit": {"enum": ["s", "bytes", "count"]}, **quantiles})),
                "exposure": _or_null(_object({"rule": _TEXT, "n": _N, "required": _N, "upper": _SHARE})),
                "by_label": {
                    "type": "array",
                    "items": _object({"labels": {"type": "object", "additionalProperties": _TEXT}, "n": _N}),
                },
                "first": _or_null(_TIME),
                "last": _or_null(_TIME),
                "evidence": {"type": "array", "items": _evidence()},
            }
        ),
        "allOf": [_counts_of(kind) for kind in Kind],
    }


def _counts_of(kind: Kind) -> Json:
    """Say which counts a rule of this kind has."""
    names: dict[str, Json] = {"matches": _N}
    if kind in {Kind.PAIR, Kind.SEQUENCE}:
        names = dict(_RUN_COUNTS)
    if kind is Kind.SEQUENCE:
        names["stopped_at"] = {"type": "object", "additionalProperties": _N}
    if kind is Kind.RATIO:
        names = {"numerator": _X, "denominator": _X}
    return {
        "if": {"properties": {"kind": {"const": kind.value}}},
        "then": {"properties": {"counts": _object(names)}},
    }


def _evidence() -> Json:
    return _object(
        {
            "source": _TEXT,
            "line": {
                **_or_null({"type": "integer", "minimum": 1}),
                "description": "null where the lines of a long stretch before the window were not counted",
            },
            "offset": _N,
            "time": _or_null(_TIME),
            "text": _TEXT,
            "role": {"enum": list(ROLES)},
        }
    )


def _object(properties: dict[str, Json]) -> dict[str, Json]:
    """Return the schema of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _or_null(schema: Json) -> dict[str, Json]:
    return {"anyOf": [schema, {"type": "null"}]}
