"""What a rule file says, and what it leaves to the defaults."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from logwatch.ruleset.lint import lint
from logwatch.ruleset.model import (
    BaselineObjective,
    CountRule,
    ExpectRule,
    ForbidRule,
    MeasureRule,
    OnRestart,
    PairRule,
    QuantileLimits,
    RateObjective,
    RatioRule,
    SequenceRule,
    Severity,
    Unit,
)
from tests.ruleset.world import loaded, one, record

GUIDE = r"""
- id: unknown-workflow-stage
  kind: forbid                       # must not occur
  title: Job reached a worker with no known stage
  severity: critical
  pattern: 'Unknown workflow stage: (?P<stage>\S+)'
  labels: [stage]                    # captured values that become metric labels (capped)
  exposure: background-job           # the rule whose runs say how often this could have happened
  samples:
    match: ["… PROCESSOR ERROR in background_image_processing job 1 after 0ms: \nUnknown workflow stage: undefined"]
    no_match: ["Processing job for stage: ai_parsing"]

- id: background-job
  kind: pair
  start: 'PROCESSOR TRIGGERED for background_image_processing job (?P<job>\S+)'
  outcomes:
    completed: 'Completed background_image_processing job (?P<job>\S+) in (?P<ms>\d+)ms'
    failed: 'PROCESSOR ERROR in background_image_processing job (?P<job>\S+) after (?P<ms>\d+)ms:'
    # skipped: …
  enqueued: 'Job added to background-image-processing with ID: (?P<job>\S+)'   # optional: a new life of that key
  key: [job]                         # omit for lines with no id: then pairing is first-in first-out per source
  timeout: 4m
  on_restart: retry                  # retry | replace | separate
  objective: {target: 0.99}          # reject: … pins it; else the assurance decides
"""


def test_the_rules_that_explain_the_format_are_rules(tmp_path: Path) -> None:
    ruleset = loaded(tmp_path, GUIDE)
    forbid, pair = ruleset.rules
    assert isinstance(forbid, ForbidRule)
    assert (forbid.title, forbid.labels) == ("Job reached a worker with no known stage", ("stage",))
    assert (forbid.exposure, forbid.prior, forbid.reject) == ("background-job", None, None)
    assert isinstance(pair, PairRule)
    assert tuple(pair.outcomes) == ("completed", "failed")
    assert pair.start.search(record("PROCESSOR TRIGGERED for background_image_processing job 7")) == {
        "job": "7"
    }
    assert (pair.key, pair.timeout, pair.on_restart) == (("job",), timedelta(minutes=4), OnRestart.RETRY)
    assert pair.objective == RateObjective(target=0.99, reject=None)
    assert [finding.message for finding in lint(ruleset)] == ["has no samples"]


def test_what_a_rule_leaves_out(tmp_path: Path) -> None:
    pair = one(tmp_path, "- {id: job, kind: pair, start: a, outcomes: {completed: b}, timeout: 90s}")
    assert isinstance(pair, PairRule)
    assert (pair.title, pair.severity, pair.description) == ("job", Severity.CRITICAL, "")
    assert (pair.key, pair.enqueued, pair.duration) == ((), None, None)
    assert pair.retry_within == timedelta(minutes=10)
    assert pair.memory == timedelta(minutes=10)
    assert pair.max_open == 100_000
    assert pair.objective == RateObjective(0.99)


def test_outcomes_are_tried_in_the_order_of_the_file(tmp_path: Path) -> None:
    pair = one(
        tmp_path, "- {id: job, kind: pair, start: a, outcomes: {skipped: c, completed: b}, timeout: 1h30m}"
    )
    assert isinstance(pair, PairRule)
    assert tuple(pair.outcomes) == ("skipped", "completed")
    assert pair.memory == timedelta(minutes=90)


def test_every_kind_takes_what_it_is_given(tmp_path: Path) -> None:
    ruleset = loaded(
        tmp_path,
        r"""
        - {id: beat, kind: expect, pattern: tick, every: 5m, key: [attributes.host], expected: [a, b]}
        - id: walk
          kind: sequence
          steps:
            - {name: one, pattern: first}
            - {name: two, pattern: second, within: 1m, skipped: nothing}
            - {name: three, pattern: third, within: 2m}
          never: error
          objective: {reject: 0.5}
        - id: images
          kind: ratio
          numerator: {pattern: 'found (?P<n>\d+)', sum: n}
          denominator: {pattern: draft}
          floor: {target: 0.8, reject: 0.6}
          baseline: {margin: 0.1}
        - {id: latency, kind: measure, pattern: 'took (?P<t>\d+)', value: t, unit: ms, limits: {p50: 30s, p95: 500ms}}
        - {id: size, kind: measure, pattern: 'is (?P<b>\d+)', value: b, unit: bytes, limits: {p95: 1e6}}
        - {id: uploads, kind: count, pattern: upload, limit: 0, baseline: {worse: higher}}
        """,
    )
    beat, walk, images, latency, size, uploads = ruleset.rules
    assert isinstance(beat, ExpectRule)
    assert (beat.at_least, beat.every, beat.expected) == (None, timedelta(minutes=5), ("a", "b"))
    assert isinstance(walk, SequenceRule)
    assert [(step.name, step.within) for step in walk.steps] == [
        ("one", None),
        ("two", timedelta(minutes=1)),
        ("three", timedelta(minutes=2)),
    ]
    assert walk.memory == timedelta(minutes=3)
    assert walk.objective == RateObjective(0.99, 0.5)
    assert isinstance(images, RatioRule)
    assert (images.numerator.sum, images.denominator.sum) == ("n", None)
    assert images.floor == RateObjective(0.8, 0.6)
    assert images.baseline == BaselineObjective(0.1, "lower")
    assert isinstance(latency, MeasureRule)
    assert (latency.unit, latency.limits) == (Unit.MILLISECONDS, QuantileLimits(30.0, 0.5))
    assert isinstance(size, MeasureRule)
    assert size.limits == QuantileLimits(None, 1e6)
    assert isinstance(uploads, CountRule)
    assert (uploads.limit, uploads.per, uploads.baseline) == (0, None, BaselineObjective(worse="higher"))
    assert ruleset.lookback == timedelta(minutes=3)
