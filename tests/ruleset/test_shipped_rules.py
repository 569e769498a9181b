"""The shipped rules: what each of them says, and which lines of the workers play a part in it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from logwatch.ruleset.model import (
    CountRule,
    ForbidRule,
    Kind,
    OnRestart,
    PairRule,
    QuantileLimits,
    RatioRule,
    Rule,
    SequenceRule,
    Severity,
)
from logwatch.ruleset.parts import conditions_of
from logwatch.ruleset.prefilter import prefilter, required_by
from logwatch.ruleset.samples import proven
from logwatch.ruleset.shipped import shipped_rules
from tests.ruleset.world import record

RULES = shipped_rules()


@pytest.mark.parametrize(
    ("rule_id", "kind", "severity"),
    [
        ("unknown-workflow-stage", "forbid", "critical"),
        ("missing-stage-field", "forbid", "critical"),
        ("background-image-processor-error", "forbid", "critical"),
        ("foreign-key-violation", "forbid", "critical"),
        ("background-job", "pair", "critical"),
        ("background-image-run", "pair", "critical"),
        ("healthy-background-job", "sequence", "warning"),
        ("image-attachment", "ratio", "warning"),
        ("image-review-sessions", "ratio", "warning"),
        ("workflow", "pair", "warning"),
        ("background-job-queued", "pair", "warning"),
        ("manual-image-uploads", "count", "info"),
    ],
)
def test_kinds_and_severities(rule_id: str, kind: str, severity: str) -> None:
    assert (RULES[rule_id].kind, RULES[rule_id].severity) == (Kind(kind), Severity(severity))


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_every_rule_is_explained_and_proven_by_samples_of_both_sorts(rule: Rule) -> None:
    assert rule.description
    assert rule.samples.match
    assert rule.samples.no_match
    assert proven(rule)


def test_silence_of_what_must_not_occur_is_weighed_by_background_jobs() -> None:
    forbids = [rule for rule in RULES.rules if isinstance(rule, ForbidRule)]
    assert len(forbids) == 4
    assert {rule.exposure for rule in forbids} == {"background-job"}


@pytest.mark.parametrize(
    ("rule_id", "key", "minutes"),
    [
        ("background-job", ("job",), 4),
        ("background-image-run", (), 4),
        ("background-job-queued", ("job",), 10),
        ("workflow", ("workflow",), 10),
    ],
)
def test_pairs_have_their_keys_and_timeouts(rule_id: str, key: tuple[str, ...], minutes: int) -> None:
    rule = RULES[rule_id]
    assert isinstance(rule, PairRule)
    assert (rule.key, rule.timeout) == (key, timedelta(minutes=minutes))
    assert rule.on_restart is OnRestart.RETRY


def test_the_funnel_is_the_six_lines_of_a_healthy_job() -> None:
    rule = RULES["healthy-background-job"]
    assert isinstance(rule, SequenceRule)
    assert rule.key == ()
    lines = [
        "⚡ ASYNC MODE: Queueing image processing in background",
        "✅ Background image processing job queued successfully",
        "🖼️🔄 processBackgroundImageProcessing - Starting async image processing...",
        "📥 Fetching product drafts from database...",
        "🖼️🔄 Processing 5 product drafts for images...",
        "✅ Created image review session",
    ]
    assert [step.pattern.search(record(line)) for step, line in zip(rule.steps, lines, strict=True)] == [
        {}
    ] * 6
    assert [step.within for step in rule.steps] == [None, *[timedelta(minutes=4)] * 5]


def test_a_workflow_takes_about_thirty_seconds() -> None:
    rule = RULES["workflow"]
    assert isinstance(rule, PairRule)
    assert rule.duration == QuantileLimits(p50=36)


def test_manual_uploads_are_counted_per_workflow_and_compared() -> None:
    rule = RULES["manual-image-uploads"]
    assert isinstance(rule, CountRule)
    assert rule.limit is None
    assert rule.per == "workflow"
    assert rule.baseline is not None
    assert rule.baseline.worse == "higher"


def parts_of(message: str) -> set[str]:
    """The parts that a message plays, as `rule part`."""
    seen = record(message)
    return {
        f"{rule.id} {name}"
        for rule in RULES.rules
        for name, condition in conditions_of(rule).items()
        if condition.search(seen) is not None
    }


ERROR = {"background-image-processor-error pattern", "background-job failed"}


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (
            "💥 [PERMANENT FIX] PROCESSOR ERROR in background_image_processing job 1 after 0ms: \n"
            "Unknown workflow stage: undefined",
            {*ERROR, "unknown-workflow-stage pattern"},
        ),
        (
            "PROCESSOR ERROR in background_image_processing job 1 after 0ms: Unknown workflow stage: x",
            {*ERROR, "unknown-workflow-stage pattern"},
        ),
        (
            "💥 PROCESSOR ERROR in background_image_processing job 7 after 3ms: \n"
            "Job data missing required field: stage\n    at processJob (worker.js:12)",
            {*ERROR, "missing-stage-field pattern"},
        ),
        ("💥 PROCESSOR ERROR in ai_parsing job 7 after 3ms: timeout", set()),
        (
            "⚠️ Failed to save image 2: \nInvalid `prisma.productImage.create()` invocation:\n\n\n"
            "Foreign key constraint violated on the constraint: `ProductImage_productDraftId_fkey`",
            {"foreign-key-violation pattern"},
        ),
        ("ERROR: foreign key constraint violation", {"foreign-key-violation pattern"}),
        ('violates foreign key constraint "images_draft_id_fkey"', {"foreign-key-violation pattern"}),
        ("IntegrityError: FOREIGN KEY constraint failed", {"foreign-key-violation pattern"}),
        (
            "🎯 [PERMANENT FIX] PROCESSOR TRIGGERED for background_image_processing job 24",
            {"background-job start", "background-job-queued completed"},
        ),
        ("🎯 PROCESSOR TRIGGERED for image_attachment job 24", set()),
        ("✅ Completed background_image_processing job 24 in 276ms", {"background-job completed"}),
        ("✅ Completed status_update job 24 in 276ms", set()),
        (
            "✅ [PERMANENT FIX] Job added to background-image-processing with ID: 24",
            {"background-job enqueued", "background-job-queued start"},
        ),
        ("✅ [PERMANENT FIX] Job added to image-attachment with ID: 24", set()),
        (
            "🖼️🔄 processBackgroundImageProcessing - Starting async image processing...",
            {"background-image-run start", "healthy-background-job starting"},
        ),
        ("🖼️🔄 Background image processing completed:", {"background-image-run completed"}),
        (
            "🖼️🔄 Background image processing completed:\n   - Processed: 5/6 drafts\n   - Images found for: 4 products",
            {
                "background-image-run completed",
                "image-attachment denominator",
                "image-attachment numerator",
                "image-review-sessions denominator",
            },
        ),
        ("❌ Background image processing failed: boom", {"background-image-run failed"}),
        (
            "⚠️ No product drafts found - skipping background image processing",
            {"background-image-run skipped", "healthy-background-job processing-drafts skipped"},
        ),
        ("   - Processed: 1/1 drafts", {"image-attachment denominator"}),
        (
            "   - Images found for: 1 product",
            {"image-attachment numerator", "image-review-sessions denominator"},
        ),
        (
            "   - Images found for: 0 products",
            {"image-attachment numerator", "healthy-background-job review-session skipped"},
        ),
        (
            "✅ Created image review session: rs_1",
            {"healthy-background-job review-session", "image-review-sessions numerator"},
        ),
        ("🎬 Starting workflow wf_1 for file: PO-1.pdf", {"workflow start"}),
        ("🎉 Completing workflow wf_1", {"workflow completed"}),
        ("✅ Workflow wf_1 marked as completed in database", set()),
        ("📤 Manual image upload for purchase order po_456", {"manual-image-uploads pattern"}),
        ("🖼️🔄 Background image processing: {\n  productDraftCount: undefined\n}", set()),
    ],
)
def test_lines_play_their_part_and_no_other(message: str, parts: set[str]) -> None:
    assert parts_of(message) == parts
    assert prefilter(RULES)(message) or not parts


def test_what_is_captured() -> None:
    def captured(rule_id: str, part: str, message: str) -> object:
        return conditions_of(RULES[rule_id])[part].search(record(message))

    assert captured("unknown-workflow-stage", "pattern", "Unknown workflow stage: undefined\n  at x") == {
        "stage": "undefined"
    }
    assert captured("unknown-workflow-stage", "pattern", "Unknown workflow stage:\n  at x") == {}
    assert captured(
        "background-job", "start", "PROCESSOR TRIGGERED for background_image_processing job a:7"
    ) == {"job": "a:7"}
    assert captured("workflow", "start", "Starting workflow wf_1 for file: x") == {"workflow": "wf_1"}
    assert captured(
        "foreign-key-violation", "pattern", "Foreign key constraint violated on the constraint: `a_fkey`"
    ) == {"constraint": "a_fkey"}


def test_images_and_drafts_are_summed_over_every_line_of_a_record() -> None:
    rule = RULES["image-attachment"]
    assert isinstance(rule, RatioRule)
    seen = record(
        "completed:\n - Processed: 3/5 drafts\n - Images found for: 2 products\n - Processed: 1/1 draft"
    )
    assert [o["drafts"] for o in rule.denominator.pattern.occurrences(seen)] == ["3", "1"]
    assert [o["products"] for o in rule.numerator.pattern.occurrences(seen)] == ["2"]
    assert rule.floor is not None
    assert rule.baseline is not None


def test_every_pattern_requires_a_text_so_that_most_lines_are_skipped() -> None:
    assert required_by(RULES) is not None
    for line in ("🔌 [REDIS] Connecting to 127.0.0.1:6399", "  workflowId: 'workflow_1',", "}", ""):
        assert not prefilter(RULES)(line)


def test_the_lookback_is_that_of_the_longest_rule() -> None:
    funnel = timedelta(minutes=4) * 5
    assert RULES.lookback == funnel
