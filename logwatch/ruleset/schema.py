"""What rule files may say, in one place: the loader reads by it, and editors get it as JSON Schema."""

from __future__ import annotations

from datetime import timedelta

from logwatch.ruleset.model import Kind, OnRestart, Severity, Unit
from logwatch.ruleset.when import When
from logwatch.yamlfiles.fields import Field, Fields, ListOf
from logwatch.yamlfiles.fieldtypes import Choice, Integer, Json, Quantity, Share, Span, Text, Texts

VERSION = 1

_ID = Text(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", "unknown-workflow-stage (a-z, 0-9 and single - or _)")
_CAPTURE = r"[A-Za-z_]\w*"
_NAMES = Texts(Text(rf"{_CAPTURE}|attributes\.\S+", "job or attributes.requestId"), unique=True)
_STEP = Text(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", "fetching-drafts (a-z, 0-9 and single - or _)")

ID = Field("id", _ID, "the name of the rule, unique over all files", required=True)
KIND = Field("kind", Choice(tuple(Kind)), "what the rule says", required=True)
TITLE = Field("title", Text(r"\S.*", "Jobs complete, on one line"), "the rule in one line (default its id)")
SEVERITY = Field(
    "severity",
    Choice(tuple(Severity)),
    "critical (the default) decides the exit code, warning is shown, info decides nothing",
)
DESCRIPTION = Field("description", Text(), "why the rule is there, and what to do when it fails")
LABELS = Field("labels", _NAMES, "captures or attributes.NAME that counts are broken down by")
MATCH = Field("match", Texts(), "messages that at least one of the rule's patterns must match")
NO_MATCH = Field("no_match", Texts(), "messages that none of them may match")
SAMPLES = Field("samples", Fields((MATCH, NO_MATCH)), "texts that prove the rule's patterns")
COMMON = (ID, KIND, TITLE, SEVERITY, DESCRIPTION, LABELS, SAMPLES)

PATTERN = Field("pattern", When(), "the condition of the records that count", required=True)
KEY = Field("key", _NAMES, "captures or attributes.NAME that tell one run from another")
MAX_OPEN = Field("max_open", Integer(1), "runs held open at once (default 100000)")
REJECT = Field("reject", Share(), "what a pass must rule out, whatever the assurance")
PRIOR = Field("prior", Share(), "the rate of occurrence before, per run")
TARGET = Field("target", Share(), "the floor of the rate (default 0.99)")
_RATE = Fields((TARGET, REJECT), any_of=(TARGET, REJECT))
OBJECTIVE = Field("objective", _RATE, "the floor of the success rate")
P50: Field[timedelta | float] = Field("p50", Quantity(), "the largest median")
P95: Field[timedelta | float] = Field("p95", Quantity(), "the largest 95th percentile")
QUANTILES = (P50, P95)
MARGIN = Field("margin", Share(), "the tolerated difference (default 0.05)")
WORSE = Field(
    "worse", Choice(("lower", "higher")), "the direction that fails (default: lower; of a count, higher)"
)
BASELINE = Field("baseline", Fields((MARGIN, WORSE)), "compare with the pinned window")

EXPOSURE = Field(
    "exposure", Text(), "the pair or sequence rule whose runs say how often it could have happened, or none"
)

AT_LEAST = Field("at_least", Integer(1), "how often it must occur in the window")
EVERY = Field("every", Span(), "the longest silence")
EXPECTED = Field("expected", Texts(unique=True), "keys of which each must occur")

START = Field("start", When(), "the condition of the records that start a run", required=True)
COMPLETED = Field("completed", When(), "the run succeeded", required=True)
FAILED = Field("failed", When(), "the run failed")
SKIPPED = Field("skipped", When(), "there was legitimately nothing to do")
OUTCOME = {field.name: field for field in (COMPLETED, FAILED, SKIPPED)}
OUTCOMES = Field(
    "outcomes",
    Fields(tuple(OUTCOME.values())),
    "how runs end, tried in the order of the file",
    required=True,
)
ENQUEUED = Field("enqueued", When(), "the condition of the records that give a key a new life")
TIMEOUT = Field("timeout", Span(), "how long after its last start a run may end", required=True)
RETRY_WITHIN = Field("retry_within", Span(), "how long after a failure a start retries the run (default 10m)")
ON_RESTART = Field(
    "on_restart", Choice(tuple(OnRestart)), "what a second start of an open key means (default retry)"
)
_DURATIONS = (Field(P50.name, Span(), P50.meaning), Field(P95.name, Span(), P95.meaning))
DURATION = Field(
    "duration",
    Fields(_DURATIONS, any_of=_DURATIONS),
    "the largest durations of completed runs, as time spans",
)

NAME = Field("name", _STEP, "the name of the step", required=True)
WITHIN = Field("within", Span(), "how long after the step before; every step but the first needs it")
STEP_SKIPPED = Field("skipped", When(), "the condition of the records that end the run here legitimately")
STEPS = Field(
    "steps",
    ListOf(Fields((NAME, PATTERN, WITHIN, STEP_SKIPPED)), "step", least=2),
    "the steps, in order",
    required=True,
)
NEVER = Field("never", When(), "what must not occur between the first step and the last")

SUM = Field("sum", Text(_CAPTURE, "count"), "the capture that is summed; without it, records are counted")
TERM = Fields((PATTERN, SUM))
NUMERATOR = Field("numerator", TERM, "what is divided", required=True)
DENOMINATOR = Field("denominator", TERM, "what it is divided by", required=True)
FLOOR = Field("floor", _RATE, "the smallest ratio that passes")

VALUE = Field("value", Text(_CAPTURE, "ms"), "the capture that is measured", required=True)
UNIT = Field("unit", Choice(tuple(Unit)), "its unit", required=True)
LIMITS = Field(
    "limits",
    Fields(QUANTILES, any_of=QUANTILES),
    "the largest quantiles: time spans for ms and s, else numbers",
)

LIMIT = Field("limit", Integer(0), "the largest number that passes")
PER = Field("per", Text(), "the pair rule whose runs the count is compared per")

KINDS: dict[Kind, Fields] = {
    Kind.FORBID: Fields((*COMMON, PATTERN, EXPOSURE, PRIOR, REJECT)),
    Kind.EXPECT: Fields((*COMMON, PATTERN, AT_LEAST, EVERY, KEY, EXPECTED), any_of=(AT_LEAST, EVERY)),
    Kind.PAIR: Fields(
        (
            *COMMON,
            START,
            OUTCOMES,
            ENQUEUED,
            KEY,
            TIMEOUT,
            RETRY_WITHIN,
            ON_RESTART,
            MAX_OPEN,
            OBJECTIVE,
            DURATION,
        )
    ),
    Kind.SEQUENCE: Fields((*COMMON, STEPS, KEY, NEVER, MAX_OPEN, OBJECTIVE)),
    Kind.RATIO: Fields((*COMMON, NUMERATOR, DENOMINATOR, FLOOR, BASELINE)),
    Kind.MEASURE: Fields((*COMMON, PATTERN, VALUE, UNIT, LIMITS)),
    Kind.COUNT: Fields((*COMMON, PATTERN, LIMIT, PER, BASELINE)),
}


def json_schema() -> Json:
    """Return the JSON Schema (draft 2020-12) of a rule file, for editors that complete and check."""
    kinds: list[Json] = [
        {
            "if": {"properties": {"kind": {"const": str(kind)}}, "required": ["kind"]},
            "then": {"$ref": f"#/$defs/{kind}"},
        }
        for kind in KINDS
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "logwatch rules",
        "type": "object",
        "properties": {
            "version": {"const": VERSION, "description": "the version of this format"},
            "rules": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "properties": {KIND.name: KIND.type.schema() | {"description": KIND.meaning}},
                    "required": [KIND.name],
                    "allOf": kinds,
                },
            },
        },
        "required": ["version", "rules"],
        "additionalProperties": False,
        "$defs": {"condition": When.definition()} | {str(kind): f.schema() for kind, f in KINDS.items()},
    }
